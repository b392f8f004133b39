//! Pace, sessions, and relays that stand in for each other, as the server sees them.

use crate::support::{Action, At, Project, Script, SmtpServer, accepted, list, once_each};

/// A project with two relays, the first as in [`Project::with`].
fn with_two(first: &SmtpServer, second: &SmtpServer, readers: usize) -> Project {
    let project = Project::with(first, readers);
    project.append(
        "mailshot.toml",
        &format!(
            "[relay.backup]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nrate = \"1000/s\"\n\
             [send]\nrequire_test = false\n",
            second.port()
        ),
    );
    project
}

/// From the fourth message on, the server wants no more of us.
fn after_three(action: &Action) -> Script {
    let (action, mut mails) = (action.clone(), 0);
    Script::accept_all().decide(move |point| {
        if *point == At::Mail {
            mails += 1;
        }
        (*point == At::Mail && mails > 3).then(|| action.clone())
    })
}

/// Both servers together took one message for each.
fn once_over_both(first: &SmtpServer, second: &SmtpServer, readers: usize) {
    let mut copies = accepted(first);
    for (reader, count) in accepted(second) {
        *copies.entry(reader).or_default() += count;
    }
    assert_eq!(copies, once_each(readers));
    assert!(!accepted(first).is_empty() && !accepted(second).is_empty());
}

#[test]
fn when_a_relay_fails_the_next_one_takes_over() {
    let first = SmtpServer::start(after_three(&Action::ReplyThenClose("421 4.3.2 closing down".into())));
    let second = SmtpServer::start(Script::accept_all());
    let project = with_two(&first, &second, 40);
    let output = project.expect(0, "send weekly --yes");
    assert!(output.stderr.contains("[relay.main] cannot be used (at MAIL: "), "{}", output.stderr);
    once_over_both(&first, &second, 40);
    let relays: Vec<String> = project
        .json("log weekly --json --outcome delivered")
        .iter()
        .map(|row| row["relay"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(relays.iter().filter(|relay| *relay == "main").count(), accepted(&first).len());
    assert_eq!(relays.iter().filter(|relay| *relay == "backup").count(), accepted(&second).len());
}

#[test]
fn a_relay_that_revokes_the_login_is_left_for_the_next_one() {
    let first = SmtpServer::start(after_three(&Action::reply("535 5.7.8 credentials were revoked")));
    let second = SmtpServer::start(Script::accept_all());
    let project = with_two(&first, &second, 20);
    let output = project.expect(0, "send weekly --yes");
    assert!(output.stderr.contains("[relay.main] is not used any more: at MAIL: "), "{}", output.stderr);
    once_over_both(&first, &second, 20);
}

/// Another relay would not mend that, and harm the sender's name there too.
#[test]
fn a_refusal_of_the_sender_stops_the_run_whatever_relays_are_left() {
    let refused = Action::reply("550 5.7.26 this mail is unauthenticated");
    let first = SmtpServer::start(Script::accept_all().on(At::Rcpt, refused));
    let second = SmtpServer::start(Script::accept_all());
    let project = with_two(&first, &second, 5);
    let output = project.expect(75, "send weekly --yes");
    assert!(output.stderr.contains("5.7.26"), "{}", output.stderr);
    assert_eq!((accepted(&second).len(), &project.status()["queued"]), (0, &5.into()));
}

#[test]
fn a_session_ends_after_so_many_messages() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 20);
    project.replace("mailshot.toml", "sessions = 2", "sessions = 2\nmessages_per_session = 3");
    project.expect(0, "send weekly --yes --untested");
    let mails = server.commands().iter().filter(|command| command.starts_with("MAIL")).count();
    assert_eq!(mails, 20);
    // One more tried the relay out.
    assert!((8..=10).contains(&server.connections()), "{} connections", server.connections());
}

#[test]
fn a_session_that_is_not_used_is_closed() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 4);
    project.replace(
        "mailshot.toml",
        "sessions = 2\nrate = \"1000/s\"",
        "sessions = 1\nidle = \"1s\"\nrate = \"30/min\"",
    );
    project.expect(0, "send weekly --yes --untested");
    assert_eq!(accepted(&server), once_each(4));
    assert_eq!(server.connections(), 5, "one to try it out, and one for each message");
}

/// The limits of a session are the operator's: the default would be five minutes.
#[test]
fn a_silent_relay_is_given_up_after_the_configured_time() {
    let server = SmtpServer::start(Script::accept_all().on(At::Connect, Action::Silent));
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "[retry]", "[relay.main.timeouts]\ngreeting = \"1s\"\n[retry]");
    let output = project.expect(3, "send weekly --yes --untested");
    assert!(output.stderr.contains("no answer in time"), "{}", output.stderr);

    let silent = Script::accept_all().once(At::DotFor("reader2@example.com".into()), Action::Silent);
    let server = SmtpServer::start(silent);
    let project = Project::with(&server, 3);
    project.replace("mailshot.toml", "[retry]", "[relay.main.timeouts]\ndot = \"1s\"\n[retry]");
    project.expect(4, "send weekly --yes --untested");
    assert_eq!((&project.status()["delivered"], &project.status()["in_doubt"]), (&2.into(), &1.into()));
}

