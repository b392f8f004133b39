//! `mailshot suppress`, through the binary: who is on the list is not mailed, from that moment on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use support::{Action, At, Output, Project, Running, Script, SmtpServer, accepted, held_at_first};

/// The list as `email reason`.
fn listed(project: &Project, arguments: &str) -> Vec<String> {
    let rows = project.json(&format!("suppress list --json {arguments}"));
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().map(|row| format!("{} {}", text(row, "email"), text(row, "reason"))).collect()
}

/// Imports this as a file.
#[track_caller]
fn import(project: &Project, code: i32, text: &str, arguments: &str) -> Output {
    project.write("gone.csv", text);
    project.expect(code, &format!("suppress import gone.csv {arguments}"))
}

#[test]
fn addresses_are_added_once_and_keep_their_first_reason() {
    let project = Project::of(1);
    let output = project.expect(0, "suppress add Ada@Example.com bob@example.com --reason complained");
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("2 added\n", "next: mailshot suppress list\n")
    );
    let output = project.expect(0, "suppress add ada@example.com ADA@example.com cy@example.com");
    assert_eq!(output.stdout, "1 added\n1 on the list before, with the reason and the date they had\n");
    assert_eq!(
        listed(&project, ""),
        ["ada@example.com complained", "bob@example.com complained", "cy@example.com manual"]
    );
    assert_eq!(listed(&project, "--reason manual"), ["cy@example.com manual"]);
    assert_eq!(
        project.json("suppress add cy@example.com dan@example.com --json")[0],
        serde_json::json!({ "added": 1, "known": 1 })
    );
    let table = project.expect(0, "suppress list --reason complained");
    assert!(table.stdout.lines().all(|row| row.contains("  complained    ")), "{}", table.stdout);
    assert_eq!((table.stdout.lines().count(), table.stderr.as_str()), (2, "2 on the list\n"));
}

#[test]
fn what_is_no_address_or_no_reason_adds_nobody() {
    let project = Project::of(1);
    let refused = project.expect(2, "suppress add ada@example.com bob@ nobody");
    assert!(refused.says("`bob@`: ") && refused.says("`nobody`: it has no @"), "{}", refused.stderr);
    let refused = project.expect(2, "suppress add ada@example.com --reason bored");
    assert!(refused.says("unsubscribed, bounced, complained, manual"), "{}", refused.stderr);
    project.expect(2, "suppress add");
    assert!(listed(&project, "").is_empty());
}

