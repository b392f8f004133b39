//! Refusals: whom they concern, and that the session lives on.

use mailshot::delivery::{Outcome, Stage};

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, deliver_payload, fate, open};

fn both_ways(script: impl Fn() -> Script) -> [SmtpServer; 2] {
    [script(), script().without("PIPELINING")].map(SmtpServer::start)
}

#[tokio::test]
async fn rcpt_550_keeps_the_session() {
    for server in both_ways(|| Script::accept_all().rcpt("gone@b.example", "550 5.1.1 no such user")) {
        let mut session = open(&server).await;
        deliver(&mut session, "a@b.example").await.unwrap();
        let failure = deliver(&mut session, "gone@b.example").await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Rcpt, Outcome::Bounced, false));
        assert_eq!(failure.reply().unwrap().to_string(), "550 5.1.1 no such user");
        assert!(session.usable());
        deliver(&mut session, "c@d.example").await.unwrap();

        assert_eq!(server.connections(), 1);
        let to: Vec<_> = server.accepted().into_iter().flat_map(|message| message.to).collect();
        assert_eq!(to, ["a@b.example", "c@d.example"]);
        assert_eq!(server.commands().iter().filter(|line| *line == "RSET").count(), 1);
    }
}

#[tokio::test]
async fn rcpt_450_is_deferred_and_accepted_later() {
    let script = || {
        let greylisted = Action::reply("450 4.7.1 greylisted, come back later");
        Script::accept_all().once(At::RcptTo("a@b.example".into()), greylisted)
    };
    for server in both_ways(script) {
        let mut session = open(&server).await;
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Rcpt, Outcome::Deferred, false));
        deliver(&mut session, "a@b.example").await.unwrap();
        assert_eq!(server.connections(), 1);
    }
}

/// A relay that says 354 although it refused the only recipient waits for a message: it must get an empty one,
/// and nobody may.
#[tokio::test]
async fn a_354_after_a_refused_recipient() {
    let script = Script::accept_all()
        .rcpt("gone@b.example", "550 5.1.1 no such user")
        .once(At::Data, Action::reply("354 go ahead anyway"))
        .once(At::Dot, Action::reply("554 5.5.1 no valid recipients"));
    let server = SmtpServer::start(script);
    let mut session = open(&server).await;
    let failure = deliver(&mut session, "gone@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Rcpt, Outcome::Bounced, false));
    deliver(&mut session, "c@d.example").await.unwrap();
    assert_eq!(server.accepted().len(), 1);
    assert_eq!(server.accepted()[0].to, ["c@d.example"]);
    assert!(server.accepted()[0].data.ends_with(b"Monday.\r\n"));
}

/// The recipient was refused before the relay had enough: that is what is recorded.
#[tokio::test]
async fn a_refusal_is_remembered_though_the_relay_closes_after_it() {
    let script = Script::accept_all()
        .rcpt("gone@b.example", "550 5.1.1 no such user")
        .on(At::Data, Action::ReplyThenClose("421 4.7.0 too many errors".into()));
    let server = SmtpServer::start(script);
    let mut session = open(&server).await;
    let failure = deliver(&mut session, "gone@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Rcpt, Outcome::Bounced, false));
    assert!(!session.usable());
}

#[tokio::test]
async fn a_refused_sender_stops_the_run_and_spends_nobody() {
    let script = || Script::accept_all().once(At::Mail, Action::reply("553 5.1.8 sender unknown"));
    for server in both_ways(script) {
        let mut session = open(&server).await;
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Mail, Outcome::Requeued, true));
        assert!(session.usable());
        deliver(&mut session, "a@b.example").await.unwrap();
    }
}

#[tokio::test]
async fn a_busy_relay_at_mail_is_waited_for() {
    let server = SmtpServer::start(Script::accept_all().once(At::Mail, Action::reply("451 4.3.0 try later")));
    let mut session = open(&server).await;
    let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Mail, Outcome::Requeued, false));
    deliver(&mut session, "a@b.example").await.unwrap();
}

#[tokio::test]
async fn data_may_be_refused_too() {
    for (reply, outcome) in [("451 4.3.0 no disk", Outcome::Deferred), ("554 5.6.0 no", Outcome::Bounced)] {
        for server in both_ways(|| Script::accept_all().once(At::Data, Action::reply(reply))) {
            let mut session = open(&server).await;
            let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
            assert_eq!(fate(&failure), (Stage::Data, outcome, false));
            deliver(&mut session, "c@d.example").await.unwrap();
            assert_eq!(server.accepted().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_message_beyond_the_announced_size_is_not_even_offered() {
    let server = SmtpServer::start(Script::accept_all().without("SIZE").with("SIZE 1000"));
    let mut session = open(&server).await;
    let big = mailshot::smtp::Payload::new(&b"0123456789\r\n".repeat(100)).unwrap();
    let failure = deliver_payload(&mut session, "a@b.example", &big).await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Mail, Outcome::Bounced, false));
    assert_eq!(
        failure.to_string(),
        "at MAIL: the message has 1200 bytes, and the relay takes no more than 1000"
    );
    deliver(&mut session, "a@b.example").await.unwrap();
    assert_eq!(server.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 1);
}
