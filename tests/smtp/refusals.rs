//! Every refusal the delivery knows of, said by a server: whose fault it is, what becomes of the recipient,
//! whether the run goes on; and that the next recipient is not made to pay for it.

use mailshot::delivery::{Blame, Outcome, Stage, classify};
use mailshot::smtp::{Envelope, Payload, Session};

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, deliver_payload, fate, open, with_password};

/// One refusal at this point, once, by a relay that pipelines and by one that does not.
async fn refused(at: &At, reply: &str, stage: Stage, blame: Blame, outcome: Outcome) {
    let halts = matches!(blame, Blame::Sender) || reply.starts_with("53");
    for script in [Script::accept_all(), Script::accept_all().without("PIPELINING")] {
        let server = SmtpServer::start(script.once(at.clone(), Action::reply(reply)));
        let mut session = open(&server).await;
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert_eq!(failure.reply().unwrap().to_string(), reply);
        assert_eq!(fate(&failure), (stage, outcome, halts), "{reply} at {stage}");
        assert_eq!(classify(&failure).blame, blame, "{reply} at {stage}");
        assert_eq!(server.accepted(), []);

        assert!(session.usable(), "{reply} at {stage} cost the connection");
        deliver(&mut session, "next@b.example").await.unwrap();
        assert_eq!((server.connections(), server.accepted().len()), (1, 1));
    }
}

#[tokio::test]
async fn rcpt_4xx_is_the_recipients_and_passes() {
    for reply in [
        "450 4.2.0 greylisted",
        "450 4.7.1 rate limit exceeded",
        "451 4.3.0 local error",
        "451 4.7.1 try again later",
        "452 4.2.2 mailbox full",
        "452 4.3.1 no room",
        "452 4.5.3 too many recipients",
    ] {
        refused(&At::Rcpt, reply, Stage::Rcpt, Blame::Recipient, Outcome::Deferred).await;
    }
}

#[tokio::test]
async fn rcpt_550_is_the_recipients_for_good() {
    for reply in ["550 5.1.1 no such user", "550 5.2.1 disabled", "553 5.1.3 bad address", "551 5.1.6 moved"]
    {
        refused(&At::Rcpt, reply, Stage::Rcpt, Blame::Recipient, Outcome::Bounced).await;
    }
}

/// 552 has three meanings: this message is too big, this recipient is one too many, this message is too big
/// after all. Only the second passes.
#[tokio::test]
async fn a_552_means_what_its_stage_says() {
    refused(&At::Mail, "552 5.3.4 too big", Stage::Mail, Blame::Message, Outcome::Bounced).await;
    refused(&At::Mail, "552 no room for that", Stage::Mail, Blame::Message, Outcome::Bounced).await;
    refused(&At::Rcpt, "552 5.5.3 too many", Stage::Rcpt, Blame::Recipient, Outcome::Deferred).await;
    refused(&At::Dot, "552 5.3.4 too big", Stage::Body, Blame::Message, Outcome::Bounced).await;
    refused(&At::Dot, "552 5.2.2 over quota", Stage::Body, Blame::Recipient, Outcome::Bounced).await;
}

#[tokio::test]
async fn a_554_at_data_and_after_the_dot_is_the_messages() {
    refused(&At::Data, "554 5.6.0 not this", Stage::Data, Blame::Message, Outcome::Bounced).await;
    refused(&At::Dot, "554 5.7.1 looks like spam", Stage::Body, Blame::Message, Outcome::Bounced).await;
    refused(&At::Dot, "554 5.1.1 no such user after all", Stage::Body, Blame::Recipient, Outcome::Bounced)
        .await;
}

#[tokio::test]
async fn a_4xx_after_the_dot_passes() {
    for (reply, blame) in [
        ("450 4.7.0 slow down", Blame::Message),
        ("451 4.3.0 queue file write error", Blame::Message),
        ("452 4.2.2 mailbox full", Blame::Recipient),
    ] {
        refused(&At::Data, reply, Stage::Data, blame, Outcome::Deferred).await;
        refused(&At::Dot, reply, Stage::Body, blame, Outcome::Deferred).await;
    }
}

