//! What a relay's misbehaviour comes to over a whole run, through the binary: exit codes, what the operator is
//! told, who is reached, and that another `send` does the rest.

use crate::support::{Action, At, Project, Script, SmtpServer, accepted, list, once_each};

/// Everybody got one message, and nobody was charged an attempt for what was not theirs.
#[track_caller]
fn assert_all_delivered_at_once(server: &SmtpServer, project: &Project, readers: usize) {
    assert_eq!(accepted(server), once_each(readers));
    assert_eq!(project.status()["delivered"], readers);
    let delivered = project.json("log weekly --json --outcome delivered");
    assert_eq!(delivered.len(), readers);
    assert!(delivered.iter().all(|row| row["attempt"] == 1), "an attempt was charged: {delivered:?}");
}

/// Relays end a connection after so many messages; some say so, some just go.
#[test]
fn a_relay_that_takes_three_messages_a_connection() {
    for end in [Action::Close, Action::ReplyThenClose("421 4.7.0 too many messages in this session".into())] {
        let server = SmtpServer::start(Script::accept_all().on(At::MailNumber(4), end));
        let project = Project::with(&server, 10);
        project.launch(0);
        assert_all_delivered_at_once(&server, &project, 10);
        assert!(server.connections() >= 4, "{} connections", server.connections());
    }
}

#[test]
fn a_policy_against_the_sender_stops_the_run_and_the_next_send_goes_on() {
    let policy = "550 5.7.26 unauthenticated mail is not accepted";
    let script = Script::accept_all().once(At::DotFor("reader3@example.com".into()), Action::reply(policy));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 6);
    let stopped = project.launch(75);
    assert!(stopped.stderr.contains("stopped early: the relay refuses to go on"), "{}", stopped.stderr);
    assert!(stopped.stderr.contains(policy), "{}", stopped.stderr);
    let status = project.status();
    assert_eq!((&status["bounced"], &status["deferred"]), (&0.into(), &0.into()), "{status}");
    let requeued = project.json("log weekly --json --outcome requeued");
    let row = requeued.iter().find(|row| row["email"] == "reader3@example.com").unwrap();
    assert_eq!((&row["stage"], &row["code"]), (&"body".into(), &550.into()));
    assert_eq!(row["enhanced"], "5.7.26");

    project.expect(0, "send weekly --yes");
    assert_all_delivered_at_once(&server, &project, 6);
}

/// A password that is changed at the provider while the run goes on.
#[test]
fn a_login_that_is_revoked_in_the_middle_stops_the_run_and_the_next_send_goes_on() {
    let revoked = "535 5.7.8 credentials were revoked";
    let script = Script::accept_all().once(At::RcptTo("reader2@example.com".into()), Action::reply(revoked));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 5);
    let stopped = project.launch(75);
    assert!(stopped.stderr.contains(revoked), "{}", stopped.stderr);
    let status = project.status();
    assert_eq!((&status["bounced"], &status["deferred"]), (&0.into(), &0.into()), "{status}");
    project.expect(0, "send weekly --yes");
    assert_all_delivered_at_once(&server, &project, 5);
}

#[test]
fn a_relay_that_greets_with_554_is_told_before_the_launch() {
    let greeting = "554 5.7.1 your address is listed";
    let server = SmtpServer::start(Script::accept_all().on(At::Connect, Action::reply(greeting)));
    let project = Project::with(&server, 3);
    for arguments in ["test weekly", "send weekly --yes --untested"] {
        let refused = project.expect(3, arguments);
        assert!(refused.stderr.contains(greeting), "{}", refused.stderr);
    }
    assert!(!project.exists("campaigns/weekly/sent.toml"));
}

/// A relay that refuses everybody for now and keeps the connection is an outage like any other: it is asked again
/// after pauses, not at the full rate, and given up in the end.
#[test]
fn a_relay_that_says_later_to_everybody_is_not_hammered() {
    let server = SmtpServer::start(Script::accept_all().on(At::Mail, Action::reply("451 4.3.0 not now")));
    let project = Project::with(&server, 5);
    project.replace("mailshot.toml", "first = \"1s\"", "first = \"1s\"\noutage = \"1s\"");
    let stopped = project.expect(75, "send weekly --yes --untested");
    assert!(stopped.stderr.contains("the relay could not be used for too long"), "{}", stopped.stderr);
    let asked = server.commands().iter().filter(|line| line.starts_with("MAIL")).count();
    assert!((2..=8).contains(&asked), "asked {asked} times");
    let status = project.status();
    assert_eq!((&status["queued"], &status["deferred"]), (&5.into(), &0.into()), "{status}");
}

