//! `mailshot pause` and `mailshot cancel`, through the binary: from another terminal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::{Duration, Instant};

use support::{Action, At, Output, Project, Script, SmtpServer, accepted, held_at_first, once_each};

const READERS: usize = 40;

/// What came of the order and of the process at the run, given while the first message is on its way.
fn ordered(arguments: &str) -> (SmtpServer, Project, Output, Output) {
    let (gate, server, project) = held_at_first(READERS);
    let send = project.start("send weekly --yes");
    gate.wait();
    let order = project.start(arguments);
    // The order stands before anything else happens: the message that is on its way is the last one.
    support::wait_for("the order", || halted(&project));
    gate.open();
    let (order, send) = (order.finish(), send.finish());
    (server, project, order, send)
}

fn halted(project: &Project) -> bool {
    let db = rusqlite::Connection::open(project.path(".mailshot/ledger.db")).unwrap();
    db.query_row("SELECT halt IS NOT NULL FROM run", (), |row| row.get(0)).unwrap()
}

#[test]
fn a_run_is_paused_from_another_terminal_and_resumed_by_send() {
    let (server, project, order, send) = ordered("pause weekly");
    assert_eq!((order.code, send.code), (0, 75), "{}{}", order.stderr, send.stderr);
    assert!(order.stdout.starts_with("weekly is paused: "), "{}", order.stdout);
    assert!(order.stderr.ends_with("next: mailshot send weekly goes on with it\n"), "{}", order.stderr);
    let status = project.status();
    assert_eq!((&status["state"], &status["in_flight"]), (&"paused".into(), &0.into()));
    let sent = accepted(&server).len();
    assert!(sent < READERS, "{sent}");
    assert!(order.says(&format!("{sent} of {READERS} delivered, {} still to be mailed", READERS - sent)));

    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(READERS));
    assert!(!halted(&project));
}

#[test]
fn a_cancelled_run_goes_to_nobody_any_more() {
    let (server, project, order, send) = ordered("cancel weekly --yes");
    assert_eq!((order.code, send.code), (0, 75), "{}{}", order.stderr, send.stderr);
    let sent = accepted(&server).len();
    assert!(
        order.says(&format!(
            "weekly is cancelled: {sent} of {READERS} delivered, {} are never mailed",
            READERS - sent
        )),
        "{}",
        order.stdout
    );
    assert_eq!(project.status()["state"], "cancelled");
    for arguments in ["send weekly --yes", "retry weekly --bounced", "resolve weekly resend"] {
        let refused = project.expect(3, arguments);
        assert!(refused.says("`weekly` was cancelled: nobody is mailed any more"), "{}", refused.stderr);
    }
    // Neither does a pause bring it back.
    assert!(project.expect(0, "pause weekly").says("weekly is cancelled"));
    assert!(project.expect(0, "cancel weekly").says("weekly is cancelled"));
    project.expect(3, "send weekly --yes --frozen");
    assert_eq!(accepted(&server).len(), sent);
}

#[test]
fn a_run_that_no_process_is_at_is_paused_and_cancelled_as_well() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 5);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(75, "send weekly --yes --limit 2");
    let json = project.json("pause weekly --json").remove(0);
    assert_eq!((&json["state"], &json["queued"]), (&"paused".into(), &3.into()));
    project.expect(75, "send weekly --yes --limit 1");
    let output = project.expect(0, "cancel weekly --yes");
    assert_eq!(output.stdout, "weekly is cancelled: 3 of 5 delivered, 2 are never mailed\n");
    assert_eq!(accepted(&server).len(), 3);
}

#[test]
fn nobody_cancels_without_a_word() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(75, "send weekly --yes --limit 1");
    let refused = project.expect(3, "cancel weekly");
    assert!(refused.says("2 of 3 are still to be mailed, and never will be"), "{}", refused.stderr);
    assert!(refused.says("nobody is there to confirm"), "{}", refused.stderr);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn what_is_complete_or_was_never_launched_is_said() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 2);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    for arguments in ["pause weekly", "cancel weekly --yes"] {
        assert!(project.expect(3, arguments).says("`weekly` was never sent"));
    }
    project.expect(0, "send weekly --capture");
    assert!(project.expect(3, "pause weekly").says("`weekly` was rehearsed, but never launched"));
    project.expect(0, "send weekly --yes");
    let output = project.expect(0, "pause weekly");
    assert_eq!(output.stdout, "weekly is complete: 2 of 2 delivered, nothing is left to send\n");
    assert!(project.expect(3, "cancel weekly --yes").says("`weekly` is complete: nothing is left to cancel"));
    assert!(project.expect(3, "pause weakly").says("weakly"));
}

#[test]
fn a_process_that_does_not_let_go_is_not_waited_for_without_end() {
    let (gate, server, project) = held_at_first(READERS);
    let send = project.start("send weekly --yes");
    gate.wait();
    let began = Instant::now();
    let order = project.expect(75, "pause weekly");
    assert!(began.elapsed() < Duration::from_secs(50));
    assert!(order.says("the order stands and nobody else is mailed"), "{}", order.stderr);
    gate.open();
    assert_eq!(send.finish().code, 75);
    let sent = accepted(&server).len();
    assert!(sent < READERS, "{sent}");
    project.expect(0, "pause weekly");
    assert_eq!(accepted(&server).len(), sent);
}

#[test]
fn what_the_ledger_knows_needs_no_campaign_folder() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(75, "send weekly --yes --limit 1");
    project.remove("campaigns/weekly");
    project.expect(0, "status weekly");
    project.expect(0, "log campaigns/weekly/");
    project.expect(0, "pause weekly");
    project.expect(3, "send weekly");
    project.expect(0, "cancel campaigns/weekly --yes");
    assert!(project.expect(3, "status nothing").says("nothing"));
}

/// Where no message is on its way there is nothing to finish, however long the relay says nothing.
#[test]
fn a_relay_that_does_not_answer_rcpt_holds_up_no_pause() {
    let server = SmtpServer::start(Script::accept_all().on(At::Rcpt, Action::Silent));
    let project = Project::with(&server, READERS);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    let send = project.start("send weekly --yes");
    support::wait_for("RCPT", || server.commands().iter().any(|command| command.starts_with("RCPT")));
    // 75 if the process were still at it after ten seconds.
    let order = project.expect(0, "pause weekly");
    assert!(
        order.says(&format!("0 of {READERS} delivered, {READERS} still to be mailed")),
        "{}",
        order.stdout
    );
    assert_eq!(send.finish().code, 75);
    assert_eq!(project.status()["in_doubt"], 0);
}

#[test]
fn a_relay_that_does_not_say_goodbye_holds_up_no_pause() {
    // The first is that of the session that tries the relay out.
    let script = Script::accept_all().on(At::Quit, Action::Silent);
    let server = SmtpServer::start(script.once(At::Quit, Action::ReplyThenClose("221 2.0.0 goodbye".into())));
    let project = Project::with(&server, READERS);
    project.replace("mailshot.toml", "1000/s", "60/min");
    project.append("mailshot.toml", "[relay.main.timeouts]\nquit = \"60s\"\n[send]\nrequire_test = false\n");
    let send = project.start("send weekly --yes");
    support::wait_for("a message", || !accepted(&server).is_empty());
    project.expect(0, "pause weekly");
    assert_eq!(send.finish().code, 75);
}