#[test]
fn a_slow_domain_holds_up_nobody_else() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 0);
    let slow: String =
        (1..=3).map(|n| format!("slow{n}@slow.example,Slow,free\n")).collect::<Vec<_>>().concat();
    project
        .write("subscribers.csv", list(0) + &slow + list(100).trim_start_matches("email,first_name,plan\n"));
    project.replace(
        "mailshot.toml",
        "[retry]",
        "[relay.main.domains]\n\"slow.example\" = \"30/min\"\n[retry]",
    );
    project.expect(0, "send weekly --yes --untested");
    let order: Vec<String> = server.accepted().into_iter().map(|message| message.to[0].clone()).collect();
    assert_eq!(order.len(), 103);
    let after = |n: usize| order.iter().position(|to| *to == format!("slow{n}@slow.example")).unwrap();
    assert!(
        after(3) >= 100,
        "the slow ones were the first of the list, and the last to be sent: {}",
        after(3)
    );
}

#[test]
fn a_relay_that_asks_to_slow_down_is_obeyed_and_status_says_so() {
    let server = SmtpServer::start(
        Script::accept_all().once(At::Mail, Action::ReplyThenClose("421 4.7.0 too fast, slow down".into())),
    );
    let project = Project::with(&server, 3);
    let output = project.expect(75, "send weekly --yes --untested --limit 1");
    assert!(output.stderr.contains("[relay.main] asked to slow down: 50 %"), "{}", output.stderr);
    let status = project.expect(0, "status weekly").stdout;
    let pace = status.lines().find(|line| line.contains("pace of [relay.main]: ")).unwrap();
    assert!(pace.contains("/s now, 1000/s configured; asked to slow down"), "{status}");
    assert!(project.expect(0, "send weekly --yes").stdout.contains("delivered           3"));
}

/// Every session hears it, at every recipient: one line is enough for the operator.
#[test]
fn that_a_domain_asks_to_slow_down_is_said_once() {
    let server = SmtpServer::start(Script::accept_all().times(
        8,
        At::Rcpt,
        Action::reply("451 4.7.1 too many from you"),
    ));
    let project = Project::with(&server, 6);
    let output = project.expect(0, "send weekly --yes --untested");
    let lines = output.stderr.lines().filter(|line| line.contains("asked to slow down")).collect::<Vec<_>>();
    assert_eq!(lines, ["example.com asked to slow down: 50 % of its pace for now"]);
}

/// Also where the relay fails once it has the message, the operator is told why nothing goes on.
#[test]
fn a_relay_that_closes_down_after_the_message_is_said_to_be_unusable() {
    let server = SmtpServer::start(Script::accept_all().times(
        2,
        At::Dot,
        Action::ReplyThenClose("421 4.3.2 closing down".into()),
    ));
    let project = Project::with(&server, 3);
    let output = project.expect(0, "send weekly --yes --untested");
    let said = |text: &str| output.stderr.lines().filter(|line| line.contains(text)).count();
    assert_eq!(
        (said("[relay.main] cannot be used ("), said("[relay.main] works again")),
        (1, 1),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("421 4.3.2 closing down"), "{}", output.stderr);
}

#[test]
fn a_list_gone_bad_stops_the_run() {
    let server =
        SmtpServer::start(Script::accept_all().on(At::Rcpt, Action::reply("550 5.1.1 no such user")));
    let project = Project::with(&server, 200);
    let output = project.expect(75, "send weekly --yes --untested");
    assert!(output.stderr.contains("recipients were refused for good"), "{}", output.stderr);
    let status = project.status();
    let bounced = status["bounced"].as_u64().unwrap();
    assert!((50..=52).contains(&bounced), "{status}");
    assert_eq!(status["queued"].as_u64().unwrap(), 200 - bounced);
    project.append("mailshot.toml", "[send]\nmax_refused = \"100%\"\n");
    project.expect(0, "send weekly --yes");
    assert_eq!(project.status()["bounced"], 200);
}

#[test]
fn two_campaigns_share_the_rate_of_a_relay() {
    use std::time::{Duration, Instant};
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 30);
    project.replace("mailshot.toml", "1000/s", "20/s");
    let issue = project.read("campaigns/weekly/issue.md");
    project.write("campaigns/other/issue.md", issue);
    let started = Instant::now();
    let (one, other) =
        (project.start("send weekly --yes --untested"), project.start("send other --yes --untested"));
    assert_eq!((one.finish().code, other.finish().code), (0, 0));
    // 60 messages at 20 a second: 59 pauses, each at least a twentieth of a second.
    assert!(started.elapsed() >= Duration::from_millis(2_900), "{:?}", started.elapsed());
    assert_eq!(accepted(&server).values().sum::<usize>(), 60);
}

/// They come back one by one, each at a moment of its own; what the operator reads does not grow with them.
#[test]
fn waits_for_those_deferred_are_not_told_one_by_one() {
    let server = SmtpServer::start(Script::accept_all().times(
        12,
        At::Rcpt,
        Action::reply("450 4.2.0 come back later"),
    ));
    let project = Project::with(&server, 4);
    let output = project.expect(0, "send weekly --yes --untested");
    let waits = output.stderr.lines().filter(|line| line.starts_with("waiting for those deferred")).count();
    assert!((1..=2).contains(&waits), "{}", output.stderr);
}
