//! A launch: what it asks for, what it writes, what a second one does.

use crate::support::{Project, Script, SmtpServer, accepted, list, once_each};

fn server() -> SmtpServer {
    SmtpServer::start(Script::accept_all())
}

#[test]
fn a_tested_issue_is_launched_and_each_recipient_gets_it_once() {
    let server = server();
    let project = Project::with(&server, 7);
    let tested = project.expect(0, "test weekly");
    assert_eq!(tested.stdout, "1 test message sent to editor@weekly.example\n");
    let output = project.expect(0, "send weekly --yes");
    assert!(output.stdout.contains("weekly: run 1, complete"), "{}", output.stdout);
    assert!(output.stderr.ends_with("next: mailshot log weekly\n"), "{}", output.stderr);
    assert!(!output.says("@example.com"), "an address is shown: {output:?}");
    assert_eq!(accepted(&server), once_each(7));
    let message =
        server.accepted().into_iter().find(|message| message.to == ["reader4@example.com"]).unwrap();
    assert_eq!(message.from, "bounces@weekly.example");
    let text = String::from_utf8(message.data).unwrap();
    assert!(text.contains("\r\nSubject: Week 7\r\n"), "{text}");
    assert!(text.replace("=\r\n", "").contains("Hello Reader 4!"), "{text}");

    let status = project.status();
    assert_eq!((&status["kind"], &status["state"]), (&"launch".into(), &"complete".into()));
    assert_eq!((&status["recipients"], &status["delivered"]), (&7.into(), &7.into()));
}

#[test]
fn the_launch_is_written_down_in_the_campaign() {
    let server = server();
    let project = Project::with(&server, 2);
    project.launch(0);
    let sent = project.read("campaigns/weekly/sent.toml");
    assert!(
        sent.starts_with("# Written by mailshot when this campaign was launched. Commit it.\n"),
        "{sent}"
    );
    let sent: toml::Table = sent.parse().unwrap();
    let keys: Vec<_> = sent.keys().map(String::as_str).collect();
    assert_eq!(keys, ["build", "launched_at", "ledger", "recipients", "run"]);
    assert_eq!((sent["run"].as_integer(), sent["recipients"].as_integer()), (Some(1), Some(2)));
    assert_eq!(sent["build"].as_str().unwrap().len(), 64);
    assert_eq!(sent["launched_at"].as_str(), project.status()["started_at"].as_str());
    assert_eq!(project.names("campaigns/weekly"), ["issue.md", "sent.toml"]);
}

#[test]
fn a_complete_run_sends_nothing_more_and_says_so() {
    let server = server();
    let project = Project::with(&server, 3);
    project.launch(0);
    let commands = server.commands().len();
    let again = project.expect(0, "send weekly --yes");
    assert!(again.stderr.starts_with("weekly is complete: nothing is sent\n"), "{}", again.stderr);
    assert!(again.stdout.contains("weekly: run 1, complete"), "{}", again.stdout);
    let results = project.json("send weekly --yes --json");
    assert_eq!((results.len(), &results[0]["delivered"]), (1, &3.into()), "{results:?}");
    assert_eq!(server.commands().len(), commands, "the relay was spoken to");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn an_untested_build_is_refused_unless_the_operator_insists() {
    let server = server();
    let project = Project::with(&server, 2);
    let refused = project.expect(3, "send weekly --yes");
    assert_eq!(
        refused.stderr,
        "error: this build was not test-sent: what is sent must be what was looked at in an inbox\n  \
         help: mailshot test weekly, or --untested to send all the same\n"
    );
    project.expect(0, "test weekly");
    project.replace("campaigns/weekly/issue.md", "What it says.", "What it says now.");
    project.expect(3, "send weekly --yes");
    assert!(accepted(&server).is_empty());
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    project.expect(0, "send weekly --yes --untested");
    assert_eq!(accepted(&server), once_each(2));
}

#[test]
fn a_project_may_do_without_tests() {
    let server = server();
    let project = Project::with(&server, 2);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(2));
}

