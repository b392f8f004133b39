//! What must be right about the relay before a message leaves: reachable, secured, and the password its own.

use std::net::TcpListener;

use crate::support::{Action, At, Authority, Identity, Project, Script, SmtpServer, accepted, once_each};

const PASSWORD: &str = "correct horse";

/// A project whose relay is this server, with a login.
fn with_login(server: &SmtpServer, tls: &str) -> Project {
    let project = Project::of(3).env("SMTP_PASSWORD", PASSWORD);
    project.relay(server, &format!("{tls}\nusername = \"weekly\"\npassword_env = \"SMTP_PASSWORD\""));
    project
}

#[test]
fn a_relay_that_is_down_is_told_before_the_launch_and_stops_a_resumed_run() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.expect(0, "test weekly");
    let free = closed_port();
    let (up, down) = (format!("port = {}", server.port()), format!("port = {free}"));
    project.replace("mailshot.toml", &up, &down);
    let refused = project.expect(3, "send weekly --yes");
    assert!(
        refused
            .stderr
            .contains(&format!("error: [relay.main] (127.0.0.1:{free}): connecting: 127.0.0.1:{free}: ")),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.ends_with("help: look at `host` and `port`, and whether the relay is up\n"),
        "{}",
        refused.stderr
    );
    assert!(!project.exists("campaigns/weekly/sent.toml"));
    project.expect(3, "test weekly");

    project.replace("mailshot.toml", &down, &up);
    project.expect(75, "send weekly --yes --limit 1");
    project.replace("mailshot.toml", &up, &down);
    project.expect(75, "send weekly --yes");
    project.replace("mailshot.toml", &down, &up);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn a_host_without_an_address_is_named() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "127.0.0.1", "relay.invalid");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(refused.stderr.contains("`relay.invalid` cannot be found"), "{}", refused.stderr);
    assert!(refused.stderr.contains("help: look at `host` and `port`"), "{}", refused.stderr);
}

