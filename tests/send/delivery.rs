//! What becomes of recipients whom the relay refuses, defers or leaves in doubt.

use std::time::Duration;

use crate::support::{Action, At, Project, Script, SmtpServer, accepted, once_each};

/// The readers but this one, each once.
fn without(readers: usize, reader: &str) -> std::collections::BTreeMap<String, usize> {
    let mut counts = once_each(readers);
    counts.remove(reader);
    counts
}

#[test]
fn one_refused_recipient_bounces_and_the_others_are_delivered() {
    let refusal = "550 5.1.1 <reader2@example.com>: no such user";
    let server = SmtpServer::start(Script::accept_all().rcpt("reader2@example.com", refusal));
    let project = Project::with(&server, 6);
    let output = project.launch(0);
    assert_eq!(accepted(&server), without(6, "reader2@example.com"));
    assert!(output.stdout.contains("1 × bounced: 550 5.1.1 <…>: no such user"), "{}", output.stdout);
    assert!(!output.says("reader2"), "an address is shown: {output:?}");
    let status = project.status();
    assert_eq!((&status["delivered"], &status["bounced"]), (&5.into(), &1.into()));
    assert_eq!(status["state"], "complete");
}

#[test]
fn a_temporary_refusal_is_tried_again_while_the_process_runs() {
    let script = Script::accept_all().once(
        At::RcptTo("reader3@example.com".into()),
        Action::reply("450 4.2.0 greylisted, come back later"),
    );
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 4);
    project.launch(0);
    assert_eq!(accepted(&server), once_each(4));

    let attempts = project.json("log weekly --json --email reader3@example.com");
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["deferred", "delivered"]);
    let (deferred, delivered) = (&attempts[0], &attempts[1]);
    assert_eq!((&deferred["attempt"], &delivered["attempt"]), (&1.into(), &2.into()));
    assert_eq!((&deferred["stage"], &deferred["code"]), (&"rcpt".into(), &450.into()));
    assert_eq!(deferred["enhanced"], "4.2.0");
    assert_eq!(deferred["message_id"], delivered["message_id"], "a retry is the same message");
    let at = |value: &serde_json::Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let pause = at(&deferred["next_attempt_at"]).duration_since(at(&deferred["at"]));
    assert!(pause >= jiff::SignedDuration::from_millis(800), "{pause}");
    assert!(at(&delivered["at"]) >= at(&deferred["next_attempt_at"]));
}

#[test]
fn what_is_deferred_when_the_process_stops_is_tried_again_on_resume() {
    let script =
        Script::accept_all().once(At::RcptTo("reader1@example.com".into()), Action::reply("451 4.3.0 later"));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 3);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 3");
    assert_eq!(project.status()["deferred"], 1);
    let text = project.expect(0, "status weekly").stdout;
    assert!(text.contains("the next deferred one is due 20"), "{text}");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn a_connection_that_dies_after_the_dot_leaves_a_doubt_that_only_the_operator_resolves() {
    let doubtful = "reader2@example.com";
    let script = Script::accept_all().once(At::DotFor(doubtful.into()), Action::AcceptThenClose);
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 5);
    let output = project.launch(4);
    assert!(
        output.stderr.ends_with(
            "next: mailshot log weekly --outcome in_doubt, then mailshot resolve weekly resend|delivered\n"
        ),
        "{}",
        output.stderr
    );
    assert_eq!(accepted(&server), once_each(5));
    let status = project.status();
    assert_eq!((&status["in_doubt"], &status["state"]), (&1.into(), &"complete".into()));

    let again = project.expect(4, "send weekly --yes");
    assert!(again.stderr.contains("weekly is complete: nothing is sent"), "{}", again.stderr);
    assert_eq!(accepted(&server), once_each(5), "one in doubt was sent again");
    let doubts = project.json("log weekly --json --outcome in_doubt");
    assert_eq!((doubts.len(), &doubts[0]["email"]), (1, &doubtful.into()));
}

