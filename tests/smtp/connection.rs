//! Relays that are not there, do not answer, or go away.

use std::net::TcpListener;

use mailshot::delivery::{Cause, Outcome, Stage};
use mailshot::smtp::{Endpoint, Session, Timeouts};

use crate::support::{Action, At, Script, SmtpServer};
use crate::{AMPLE, SHORT, deliver, endpoint, fate, open};

#[tokio::test]
async fn a_message_arrives_as_it_was_sent() {
    let server = SmtpServer::start(Script::accept_all());
    let mut session = open(&server).await;
    let reply = deliver(&mut session, "ann@b.example").await.unwrap();
    assert_eq!(reply.relay_id(), Some("SCRIPTED"));
    assert!(session.usable());
    session.quit().await;

    let accepted = server.accepted().remove(0);
    assert_eq!(
        (accepted.from.as_str(), &accepted.to[..]),
        ("bounces@tmw.example", &["ann@b.example".to_owned()][..])
    );
    assert_eq!(accepted.data, b"Subject: Hello\r\n\r\n.dot first\r\nIt is Monday.\r\n");
    let size = accepted.data.len();
    assert_eq!(
        server.commands(),
        [
            "EHLO [127.0.0.1]",
            &format!("MAIL FROM:<bounces@tmw.example> SIZE={size}"),
            "RCPT TO:<ann@b.example>",
            "DATA",
            "QUIT",
        ]
    );
}

#[tokio::test]
async fn without_pipelining_and_size_it_works_the_same() {
    let server = SmtpServer::start(Script::accept_all().without("PIPELINING").without("SIZE"));
    let mut session = open(&server).await;
    for to in ["a@b.example", "c@d.example"] {
        deliver(&mut session, to).await.unwrap();
    }
    assert_eq!(server.accepted().len(), 2);
    assert_eq!(server.connections(), 1);
    assert!(server.commands().contains(&"MAIL FROM:<bounces@tmw.example>".to_owned()));
}

#[tokio::test]
async fn nobody_listens() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    let server = SmtpServer::start(Script::accept_all());
    let failure = Session::open(&Endpoint { port, ..endpoint(&server) }).await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Connect, Outcome::Requeued, false));
    assert!(failure.to_string().contains("refused"), "{failure}");
}

#[tokio::test]
async fn the_host_has_no_such_name() {
    let server = SmtpServer::start(Script::accept_all());
    let host = "no-such-host.invalid".to_owned();
    let failure = Session::open(&Endpoint { host, ..endpoint(&server) }).await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Connect, Outcome::Requeued, false));
    assert!(failure.to_string().contains("`no-such-host.invalid` cannot be found"), "{failure}");
}

#[tokio::test]
async fn no_greeting() {
    let server = SmtpServer::start(Script::accept_all().on(At::Connect, Action::Silent));
    let timeouts = Timeouts { greeting: SHORT, ..AMPLE };
    let failure = Session::open(&Endpoint { timeouts, ..endpoint(&server) }).await.unwrap_err();
    assert_eq!(failure.cause, Cause::Timeout);
    assert_eq!(fate(&failure), (Stage::Connect, Outcome::Requeued, false));
}

#[tokio::test]
async fn the_relay_wants_nobody() {
    for (greeting, halts) in
        [("554 5.7.1 go away", true), ("421 4.3.2 too busy", false), ("450 later", false)]
    {
        let server = SmtpServer::start(Script::accept_all().on(At::Connect, Action::reply(greeting)));
        let failure = Session::open(&endpoint(&server)).await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Connect, Outcome::Requeued, halts), "{greeting}");
    }
}

#[tokio::test]
async fn a_server_of_another_kind() {
    let http = Action::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let server = SmtpServer::start(Script::accept_all().on(At::Connect, http));
    let failure = Session::open(&endpoint(&server)).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "connecting: the relay sent `HTTP/1.1 400 Bad Request`, which is no SMTP reply"
    );
}

/// A relay that tires of waiting between two messages says so and goes.
#[tokio::test]
async fn closed_while_idle() {
    let script = Script::accept_all()
        .on(At::Dot, Action::Raw(b"250 2.0.0 Ok\r\n421 4.4.2 idle for too long\r\n".to_vec()));
    let server = SmtpServer::start(script);
    let mut session = open(&server).await;
    deliver(&mut session, "a@b.example").await.unwrap();
    let failure = deliver(&mut session, "c@d.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Mail, Outcome::Requeued, false));
    assert_eq!(failure.reply().map(|reply| reply.code), Some(421));
    assert!(!session.usable());
}

/// Dropping a future half-way (a Ctrl-C, an outer time limit) must not leave replies for the next message.
#[tokio::test]
async fn a_cancelled_step_makes_the_session_unusable() {
    for at in [At::Rcpt, At::Dot] {
        let server = SmtpServer::start(Script::accept_all().on(at, Action::Silent));
        let mut session = open(&server).await;
        let cancelled = tokio::time::timeout(SHORT, deliver(&mut session, "a@b.example")).await;
        assert!(cancelled.is_err());
        assert!(!session.usable());
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Protocol(_)), "{failure}");
    }
}

#[tokio::test]
async fn an_offer_that_is_not_followed_up_never_becomes_a_message() {
    let server = SmtpServer::start(Script::accept_all());
    let mut session = open(&server).await;
    let envelope = mailshot::smtp::Envelope::new("f@tmw.example", "a@b.example").unwrap();
    session.offer(&envelope, &crate::message()).await.unwrap();
    assert!(!session.usable());
    session.quit().await;
    assert_eq!(server.accepted(), []);
    assert!(!server.commands().contains(&"QUIT".to_owned()));
}