/// Who passes for a while, who is refused for good and who is fine, all in one run.
#[test]
fn each_recipient_has_the_fate_the_relay_gave_it() {
    let passing = [
        ("reader1@example.com", "450 4.2.0 greylisted"),
        ("reader2@example.com", "451 4.3.0 local error"),
        ("reader3@example.com", "452 4.5.3 too many recipients"),
        ("reader4@example.com", "552 5.5.3 too many recipients"),
    ];
    let mut script = Script::accept_all().rcpt("reader5@example.com", "550 5.1.1 no such user");
    for (address, reply) in passing {
        script = script.once(At::RcptTo(address.to_owned()), Action::reply(reply));
    }
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 8);
    project.launch(0);
    let mut expected = once_each(8);
    expected.remove("reader5@example.com");
    assert_eq!(accepted(&server), expected);
    for (address, reply) in passing {
        let rows = project.json(&format!("log weekly --json --email {address}"));
        let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["deferred", "delivered"], "{address}");
        assert!(reply.ends_with(rows[0]["reply"].as_str().unwrap()), "{}", rows[0]);
    }
    let bounced = project.json("log weekly --json --outcome bounced");
    assert_eq!((bounced.len(), &bounced[0]["email"]), (1, &"reader5@example.com".into()));
    assert_eq!(project.status()["delivered"], 7);
}

/// What the relay will not take is found when the issue is tested, not by ten thousand bounces.
#[test]
fn a_message_over_the_offered_size_is_told_by_the_test() {
    let server = SmtpServer::start(Script::accept_all().without("SIZE").with("SIZE 1000"));
    let project = Project::with(&server, 3);
    let refused = project.expect(3, "test weekly");
    assert!(refused.stderr.contains("and the relay takes no more than 1000"), "{}", refused.stderr);
    project.expect(3, "send weekly --yes");
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    assert_eq!(server.accepted(), []);
}

/// `jörg@` can be reached over a chain of servers that all know SMTPUTF8 only: it is listed as not mailable, with
/// its line, before anything is sent. `@bücher` is a domain like any other.
#[test]
fn an_address_that_needs_smtputf8_is_listed_and_nobody_else_suffers() {
    for script in [Script::accept_all(), Script::accept_all().with("SMTPUTF8")] {
        let server = SmtpServer::start(script);
        let project = Project::with(&server, 2);
        let more = "jörg@example.org,Jörg,pro\ninfo@bücher.example,Info,pro\n";
        project.write("subscribers.csv", list(2) + more);
        let finding = "subscribers.csv:4: not a valid address: the part before the @ needs SMTPUTF8";
        assert!(project.expect(0, "check weekly").stderr.contains(finding));
        let sent = project.launch(0);
        assert!(sent.stderr.contains(finding), "{}", sent.stderr);
        assert!(sent.stderr.contains("1 not mailed: no valid address"), "{}", sent.stderr);

        let mut expected = once_each(2);
        expected.insert("info@xn--bcher-kva.example".to_owned(), 1);
        assert_eq!(accepted(&server), expected);
        assert_eq!(project.status()["recipients"], 3);
    }
}

/// What a relay says is shown to a person: it must not be able to do anything to the person's terminal.
#[test]
fn what_the_relay_says_cannot_reach_the_terminal_as_anything_but_text() {
    let painted = b"550-5.1.1 \x1b[2J\x1b]0;owned\x07gone\r\n550 5.1.1 \xc2\x9b31m\r\n".to_vec();
    let script = Script::accept_all().on(At::RcptTo("reader1@example.com".into()), Action::Raw(painted));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 2);
    project.expect(0, "test weekly");
    for arguments in
        ["send weekly --yes -v", "status weekly", "log weekly", "log weekly --json", "log weekly --csv"]
    {
        let output = project.expect(0, arguments);
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!output.stdout.contains(control), "{arguments}: {:?}", output.stdout);
        assert!(!output.stderr.contains(control), "{arguments}: {:?}", output.stderr);
        assert!(output.says("gone"), "{arguments}: {output:?}");
    }
}
