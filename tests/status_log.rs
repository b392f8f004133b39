//! `mailshot status` and `mailshot log`, through the binary: the contract of their JSON, and what a person reads.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use support::{Action, At, Project, Script, SmtpServer, accepted, wait_for};

const COUNTS: [&str; 8] =
    ["queued", "in_flight", "delivered", "deferred", "bounced", "expired", "suppressed", "in_doubt"];

/// A run of four in which one was refused, one was deferred first and one is in doubt.
fn eventful(server: &SmtpServer) -> Project {
    let project = Project::with(server, 4);
    project.launch(4);
    project
}

fn server() -> SmtpServer {
    SmtpServer::start(
        Script::accept_all()
            .rcpt("reader2@example.com", "550 5.1.1 no such user, \"none\"")
            .once(At::RcptTo("reader3@example.com".into()), Action::reply("450 4.2.0 later"))
            .on(At::DotFor("reader4@example.com".into()), Action::AcceptThenClose),
    )
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn is_utc_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn the_status_of_a_run_has_the_keys_that_scripts_know_and_adds_up() {
    let server = server();
    let status = eventful(&server).status();
    let mut expected = vec!["campaign", "run", "kind", "state", "recipients", "started_at", "updated_at"];
    expected.extend(COUNTS);
    assert_eq!(keys(&status).into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect());
    let sum: u64 = COUNTS.iter().map(|name| status[*name].as_u64().unwrap()).sum();
    assert_eq!(status["recipients"], sum);
    assert_eq!(
        (&status["delivered"], &status["bounced"], &status["in_doubt"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert!(is_utc_time(&status["started_at"]) && is_utc_time(&status["updated_at"]), "{status}");
    assert_eq!((&status["campaign"], &status["kind"]), (&"weekly".into(), &"launch".into()));
}

#[test]
fn the_status_reads_well_and_names_nobody() {
    let server = server();
    let project = eventful(&server);
    let output = project.expect(0, "status weekly");
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "weekly: run 1, complete",
            "  recipients          4",
            "  delivered           2",
            "  bounced             1",
            "  in doubt            1",
        ]
    );
    assert!(lines[5].starts_with("  started 20") && lines[5].contains(" UTC, last change "), "{lines:?}");
    assert_eq!(lines[6], "  the commonest refusals:");
    let refusals: BTreeSet<_> = lines[7..].iter().copied().collect();
    let expected = [
        "          1 × bounced: 550 5.1.1 no such user, \"none\"",
        "          1 × deferred: 450 4.2.0 later",
    ];
    assert_eq!(refusals, expected.into());
    assert_eq!(
        output.stderr,
        "next: mailshot log weekly --outcome in_doubt, then mailshot resolve weekly resend|delivered\n"
    );
    assert!(!output.says("@"), "{output:?}");
}

#[test]
fn the_status_of_all_campaigns_is_a_line_each() {
    let project = Project::of(2);
    assert_eq!(project.expect(0, "status").stdout, "nothing was sent or rehearsed here\n");
    assert_eq!(project.expect(0, "status --json").stdout, "[]\n");
    project.write("campaigns/other/issue.md", project.read("campaigns/weekly/issue.md"));
    project.expect(0, "send weekly --capture");
    project.expect(0, "send other --capture");
    let text = project.expect(0, "status").stdout;
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.lines().all(|line| line.contains("2 recipients, 2 delivered")), "{text}");
    let all = project.json("status --json").remove(0);
    let campaigns: BTreeSet<_> =
        all.as_array().unwrap().iter().map(|run| run["campaign"].as_str().unwrap()).collect();
    assert_eq!(campaigns, ["other", "weekly"].into());
}

#[test]
fn a_run_can_be_named_and_must_be_this_campaigns() {
    let project = Project::of(2);
    project.expect(0, "send weekly --capture");
    project.expect(0, "send weekly --capture");
    assert_eq!(project.json("status weekly --run 1 --json")[0]["run"], 1);
    assert_eq!(project.json("log weekly --run 1 --json").len(), 2);
    assert_eq!(
        project.expect(3, "status weekly --run 7").stderr,
        "error: `weekly` has no run 7\n  help: `mailshot status weekly` shows its launch or latest rehearsal\n"
    );
    project.expect(2, "status --run 1");
}

#[test]
fn every_attempt_has_the_keys_that_scripts_know() {
    let server = server();
    let project = eventful(&server);
    let rows = project.json("log weekly --json");
    let expected = [
        "at",
        "campaign",
        "run",
        "email",
        "message_id",
        "attempt",
        "outcome",
        "stage",
        "code",
        "enhanced",
        "reply",
        "relay",
        "relay_id",
        "elapsed_ms",
        "next_attempt_at",
    ];
    for row in &rows {
        assert_eq!(keys(row).into_iter().collect::<BTreeSet<_>>(), expected.into());
        assert!(is_utc_time(&row["at"]), "{row}");
        assert_eq!(
            (&row["campaign"], &row["run"], &row["relay"]),
            (&"weekly".into(), &1.into(), &"main".into())
        );
        assert!(row["elapsed_ms"].is_u64() && row["attempt"].is_u64(), "{row}");
    }
    let told: BTreeSet<_> = rows
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
            (
                text("email"),
                text("outcome"),
                text("stage"),
                row["code"].as_u64(),
                text("enhanced"),
                text("relay_id"),
            )
        })
        .collect();
    let row = |email: &str, outcome: &str, stage: &str, code: Option<u64>, enhanced: &str, id: &str| {
        (email.into(), outcome.into(), stage.into(), code, enhanced.into(), id.into())
    };
    assert_eq!(
        told,
        BTreeSet::from([
            row("reader1@example.com", "delivered", "body", Some(250), "2.0.0", "SCRIPTED"),
            row("reader2@example.com", "bounced", "rcpt", Some(550), "5.1.1", "-"),
            row("reader3@example.com", "deferred", "rcpt", Some(450), "4.2.0", "-"),
            row("reader3@example.com", "delivered", "body", Some(250), "2.0.0", "SCRIPTED"),
            row("reader4@example.com", "in_doubt", "body", None, "-", "-"),
        ])
    );
    // The Message-ID of the log is the one that was sent.
    let message =
        &server.accepted().into_iter().find(|message| message.to == ["reader1@example.com"]).unwrap();
    let logged = project.json("log weekly --json --email reader1@example.com")[0]["message_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let header = format!("\r\nMessage-ID: <{}>\r\n", logged.trim_matches(['<', '>']));
    assert!(String::from_utf8_lossy(&message.data).contains(&header), "{header}");
}

