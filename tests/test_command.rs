//! `mailshot test`, through the binary: the issue in an editor's inbox, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Action, At, Project, Script, SmtpServer};

/// The messages that came, readable: to whom, and the text with its lines joined.
fn received(server: &SmtpServer) -> Vec<(String, String)> {
    let readable = |data: &[u8]| String::from_utf8(data.to_vec()).unwrap().replace("=\r\n", "");
    server.accepted().iter().map(|message| (message.to[0].clone(), readable(&message.data))).collect()
}

#[test]
fn the_subject_is_marked_and_the_issue_is_merged_as_the_first_subscriber() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    let output = project.expect(0, "test weekly");
    assert_eq!(output.stdout, "1 test message sent to editor@weekly.example\n");
    assert_eq!(output.stderr, "next: look at it there, then mailshot send weekly\n");
    let messages = received(&server);
    assert_eq!(messages.len(), 1);
    let (to, text) = &messages[0];
    assert_eq!(to, "editor@weekly.example");
    assert!(text.contains("\r\nSubject: [test] Week 7\r\n"), "{text}");
    assert!(text.contains("Hello Reader 1!"), "{text}");
    assert!(
        !text.contains("reader1@example.com"),
        "the reader's address is in somebody else's inbox: {text}"
    );
    // A test is no run.
    assert!(project.expect(3, "status weekly").stderr.contains("was never sent"));
    assert!(!project.exists("campaigns/weekly/sent.toml"));
}

#[test]
fn several_inboxes_get_it_merged_as_several_subscribers() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 5);
    let arguments = "test weekly --to ann@weekly.example --to bob@weekly.example \
                     --as reader4@example.com --as READER2@example.com";
    assert_eq!(
        project.expect(0, arguments).stdout,
        "4 test messages sent to ann@weekly.example, bob@weekly.example\n"
    );
    let messages = received(&server);
    let merged = |to: &str, name: &str| {
        messages
            .iter()
            .filter(|(inbox, text)| inbox == to && text.contains(&format!("Hello {name}!")))
            .count()
    };
    for to in ["ann@weekly.example", "bob@weekly.example"] {
        assert_eq!((merged(to, "Reader 4"), merged(to, "Reader 2")), (1, 1), "{to}");
    }
    // Each is a message of its own, or an inbox would hide all but one.
    let id = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("Message-ID:"));
        line.unwrap().to_owned()
    };
    let ids: std::collections::BTreeSet<_> = messages.iter().map(|(_, text)| id(text)).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn a_second_test_is_a_new_message() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 1);
    project.expect(0, "test weekly");
    project.expect(0, "test weekly");
    let ids: std::collections::BTreeSet<_> = received(&server)
        .iter()
        .map(|(_, text)| text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn a_test_needs_no_secret_for_its_links_change_nothing() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 1).without_env("MAILSHOT_SECRET");
    project.expect(0, "test weekly");
    let (_, text) = received(&server).remove(0);
    assert!(text.contains("List-Unsubscribe:"), "{text}");
}

#[test]
fn a_refused_test_is_no_test() {
    let script = Script::accept_all()
        .once(At::RcptTo("editor@weekly.example".into()), Action::reply("550 5.1.1 no such user"));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 1);
    let refused = project.expect(3, "test weekly");
    assert_eq!(
        refused.stderr,
        "error: the relay did not take the test: at RCPT: the relay answered 550 5.1.1 no such user\n  \
         help: ask the relay's operator about this reply\n"
    );
    assert!(project.expect(3, "send weekly --yes").stderr.contains("was not test-sent"));
    project.expect(0, "test weekly");
    project.expect(0, "send weekly --yes");
}

#[test]
fn whom_it_goes_to_must_be_known_and_valid() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 2);
    let refused = project.expect(3, "test weekly --to nobody");
    assert!(refused.stderr.starts_with("error: `nobody`: "), "{}", refused.stderr);
    assert!(refused.stderr.ends_with("help: correct `--to` or `[test] to`\n"), "{}", refused.stderr);
    assert_eq!(
        project.expect(3, "test weekly --as nobody@example.com").stderr,
        "error: subscribers.csv: no subscriber `nobody@example.com`\n  \
         help: correct --as; it names a row of the list\n"
    );
    project.replace("mailshot.toml", "to = [\"editor@weekly.example\"]", "");
    assert_eq!(
        project.expect(3, "test weekly").stderr,
        "error: there is no inbox to send the test to\n  \
         help: --to ADDR, or in mailshot.toml: [test] to = [\"editor@…\"]\n"
    );
    assert!(server.accepted().is_empty());
}

#[test]
fn the_first_subscriber_is_the_first_that_the_list_would_mail() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "[merge]", "where = \"plan == 'pro'\"\n[merge]");
    project.expect(0, "test weekly");
    assert!(received(&server)[0].1.contains("Hello Reader 2!"));
}
