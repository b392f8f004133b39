//! `mailshot resolve` and `mailshot retry`, through the binary: the operator's word.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Action, At, Project, Script, SmtpServer, accepted};

/// A run of three in which readers 1 and 2 are in doubt: the relay took one message and lost the other.
fn doubtful(server: &SmtpServer) -> Project {
    let project = Project::with(server, 3);
    project.launch(4);
    project
}

fn server() -> SmtpServer {
    SmtpServer::start(
        Script::accept_all()
            .once(At::DotFor("reader1@example.com".into()), Action::AcceptThenClose)
            .once(At::DotFor("reader2@example.com".into()), Action::Close),
    )
}

#[test]
fn those_in_doubt_are_taken_as_delivered() {
    let server = server();
    let project = doubtful(&server);
    let output = project.expect(0, "resolve weekly delivered");
    assert_eq!(output.stdout, "2 taken as delivered; 0 in doubt\n");
    assert_eq!(output.stderr, "next: mailshot status weekly\n");
    assert_eq!(project.status()["delivered"], 3);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server).len(), 2);
}

#[test]
fn those_in_doubt_are_sent_again_where_the_operator_says_so() {
    let server = server();
    let project = doubtful(&server);
    let output = project.expect(0, "resolve weekly resend --email Reader2@example.com");
    assert_eq!(output.stdout, "1 queued again; 1 in doubt\n");
    assert_eq!(output.stderr, "next: mailshot send weekly\n");
    assert_eq!(
        project.json("resolve weekly delivered --json")[0],
        serde_json::json!({ "changed": 1, "in_doubt": 0 })
    );
    assert_eq!(project.status()["queued"], 1);
    project.expect(0, "send weekly");
    assert_eq!(accepted(&server), support::once_each(3));
    // The message is the same one: whoever got it twice can tell.
    let attempts = project.json("log weekly --json --email reader2@example.com");
    assert_eq!(attempts.first().unwrap()["message_id"], attempts.last().unwrap()["message_id"]);
}

#[test]
fn nothing_in_doubt_is_nothing_done() {
    let server = server();
    let project = doubtful(&server);
    project.expect(0, "resolve weekly delivered");
    assert_eq!(project.expect(0, "resolve weekly resend").stdout, "0 queued again; 0 in doubt\n");
    let refused = project.expect(3, "resolve weekly resend --email reader3@example.com");
    assert!(
        refused.stderr.contains(
            "error: this recipient is not in doubt\n  help: mailshot log weekly --outcome in_doubt\n"
        ),
        "{}",
        refused.stderr
    );
    project.expect(2, "resolve weekly perhaps");
    assert_eq!(project.status()["delivered"], 3);
}

#[test]
fn who_bounced_is_tried_again_when_named() {
    let script = Script::accept_all().times(2, At::Rcpt, Action::reply("550 5.1.1 no such user"));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 4);
    // The two rules are for the run alone.
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(0, "send weekly --yes");
    assert_eq!(project.status()["bounced"], 2);
    let bounced = project.json("log weekly --json --outcome bounced");
    let first = bounced[0]["email"].as_str().unwrap();
    assert_eq!(project.expect(0, &format!("retry weekly --email {first}")).stdout, "1 queued again\n");
    let output = project.expect(0, "retry weekly --bounced");
    assert_eq!(output.stdout, "1 queued again\n");
    assert_eq!(output.stderr, "next: mailshot send weekly\n");
    assert_eq!(project.status()["queued"], 2);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), support::once_each(4));
}

#[test]
fn nobody_to_retry_is_said_and_the_delivered_stay_delivered() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 2);
    project.launch(0);
    let output = project.expect(0, "retry weekly --expired --bounced");
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("0 queued again\n", "next: mailshot log weekly\n")
    );
    assert_eq!(
        project.json("retry weekly --bounced --json")[0],
        serde_json::json!({ "requeued": 0, "suppressed": 0 })
    );
    project.run("retry weekly --email reader1@example.com");
    assert_eq!(project.status()["delivered"], 2);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), support::once_each(2));
}

#[test]
fn words_about_a_campaign_that_was_never_sent_are_refused() {
    let project = Project::of(1);
    for arguments in ["resolve weekly delivered", "retry weekly --bounced", "log weekly"] {
        let refused = project.expect(3, arguments);
        assert!(
            refused.stderr.starts_with("error: `weekly` was never sent or rehearsed"),
            "{}",
            refused.stderr
        );
    }
}
