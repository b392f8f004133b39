//! What a run that stops before its end has sent, and says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const RECIPIENTS: usize = 60;

fn mailshot(project: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailshot"));
    command.current_dir(project).args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn run(project: &Path, args: &[&str]) -> Output {
    mailshot(project, args).output().unwrap()
}

/// A new project with a list of [`RECIPIENTS`].
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    assert!(run(dir.path(), &["init"]).status.success());
    let mut list = String::from("email,first_name,plan\n");
    for n in 0..RECIPIENTS {
        writeln!(list, "{n}@example.com,Ann,pro").unwrap();
    }
    std::fs::write(dir.path().join("subscribers.csv"), list).unwrap();
    dir
}

#[test]
fn limit_sends_exactly_so_many_whatever_the_sessions_have_in_hand() {
    let project = project();
    let sent = run(project.path(), &["send", "first-issue", "--capture", "--limit", "10", "--json"]);
    assert_eq!(sent.status.code(), Some(75), "{}", String::from_utf8_lossy(&sent.stderr));
    let status: Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert_eq!((&status["delivered"], &status["queued"]), (&10.into(), &(RECIPIENTS - 10).into()));
    assert_eq!(status["state"], "paused", "no process is at it any more");
    let kept = std::fs::read_dir(project.path().join(".mailshot/captured/1")).unwrap().count();
    assert_eq!(kept, 10);
}

#[test]
fn a_send_whose_output_nobody_reads_sends_to_everybody() {
    let project = project();
    let mut send = mailshot(project.path(), &["send", "first-issue", "--capture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(send.stdout.take());
    assert_eq!(send.wait().unwrap().code(), Some(0));
    let status = run(project.path(), &["status", "first-issue", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["delivered"], RECIPIENTS);
}

#[test]
fn a_log_that_nobody_reads_to_its_end_is_no_fault() {
    let project = project();
    assert!(run(project.path(), &["send", "first-issue", "--capture"]).status.success());
    for format in ["--csv", "--json"] {
        let mut log = mailshot(project.path(), &["log", "first-issue", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(log.stdout.take());
        let log = log.wait_with_output().unwrap();
        assert_eq!(
            (log.status.code(), String::from_utf8_lossy(&log.stderr).as_ref()),
            (Some(0), ""),
            "{format}"
        );
    }
}
