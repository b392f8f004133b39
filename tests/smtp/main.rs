//! One SMTP session against a server that misbehaves in every way known: one scenario a test, one kind of
//! misbehaviour a file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod any_relay;
mod body;
mod capture;
mod connection;
mod every_stage;
mod login;
mod recipients;
mod refusals;
mod replies;
mod run;
mod tls;
mod transcript;

#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use mailshot::delivery::{Failure, Outcome, Reply, Stage, Verdict, classify};
use mailshot::smtp::{Credentials, Endpoint, Envelope, Payload, Session, Timeouts, Tls};
use support::SmtpServer;

/// Long enough for a busy machine, for what must succeed.
const AMPLE: Timeouts = Timeouts::all(Duration::from_secs(20));
/// For what must run out.
const SHORT: Duration = Duration::from_millis(200);

/// Into this server, without TLS.
fn endpoint(server: &SmtpServer) -> Endpoint {
    Endpoint {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        tls: Tls::None,
        credentials: None,
        hello: None,
        timeouts: AMPLE,
    }
}

fn with_password(server: &SmtpServer, username: &str, password: &str) -> Endpoint {
    Endpoint { credentials: Some(Credentials::new(username.into(), password.into())), ..endpoint(server) }
}

async fn open(server: &SmtpServer) -> Session {
    Session::open(&endpoint(server)).await.unwrap()
}

fn message() -> Payload {
    Payload::new(b"Subject: Hello\r\n\r\n.dot first\r\nIt is Monday.\r\n").unwrap()
}

/// Offers and sends one message to this address.
async fn deliver(session: &mut Session, to: &str) -> Result<Reply, Failure> {
    deliver_payload(session, to, &message()).await
}

async fn deliver_payload(session: &mut Session, to: &str, payload: &Payload) -> Result<Reply, Failure> {
    session.offer(&Envelope::new("bounces@tmw.example", to)?, payload).await?;
    session.body(payload).await
}

/// Where it failed, what becomes of the recipient and whether the run stops.
fn fate(failure: &Failure) -> (Stage, Outcome, bool) {
    let Verdict { outcome, halt, .. } = classify(failure);
    (failure.stage, outcome, halt)
}
