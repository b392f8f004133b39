//! Kills at each step on the way from nothing to the first accepted message: the moments too short for chance.

use std::fs;
use std::path::Path;
use std::thread::yield_now;

use crate::harness::Newsletter;

const RECIPIENTS: usize = 40;

/// What has just happened when the process is killed.
type Step = (&'static str, fn(&Newsletter) -> bool);

/// In their order. What is there for an instant only may be missed; then the next thing is seen.
const STEPS: [Step; 8] = [
    ("the ledger is being made", |newsletter| ledger_files(newsletter, "ledger.db")),
    ("the ledger is made", |newsletter| newsletter.project.exists(".mailshot/ledger.db")),
    ("the relay was tried", |newsletter| newsletter.server.connections() > 0),
    ("the run is locked", |newsletter| ledger_files(newsletter, "ledger.db.run-1.lock")),
    ("the receipt is being written", |newsletter| {
        newsletter.project.exists("campaigns/weekly/.sent.toml.new")
            || newsletter.project.exists("campaigns/weekly/sent.toml")
    }),
    ("the receipt is written", |newsletter| newsletter.project.exists("campaigns/weekly/sent.toml")),
    ("MAIL was said", |newsletter| newsletter.record.campaign().mails.iter().any(|mails| !mails.is_empty())),
    ("a message was accepted", |newsletter| newsletter.record.campaign().messages() > 0),
];

fn ledger_files(newsletter: &Newsletter, begin: &str) -> bool {
    let folder = newsletter.project.path(".mailshot");
    names(&folder).iter().any(|name| name.starts_with(begin))
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_kill_at_any_step_of_the_launch_loses_nobody_and_mails_nobody_twice() {
    for (name, happened) in STEPS {
        let newsletter = Newsletter::new(RECIPIENTS, "1000/s");
        newsletter.begin("weekly");
        let mut life = newsletter.start("weekly");
        while !happened(&newsletter) {
            assert_eq!(life.try_wait().unwrap(), None, "it ended before {name}");
            yield_now();
        }
        let killed = newsletter.kill(life);
        let standing = newsletter.standing("weekly");
        println!("{name}: killed {killed}, {standing:?}");
        newsletter.finish("weekly", 1);
    }
}