#[test]
fn who_is_deferred_for_too_long_expires_and_can_be_put_back() {
    let reader = "reader1@example.com";
    let script = Script::accept_all().times(2, At::RcptTo(reader.into()), Action::reply("452 4.2.2 full"));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "first = \"1s\"", "first = \"1s\"\ngive_up = \"1s\"");
    let output = project.launch(4);
    assert!(output.stderr.ends_with("next: mailshot retry weekly --expired\n"), "{}", output.stderr);
    assert_eq!(accepted(&server), without(3, reader));
    let status = project.status();
    assert_eq!((&status["expired"], &status["delivered"]), (&1.into(), &2.into()));
    // Nothing goes out before the operator says so.
    project.expect(4, "send weekly --yes");
    assert_eq!(accepted(&server), without(3, reader));

    // The mailbox is still full once; the second word of the operator gets it through.
    assert_eq!(project.expect(0, "retry weekly --expired").stdout, "1 queued again\n");
    let code = project.run("send weekly --yes").code;
    if code == 4 {
        project.expect(0, "retry weekly --expired");
        project.expect(0, "send weekly --yes");
    }
    assert_eq!(accepted(&server), once_each(3));
    assert_eq!(project.status()["delivered"], 3);
}

#[test]
fn a_relay_that_closes_in_the_middle_of_a_run_loses_nobody() {
    let script = Script::accept_all()
        .once(At::RcptTo("reader2@example.com".into()), Action::ReplyThenClose("421 4.3.2 restarting".into()))
        .once(At::RcptTo("reader5@example.com".into()), Action::Close)
        .once(At::Data, Action::Close);
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 8);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    let output = project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(8));
    assert!(output.stderr.contains("[relay.main] cannot be used ("), "{}", output.stderr);
    assert!(output.stderr.contains("[relay.main] works again"), "{}", output.stderr);
    let requeued = project.json("log weekly --json --outcome requeued");
    assert!(requeued.len() >= 3, "{requeued:?}");
    let delivered = project.json("log weekly --json --outcome delivered");
    assert!(delivered.iter().all(|attempt| attempt["attempt"] == 1), "a requeue counted: {delivered:?}");
    assert_eq!(project.status()["delivered"], 8);
}

#[test]
fn a_refused_message_bounces_and_so_says_the_log() {
    let script = Script::accept_all()
        .on(At::DotFor("reader2@example.com".into()), Action::reply("554 5.7.1 this looks like spam"));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 3);
    project.launch(0);
    assert_eq!(accepted(&server), without(3, "reader2@example.com"));
    let bounced = project.json("log weekly --json --outcome bounced");
    assert_eq!((bounced.len(), &bounced[0]["stage"]), (1, &"body".into()));
    assert_eq!(bounced[0]["reply"], "this looks like spam");
}

#[test]
fn a_relay_that_refuses_the_sender_stops_the_run_and_spends_nobody() {
    let script = Script::accept_all();
    let server = SmtpServer::start(script.on(At::Mail, Action::reply("550 5.7.1 sender not verified")));
    let project = Project::with(&server, 4);
    let output = project.expect(75, "send weekly --yes --untested");
    assert!(
        output.stderr.contains(
            "stopped early: the relay refuses to go on: at MAIL: the relay answered 550 5.7.1 sender not verified"
        ),
        "{}",
        output.stderr
    );
    let status = project.status();
    assert_eq!((&status["queued"], &status["bounced"]), (&4.into(), &0.into()));
}

#[test]
fn a_slow_relay_is_waited_for() {
    let script = Script::accept_all().on(At::Dot, Action::Delay(Duration::from_millis(100)));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 6);
    project.launch(0);
    assert_eq!(accepted(&server), once_each(6));
    let delivered = project.json("log weekly --json");
    assert!(delivered.iter().all(|attempt| attempt["elapsed_ms"].as_u64().unwrap() >= 100), "{delivered:?}");
}
