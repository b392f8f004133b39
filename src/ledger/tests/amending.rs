//! A run that was amended: who gets which build.

use super::*;

#[tokio::test]
async fn an_amended_run_sends_the_new_build_and_no_other() {
    let (fixture, run) = Fixture::launched(3);
    let ledger = &fixture.ledger;
    assert_eq!(ledger.orders(run).unwrap(), Orders { halt: None, build: 1 });
    ledger.record(attempt(run, 2, Outcome::Deferred)).await.unwrap();

    assert_eq!(ledger.amend(run, "d2", "{\"build\":2}", at(20)).unwrap(), 2);
    assert_eq!(ledger.amend(run, "d3", "{\"build\":3}", at(30)).unwrap(), 3);
    let fixture = fixture.reopened();
    let ledger = &fixture.ledger;
    assert_eq!(ledger.orders(run).unwrap(), Orders { halt: None, build: 3 });
    let amended = ledger.run(run).unwrap();
    assert_eq!((amended.build, amended.digest.as_str()), (3, "d3"));
    for version in 1..=3 {
        assert_eq!(ledger.build_text(run, version).unwrap(), format!("{{\"build\":{version}}}"));
    }
    assert_eq!(ledger.frozen(run).unwrap().build, "{\"build\":1}");

    // Queued or deferred makes no difference; a refused intent changes nothing.
    for n in [1, 2] {
        for outdated in [1, 2, 4] {
            assert_eq!(ledger.intent(run, n, at(70), outdated).await.unwrap(), Intent::Amended);
        }
        assert_eq!(ledger.intent(run, n, at(70), 3).await.unwrap(), Intent::Granted);
    }
    assert_eq!(fixture.log(run), ["2 deferred 1"]);
}

#[tokio::test]
async fn who_was_in_doubt_keeps_the_build_that_may_have_left() {
    let (fixture, run) = Fixture::launched(4);
    let ledger = &fixture.ledger;
    for n in [1, 2] {
        ledger.intent(run, n, at(1), 1).await.unwrap();
    }
    ledger.record(attempt(run, 1, Outcome::InDoubt)).await.unwrap();
    // Number 2 has an intent and no result when the build changes under it, and the process dies.
    ledger.amend(run, "d2", "{}", at(20)).unwrap();
    let fixture = fixture.reopened();
    let ledger = &fixture.ledger;
    assert_eq!(ledger.recover(&ledger.lock(run).unwrap()).unwrap(), 1);
    ledger.intent(run, 3, at(21), 2).await.unwrap();
    ledger.record(attempt(run, 3, Outcome::InDoubt)).await.unwrap();

    assert_eq!(ledger.resolve(run, Resolution::Resend, None, at(30)).unwrap(), 3);
    let due = ledger.due(run, at(31), &mut Cursor::default(), 10, &Domains::All).unwrap();
    let bound: Vec<_> = due.iter().map(|recipient| (recipient.n, recipient.build)).collect();
    assert_eq!(bound, [(1, Some(1)), (2, Some(1)), (3, Some(2)), (4, None)]);

    ledger.amend(run, "d3", "{}", at(32)).unwrap();
    for (n, right) in [(1, 1), (2, 1), (3, 2), (4, 3)] {
        for wrong in (1..=3).filter(|build| *build != right) {
            assert_eq!(ledger.intent(run, n, at(40), wrong).await.unwrap(), Intent::Amended, "{n}");
        }
        assert_eq!(ledger.intent(run, n, at(40), right).await.unwrap(), Intent::Granted, "{n}");
    }
}

#[tokio::test]
async fn what_was_put_back_is_bound_to_nothing() {
    let (fixture, run) = Fixture::launched(1);
    let ledger = &fixture.ledger;
    ledger.intent(run, 1, at(1), 1).await.unwrap();
    ledger.record(attempt(run, 1, Outcome::Requeued)).await.unwrap();
    ledger.amend(run, "d2", "{}", at(20)).unwrap();
    assert_eq!(ledger.intent(run, 1, at(30), 1).await.unwrap(), Intent::Amended);
    assert_eq!(ledger.intent(run, 1, at(30), 2).await.unwrap(), Intent::Granted);
}

#[tokio::test]
async fn stopping_and_suppression_come_before_the_build() {
    let (fixture, run) = Fixture::launched(2);
    let ledger = &fixture.ledger;
    ledger.amend(run, "d2", "{}", at(20)).unwrap();
    fixture.suppress("2@example.com");
    assert_eq!(ledger.intent(run, 2, at(30), 1).await.unwrap(), Intent::Suppressed);
    ledger.halt(run, Halt::Paused).unwrap();
    assert_eq!(ledger.orders(run).unwrap(), Orders { halt: Some(Halt::Paused), build: 2 });
    assert_eq!(ledger.intent(run, 1, at(30), 1).await.unwrap(), Intent::Stopped);
}

#[test]
fn a_build_or_a_run_that_is_not_there_is_an_error() {
    let (fixture, run) = Fixture::launched(1);
    let ledger = &fixture.ledger;
    for version in [0, 2] {
        let error = ledger.build_text(run, version).unwrap_err();
        assert_eq!(error.to_string(), format!("run 1 has no version {version} of its build"));
    }
    let nowhere = RunId(9);
    assert!(matches!(ledger.build_text(nowhere, 1), Err(LedgerError::NoRun { .. })));
    assert!(matches!(ledger.orders(nowhere), Err(LedgerError::NoRun { .. })));
    assert!(matches!(ledger.amend(nowhere, "d", "{}", at(1)), Err(LedgerError::NoRun { .. })));
}

#[tokio::test]
async fn orders_are_read_while_somebody_writes() {
    let (fixture, run) = Fixture::launched(1);
    let other = rusqlite::Connection::open(fixture.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE run SET halt = 'paused';").unwrap();
    assert_eq!(fixture.ledger.orders(run).unwrap(), Orders { halt: None, build: 1 });
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(fixture.ledger.orders(run).unwrap(), Orders { halt: Some(Halt::Paused), build: 1 });
}