#[test]
fn without_a_relay_a_rehearsal_is_offered() {
    let project = Project::of(2);
    assert_eq!(
        project.expect(3, "send weekly --yes").stderr,
        "error: no relay is configured: there is nowhere to send to\n  \
         help: fill in [relay.main] in mailshot.toml, or rehearse: mailshot send weekly --capture\n"
    );
}

#[test]
fn without_a_secret_no_launch_is_possible() {
    let server = server();
    let project = Project::with(&server, 2).without_env("MAILSHOT_SECRET");
    project.expect(0, "test weekly");
    let refused = project.expect(3, "send weekly --yes");
    assert_eq!(
        refused.stderr,
        "error: there is no secret to sign the unsubscribe links with\n  help: set the environment variable \
         MAILSHOT_SECRET (`[list] secret_env`) to at least 16 random characters, and keep it: links already sent \
         depend on it\n"
    );
    let short = Project::with(&server, 2).env("MAILSHOT_SECRET", "short");
    short.expect(0, "test weekly");
    let refused = short.expect(3, "send weekly --yes");
    assert!(refused.stderr.contains("fewer than 16 bytes"), "{}", refused.stderr);
    assert!(!refused.says("short"), "the secret is shown: {refused:?}");
    assert!(accepted(&server).is_empty());
}

#[test]
fn without_a_terminal_somebody_must_have_said_yes() {
    let server = server();
    let project = Project::with(&server, 2);
    project.expect(0, "test weekly");
    let refused = project.expect(3, "send weekly");
    assert!(
        refused.stderr.ends_with(
            "error: nobody is there to confirm the launch\n  help: run it on a terminal, or add --yes\n"
        ),
        "{}",
        refused.stderr
    );
    assert!(accepted(&server).is_empty());
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    assert!(project.expect(3, "status weekly").stderr.contains("was never sent"));
}

#[test]
fn a_dry_run_prints_the_plan_and_freezes_nothing() {
    let server = server();
    let project = Project::with(&server, 4);
    project.append(
        "subscribers.csv",
        "reader1@example.com,Again,free\nno address,X,free\nx@example.com,X,none\n",
    );
    project.replace(
        "mailshot.toml",
        "name = \"The Weekly\"",
        "name = \"The Weekly\"\nwhere = 'plan != \"none\"'",
    );
    let plan = project.expect(0, "send weekly --dry-run");
    let rows: Vec<_> = plan.stdout.lines().map(str::trim_end).collect();
    assert_eq!(rows[0], "subject     Week 7");
    assert!(rows[1].starts_with("list        subscribers.csv, changed "), "{rows:?}");
    assert_eq!(
        rows[2..],
        [
            "recipients  4",
            "            1 not mailed: `[list] where` does not hold",
            "            1 not mailed: the address stands in an earlier row",
            "            1 not mailed: no valid address",
            &format!("relay       main (127.0.0.1:{}), 2 sessions, at most 1000/s", server.port()),
            "takes       at least 0 s",
        ]
    );
    assert!(plan.stderr.contains("subscribers.csv:6: the same address as in line 2"), "{}", plan.stderr);
    assert!(plan.stderr.contains("subscribers.csv:7: not a valid address"), "{}", plan.stderr);
    assert!(
        plan.stderr.ends_with("next: mailshot test weekly, then mailshot send weekly\n"),
        "{}",
        plan.stderr
    );
    assert!(!server.commands().iter().any(|command| command.starts_with("MAIL")));
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    assert!(project.expect(3, "status weekly").stderr.contains("was never sent"));

    let plan = project.json("send weekly --dry-run --json");
    assert_eq!((plan.len(), &plan[0]["recipients"], &plan[0]["duplicates"]), (1, &4.into(), &1.into()));
}

#[test]
fn a_limit_stops_after_so_many_and_send_goes_on_with_the_rest() {
    let server = server();
    let project = Project::with(&server, 9);
    project.expect(0, "test weekly");
    let limited = project.expect(75, "send weekly --yes --limit 4");
    assert!(limited.stderr.contains("stopped early: --limit is reached"), "{}", limited.stderr);
    assert!(limited.stderr.contains("next: mailshot send weekly goes on with it"), "{}", limited.stderr);
    assert_eq!(accepted(&server).len(), 4);
    let status = project.status();
    assert_eq!((&status["state"], &status["queued"]), (&"paused".into(), &5.into()));
    // A launched run was confirmed once: to go on needs no further word.
    project.expect(0, "send weekly");
    assert_eq!(accepted(&server), once_each(9));
}