#[test]
fn a_wrong_password_is_told_before_the_launch_and_never_shown() {
    let server = SmtpServer::start(Script::accept_all().login("weekly", PASSWORD));
    let project = with_login(&server, "tls = \"none\"");
    project.expect(0, "test weekly");
    let project = project.env("SMTP_PASSWORD", "battery staple");
    for arguments in ["send weekly --yes", "send weekly --yes -vv", "test weekly -v"] {
        let refused = project.expect(3, arguments);
        assert!(
            refused.stderr.contains("logging in: the relay answered 535 5.7.8 wrong name or password"),
            "{}",
            refused.stderr
        );
        assert!(
            refused.stderr.ends_with("help: look at `username` and where the password comes from\n"),
            "{}",
            refused.stderr
        );
        for secret in ["battery", "staple", crate::support::SECRET, "YmF0dGVyeSBzdGFwbGU", "AHdlZWtseQBiYXR0"]
        {
            assert!(!refused.says(secret), "a secret is shown: {}", refused.stderr);
        }
    }
    assert!(accepted(&server).is_empty());
    let project = project.env("SMTP_PASSWORD", PASSWORD);
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn a_wrong_password_stops_a_resumed_run() {
    let server = SmtpServer::start(Script::accept_all().login("weekly", PASSWORD));
    let project = with_login(&server, "tls = \"none\"");
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 1");
    let project = project.env("SMTP_PASSWORD", "battery staple");
    assert!(project.expect(75, "send weekly").stderr.contains("535 5.7.8"));
    let project = project.without_env("SMTP_PASSWORD");
    assert!(project.expect(75, "send weekly").stderr.contains("SMTP_PASSWORD (`password_env`) is not set"));
}

#[test]
fn a_password_that_is_nowhere_says_where_it_was_looked_for() {
    let server = SmtpServer::start(Script::accept_all().login("weekly", PASSWORD));
    let project = with_login(&server, "tls = \"none\"").without_env("SMTP_PASSWORD");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(
        refused.stderr.ends_with(
            "error: mailshot.toml: the environment variable SMTP_PASSWORD (`password_env`) is not set\n  \
             help: set it for this command, or in your shell\n"
        ),
        "{}",
        refused.stderr
    );
}

#[test]
fn without_starttls_nothing_is_sent_where_it_is_required() {
    let server = SmtpServer::start(Script::accept_all().login("weekly", PASSWORD));
    let project = with_login(&server, "tls = \"required\"");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(
        refused.stderr.contains("at STARTTLS: the relay offers no STARTTLS, and nothing is sent without TLS"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("look at `port` and `tls`: 587 goes with \"required\""),
        "{}",
        refused.stderr
    );
    assert!(!server.commands().iter().any(|command| command.starts_with("AUTH")), "{:?}", server.commands());
}

#[test]
fn a_private_authority_is_trusted_through_ca_file_and_the_password_goes_through_tls_only() {
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    for (script, tls) in [
        (Script::accept_all().starttls(identity.clone()), "tls = \"required\""),
        (Script::accept_all().implicit_tls(identity), "tls = \"implicit\""),
    ] {
        let server = SmtpServer::start(script.login("weekly", PASSWORD));
        let project = with_login(&server, tls);
        let refused = project.expect(3, "send weekly --yes --untested");
        assert!(refused.stderr.contains("the relay's certificate"), "{}", refused.stderr);
        assert!(
            refused.stderr.ends_with("help: look at `host`, `port` and `tls`; the certificate of a private authority goes into `ca_file`\n"),
            "{}",
            refused.stderr
        );
        project.write("ca.pem", authority.pem());
        project.replace("mailshot.toml", tls, &format!("{tls}\nca_file = \"ca.pem\""));
        project.expect(0, "send weekly --yes --untested");
        assert_eq!(accepted(&server), once_each(3));
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new();
    for (identity, why) in [
        (authority.issue_expired(&["127.0.0.1"]), "the relay's certificate expired on 2020-01-03"),
        (
            authority.issue(&["smtp.other.example"]),
            "the relay's certificate is for smtp.other.example, not for 127.0.0.1",
        ),
        (Identity::self_signed(&["127.0.0.1"]), "the relay's certificate"),
    ] {
        let server = SmtpServer::start(Script::accept_all().starttls(identity));
        let project = Project::of(2);
        project.write("ca.pem", authority.pem());
        project.relay(&server, "tls = \"required\"\nca_file = \"ca.pem\"");
        let refused = project.expect(3, "send weekly --yes --untested");
        assert!(refused.stderr.contains(&format!("at STARTTLS: {why}")), "{}", refused.stderr);
        assert!(accepted(&server).is_empty());
    }
}

#[test]
fn a_file_of_certificates_that_is_not_there_is_named() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::of(2);
    project.relay(&server, "tls = \"required\"\nca_file = \"ca.pem\"");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(
        refused.stderr.starts_with("error: [relay.main]: `ca_file` ca.pem: no usable certificate: "),
        "{}",
        refused.stderr
    );
    project.write("ca.pem", "no certificate\n");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(
        refused.stderr.starts_with("error: [relay.main]: `ca_file` ca.pem: no usable certificate: "),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_relay_that_is_busy_when_the_run_begins_is_waited_for() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 1");
    drop(server);
    let busy = Script::accept_all().times(2, At::Mail, Action::ReplyThenClose("421 4.3.2 too many".into()));
    let server = SmtpServer::start(busy);
    let port = |line: &str| line.starts_with("port = ").then(|| line.to_owned());
    let old = project.read("mailshot.toml").lines().find_map(port).unwrap();
    project.replace("mailshot.toml", &old, &format!("port = {}", server.port()));
    let output = project.expect(0, "send weekly --yes");
    assert!(
        output.stderr.contains("[relay.main] cannot be used (at MAIL: the relay answered 421"),
        "{}",
        output.stderr
    );
    assert_eq!(accepted(&server).len(), 2);
}

#[test]
fn an_outage_that_outlasts_the_patience_stops_the_run() {
    let script = Script::accept_all().on(At::Mail, Action::ReplyThenClose("421 4.3.2 closing".into()));
    let server = SmtpServer::start(script);
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "first = \"1s\"", "first = \"1s\"\noutage = \"1s\"");
    let stopped = project.expect(75, "send weekly --yes --untested");
    assert!(
        stopped
            .stderr
            .contains("stopped early: the relay could not be used for too long: at MAIL: the relay"),
        "{}",
        stopped.stderr
    );
    assert_eq!(project.status()["queued"], 3);
}

#[test]
fn the_relay_that_a_campaign_asks_for_must_be_the_one_there_is() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 2);
    project.replace("campaigns/weekly/issue.md", "preheader", "relay = \"backup\"\npreheader");
    for arguments in ["test weekly", "send weekly --yes --untested"] {
        assert_eq!(
            project.expect(3, arguments).stderr,
            "error[unknown-relay]: campaigns/weekly/issue.md:3:9: there is no relay `backup` in mailshot.toml\n  \
             3 | relay = \"backup\"\n    |         ^^^^^^^^\n  help: there is one, `main`: name it, or remove this line\n"
        );
    }
    project.replace("campaigns/weekly/issue.md", "\"backup\"", "\"main\"");
    project.expect(0, "send weekly --yes --untested");
    assert_eq!(accepted(&server), once_each(2));
}

