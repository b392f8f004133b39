//! `smtp-sink` breaks off (`-q`), says 421 and breaks off (`-Q`), is slow (`-W`), or ends without a last reply
//! (`-M 1`).

use crate::project::{assert_agrees, assert_counts};
use crate::sink::Sink;
use crate::support::{Project, once_each};

/// Everybody is still to be sent to, and a sink without faults in the place of this one gets it all, once.
#[track_caller]
fn the_next_send_does_it_all(sink: Sink, project: &Project, readers: usize) {
    let status = project.status();
    let open = status["queued"].as_u64().unwrap() + status["deferred"].as_u64().unwrap();
    assert_eq!(open, readers as u64, "somebody was spent: {status}");
    assert_eq!(sink.kept().len(), 0);
    let good = sink.replaced("");
    project.expect(0, "send weekly --yes");
    assert_counts(project, &[("delivered", readers as u64)]);
    assert_eq!(good.kept(), once_each(readers));
    assert_agrees(project, &good.kept());
    project.expect(0, "send weekly --yes");
    assert_eq!(good.kept(), once_each(readers), "a complete run was sent again");
}

/// Stops early at this command of the dialogue, in which nothing can be in doubt.
fn breaks_before_the_message(options: &str) {
    let sink = Sink::start(options);
    let project = sink.project(5);
    project.expect(75, "send weekly --yes");
    the_next_send_does_it_all(sink, &project, 5);
}

#[test]
#[ignore = "needs postfix"]
fn a_hang_up_at_mail() {
    breaks_before_the_message("-q mail");
}

#[test]
#[ignore = "needs postfix"]
fn a_hang_up_at_rcpt() {
    breaks_before_the_message("-q rcpt");
}

#[test]
#[ignore = "needs postfix"]
fn a_hang_up_at_data() {
    breaks_before_the_message("-q data");
}

#[test]
#[ignore = "needs postfix"]
fn a_421_at_mail() {
    breaks_before_the_message("-Q mail");
}

#[test]
#[ignore = "needs postfix"]
fn a_421_at_rcpt() {
    breaks_before_the_message("-Q rcpt");
}

#[test]
#[ignore = "needs postfix"]
fn a_421_at_data() {
    breaks_before_the_message("-Q data");
}

#[test]
#[ignore = "needs postfix"]
fn a_relay_that_hangs_up_at_ehlo_is_told_before_the_launch() {
    for options in ["-q ehlo", "-Q ehlo", "-q connect"] {
        let sink = Sink::start(options);
        let project = sink.project(3);
        project.expect(3, "send weekly --yes");
        assert!(!project.exists("campaigns/weekly/sent.toml"), "{options}");
        let good = sink.replaced("");
        project.expect(0, "send weekly --yes");
        assert_eq!(good.kept(), once_each(3));
    }
}

/// It has every message and said so to nobody: each is in doubt, and only the operator's word sends again.
#[test]
#[ignore = "needs postfix"]
fn a_hang_up_after_the_dot_leaves_everybody_in_doubt() {
    let sink = Sink::start("-q .");
    let project = sink.project(3);
    project.replace("mailshot.toml", "outage = \"1s\"", "outage = \"1m\"");
    project.expect(4, "send weekly --yes");
    assert_counts(&project, &[("in_doubt", 3)]);
    assert_agrees(&project, &sink.kept());
    let good = sink.replaced("");
    let before = good.kept();
    project.expect(4, "send weekly --yes");
    assert_eq!(good.kept(), before, "one in doubt was sent again");
    project.expect(0, "resolve weekly delivered --email reader1@example.com");
    project.expect(0, "resolve weekly resend");
    project.expect(0, "send weekly --yes");
    assert_counts(&project, &[("delivered", 3)]);
    for (email, copies) in good.kept() {
        let again = usize::from(email != "reader1@example.com");
        assert_eq!(copies, before.get(&email).copied().unwrap_or(0) + again, "{email}");
    }
}

/// A 421 is a reply: the relay did not take the message, whatever it wrote down.
#[test]
#[ignore = "needs postfix"]
fn a_421_after_the_dot_leaves_nobody_in_doubt() {
    let sink = Sink::start("-Q .");
    let project = sink.project(3);
    project.expect(75, "send weekly --yes");
    let status = project.status();
    assert_eq!(status["queued"].as_u64().unwrap() + status["deferred"].as_u64().unwrap(), 3, "{status}");
    let refused = sink.kept();
    let good = sink.replaced("");
    project.expect(0, "send weekly --yes");
    assert_counts(&project, &[("delivered", 3)]);
    for (email, copies) in good.kept() {
        assert_eq!(copies, refused.get(&email).copied().unwrap_or(0) + 1, "{email}");
    }
}

#[test]
#[ignore = "needs postfix"]
fn a_slow_relay_is_waited_for() {
    // Pipelined, it would answer RCPT before MAIL: it delays a reply, and goes on with the next command.
    for options in ["-p -W mail:1", "-p -W rcpt:1", "-W data:1", "-W .:1"] {
        let sink = Sink::start(options);
        let project = sink.project(2);
        project.expect(0, "send weekly --yes");
        assert_eq!(sink.kept(), once_each(2), "{options}");
        let rows = project.json("log weekly --json");
        assert!(
            rows.len() == 2 && rows.iter().all(|row| row["elapsed_ms"].as_u64() >= Some(900)),
            "{rows:?}"
        );
    }
}

/// It takes one message and ends before it says so.
#[test]
#[ignore = "needs postfix"]
fn a_relay_that_ends_before_its_reply_leaves_one_doubt() {
    let mut sink = Sink::start("-M 1");
    let project = sink.project(6);
    project.replace("mailshot.toml", "sessions = 2", "sessions = 1");
    project.expect(75, "send weekly --yes");
    assert_counts(&project, &[("queued", 5), ("in_doubt", 1)]);
    sink.wait_for_its_end();
    assert_agrees(&project, &sink.kept());

    let good = sink.replaced("");
    project.expect(4, "send weekly --yes");
    assert_counts(&project, &[("delivered", 5), ("in_doubt", 1)]);
    assert_eq!(good.kept(), once_each(6), "the one in doubt had arrived, and was not sent again");
    project.expect(0, "resolve weekly delivered");
    project.expect(0, "send weekly --yes");
    assert_counts(&project, &[("delivered", 6)]);
    assert_eq!(good.kept(), once_each(6));
}
