//! `mailshot send --amend`, through the binary: a launched run goes on with the build as it is now.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Action, At, Project, Script, SmtpServer, accepted, held_at_first, once_each};

const ISSUE: &str = "campaigns/weekly/issue.md";

/// Mends the issue as an operator would who saw a mistake too late.
fn mend(project: &Project) {
    project.replace(ISSUE, "A paragraph with", "A mended paragraph with");
}

/// Whose messages hold the mended text, in the order they were taken.
fn mended(server: &SmtpServer) -> Vec<(String, bool)> {
    let readers = server.accepted().into_iter().filter(|message| message.to != ["editor@weekly.example"]);
    readers
        .map(|message| {
            let text = String::from_utf8(message.data).unwrap();
            (message.to[0].trim_end_matches("@example.com").to_owned(), text.contains("A mended paragraph"))
        })
        .collect()
}

fn names(readers: &[(String, bool)], mended: bool) -> Vec<&str> {
    readers.iter().filter(|(_, is)| *is == mended).map(|(name, _)| name.as_str()).collect()
}

/// A project sent over one session, so that it is known who was mailed.
fn project(server: &SmtpServer, readers: usize) -> Project {
    let project = Project::of(readers);
    project.relay(server, "tls = \"none\"\nsessions = 1\nrate = \"1000/s\"\n[retry]\nfirst = \"1s\"");
    project
}

#[test]
fn those_still_to_be_mailed_get_the_newly_tested_build() {
    let server = SmtpServer::start(Script::accept_all());
    let project = project(&server, 5);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 2");
    let launched = project.read("campaigns/weekly/sent.toml");
    mend(&project);
    assert!(project.expect(75, "send weekly --yes").says("--amend with the issue as it is now"));

    // What was not looked at in an inbox is not sent, here as at a launch.
    assert!(project.expect(3, "send weekly --amend --yes").says("this build was not test-sent"));
    project.expect(0, "test weekly");
    let refused = project.expect(3, "send weekly --amend");
    assert!(refused.says("3 of 5 get the new build") && refused.says("nobody is there to confirm"));
    project.expect(0, "send weekly --amend --dry-run");
    assert_eq!(project.read("campaigns/weekly/sent.toml"), launched);
    assert_eq!(project.status()["queued"], 3);

    project.expect(75, "send weekly --amend --yes --limit 1");
    let amended = project.read("campaigns/weekly/sent.toml");
    let build = |text: &str| text.lines().find(|line| line.starts_with("build = ")).unwrap().to_owned();
    assert_ne!(build(&amended), build(&launched));
    assert_eq!(amended.replace(&build(&amended), ""), launched.replace(&build(&launched), ""));

    // From now on the amended build is the one that must not change.
    project.expect(0, "send weekly --yes");
    let readers = mended(&server);
    assert_eq!(names(&readers, false), ["reader1", "reader2"]);
    assert_eq!(names(&readers, true), ["reader3", "reader4", "reader5"]);
    for row in project.json("log weekly --json") {
        let id = row["message_id"].as_str().unwrap();
        let holds = |data: &[u8]| String::from_utf8_lossy(data).contains(&format!("Message-ID: <{id}>"));
        assert!(server.accepted().iter().any(|message| holds(&message.data)), "{row}");
    }
}

#[test]
fn a_process_at_the_run_takes_the_new_build_over() {
    let (gate, server, project) = held_at_first(40);
    let send = project.start("send weekly --yes");
    gate.wait();
    mend(&project);
    let amended = project.expect(75, "send weekly --amend --yes");
    assert!(amended.says("39 of 40 get the new build"), "{}", amended.stderr);
    assert!(amended.says("another process is at this run: it takes the build over"), "{}", amended.stderr);
    gate.open();
    let sent = send.finish();
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(accepted(&server), once_each(40));
    let readers = mended(&server);
    assert_eq!(names(&readers, false), ["reader1"], "only the message that was on its way is an old one");
    project.expect(0, "send weekly --yes");
}

#[test]
fn those_in_doubt_keep_the_build_they_may_have_got() {
    let script = Script::accept_all().once(At::DotFor("reader1@example.com".into()), Action::AcceptThenClose);
    let server = SmtpServer::start(script);
    let project = project(&server, 3);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(75, "send weekly --yes --limit 1");
    assert_eq!(project.status()["in_doubt"], 1);
    mend(&project);
    let output = project.expect(4, "send weekly --amend --yes");
    assert!(output.says("2 of 3 get the new build") && output.says("1 keep the build they may have got"));
    project.expect(0, "resolve weekly resend");
    project.expect(0, "send weekly --yes");
    let readers = mended(&server);
    assert_eq!(names(&readers, false), ["reader1", "reader1"]);
    assert_eq!(names(&readers, true), ["reader2", "reader3"]);
}

#[test]
fn an_amendment_that_the_run_cannot_take_changes_nothing() {
    let server = SmtpServer::start(Script::accept_all());
    let project = project(&server, 3);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    assert!(project.expect(3, "send weekly --amend --yes").says("there is nothing to amend"));
    project.expect(75, "send weekly --yes --limit 1");
    let issue = project.read(ISSUE);

    // A column that only the list of today has.
    project.write("subscribers.csv", "email,first_name,plan,city\nreader1@example.com,Ada,pro,York\n");
    project.replace(ISSUE, "A paragraph with", "News from {{ city }}:");
    let refused = project.expect(3, "send weekly --amend --yes");
    assert!(refused.says("campaigns/weekly/issue.md:") && refused.says("`city`"), "{}", refused.stderr);
    // A value that cannot stand where the tag stands.
    project.write(ISSUE, &issue);
    project.replace(ISSUE, "(https://weekly.example/story)", "({{ plan }})");
    let refused = project.expect(3, "send weekly --amend --yes");
    assert!(refused.says("recipient 2 of the run: "), "{}", refused.stderr);
    // Another sender's Message-IDs.
    project.write(ISSUE, &issue);
    project.replace("mailshot.toml", "hello@weekly.example", "hello@monthly.example");
    assert!(
        project
            .expect(3, "send weekly --amend --yes")
            .says("the sender's domain is part of every Message-ID")
    );
    project.replace("mailshot.toml", "hello@monthly.example", "hello@weekly.example");

    // The audience stays as it was launched, whatever the list holds now.
    mend(&project);
    let output = project.expect(0, "send weekly --amend --yes");
    assert!(output.says("the list changed since the launch; the audience stays as it was launched"));
    assert_eq!(accepted(&server), once_each(3));
    assert_eq!(names(&mended(&server), true), ["reader2", "reader3"]);
    assert!(project.expect(0, "send weekly --amend --yes").says("weekly is complete: nothing is sent"));
    project.expect(2, "send weekly --amend --frozen");
}
