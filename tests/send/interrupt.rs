//! Ctrl-C, two processes at one run, a disk that takes nothing more.

use std::process::Command;
use std::time::Duration;

use crate::support::{Action, At, Project, Running, Script, SmtpServer, accepted, once_each, wait_for};

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_send_goes_on_from_there() {
    let script = Script::accept_all().times(30, At::Dot, Action::Delay(Duration::from_millis(50)));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 300);
    // Slow enough to be interrupted on the busiest machine.
    project.replace("mailshot.toml", "1000/s", "20/s");
    project.expect(0, "test weekly");
    let sending = project.start("send weekly --yes");
    wait_for("some messages", || accepted(&server).len() >= 5);
    sending.signal("INT");
    let output = sending.finish();
    assert_eq!(output.code, 130, "{output:?}");
    assert!(output.stderr.contains("stopping: what is in flight is finished first"), "{}", output.stderr);
    assert!(output.stderr.contains("stopped early: interrupted"), "{}", output.stderr);
    let status = project.status();
    assert_eq!(
        (&status["state"], &status["in_flight"], &status["in_doubt"]),
        (&"paused".into(), &0.into(), &0.into())
    );
    assert_eq!(status["delivered"], accepted(&server).len(), "what was accepted is not what was recorded");
    assert!(accepted(&server).len() < 300, "it was not interrupted");

    project.replace("mailshot.toml", "20/s", "1000/s");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(300));
}

#[test]
fn ctrl_c_ends_a_wait_for_what_is_deferred() {
    let server = SmtpServer::start(Script::accept_all().rcpt("reader1@example.com", "450 4.2.0 later"));
    let project = Project::with(&server, 2);
    project.replace("mailshot.toml", "first = \"1s\"", "first = \"1h\"");
    project.expect(0, "test weekly");
    let sending = project.start("send weekly --yes");
    wait_for("the deferral", || project.run("status weekly --json").stdout.contains("\"deferred\":1"));
    wait_for("the other one", || accepted(&server).len() == 1);
    sending.signal("INT");
    assert_eq!(sending.finish().code, 130);
    assert_eq!(project.status()["deferred"], 1);
}

#[test]
fn a_second_ctrl_c_does_not_wait_and_leaves_the_doubt_to_the_operator() {
    let silent = Script::accept_all().once(At::DotFor("reader1@example.com".into()), Action::Silent);
    let server = SmtpServer::start(silent);
    let project = Project::with(&server, 5);
    project.replace("mailshot.toml", "sessions = 2", "sessions = 1");
    let sending = project.start("send weekly --yes --untested");
    wait_for("the message", || project.run("status weekly --json").stdout.contains("\"in_flight\":1"));
    sending.signal("INT");
    sending.signal("TERM");
    let output = sending.finish();
    assert_eq!(output.code, 130, "{output:?}");
    assert!(output.stderr.contains("1 recipient was in flight at the end: in doubt"), "{}", output.stderr);
    let status = project.status();
    assert_eq!((&status["in_doubt"], &status["queued"]), (&1.into(), &4.into()));
    project.expect(4, "send weekly --yes");
    assert_eq!(project.status()["delivered"], 4);
}

#[test]
fn the_end_of_the_terminal_is_a_polite_wish_to_stop() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 300);
    project.replace("mailshot.toml", "1000/s", "20/s");
    let sending = project.start("send weekly --yes --untested");
    wait_for("some messages", || accepted(&server).len() >= 3);
    sending.signal("HUP");
    assert_eq!(sending.finish().code, 130);
    let status = project.status();
    assert_eq!((&status["in_flight"], &status["in_doubt"]), (&0.into(), &0.into()));
}

#[test]
fn two_processes_are_never_at_one_run() {
    // The first message is never answered: the process that sent it is there until it is killed.
    let server = SmtpServer::start(
        Script::accept_all().once(At::DotFor("reader1@example.com".into()), Action::Silent),
    );
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "sessions = 2", "sessions = 1");
    project.expect(0, "test weekly");
    let first = project.start("send weekly --yes");
    wait_for("the first message", || project.run("status weekly --json").stdout.contains("\"in_flight\":1"));
    assert_eq!(project.status()["state"], "running");
    for arguments in
        ["send weekly --yes", "send weekly --yes --frozen", "resolve weekly resend", "retry weekly --bounced"]
    {
        assert_eq!(
            project.expect(75, arguments).stderr,
            "error: another process is at this run\n  help: wait for it, or stop it there with Ctrl-C; \
             `mailshot status weekly --watch` shows how it goes\n"
        );
    }
    first.signal("KILL");
    first.finish();
    assert_eq!(project.status()["state"], "paused");
    let resumed = project.expect(4, "send weekly --yes");
    assert!(
        resumed.stderr.contains("1 recipient was in flight when the process before this one ended: in doubt until `mailshot resolve`"),
        "{}",
        resumed.stderr
    );
    assert_eq!(project.status()["in_doubt"], 1);
    assert_eq!(accepted(&server).len(), 2, "one in doubt was sent again");
    project.expect(0, "resolve weekly resend");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn the_second_ctrl_c_ends_it_at_once() {
    let server =
        SmtpServer::start(Script::accept_all().on(At::DotFor("reader1@example.com".into()), Action::Silent));
    let project = Project::with(&server, 1);
    project.expect(0, "test weekly");
    let sending = project.start("send weekly --yes");
    wait_for("the message", || project.run("status weekly --json").stdout.contains("\"in_flight\":1"));
    sending.signal("INT");
    // Signals of one kind that are pending become one: again until it ends.
    let mut ended = sending;
    wait_for("its end", || {
        ended.signal("INT");
        ended.has_ended()
    });
    assert_eq!(ended.finish().code, 130);
    assert_eq!(project.run("send weekly --yes").code, 4);
}

#[test]
fn a_disk_that_takes_nothing_more_stops_the_run() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 400);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 1");
    let before = accepted(&server).len();
    // No file may grow beyond this; the signal that says so is ignored, so that writing fails as on a full disk.
    let blocks = std::fs::metadata(project.path(".mailshot/ledger.db")).unwrap().len() / 512 + 8;
    let send = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {} send weekly --yes",
        env!("CARGO_BIN_EXE_mailshot")
    );
    let mut command = Command::new("sh");
    command.args(["-c", &send]);
    project.prepare(&mut command);
    let output = Running::of(command).finish();
    assert_eq!(output.code, 75, "{output:?}");
    assert!(output.stderr.contains("error: sending stopped: "), "{}", output.stderr);
    assert!(output.stderr.contains(".mailshot/ledger.db: cannot be written"), "{}", output.stderr);
    let sent = accepted(&server).len();
    assert!(sent < 400, "nothing stopped it");

    // With room again it goes on: nobody is lost, and at most one a session is in doubt.
    let resumed = project.run("send weekly --yes");
    let status = project.status();
    let doubt = status["in_doubt"].as_u64().unwrap();
    assert!(doubt <= 4, "{status}");
    assert_eq!(resumed.code, if doubt > 0 { 4 } else { 0 }, "{resumed:?}");
    assert!(accepted(&server).values().all(|times| *times == 1), "somebody got it twice");
    let reached = accepted(&server).len() as u64;
    assert!(reached + doubt >= 400, "somebody was lost: {reached} and {doubt} after {before} and {sent}");
}
