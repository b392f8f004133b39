//! `smtp-sink` refuses for good (`-f`) or for now (`-r`), at each command.

use crate::project::{assert_agrees, assert_counts};
use crate::sink::Sink;
use crate::support::once_each;

#[test]
#[ignore = "needs postfix"]
fn a_5xx_before_mail_is_told_before_the_launch() {
    for options in ["-f connect", "-f ehlo"] {
        let sink = Sink::start(options);
        let project = sink.project(3);
        let refused = project.expect(3, "send weekly --yes");
        assert!(refused.stderr.contains("the relay answered 5"), "{options}: {}", refused.stderr);
        assert!(!project.exists("campaigns/weekly/sent.toml"));
    }
}

#[test]
#[ignore = "needs postfix"]
fn a_5xx_at_mail_stops_the_run_and_spends_nobody() {
    let sink = Sink::start("-f mail");
    let project = sink.project(4);
    let stopped = project.expect(75, "send weekly --yes");
    assert!(stopped.stderr.contains("at MAIL: the relay answered 500 5.3.0"), "{}", stopped.stderr);
    assert_counts(&project, &[("queued", 4)]);
    let good = sink.replaced("");
    project.expect(0, "send weekly --yes");
    assert_eq!(good.kept(), once_each(4));
    assert_agrees(&project, &good.kept());
}

/// Refused for good at RCPT, at DATA or after the dot: nobody is tried again but at the operator's word.
#[test]
#[ignore = "needs postfix"]
fn a_5xx_after_mail_is_final() {
    for (options, stage) in [("-f rcpt", "rcpt"), ("-f data", "data"), ("-f .", "body")] {
        let sink = Sink::start(options);
        let project = sink.project(3);
        project.expect(0, "send weekly --yes");
        assert_counts(&project, &[("bounced", 3)]);
        let rows = project.json("log weekly --json");
        assert!(rows.iter().all(|row| row["stage"] == stage && row["code"] == 500), "{rows:?}");
        let refused = sink.kept();
        let good = sink.replaced("");
        project.expect(0, "send weekly --yes");
        assert_eq!(good.kept(), refused, "{options}: who had bounced was sent to again");
        project.expect(0, "retry weekly --bounced");
        project.expect(0, "send weekly --yes");
        assert_counts(&project, &[("delivered", 3)]);
        assert!(good.kept().iter().all(|(email, copies)| *copies == refused.get(email).unwrap_or(&0) + 1));
    }
}

#[test]
#[ignore = "needs postfix"]
fn a_4xx_at_mail_is_an_outage_and_spends_nobody() {
    let sink = Sink::start("-r mail");
    let project = sink.project(4);
    project.expect(75, "send weekly --yes");
    assert_counts(&project, &[("queued", 4)]);
    let good = sink.replaced("");
    project.expect(0, "send weekly --yes");
    assert_eq!(good.kept(), once_each(4));
    let delivered = project.json("log weekly --json --outcome delivered");
    assert!(delivered.iter().all(|row| row["attempt"] == 1), "{delivered:?}");
}

/// Refused for now at RCPT, at DATA or after the dot: deferred, and the next `send` gets them through.
#[test]
#[ignore = "needs postfix"]
fn a_4xx_after_mail_is_tried_again() {
    for (options, stage) in [("-r rcpt", "rcpt"), ("-r data", "data"), ("-r .", "body")] {
        let sink = Sink::start(options);
        let project = sink.project(3);
        project.expect(75, "send weekly --yes --limit 3");
        assert_counts(&project, &[("deferred", 3)]);
        let rows = project.json("log weekly --json");
        assert!(rows.iter().all(|row| row["stage"] == stage && row["code"] == 450), "{rows:?}");
        let refused = sink.kept();
        let good = sink.replaced("");
        project.expect(0, "send weekly --yes");
        assert_counts(&project, &[("delivered", 3)]);
        assert!(good.kept().iter().all(|(email, copies)| *copies == refused.get(email).unwrap_or(&0) + 1));
        let delivered = project.json("log weekly --json --outcome delivered");
        assert!(delivered.iter().all(|row| row["attempt"] == 2), "{delivered:?}");
    }
}

#[test]
#[ignore = "needs postfix"]
fn who_is_refused_for_too_long_expires_and_can_be_put_back() {
    let sink = Sink::start("-r rcpt");
    let project = sink.project(3);
    project.replace("mailshot.toml", "[retry]", "[retry]\ngive_up = \"2s\"");
    project.expect(4, "send weekly --yes");
    assert_counts(&project, &[("expired", 3)]);
    assert_eq!(sink.kept().len(), 0);
    let good = sink.replaced("");
    project.expect(4, "send weekly --yes");
    assert_eq!(good.kept().len(), 0, "who had expired was sent to again");
    project.expect(0, "retry weekly --expired");
    project.expect(0, "send weekly --yes");
    assert_eq!(good.kept(), once_each(3));
    assert_agrees(&project, &good.kept());
}