#[test]
fn who_is_not_on_the_list_is_named_and_then_nobody_is_taken_off() {
    let project = Project::of(1);
    assert!(project.expect(3, "suppress remove ada@example.com").says("is not on the suppression list"));
    project.expect(0, "suppress add ada@example.com bob@example.com --reason unsubscribed");
    let refused = project.expect(3, "suppress remove ada@example.com cy@example.com");
    assert!(
        refused.stderr.starts_with(
            "error: `cy@example.com` is not on the suppression list\n  help: nothing was taken off;"
        ),
        "{}",
        refused.stderr
    );
    assert_eq!(listed(&project, "").len(), 2);
    let output = project.expect(0, "suppress remove ADA@example.com");
    assert!(output.stdout.starts_with("taken off: 20"), "{}", output.stdout);
    assert!(output.stdout.ends_with("  unsubscribed  ada@example.com\n"), "{}", output.stdout);
    assert_eq!(listed(&project, ""), ["bob@example.com unsubscribed"]);
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let project = Project::of(1);
    project.expect(0, "suppress add ada@example.com --reason unsubscribed");
    import(&project, 0, "Email;reason;at;plan\r\nB@x.example;Bounced;2026-01-31;pro\r\n", "");
    let written = project.expect(0, "suppress export list.csv");
    assert_eq!(written.stdout, "wrote 2 to list.csv\n");
    let text = project.read("list.csv");
    assert!(text.contains("\nb@x.example,bounced,2026-01-31T00:00:00Z\n"), "{text}");
    assert_eq!(fs::metadata(project.path("list.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(project.expect(0, "suppress export").stdout, text);

    let other = Project::of(1);
    assert_eq!(import(&other, 0, &text, "").stdout, "2 added\n");
    assert_eq!(other.expect(0, "suppress export -").stdout, text);

    // Never over another file, unless that is meant.
    assert!(project.expect(3, "suppress export list.csv").says("list.csv: exists already"));
    project.expect(0, "suppress remove ada@example.com");
    project.expect(0, "suppress export list.csv --force");
    assert_eq!(project.read("list.csv").lines().count(), 2);
    assert_eq!(project.names(".").iter().filter(|name| name.contains("list.csv")).count(), 1);
}

#[test]
fn an_import_is_all_or_nothing() {
    let project = Project::of(1);
    let wrong = "email,reason,at\na@example.com,bounced,\nnobody,bounced,\nb@example.com,bored,\nc@example.com,,soon\n";
    let refused = import(&project, 3, wrong, "");
    for said in [
        "error: gone.csv:3: not a valid address: it has no @",
        "error: gone.csv:4: a reason is one of unsubscribed, bounced, complained, manual",
        "error: gone.csv:5: `at` is a time, but here it is `soon`",
        "error: nothing was imported, because of 3 rows",
    ] {
        assert!(refused.says(said), "{}", refused.stderr);
    }
    assert!(listed(&project, "").is_empty());
    // One reason for all, whatever the file says.
    import(&project, 0, "email,reason\nb@example.com,Hard bounce\n", "--reason bounced");
    assert_eq!(listed(&project, ""), ["b@example.com bounced"]);
    let refused = project.expect(3, "suppress import nowhere.csv");
    assert!(refused.says("nowhere.csv: there is no such file"), "{}", refused.stderr);
}

#[test]
fn addresses_come_from_standard_input_too() {
    let project = Project::of(1);
    project.write("gone.txt", "\u{feff}ada@example.com\r\nBOB@example.com\r\n");
    let mut command = project.command("suppress import - --reason unsubscribed");
    command.stdin(File::open(project.path("gone.txt")).unwrap());
    let output = Running::of(command).finish();
    assert_eq!((output.code, output.stdout.as_str()), (0, "2 added\n"));
    assert_eq!(listed(&project, ""), ["ada@example.com unsubscribed", "bob@example.com unsubscribed"]);
}

#[test]
fn a_long_list_is_imported_beside_a_short_one() {
    let project = Project::of(1);
    project.expect(0, "suppress add n5000@example.com --reason complained");
    let text = (0..20_000).map(|n| format!("n{n}@example.com")).collect::<Vec<_>>().join("\n");
    let output = import(&project, 0, &text, "--reason bounced");
    assert!(output.stdout.starts_with("19999 added\n1 on the list before"), "{}", output.stdout);
    assert_eq!(listed(&project, "").len(), 20_000);
    assert_eq!(listed(&project, "--reason complained"), ["n5000@example.com complained"]);
}

#[test]
fn who_is_suppressed_at_the_launch_is_left_out_of_the_plan_and_of_the_mail() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 5);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(0, "suppress add reader2@example.com READER4@example.com stranger@example.com");
    let plan = project.json("send weekly --dry-run --json").remove(0);
    assert_eq!((&plan["recipients"], &plan["suppressed"]), (&3.into(), &2.into()));
    assert!(project.expect(0, "send weekly --dry-run").says("2 not mailed: suppressed"));
    project.expect(3, "send weekly --yes --expect 5");

    project.expect(0, "send weekly --yes --expect 3");
    assert_eq!(
        accepted(&server).into_keys().collect::<Vec<_>>(),
        ["reader1@example.com", "reader3@example.com", "reader5@example.com"]
    );
    let status = project.status();
    assert_eq!(
        (&status["recipients"], &status["delivered"], &status["suppressed"], &status["queued"]),
        (&5.into(), &3.into(), &2.into(), &0.into())
    );
    let log = project.json("log weekly --json --outcome suppressed");
    let emails: Vec<_> = log.iter().map(|row| row["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["reader2@example.com", "reader4@example.com"]);
}

#[test]
fn a_campaign_that_nobody_would_get_is_not_launched() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 1);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(0, "suppress add reader1@example.com");
    assert!(project.expect(3, "send weekly --yes").says("is on the suppression list"));
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    project.expect(3, "send weekly --capture");
    project.expect(3, "status weekly");
}

#[test]
fn who_is_added_while_a_run_is_under_way_is_not_mailed() {
    let (gate, server, project) = held_at_first(40);
    let send = project.start("send weekly --yes");
    gate.wait();
    project.expect(0, "suppress add reader30@example.com --reason unsubscribed");
    gate.open();
    let sent = send.finish();
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let mailed = accepted(&server);
    assert!(mailed.len() == 39 && !mailed.contains_key("reader30@example.com"), "{mailed:?}");
    let log = project.json("log weekly --json --email reader30@example.com");
    assert_eq!((log.len(), &log[0]["outcome"]), (1, &"suppressed".into()));
    assert_eq!(project.status()["suppressed"], 1);
}

#[test]
fn a_retry_leaves_the_suppressed_out() {
    let server =
        SmtpServer::start(Script::accept_all().times(3, At::Rcpt, Action::reply("550 5.1.1 unknown")));
    let project = Project::with(&server, 3);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(0, "send weekly --yes");
    project.expect(0, "suppress add reader1@example.com --reason bounced");
    let output = project.expect(0, "retry weekly --bounced");
    assert_eq!(output.stdout, "2 queued again\n1 stay out: they are suppressed\n");
    project.expect(0, "send weekly --yes");
    assert_eq!(
        accepted(&server).into_keys().collect::<Vec<_>>(),
        ["reader2@example.com", "reader3@example.com"]
    );
}
