//! Postfix defends itself against clients that send too much or err too often, and is restarted now and then.

use crate::postfix::Postfix;
use crate::project::{assert_agrees, assert_counts, counts, outcomes, project};
use crate::support::{Project, once_each, wait_for};

/// Nobody was charged an attempt for what the relay said to all.
#[track_caller]
fn assert_first_attempts(project: &Project) {
    let delivered = project.json("log weekly --json --outcome delivered");
    assert!(delivered.iter().all(|row| row["attempt"] == 1), "{delivered:?}");
}

#[test]
#[ignore = "needs postfix"]
fn a_message_rate_of_the_relay_is_waited_out() {
    let postfix = Postfix::start(
        "smtpd_client_message_rate_limit = 3\nanvil_rate_time_unit = 1s\nsmtpd_client_event_limit_exceptions =\n",
    );
    let project = project(8, postfix.port(), "tls = \"none\"\nsessions = 2");
    project.replace("mailshot.toml", "outage = \"1s\"", "outage = \"1m\"");
    let output = project.expect(0, "send weekly --yes");
    assert!(output.stderr.contains("at MAIL: the relay answered 450 4.7.1 "), "{}", output.stderr);
    assert_counts(&project, &[("delivered", 8)]);
    assert_first_attempts(&project);
    assert_eq!(postfix.delivered(), once_each(8));
    assert_agrees(&project, &postfix.delivered());
}

/// After some refusals Postfix says 421 and closes, in the middle of the dialogue with the next recipient.
#[test]
#[ignore = "needs postfix"]
fn a_hard_error_limit_costs_connections_and_nobody() {
    let gone = |n: u32| format!("{{ reader{n}@example.com = 550 5.1.1 no such user }} ");
    let all: String = [2, 3, 4, 6, 7, 9].map(gone).concat();
    let postfix = Postfix::start(&format!(
        "smtpd_recipient_restrictions = check_recipient_access inline:{{ {all} }}, permit\n\
         smtpd_hard_error_limit = 3\nsmtpd_soft_error_limit = 2\nsmtpd_error_sleep_time = 0\n"
    ));
    let project = project(30, postfix.port(), "tls = \"none\"\nsessions = 1");
    project.replace("mailshot.toml", "outage = \"1s\"", "outage = \"1m\"");
    project.expect(0, "send weekly --yes");
    assert_counts(&project, &[("delivered", 24), ("bounced", 6)]);
    assert_first_attempts(&project);
    let bounced = project.json("log weekly --json --outcome bounced");
    assert!(bounced.iter().all(|row| row["enhanced"] == "5.1.1"), "{bounced:?}");
    assert_agrees(&project, &postfix.delivered());
    let before = postfix.delivered();
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), before);
}

#[test]
#[ignore = "needs postfix"]
fn a_relay_that_is_restarted_in_the_middle_of_a_run() {
    let mut postfix = Postfix::start("");
    let project = project(60, postfix.port(), "tls = \"none\"\nsessions = 2");
    project.replace("mailshot.toml", "outage = \"1s\"", "outage = \"1m\"");
    project.replace("mailshot.toml", "1000/s", "30/s");
    let running = project.start("send weekly --yes");
    wait_for("the first messages", || {
        project.exists("campaigns/weekly/sent.toml") && project.status()["delivered"].as_u64() >= Some(5)
    });
    postfix.restart();
    let output = running.finish();
    let in_doubt = outcomes(&project).values().filter(|outcome| *outcome == "in_doubt").count();
    assert_eq!(output.code, if in_doubt == 0 { 0 } else { 4 }, "{}", output.stderr);
    assert!(in_doubt <= 2, "{in_doubt} in doubt with two sessions");
    let open: u64 = counts(&project)
        .iter()
        .filter(|(state, _)| state != "in_doubt" && state != "delivered")
        .map(|(_, n)| n)
        .sum();
    assert_eq!(open, 0);
    assert_agrees(&project, &postfix.delivered());
    assert_first_attempts(&project);
}
