//! SIGKILL: what was answered is there, what was not is whole or absent.
//!
//! The process that dies is this test binary again, running one ignored test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

const LEDGER: &str = "MAILSHOT_TEST_LEDGER";

fn child(test: &str, ledger: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("ledger::tests::crash::{test}"), "--ignored", "--nocapture"])
        .env(LEDGER, ledger)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads the child's lines until `enough` says so, kills it, and returns all it still said.
fn kill_after(mut child: Child, mut enough: impl FnMut(&str) -> bool) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        let stop = enough(&line);
        said.push(line);
        if stop {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said.extend(lines.map_while(Result::ok));
    said
}

#[test]
fn answers_outlive_a_kill() {
    let (fixture, run) = Fixture::launched(4_000);
    for seen_before_death in [1, 30, 200] {
        let mut seen = 0;
        let said = kill_after(child("sends_until_killed", &fixture.file()), |line| {
            seen += usize::from(line.starts_with("delivered"));
            seen == seen_before_death
        });
        let numbers = |word: &str| -> Vec<u64> {
            said.iter().filter_map(|line| line.strip_prefix(word)?.trim().parse().ok()).collect()
        };
        assert!(numbers("delivered").len() >= seen_before_death, "{said:?}");
        for n in numbers("delivered") {
            assert_eq!(fixture.state(run, n), State::Delivered, "{n} was answered");
        }
        for n in numbers("intent") {
            assert!(matches!(fixture.state(run, n), State::Delivered | State::InFlight), "{n} was answered");
        }
        let before = fixture.ledger.counts(run).unwrap();
        assert!(before.in_flight <= 4, "one intent a session: {before:?}");
        let lock = fixture.ledger.lock(run).unwrap();
        assert_eq!(fixture.ledger.recover(&lock).unwrap(), before.in_flight);
        let after = fixture.ledger.counts(run).unwrap();
        assert_eq!((after.in_flight, after.in_doubt), (0, before.in_doubt + before.in_flight));
        assert_eq!(after.recipients(), 4_000);
    }
}

#[test]
#[ignore = "is killed by the test `answers_outlive_a_kill`"]
fn sends_until_killed() {
    let Some(file) = std::env::var_os(LEDGER) else { return };
    let ledger = Ledger::open(Path::new(&file)).unwrap();
    let run = ledger.launch_of("tmw-450").unwrap().unwrap().id;
    let _lock = ledger.lock(run).unwrap();
    let due = ledger.due(run, at(1), &mut Cursor::default(), 10_000, &Domains::All).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut sessions = tokio::task::JoinSet::new();
        for share in 0..4 {
            let ledger = ledger.clone();
            let mine: Vec<_> = due.iter().map(|one| one.n).filter(|n| n % 4 == share).collect();
            sessions.spawn(async move {
                for n in mine {
                    ledger.intent(run, n, at(1), 1).await.unwrap();
                    println!("\nintent {n}");
                    ledger.record(attempt(run, n, Outcome::Delivered)).await.unwrap();
                    println!("\ndelivered {n}");
                }
            });
        }
        sessions.join_all().await;
    });
}

#[test]
#[ignore = "is killed by the test `a_launch_is_whole_or_absent`"]
fn launches_until_killed() {
    let Some(file) = std::env::var_os(LEDGER) else { return };
    let ledger = Ledger::open(Path::new(&file)).unwrap();
    for launches in ledger.campaigns().unwrap().len().. {
        let staging = staged(3_000);
        println!("\nlaunching");
        ledger.launch(staging, &new_run(&format!("tmw-{launches}"))).unwrap();
        println!("\nlaunched {launches}");
    }
}

#[test]
fn a_launch_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let mut launched = 0;
    for patience_ms in [0, 1, 3, 6, 10, 15, 25] {
        let said = kill_after(child("launches_until_killed", &file), |line| {
            let launching = line == "launching";
            if launching {
                // Not to be right, but to die at another place each time.
                std::thread::sleep(std::time::Duration::from_millis(patience_ms));
            }
            launching
        });
        assert!(said.iter().any(|line| line == "launching"), "{said:?}");
        launched += said.iter().filter(|line| line.starts_with("launched")).count();
        let ledger = Ledger::open(&file).unwrap();
        let runs = ledger.campaigns().unwrap();
        assert!(runs.len() >= launched, "an answered launch is there");
        launched = runs.len();
        for run in runs {
            assert_eq!(ledger.counts(run.id).unwrap().queued, 3_000);
            let due = ledger.due(run.id, at(0), &mut Cursor::default(), 10_000, &Domains::All).unwrap();
            assert_eq!(due.len(), 3_000, "run {} is whole", run.id);
        }
    }
}

#[tokio::test]
async fn an_intent_without_a_result_is_in_doubt_since_the_intent() {
    let (fixture, run) = Fixture::launched(3);
    fixture.ledger.record(attempt(run, 2, Outcome::Deferred)).await.unwrap();
    fixture.ledger.intent(run, 1, at(40), 1).await.unwrap();
    fixture.ledger.intent(run, 2, at(71), 1).await.unwrap();
    let fixture = fixture.reopened();
    let lock = fixture.ledger.lock(run).unwrap();
    assert_eq!(fixture.ledger.recover(&lock).unwrap(), 2);
    assert_eq!(fixture.ledger.recover(&lock).unwrap(), 0);
    assert_eq!(fixture.ledger.counts(run).unwrap(), Counts { queued: 1, in_doubt: 2, ..Counts::default() });
    assert_eq!(fixture.log(run), ["2 deferred 1", "1 in_doubt 1", "2 in_doubt 2"]);
    let doubtful = fixture.ledger.in_doubt(run, 10).unwrap();
    assert_eq!(doubtful.iter().map(|one| (one.n, one.at)).collect::<Vec<_>>(), [(1, at(40)), (2, at(71))]);
}

/// What a failed fsync leaves on the disk nobody knows, and a second one may wrongly succeed: no more writes then, not
/// even to tidy up at the end.
#[test]
#[ignore = "needs strace"]
fn after_a_failed_sync_the_disk_is_left_alone() {
    let (fixture, run) = Fixture::launched(4_000);
    let Fixture { ledger, folder } = fixture;
    drop(ledger);
    let file = folder.path().join("ledger.db");
    let trace = folder.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=fsync,fdatasync,pwrite64,ftruncate,unlink", "-o"])
        .arg(&trace)
        .args(["-e", "inject=fsync,fdatasync:error=EIO:when=40+"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "ledger::tests::crash::sends_until_killed", "--ignored", "--nocapture"])
        .env(LEDGER, &file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success());
    let trace = std::fs::read_to_string(&trace).unwrap();
    let after: Vec<_> = trace.lines().skip_while(|line| !line.contains("INJECTED")).collect();
    assert!(!after.is_empty(), "the fault was met");
    let writes: Vec<_> = after[1..]
        .iter()
        .filter(|line| ["sync(", "pwrite64(", "ftruncate("].iter().any(|call| line.contains(call)))
        .collect();
    assert_eq!(writes, [&""; 0]);

    // The next process takes up what is whole.
    let ledger = Ledger::open(&file).unwrap();
    let counts = ledger.counts(run).unwrap();
    assert!(counts.delivered > 0 && counts.recipients() == 4_000, "{counts:?}");
    ledger.recover(&ledger.lock(run).unwrap()).unwrap();
}
