//! The road of a recipient: due, intent, result.

use std::time::Duration;

use super::*;

fn numbers(due: &[Recipient]) -> Vec<u64> {
    due.iter().map(|recipient| recipient.n).collect()
}

#[tokio::test]
async fn a_delivered_recipient_is_never_given_again() {
    let (fixture, run) = Fixture::launched(3);
    let ledger = &fixture.ledger;
    assert_eq!(ledger.intent(run, 2, at(9), 1).await.unwrap(), Intent::Granted);
    assert_eq!(fixture.state(run, 2), State::InFlight);
    let delivered = Attempt { relay_id: Some("4F2A".into()), ..attempt(run, 2, Outcome::Delivered) };
    ledger.record(delivered).await.unwrap();

    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 2, delivered: 1, ..Counts::default() });
    assert_eq!(
        numbers(&ledger.due(run, at(9_999), &mut Cursor::default(), 10, &Domains::All).unwrap()),
        [1, 3]
    );
    let error = ledger.intent(run, 2, at(11), 1).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "run 1, recipient 2: a recipient that is delivered cannot become in_flight"
    );
    assert_eq!(ledger.run(run).unwrap().updated_at, at(10));
}

#[tokio::test]
async fn an_intent_is_given_once() {
    let (fixture, run) = Fixture::launched(1);
    fixture.ledger.intent(run, 1, at(1), 1).await.unwrap();
    let again = fixture.ledger.intent(run, 1, at(1), 1).await.unwrap_err();
    assert!(matches!(again, LedgerError::Illegal { n: 1, .. }));
    assert!(matches!(
        fixture.ledger.intent(run, 2, at(1), 1).await.unwrap_err(),
        LedgerError::NoRecipient { n: 2, .. }
    ));
}

#[tokio::test]
async fn nothing_is_delivered_or_in_doubt_without_an_intent() {
    let (fixture, run) = Fixture::launched(2);
    for outcome in [Outcome::Delivered, Outcome::InDoubt, Outcome::Expired] {
        let error = fixture.ledger.record(attempt(run, 1, outcome)).await.unwrap_err();
        assert!(matches!(error, LedgerError::Illegal { n: 1, .. }), "{error}");
    }
    assert_eq!(fixture.log(run), [""; 0]);
    assert_eq!(fixture.ledger.counts(run).unwrap().queued, 2);
}

#[tokio::test]
async fn who_is_deferred_waits_and_is_then_first() {
    let (fixture, run) = Fixture::launched(4);
    let ledger = &fixture.ledger;
    ledger.record(attempt(run, 3, Outcome::Deferred)).await.unwrap();
    assert_eq!(ledger.next_due(run).unwrap(), Some(at(70)));
    assert_eq!(
        numbers(&ledger.due(run, at(69), &mut Cursor::default(), 10, &Domains::All).unwrap()),
        [1, 2, 4]
    );
    assert!(matches!(ledger.intent(run, 3, at(69), 1).await, Err(LedgerError::NotDue { n: 3, .. })));

    let due = ledger.due(run, at(70), &mut Cursor::default(), 10, &Domains::All).unwrap();
    assert_eq!(numbers(&due), [3, 1, 2, 4]);
    assert_eq!((due[0].attempts, due[0].first_attempt_at), (1, Some(at(10))));
    assert_eq!(ledger.intent(run, 3, at(70), 1).await.unwrap(), Intent::Granted);
    assert_eq!(ledger.next_due(run).unwrap(), None);
}

#[tokio::test]
async fn a_cursor_steps_over_what_it_gave() {
    let (fixture, run) = Fixture::launched(5);
    let ledger = &fixture.ledger;
    for n in [4, 5] {
        ledger.record(attempt(run, n, Outcome::Deferred)).await.unwrap();
    }
    let mut cursor = Cursor::default();
    let page = |cursor: &mut Cursor| numbers(&ledger.due(run, at(100), cursor, 2, &Domains::All).unwrap());
    assert_eq!(page(&mut cursor), [4, 5]);
    assert_eq!(page(&mut cursor), [1, 2]);
    assert_eq!(page(&mut cursor), [3]);
    assert_eq!(page(&mut cursor), [0; 0]);
    assert_eq!(page(&mut Cursor::default()), [4, 5]);
}

#[tokio::test]
async fn what_is_put_back_costs_the_recipient_nothing() {
    let (fixture, run) = Fixture::launched(1);
    let ledger = &fixture.ledger;
    for stage in [Stage::Mail, Stage::Body, Stage::Data] {
        ledger.intent(run, 1, at(9), 1).await.unwrap();
        let requeued = Attempt { stage: Some(stage), ..attempt(run, 1, Outcome::Requeued) };
        ledger.record(requeued).await.unwrap();
    }
    let due = ledger.due(run, at(11), &mut Cursor::default(), 1, &Domains::All).unwrap();
    // Two of the three came after DATA; those are counted, for the third is no accident.
    assert_eq!((due[0].attempts, due[0].requeues, due[0].first_attempt_at), (0, 2, None));

    ledger.record(attempt(run, 1, Outcome::Deferred)).await.unwrap();
    let due = ledger.due(run, at(70), &mut Cursor::default(), 1, &Domains::All).unwrap();
    assert_eq!((due[0].attempts, due[0].requeues, due[0].first_attempt_at), (1, 0, Some(at(10))));
    assert_eq!(fixture.log(run), ["1 requeued 1", "1 requeued 1", "1 requeued 1", "1 deferred 1"]);
}