/// RFC 7372 and what Gmail and Outlook made of it. Whichever recipient hears it, all would.
#[tokio::test]
async fn a_policy_against_the_sender_stops_the_run_at_every_stage() {
    for reply in [
        "550 5.7.25 no reverse name for your address",
        "550 5.7.26 unauthenticated mail is not accepted",
        "550 5.7.28 an unusual rate of unsolicited mail",
        "550 5.7.515 your domain does not meet the required authentication level",
    ] {
        for (at, stage) in [
            (At::Mail, Stage::Mail),
            (At::Rcpt, Stage::Rcpt),
            (At::Data, Stage::Data),
            (At::Dot, Stage::Body),
        ] {
            refused(&at, reply, stage, Blame::Sender, Outcome::Requeued).await;
        }
    }
}

#[tokio::test]
async fn a_login_that_is_missed_late_stops_the_run_at_every_stage() {
    for reply in ["530 5.7.0 log in first", "535 5.7.8 expired", "538 5.7.11 encryption needed"] {
        for (at, stage) in [
            (At::Mail, Stage::Mail),
            (At::Rcpt, Stage::Rcpt),
            (At::Data, Stage::Data),
            (At::Dot, Stage::Body),
        ] {
            refused(&at, reply, stage, Blame::Relay, Outcome::Requeued).await;
        }
    }
}

#[tokio::test]
async fn a_refusal_before_mail_stops_the_run_and_a_passing_one_does_not() {
    for at in [At::Connect, At::Ehlo, At::Auth] {
        for (reply, halts) in [
            ("554 5.7.1 your address is listed", true),
            ("535 5.7.8 wrong name or password", true),
            ("550 5.7.25 no reverse name", true),
            ("450 4.3.2 later", false),
            ("454 4.7.0 temporary authentication failure", false),
        ] {
            let script = Script::accept_all().login("ann", "secret").on(at.clone(), Action::reply(reply));
            let server = SmtpServer::start(script);
            let failure = Session::open(&with_password(&server, "ann", "secret")).await.unwrap_err();
            assert_eq!((fate(&failure).1, fate(&failure).2), (Outcome::Requeued, halts), "{reply} at {at:?}");
            assert!(!server.commands().iter().any(|line| line.starts_with("MAIL")));
        }
    }
}

#[tokio::test]
async fn a_message_of_just_the_offered_size_is_sent_and_one_byte_more_is_not() {
    let server = SmtpServer::start(Script::accept_all().without("SIZE").with("SIZE 1000"));
    let mut session = open(&server).await;
    let text = [&[b'x'; 498][..], b"\r\n"].concat().repeat(2);
    deliver_payload(&mut session, "a@b.example", &Payload::new(&text).unwrap()).await.unwrap();
    let longer = [&text[..], b"\r\n"].concat();
    let failure =
        deliver_payload(&mut session, "a@b.example", &Payload::new(&longer).unwrap()).await.unwrap_err();
    assert_eq!(classify(&failure).blame, Blame::Message);
    assert_eq!((fate(&failure), failure.reply()), ((Stage::Mail, Outcome::Bounced, false), None));
    assert!(session.usable());
    assert_eq!(server.accepted().len(), 1);
}

/// A relay that takes SMTPUTF8 (RFC 6531) is not asked for it, and one that does not is never sent such an
/// address: it cannot stand in an envelope.
#[tokio::test]
async fn an_address_beyond_ascii_reaches_no_relay() {
    for script in [Script::accept_all(), Script::accept_all().with("SMTPUTF8")] {
        let server = SmtpServer::start(script);
        let failure = Envelope::new("bounces@tmw.example", "jörg@example.org").unwrap_err();
        assert_eq!(fate(&failure), (Stage::Render, Outcome::Bounced, false));
        let mut session = open(&server).await;
        deliver(&mut session, "a@b.example").await.unwrap();
        assert!(!server.commands().iter().any(|line| line.contains("SMTPUTF8") && !line.starts_with("EHLO")));
    }
}