/// A second relay behind the first, with these lines.
fn stand_in(project: &Project, port: u16, lines: &str) {
    let table = format!("\n[relay.backup]\nhost = \"127.0.0.1\"\nport = {port}\n{lines}\n");
    project.append("mailshot.toml", &table);
}

/// A port that nobody listens at: one that was free a moment ago.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_relay_that_is_down_is_a_warning_while_another_is_up() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    let down = closed_port();
    stand_in(&project, down, "tls = \"none\"");
    let output = project.expect(0, "send weekly --yes --untested");
    assert!(
        output.stderr.contains(&format!("warning: [relay.backup] (127.0.0.1:{down}): connecting: ")),
        "{}",
        output.stderr
    );
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn relays_that_are_all_down_are_each_named() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.replace(
        "mailshot.toml",
        &format!("port = {}", server.port()),
        &format!("port = {}", closed_port()),
    );
    stand_in(&project, closed_port(), "tls = \"none\"");
    let refused = project.expect(3, "send weekly --yes --untested");
    for name in ["error: [relay.main] (", "error: [relay.backup] ("] {
        assert!(refused.stderr.contains(name), "{}", refused.stderr);
    }
    assert!(!project.exists("campaigns/weekly/sent.toml"));
}

#[test]
fn a_stand_in_with_a_wrong_password_is_refused_though_the_first_relay_would_do() {
    let (first, second) = (
        SmtpServer::start(Script::accept_all()),
        SmtpServer::start(Script::accept_all().login("weekly", PASSWORD)),
    );
    let project = Project::with(&first, 3).env("SMTP_PASSWORD", "battery staple");
    stand_in(
        &project,
        second.port(),
        "tls = \"none\"\nusername = \"weekly\"\npassword_env = \"SMTP_PASSWORD\"",
    );
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(refused.stderr.contains("error: [relay.backup] ("), "{}", refused.stderr);
    assert!(refused.stderr.contains("logging in: the relay answered 535"), "{}", refused.stderr);
    assert!(accepted(&first).is_empty());
    let project = project.env("SMTP_PASSWORD", PASSWORD);
    project.expect(75, "send weekly --yes --untested --limit 1");
    let project = project.env("SMTP_PASSWORD", "battery staple");
    assert!(project.expect(75, "send weekly --yes").stderr.contains("error: [relay.backup] ("));
}

#[test]
fn a_campaign_goes_over_the_one_relay_that_it_asks_for() {
    let (first, second) = (SmtpServer::start(Script::accept_all()), SmtpServer::start(Script::accept_all()));
    let project = Project::with(&first, 3);
    stand_in(&project, second.port(), "tls = \"none\"");
    project.replace("campaigns/weekly/issue.md", "preheader", "relay = \"bakcup\"\npreheader");
    assert_eq!(
        project.expect(3, "send weekly --yes --untested").stderr,
        "error[unknown-relay]: campaigns/weekly/issue.md:3:9: there is no relay `bakcup` in mailshot.toml\n  \
         3 | relay = \"bakcup\"\n    |         ^^^^^^^^\n  help: did you mean `backup`?\n"
    );
    project.replace("campaigns/weekly/issue.md", "bakcup", "backup");
    project.expect(0, "send weekly --yes --untested");
    assert!(first.commands().is_empty(), "{:?}", first.commands());
    assert_eq!(accepted(&second), once_each(3));
}