#[test]
fn the_log_is_filtered_by_outcome_and_by_address() {
    let server = server();
    let project = eventful(&server);
    let emails = |arguments: &str| -> Vec<String> {
        let rows = project.json(&format!("log weekly --json {arguments}"));
        rows.iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(emails("--outcome bounced"), ["reader2@example.com"]);
    assert_eq!(emails("--outcome deferred"), ["reader3@example.com"]);
    assert_eq!(emails("--email READER3@Example.com"), ["reader3@example.com", "reader3@example.com"]);
    assert_eq!(emails("--email reader3@example.com --outcome delivered"), ["reader3@example.com"]);
    assert!(emails("--email nobody@example.com").is_empty());
    project.expect(2, "log weekly --email nobody");
}

#[test]
fn the_log_as_a_table_and_as_csv() {
    let server = server();
    let project = eventful(&server);
    let table = project.expect(0, "log weekly --outcome bounced");
    let line = table.stdout.trim_end();
    assert_eq!(table.stdout.lines().count(), 1, "{line}");
    assert!(
        line.ends_with(
            "bounced    rcpt     reader2@example.com              550 5.1.1 no such user, \"none\""
        ),
        "{line}"
    );
    assert_eq!(table.stderr, "next: mailshot status weekly\n");

    let text = project.expect(0, "log weekly --csv").stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    // Each value stands under its key.
    for (row, object) in rows.iter().zip(project.json("log weekly --json")) {
        for (header, value) in headers.iter().zip(row) {
            let expected = match &object[header.as_str()] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(value, expected, "{header}");
        }
        assert_eq!(object.as_object().unwrap().len(), headers.len());
    }
    let replies: Vec<String> = rows.iter().map(|row| row[10].to_owned()).collect();
    assert_eq!(replies.len(), 5);
    assert!(replies.contains(&"no such user, \"none\"".to_owned()), "{replies:?}");
    project.expect(2, "log weekly --csv --json");
}

#[test]
fn a_csv_has_its_headers_also_when_there_is_no_row() {
    let server = server();
    let project = eventful(&server);
    let text = project.expect(0, "log weekly --csv --outcome expired").stdout;
    assert!(text.starts_with("at,campaign,run,email,message_id,attempt,outcome,stage,code,"), "{text:?}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_followed_log_goes_on_until_the_run_is_complete() {
    let script = Script::accept_all().on(At::Dot, Action::Delay(Duration::from_millis(20)));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 20);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 3");
    let following = project.start("log weekly --follow --json");
    project.expect(0, "send weekly --yes");
    let output = following.finish();
    assert_eq!(output.code, 0);
    let emails: BTreeSet<_> =
        output.json().iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect();
    assert_eq!((output.stdout.lines().count(), emails.len()), (20, 20), "{}", output.stdout);
}

#[test]
fn a_watched_status_goes_on_until_the_run_is_complete() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 5);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 2");
    let watching = project.start("status weekly --watch");
    project.expect(0, "send weekly --yes");
    let output = watching.finish();
    assert_eq!(output.code, 0);
    assert!(output.stdout.contains("weekly: run 1, complete"), "{}", output.stdout);
}