#[tokio::test]
async fn the_suppressed_are_seen_at_the_last_moment() {
    let (fixture, run) = Fixture::launched(2);
    let ledger = &fixture.ledger;
    let mut cursor = Cursor::default();
    assert_eq!(numbers(&ledger.due(run, at(1), &mut cursor, 10, &Domains::All).unwrap()), [1, 2]);
    fixture.suppress("2@example.com");
    assert_eq!(ledger.suppressed("2@example.com").unwrap(), Some(Timestamp::UNIX_EPOCH));
    assert_eq!(ledger.intent(run, 2, at(2), 1).await.unwrap(), Intent::Suppressed);
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 1, suppressed: 1, ..Counts::default() });
    assert_eq!(fixture.log(run), ["2 suppressed 0"]);
}

#[tokio::test]
async fn a_halted_run_grants_nothing_until_it_may_go_on() {
    let (fixture, run) = Fixture::launched(1);
    let ledger = &fixture.ledger;
    assert_eq!(ledger.halt(run, Halt::Paused).unwrap(), Halt::Paused);
    assert_eq!(ledger.orders(run).unwrap().halt, Some(Halt::Paused));
    assert_eq!(ledger.intent(run, 1, at(1), 1).await.unwrap(), Intent::Stopped);
    assert_eq!(ledger.run(run).unwrap().state, RunState::Paused);
    let lock = ledger.lock(run).unwrap();
    assert!(ledger.go_on(&lock).unwrap());
    assert_eq!(ledger.orders(run).unwrap().halt, None);
    assert_eq!(ledger.intent(run, 1, at(1), 1).await.unwrap(), Intent::Granted);
}

#[tokio::test]
async fn a_cancelled_run_stays_cancelled() {
    let (fixture, run) = Fixture::launched(1);
    let ledger = &fixture.ledger;
    assert_eq!(ledger.halt(run, Halt::Cancelled).unwrap(), Halt::Cancelled);
    assert_eq!(ledger.halt(run, Halt::Paused).unwrap(), Halt::Cancelled);
    assert!(!ledger.go_on(&ledger.lock(run).unwrap()).unwrap());
    assert_eq!(ledger.run(run).unwrap().state, RunState::Cancelled);
    assert_eq!(ledger.intent(run, 1, at(1), 1).await.unwrap(), Intent::Stopped);
}

#[tokio::test]
async fn those_deferred_too_long_expire() {
    let (fixture, run) = Fixture::launched(1_500);
    let ledger = &fixture.ledger;
    fixture.record_all((1..=1_200).map(|n| attempt(run, n, Outcome::Deferred))).await;
    let give_up = Duration::from_hours(1);
    assert_eq!(ledger.expire(run, at(10 + 3_599), give_up).await.unwrap(), 0);
    assert_eq!(ledger.expire(run, at(10 + 3_600), give_up).await.unwrap(), 1_200);
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 300, expired: 1_200, ..Counts::default() });
    assert_eq!(fixture.log(run)[1_200], "1 expired 1");
}

#[tokio::test]
async fn an_attempt_that_contradicts_itself_is_refused() {
    let (fixture, run) = Fixture::launched(1);
    let without_time = Attempt { next_attempt_at: None, ..attempt(run, 1, Outcome::Deferred) };
    let with_time = Attempt { next_attempt_at: Some(at(1)), ..attempt(run, 1, Outcome::Bounced) };
    let nobody = Attempt { n: None, ..attempt(run, 1, Outcome::Bounced) };
    for wrong in [without_time, with_time, nobody] {
        assert!(matches!(fixture.ledger.record(wrong).await, Err(LedgerError::Malformed { .. })));
    }
    assert_eq!(fixture.log(run), [""; 0]);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_in_the_log_and_moves_nobody() {
    let (fixture, run) = Fixture::launched(1);
    let unreachable = Attempt { n: None, stage: Some(Stage::Connect), ..attempt(run, 1, Outcome::Requeued) };
    fixture.ledger.record(unreachable.clone()).await.unwrap();
    assert_eq!(fixture.log(run), ["- requeued -"]);
    assert_eq!(fixture.ledger.counts(run).unwrap().queued, 1);
    let elsewhere = Attempt { run: RunId(9), ..unreachable };
    assert!(matches!(fixture.ledger.record(elsewhere).await, Err(LedgerError::NoRun { run: RunId(9) })));
}

#[tokio::test]
async fn a_run_is_complete_when_nothing_is_open() {
    let (fixture, run) = Fixture::launched(2);
    let ledger = &fixture.ledger;
    let state = || ledger.run(run).unwrap().state;
    assert_eq!(state(), RunState::Paused);
    let lock = ledger.lock(run).unwrap();
    assert_eq!(state(), RunState::Running);
    assert!(matches!(ledger.lock(run), Err(LedgerError::Locked { .. })));
    ledger.record(attempt(run, 1, Outcome::Bounced)).await.unwrap();
    ledger.intent(run, 2, at(1), 1).await.unwrap();
    assert_eq!(state(), RunState::Running);
    ledger.record(attempt(run, 2, Outcome::InDoubt)).await.unwrap();
    assert_eq!(state(), RunState::Complete);
    drop(lock);
    assert_eq!(ledger.recover(&ledger.lock(run).unwrap()).unwrap(), 0);
    assert!(matches!(ledger.lock(RunId(9)), Err(LedgerError::NoRun { .. })));
}
