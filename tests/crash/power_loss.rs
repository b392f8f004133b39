//! The power goes as the process enters a write, a send or a sync: every k-th of them, launch included.
//!
//! All that the process does to files is recorded. What was synced by then is put back as it was, and the run goes on
//! from there: once with nothing else, once with a random half of what was not synced. The relay, of course, keeps
//! what it has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, Spares, is_rebuilt};
use crate::points::Point;
use crate::random::{Random, from_environment};
use crate::strace::recorded;
use crate::table::{Judged, Life, newsletter, place, run};

#[test]
#[ignore = "needs strace"]
fn a_loss_of_power_loses_nobody_and_mails_nobody_twice() {
    run("power_loss::a_loss_of_power_loses", Life::First, |point| end_at(point, Life::First));
}

/// What a killed process wrote and did not sync is on no disk either.
#[test]
#[ignore = "needs strace"]
fn a_loss_of_power_after_a_kill_loses_nobody_either() {
    run("power_loss::a_loss_of_power_after_a_kill", Life::Resumed, |point| end_at(point, Life::Resumed));
}

fn end_at(point: &Point, life: Life) -> Option<Judged> {
    let newsletter = newsletter();
    let mut disk = Disk::of(&newsletter.project.path(""));
    for point in life.earlier().iter().chain([point]) {
        let (killed, trace) = recorded(&newsletter, "weekly", Some(point));
        if !killed {
            return None;
        }
        disk.replay(&trace.text());
    }
    let place = place(&newsletter, life);
    let seen = newsletter.record.campaign();
    disk.lose_power(Spares::Nothing);
    let dropped = newsletter.settle("weekly", life.kills());

    newsletter.record.restore(&seen);
    disk.lose_power(Spares::Half(&mut coins(point)));
    let torn = newsletter.settle("weekly", life.kills());
    Some(vec![("power, unsynced lost", place, dropped), ("power, half of it", place, torn)])
}

/// Others for each point, and for a point the same when it is repeated alone. `MAILSHOT_TEST_SEED` chooses others.
fn coins(point: &Point) -> Random {
    let seed = from_environment("MAILSHOT_TEST_SEED").unwrap_or(1);
    let text = point.to_string();
    Random(text.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))))
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
