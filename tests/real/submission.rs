//! Postfix as a submission server: TLS, login, and what it is told when one of them is wrong.

use std::collections::BTreeSet;

use crate::dovecot::{PASSWORD, USERNAME};
use crate::postfix::{Postfix, header};
use crate::project::{assert_agrees, assert_counts, project};
use crate::support::{Project, once_each};

const STARTTLS: &str = "smtpd_tls_security_level = encrypt\n";

/// A project that logs in to this server, with this `tls`.
fn with_login(postfix: &Postfix, readers: usize, tls: &str) -> Project {
    let login = format!(
        "tls = \"{tls}\"\nca_file = \"ca.pem\"\nsessions = 3\nusername = \"{USERNAME}\"\npassword_env = \"SMTP_PASSWORD\""
    );
    let project = project(readers, postfix.port(), &login).env("SMTP_PASSWORD", PASSWORD);
    project.write("ca.pem", postfix.ca_pem());
    project
}

#[test]
#[ignore = "needs postfix and dovecot-core"]
fn starttls_and_login() {
    let postfix = Postfix::with_login(STARTTLS);
    let project = with_login(&postfix, 40, "required");
    project.launch(0);
    assert_counts(&project, &[("delivered", 40)]);
    let delivered = postfix.delivered();
    assert_eq!(delivered, once_each(40));
    assert_agrees(&project, &delivered);

    // What the log calls a message is what its way through the relay can be asked for.
    let delivered = project.json("log weekly --json --outcome delivered");
    let ids: BTreeSet<_> = delivered.iter().map(|row| row["relay_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 40);
    for message in postfix.messages() {
        let received = header(&message, "Received");
        assert!(received.contains("with ESMTPSA"), "not under TLS and a login: {received}");
        let is_test = header(&message, "Delivered-To") == "editor@weekly.example";
        assert!(is_test || ids.iter().any(|id| received.contains(&format!("id {id}"))), "{received}");
    }
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), once_each(40), "a complete run was sent again");
}

#[test]
#[ignore = "needs postfix and dovecot-core"]
fn implicit_tls_and_login() {
    let postfix = Postfix::with_login("smtpd_tls_wrappermode = yes\nsmtpd_tls_security_level = encrypt\n");
    let project = with_login(&postfix, 10, "implicit");
    project.launch(0);
    assert_eq!(postfix.delivered(), once_each(10));
    assert_agrees(&project, &postfix.delivered());
}

#[test]
#[ignore = "needs postfix and dovecot-core"]
fn a_wrong_password_an_unknown_authority_and_no_tls_are_told_before_the_launch() {
    let postfix = Postfix::with_login(STARTTLS);
    let project = with_login(&postfix, 3, "required").env("SMTP_PASSWORD", "battery staple");
    let refused = project.expect(3, "send weekly --yes");
    assert!(refused.stderr.contains("logging in: the relay answered 535 5.7.8 "), "{}", refused.stderr);

    let project = project.env("SMTP_PASSWORD", PASSWORD);
    project.replace("mailshot.toml", "ca_file", "#ca_file");
    let refused = project.expect(3, "send weekly --yes");
    assert!(refused.stderr.contains("issued by nobody this machine trusts"), "{}", refused.stderr);

    project.replace("mailshot.toml", "#ca_file", "ca_file");
    project.replace("mailshot.toml", "\"required\"", "\"none\"");
    let refused = project.expect(3, "send weekly --yes");
    assert!(refused.stderr.contains("but no login at all"), "{}", refused.stderr);

    assert!(!project.exists("campaigns/weekly/sent.toml"));
    project.replace("mailshot.toml", "\"none\"", "\"required\"");
    project.expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), once_each(3));
}

/// Without login and TLS the relay lets one in, and refuses at MAIL: nobody may be spent by it.
#[test]
#[ignore = "needs postfix and dovecot-core"]
fn a_relay_that_wants_tls_at_mail_stops_the_run_and_the_next_send_goes_on() {
    let postfix = Postfix::with_login(STARTTLS);
    let project = project(4, postfix.port(), "tls = \"none\"");
    let stopped = project.expect(75, "send weekly --yes");
    assert!(stopped.stderr.contains("at MAIL: the relay answered 530 5.7.0 "), "{}", stopped.stderr);
    assert_counts(&project, &[("queued", 4)]);

    project.write("ca.pem", postfix.ca_pem());
    let login = format!(
        "tls = \"required\"\nca_file = \"ca.pem\"\nusername = \"{USERNAME}\"\npassword_env = \"SMTP_PASSWORD\""
    );
    project.replace("mailshot.toml", "tls = \"none\"", &login);
    project.env("SMTP_PASSWORD", PASSWORD).expect(0, "send weekly --yes");
    assert_eq!(postfix.delivered(), once_each(4));
}
