//! From 354 to the last reply: the one stretch where a doubt can arise.

use std::sync::LazyLock;
use std::time::Duration;

use mailshot::delivery::{Cause, Outcome, Stage};
use mailshot::smtp::{Endpoint, Payload, Session, Timeouts};

use crate::support::{Action, At, Script, SmtpServer};
use crate::{AMPLE, SHORT, deliver, deliver_payload, endpoint, fate, open};

/// More than the system buffers for a connection, so that writing it depends on the relay.
static HUGE: LazyLock<Payload> = LazyLock::new(|| {
    let line = [&[b'x'; 900][..], b"\r\n"].concat();
    Payload::new(&line.repeat(25_000)).unwrap()
});

#[tokio::test]
async fn drop_after_dot_leaves_a_doubt_and_the_relay_has_it() {
    let server = SmtpServer::start(Script::accept_all().on(At::Dot, Action::AcceptThenClose));
    let mut session = open(&server).await;
    let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
    assert!(failure.dot_handed);
    assert_eq!(fate(&failure), (Stage::Body, Outcome::InDoubt, false));
    assert_eq!(server.accepted().len(), 1);
    assert!(!session.usable());
}

#[tokio::test]
async fn drop_before_dot_leaves_no_doubt() {
    let server = SmtpServer::start(Script::accept_all().on(At::Body, Action::Close));
    let mut session = open(&server).await;
    let failure = deliver_payload(&mut session, "a@b.example", &HUGE).await.unwrap_err();
    assert!(!failure.dot_handed);
    assert_eq!(failure.cause, Cause::Closed);
    assert_eq!(fate(&failure), (Stage::Body, Outcome::Requeued, false));
    assert!(!session.usable());
}

#[tokio::test]
async fn a_relay_that_stops_reading_is_given_up_before_the_dot() {
    // It reads a few bytes and sleeps for longer than the test takes.
    let asleep = Action::Delay(Duration::from_mins(1));
    let server = SmtpServer::start(Script::accept_all().on(At::Body, asleep));
    let timeouts = Timeouts { block: SHORT, ..AMPLE };
    let mut session = Session::open(&Endpoint { timeouts, ..endpoint(&server) }).await.unwrap();
    let failure = deliver_payload(&mut session, "a@b.example", &HUGE).await.unwrap_err();
    assert_eq!((failure.cause.clone(), failure.dot_handed), (Cause::Timeout, false));
    assert_eq!(fate(&failure).1, Outcome::Requeued);
    assert!(!session.usable());
}

#[tokio::test]
async fn a_message_refused_before_its_end_is_refused_not_in_doubt() {
    for (reply, outcome) in [
        ("552 5.3.4 enough of it", Outcome::Bounced),
        ("451 4.3.1 disk full", Outcome::Deferred),
        ("421 4.3.2 shutting down", Outcome::Requeued),
        ("250 2.0.0 whatever it is", Outcome::Requeued),
    ] {
        let server = SmtpServer::start(Script::accept_all().on(At::Body, Action::reply(reply)));
        let mut session = open(&server).await;
        let failure = deliver_payload(&mut session, "a@b.example", &HUGE).await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Body, outcome, false), "{reply}");
        assert!(!failure.dot_handed && !session.usable());
    }
}

#[tokio::test]
async fn a_huge_message_arrives_whole() {
    let server = SmtpServer::start(Script::accept_all());
    let mut session = open(&server).await;
    deliver_payload(&mut session, "a@b.example", &HUGE).await.unwrap();
    assert_eq!(server.accepted()[0].data.len(), HUGE.size_bytes());
    assert!(session.usable());
}

#[tokio::test]
async fn the_reply_to_the_dot_decides_and_the_session_goes_on() {
    for (reply, outcome) in [
        ("451 4.3.0 try later", Outcome::Deferred),
        ("552 5.2.2 mailbox full", Outcome::Bounced),
        ("554 5.7.1 looks like spam", Outcome::Bounced),
    ] {
        let server = SmtpServer::start(Script::accept_all().once(At::Dot, Action::reply(reply)));
        let mut session = open(&server).await;
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert!(failure.dot_handed);
        assert_eq!(fate(&failure), (Stage::Body, outcome, false), "{reply}");
        assert!(session.usable());
        deliver(&mut session, "c@d.example").await.unwrap();
        assert_eq!((server.connections(), server.accepted().len()), (1, 1));
    }
}

#[tokio::test]
async fn an_unauthenticated_sender_stops_the_run_whoever_is_told() {
    let dmarc = Action::reply("550 5.7.26 unauthenticated mail is not accepted");
    let server = SmtpServer::start(Script::accept_all().on(At::Dot, dmarc));
    let failure = deliver(&mut open(&server).await, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Body, Outcome::Requeued, true));
}

/// lettre takes this for success.
#[tokio::test]
async fn a_354_as_the_final_reply_is_no_success() {
    let server = SmtpServer::start(Script::accept_all().on(At::Dot, Action::reply("354 go ahead")));
    let mut session = open(&server).await;
    let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Body, Outcome::InDoubt, false));
    assert!(!session.usable());
}
