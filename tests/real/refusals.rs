//! Postfix refuses recipients by their address, and messages by their size.

use crate::postfix::{Postfix, RELOADING};
use crate::project::{assert_agrees, assert_counts, outcomes, project};
use crate::support::{once_each, wait_for};

#[test]
#[ignore = "needs postfix"]
fn refusals_by_address() {
    let passing = "{ reader2@example.com = 450 4.2.0 greylisted }";
    let postfix = Postfix::start(&format!(
        "{RELOADING}smtpd_recipient_restrictions = check_recipient_access inline:{{ {passing} \
         {{ reader5@example.com = 550 5.1.1 no such user }} {{ reader6@example.com = 552 5.5.3 too many }} }}, permit\n"
    ));
    let project = project(12, postfix.port(), "tls = \"none\"\nsessions = 3");
    let running = project.start("send weekly --yes");
    wait_for("the others to be delivered", || {
        project.exists("campaigns/weekly/sent.toml") && {
            let status = project.status();
            (status["delivered"].as_u64(), status["deferred"].as_u64()) == (Some(9), Some(2))
        }
    });
    // One is let in while the process waits for it, the other goes on being refused until it is interrupted.
    postfix.change(passing, "");
    wait_for("reader2 to be delivered", || outcomes(&project)["reader2@example.com"] == "delivered");
    running.signal("INT");
    assert_eq!(running.finish().code, 130);
    assert_counts(&project, &[("delivered", 10), ("deferred", 1), ("bounced", 1)]);
    let bounced = project.json("log weekly --json --outcome bounced").remove(0);
    assert_eq!((&bounced["email"], &bounced["stage"]), (&"reader5@example.com".into(), &"rcpt".into()));
    assert_eq!((&bounced["code"], &bounced["enhanced"]), (&550.into(), &"5.1.1".into()));
    assert_agrees(&project, &postfix.delivered());

    postfix.change("{ reader6@example.com = 552 5.5.3 too many }", "");
    project.expect(0, "send weekly --yes");
    let mut expected = once_each(12);
    expected.remove("reader5@example.com");
    assert_eq!(postfix.delivered(), expected);

    // Who was refused for good is tried again at the operator's word only.
    postfix.change("{ reader5@example.com = 550 5.1.1 no such user }", "{ reader99@example.com = reject }");
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), expected);
    project.expect(0, "retry weekly --bounced");
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), once_each(12));
    assert_agrees(&project, &postfix.delivered());
}

#[test]
#[ignore = "needs postfix"]
fn a_message_over_the_offered_size_is_told_by_the_test() {
    let postfix = Postfix::start("message_size_limit = 5000\n");
    let project = project(3, postfix.port(), "tls = \"none\"");
    let refused = project.expect(3, "test weekly");
    assert!(refused.stderr.contains("and the relay takes no more than 5000"), "{}", refused.stderr);
    assert_eq!(postfix.delivered().len(), 0);
}

/// A relay that does not say what it takes says it after the dot, to everybody; the addresses are not to blame.
#[test]
#[ignore = "needs postfix"]
fn a_message_over_a_size_that_was_not_offered_is_refused_after_the_dot() {
    let settings = "message_size_limit = 5000\nsmtpd_discard_ehlo_keywords = size\n";
    let postfix = Postfix::start(&format!("{RELOADING}{settings}"));
    let project = project(2, postfix.port(), "tls = \"none\"");
    project.expect(0, "send weekly --yes");
    assert_counts(&project, &[("bounced", 2)]);
    for row in project.json("log weekly --json") {
        assert_eq!(
            (&row["stage"], &row["code"], &row["enhanced"]),
            (&"body".into(), &552.into(), &"5.3.4".into())
        );
    }
    assert_agrees(&project, &postfix.delivered());
    postfix.change("message_size_limit = 5000", "message_size_limit = 5000000");
    project.expect(0, "retry weekly --bounced");
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), once_each(2));
}
