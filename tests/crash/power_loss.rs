//! The power goes as the process enters a write, a send or a sync: every k-th of them, launch included.
//!
//! All that the process does to files is recorded. What was synced by then is put back as it was, and the run goes on
//! from there: once with nothing else, once with a random half of what was not synced. The relay, of course, keeps
//! what it has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, Spares, is_rebuilt};
use crate::random::{Random, from_environment};
use crate::strace::recorded;
use crate::table::{newsletter, place, run};

#[test]
#[ignore = "needs strace"]
fn a_loss_of_power_loses_nobody_and_mails_nobody_twice() {
    let seed = from_environment("MAILSHOT_TEST_SEED").unwrap_or(1);
    run("power_loss", |point| {
        let newsletter = newsletter();
        let mut disk = Disk::of(&newsletter.project.path(""));
        let (killed, trace) = recorded(&newsletter, "weekly", Some(point));
        if !killed {
            return None;
        }
        let place = place(&newsletter);
        let seen = newsletter.record.campaign();
        disk.replay(&trace.text());
        disk.lose_power(Spares::Nothing);
        let dropped = newsletter.settle("weekly", 1);

        newsletter.record.restore(&seen);
        // By the point, so that it is the same alone.
        let mut coin = Random(
            seed ^ point.to_string().bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31) + u64::from(byte)),
        );
        disk.lose_power(Spares::Half(&mut coin));
        let torn = newsletter.settle("weekly", 1);
        Some(vec![("power, unsynced lost", place, dropped), ("power, half of it", place, torn)])
    });
}

/// The model of the disk is right: with all that was written it is the disk as it is, and after a run that came to its
/// end a loss of power loses nothing of it.
#[test]
#[ignore = "needs strace"]
fn a_loss_of_power_after_the_end_takes_nothing_away() {
    let newsletter = newsletter();
    let root = newsletter.project.path("");
    let mut disk = Disk::of(&root);
    let before = files(&root);
    let (killed, trace) = recorded(&newsletter, "weekly", None);
    assert!(!killed);
    disk.replay(&trace.text());
    let after = files(&root);
    assert!(after.keys().any(|path| path.ends_with("ledger.db")) && after.len() == before.len() + 2);
    assert!(disk.files(Spares::Everything) == after, "the model differs from the disk");

    disk.lose_power(Spares::Nothing);
    assert_eq!(newsletter.project.status()["delivered"], 200);
    let account = newsletter.settle("weekly", 0);
    assert_eq!((account.broken, account.seen.messages()), (Vec::new(), 200));
}

/// All files of a folder but those that are made anew.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let disk = Disk::of(root);
    assert!(fs::read_dir(root).unwrap().next().is_some());
    disk.files(Spares::Everything).into_iter().filter(|(path, _)| !is_rebuilt(path)).collect()
}
