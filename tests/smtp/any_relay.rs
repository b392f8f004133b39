//! Whatever a relay does, in whatever order: what we believe of each recipient is what the relay knows.

use std::time::Duration;

use mailshot::delivery::{Outcome, classify};
use mailshot::smtp::{Endpoint, Session, Timeouts};
use proptest::prelude::*;

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, endpoint};

const RECIPIENTS: usize = 5;

/// What this relay does once at some point, often badly.
fn misbehaviour() -> impl Strategy<Value = (At, Action)> {
    let at = prop_oneof![
        Just(At::Mail),
        Just(At::Rcpt),
        Just(At::Data),
        Just(At::Dot),
        Just(At::Rset),
        (0..RECIPIENTS).prop_map(|number| At::RcptTo(recipient(number))),
        (0..RECIPIENTS).prop_map(|number| At::DotFor(recipient(number))),
    ];
    let reply = prop_oneof![
        Just("250 2.0.0 Ok"),
        Just("250"),
        Just("354 go ahead"),
        Just("421 4.3.2 closing"),
        Just("450 4.2.0 later"),
        Just("503 5.5.1 out of order"),
        Just("550 5.1.1 no such user"),
        Just("552 5.3.4 too big"),
        Just("250-2.0.0 two\r\n250 2.0.0 lines"),
        Just("250-2.0.0 two\r\n550 5.0.0 minds"),
        Just("250 2.0.0 Ok\r\n250 2.0.0 and a stray one"),
        Just("550 5.1.1 no\r\n250 2.0.0 and a stray one"),
        Just("354 go ahead\r\n250 2.0.0 and a stray one"),
        Just("not a reply"),
    ];
    let action = prop_oneof![
        8 => reply.clone().prop_map(Action::reply),
        2 => reply.prop_map(|text| Action::ReplyThenClose(text.to_owned())),
        1 => Just(Action::Close),
        1 => Just(Action::AcceptThenClose),
    ];
    (at, action)
}

fn recipient(number: usize) -> String {
    format!("r{number}@b.example")
}

/// Delivers to every recipient once, over as many sessions as it takes.
async fn deliver_to_all(server: &SmtpServer) -> Vec<(String, Outcome)> {
    let timeouts = Timeouts::all(Duration::from_secs(5));
    let endpoint = Endpoint { timeouts, ..endpoint(server) };
    let mut open = None;
    let mut outcomes = Vec::new();
    for number in 0..RECIPIENTS {
        let mut session = match open.take() {
            Some(session) => session,
            None => Session::open(&endpoint).await.unwrap(),
        };
        let to = recipient(number);
        let outcome = match deliver(&mut session, &to).await {
            Ok(_) => Outcome::Delivered,
            Err(failure) => classify(&failure).outcome,
        };
        outcomes.push((to, outcome));
        open = Some(session).filter(Session::usable);
    }
    outcomes
}

/// 200 cases, or as many as `PROPTEST_CASES` asks for.
fn config() -> ProptestConfig {
    let standard = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { standard.cases } else { 200 };
    ProptestConfig { cases, failure_persistence: None, ..standard }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nobody_is_lost_and_nobody_gets_it_twice(
        misbehaviours in prop::collection::vec(misbehaviour(), 0..6),
        pipelining: bool,
    ) {
        let mut script = Script::accept_all();
        if !pipelining {
            script = script.without("PIPELINING");
        }
        for (at, action) in misbehaviours {
            script = script.once(at, action);
        }
        let server = SmtpServer::start(script);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcomes = runtime.block_on(deliver_to_all(&server));

        let accepted = server.accepted_by_recipient();
        for (to, outcome) in outcomes {
            let copies = accepted.get(&to).copied().unwrap_or(0);
            match outcome {
                Outcome::Delivered => prop_assert_eq!(copies, 1, "{} counts as delivered", to),
                Outcome::InDoubt => prop_assert!(copies <= 1, "{} is in doubt", to),
                // These may be sent again, or never will be: the relay must not have them.
                _ => prop_assert_eq!(copies, 0, "{} counts as {}", to, outcome),
            }
        }
        for message in server.accepted() {
            prop_assert!(message.data.starts_with(b"Subject: Hello\r\n") && message.data.ends_with(b"Monday.\r\n"));
        }
    }
}