#[test]
fn somebody_who_stops_reading_the_log_is_no_fault() {
    use std::process::{Command, Stdio};
    let project = Project::of(300);
    project.expect(0, "send weekly --capture");
    let log =
        format!("{} log weekly --json | head -n 1; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_mailshot"));
    let mut shell = Command::new("bash");
    shell.args(["-c", &log]);
    project.prepare(&mut shell);
    let output = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn verbose_shows_the_dialogue_without_bodies_and_secrets() {
    let server = SmtpServer::start(Script::accept_all().login("weekly", "correct horse"));
    let project = Project::of(2).env("SMTP_PASSWORD", "correct horse");
    project.relay(&server, "tls = \"none\"\nusername = \"weekly\"\npassword_env = \"SMTP_PASSWORD\"");
    let plain = project.expect(0, "test weekly");
    assert!(!plain.stderr.contains("MAIL FROM"), "{}", plain.stderr);
    for flag in ["-v", "-vv"] {
        let output = project.expect(0, &format!("test weekly {flag}"));
        for shown in [
            "EHLO",
            "AUTH PLAIN ***",
            "MAIL FROM:<bounces@weekly.example>",
            "RCPT TO:<editor@weekly.example>",
            "354",
            "250",
        ] {
            assert!(output.stderr.contains(shown), "{shown} is not in\n{}", output.stderr);
        }
        for hidden in ["correct horse", support::SECRET, "AHdlZWts", "Hello", "Subject:", "SGVsbG8"] {
            assert!(!output.stderr.contains(hidden), "{hidden} is in\n{}", output.stderr);
        }
        assert_eq!(output.stdout, "1 test message sent to editor@weekly.example\n");
    }
    assert!(accepted(&server).is_empty());
}

#[test]
fn colours_come_when_asked_for_and_are_never_in_the_way() {
    let project = Project::of(2);
    project.expect(0, "send weekly --capture");
    assert!(!project.expect(0, "status weekly").says("\x1b["));
    assert!(!project.expect(0, "status weekly --color never").says("\x1b["));
    let coloured = project.expect(0, "status weekly --color always");
    assert!(coloured.stdout.contains("\x1b[32mdelivered"), "{}", coloured.stdout);
    assert!(!project.expect(0, "status weekly --color always --json").stdout.contains("\x1b["));
    let refused = project.expect(3, "check nowhere --color always").stderr;
    assert!(refused.starts_with("\x1b[1;31merror\x1b[0m: "), "{refused:?}");
    let quiet = Project::of(1).env("NO_COLOR", "1");
    assert!(!quiet.expect(0, "send weekly --capture").says("\x1b["));
}

#[test]
fn quiet_leaves_the_results_and_the_errors() {
    let project = Project::of(2);
    let output = project.expect(0, "send weekly --capture --quiet");
    assert_eq!(output.stderr, "");
    assert!(output.stdout.contains("delivered"), "{}", output.stdout);
    assert!(project.expect(3, "check nowhere --quiet").stderr.starts_with("error: "));
    project.expect(2, "status --quiet --verbose");
}

#[test]
fn a_run_that_is_under_way_says_so() {
    let server =
        SmtpServer::start(Script::accept_all().on(At::DotFor("reader1@example.com".into()), Action::Silent));
    let project = Project::with(&server, 2);
    project.expect(0, "test weekly");
    let sending = project.start("send weekly --yes");
    wait_for("the other one", || accepted(&server).len() == 1);
    wait_for("its record", || project.run("status weekly --json").stdout.contains("\"delivered\":1"));
    let status = project.status();
    assert_eq!((&status["state"], &status["in_flight"]), (&"running".into(), &1.into()));
    sending.signal("KILL");
    sending.finish();
    let status = project.status();
    assert_eq!(status["state"], "paused");
    let sum: u64 = COUNTS.iter().map(|name| status[*name].as_u64().unwrap()).sum();
    assert_eq!(sum, 2, "{status}");
}
