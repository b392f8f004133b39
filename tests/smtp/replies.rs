//! Replies that other clients choke on, and replies that this one must not believe.

use mailshot::delivery::{Cause, Outcome, Stage};

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, endpoint, fate, open};
use mailshot::smtp::Session;

/// A 250 is a 250 whatever follows it: if it were taken for an error, the reader would get a second copy.
#[tokio::test]
async fn odd_replies_to_the_dot_that_mean_yes() {
    for reply in [
        &b"250 bo\xeete aux lettres \xff\r\n"[..],
        b"250\r\n",
        b"250 \r\n",
        b"250 2.0.0 bare line feed\n",
        b"250-2.0.0 several\r\n250-2.0.0 lines\r\n250 2.0.0 of it\r\n",
        b"251 2.1.5 will forward\r\n",
    ] {
        let server = SmtpServer::start(Script::accept_all().on(At::Dot, Action::Raw(reply.to_vec())));
        let mut session = open(&server).await;
        deliver(&mut session, "a@b.example").await.unwrap();
        assert!(session.usable(), "{reply:?}");
    }
}

#[tokio::test]
async fn a_refusal_in_another_encoding_is_a_refusal() {
    let reply = b"550-5.1.1 bo\xeete inconnue\r\n550 5.1.1 d\xe9sol\xe9\r\n".to_vec();
    let server = SmtpServer::start(Script::accept_all().on(At::Rcpt, Action::Raw(reply)));
    let failure = deliver(&mut open(&server).await, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Rcpt, Outcome::Bounced, false));
    assert_eq!(failure.reply().unwrap().text, "bo\u{fffd}te inconnue d\u{fffd}sol\u{fffd}");
}

#[tokio::test]
async fn a_flood_of_reply_lines_ends() {
    let server =
        SmtpServer::start(Script::accept_all().on(At::Ehlo, Action::Raw(b"250-x\r\n".repeat(100_000))));
    let failure = Session::open(&endpoint(&server)).await.unwrap_err();
    assert_eq!(failure.stage, Stage::Ehlo);
    assert!(failure.to_string().contains("200 lines"), "{failure}");
}

#[tokio::test]
async fn a_line_without_end_ends() {
    let server = SmtpServer::start(Script::accept_all().on(At::Dot, Action::Raw(vec![b'2'; 1 << 20])));
    let failure = deliver(&mut open(&server).await, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Body, Outcome::InDoubt, false));
}

#[tokio::test]
async fn a_250_to_data_does_not_open_the_way() {
    for script in [Script::accept_all(), Script::accept_all().without("PIPELINING")] {
        let server = SmtpServer::start(script.on(At::Data, Action::reply("250 2.0.0 Ok")));
        let mut session = open(&server).await;
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Protocol(_)), "{failure}");
        assert_eq!(fate(&failure), (Stage::Data, Outcome::Requeued, false));
        assert!(!session.usable());
        assert_eq!(server.accepted(), []);
    }
}

/// Two replies to one command: the second must not pass for the answer to the next.
#[tokio::test]
async fn a_stray_reply_is_not_believed() {
    let twice = Action::Raw(b"250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n".to_vec());
    let server = SmtpServer::start(Script::accept_all().once(At::Dot, twice));
    let mut session = open(&server).await;
    deliver(&mut session, "a@b.example").await.unwrap();
    let failure = deliver(&mut session, "c@d.example").await.unwrap_err();
    assert!(failure.to_string().contains("nobody had asked for"), "{failure}");
    assert_eq!(fate(&failure), (Stage::Mail, Outcome::Requeued, false));
    assert!(!session.usable());
    assert_eq!(server.accepted(), [], "a raw reply counts for nothing in the scripted server");
}

#[tokio::test]
async fn a_reply_of_two_minds_is_no_reply() {
    let mixed = Action::Raw(b"250-2.0.0 yes\r\n550 5.0.0 no\r\n".to_vec());
    let server = SmtpServer::start(Script::accept_all().on(At::Dot, mixed));
    let failure = deliver(&mut open(&server).await, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Body, Outcome::InDoubt, false));
}