#[test]
fn a_limit_is_met_exactly_however_many_sessions_there_are() {
    let server = server();
    let project = Project::with(&server, 12);
    project.replace("mailshot.toml", "sessions = 2", "sessions = 8");
    project.expect(0, "test weekly");
    let mut sent = 0;
    for limit in [1, 2, 3] {
        project.expect(75, &format!("send weekly --yes --limit {limit}"));
        sent += limit;
        assert_eq!(accepted(&server).len(), sent);
    }
    project.expect(0, "send weekly --yes --limit 6");
    assert_eq!(accepted(&server), once_each(12));
}

#[test]
fn what_is_expected_must_be_so() {
    let server = server();
    let project = Project::with(&server, 5);
    project.expect(0, "test weekly");
    let refused = project.expect(3, "send weekly --yes --expect 6");
    assert!(
        refused.stderr.ends_with(
            "error: 5 recipients, not the 6 expected\n  help: look at the list, or correct --expect\n"
        ),
        "{}",
        refused.stderr
    );
    assert!(accepted(&server).is_empty());
    project.expect(0, "send weekly --yes --expect 5");
}

#[test]
fn an_audience_far_off_the_last_one_must_be_expected() {
    let server = server();
    let project = Project::with(&server, 10);
    project.launch(0);
    project.write("campaigns/next/issue.md", project.read("campaigns/weekly/issue.md"));
    project.write("subscribers.csv", list(13));
    project.expect(0, "test next");
    let refused = project.expect(3, "send next --yes");
    assert!(
        refused.stderr.ends_with(
            "error: 13 recipients, but the last run had 10: more than 20 % off\n  \
             help: look at the list; if it is right: --expect 13\n"
        ),
        "{}",
        refused.stderr
    );
    assert_eq!(accepted(&server), once_each(10));
    project.write("subscribers.csv", list(12));
    project.expect(0, "send next --yes");
    assert_eq!(accepted(&server)["reader12@example.com"], 1);
}

#[test]
fn a_launch_as_json_is_one_object() {
    let server = server();
    let project = Project::with(&server, 2);
    assert_eq!(project.json("test weekly --json")[0]["sent"], 1);
    let results = project.json("send weekly --yes --json");
    assert_eq!((results.len(), &results[0]["state"]), (1, &"complete".into()), "{results:?}");
}

#[test]
fn where_the_launch_cannot_be_written_down_nothing_leaves() {
    let server = server();
    let project = Project::with(&server, 2);
    project.expect(0, "test weekly");
    // A folder in the way, for a folder without write permission is none to root.
    project.write("campaigns/weekly/.sent.toml.new/x", "");
    let stopped = project.expect(75, "send weekly --yes");
    assert!(
        stopped.stderr.contains("error: campaigns/weekly/sent.toml: cannot be written"),
        "{}",
        stopped.stderr
    );
    assert!(accepted(&server).is_empty());
    project.remove("campaigns/weekly/.sent.toml.new");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(2));
}

#[test]
#[ignore = "needs script(1) for a terminal; .ci/run has it"]
fn on_a_terminal_the_number_of_recipients_is_typed() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let server = server();
    let project = Project::with(&server, 3);
    project.expect(0, "test weekly");
    let typed = |answer: &str| {
        let send = format!("{} send weekly", env!("CARGO_BIN_EXE_mailshot"));
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &send, "/dev/null"]);
        project.prepare(&mut script);
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, shown) = typed("yes\n");
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("Type the number of recipients (3) to send:"), "{shown}");
    assert!(shown.contains("declined: nothing was sent"), "{shown}");
    assert!(accepted(&server).is_empty());
    let (code, shown) = typed("3\n");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(accepted(&server), once_each(3));
}
