//! The retry log and the commonest refusals.

use super::*;

fn refused(run: RunId, n: u64, outcome: Outcome, code: u16, enhanced: &str, reply: &str) -> Attempt {
    Attempt {
        code: Some(code),
        enhanced: Some(enhanced.into()),
        reply: Some(reply.into()),
        ..attempt(run, n, outcome)
    }
}

#[tokio::test]
async fn a_row_says_all_that_is_known() {
    let (fixture, run) = Fixture::launched(2);
    let ledger = &fixture.ledger;
    let deferral = refused(run, 2, Outcome::Deferred, 450, "4.2.1", "mailbox über quota");
    ledger.record(deferral).await.unwrap();
    let rows: Vec<_> =
        ledger.attempts(run, &LogFilter::default()).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        rows,
        [AttemptRow {
            id: 1,
            at: at(10),
            n: Some(2),
            email: Some("2@example.com".into()),
            attempt: Some(1),
            outcome: Outcome::Deferred,
            stage: Some(Stage::Rcpt),
            code: Some(450),
            enhanced: Some("4.2.1".into()),
            reply: Some("mailbox über quota".into()),
            relay: Some("main".into()),
            relay_id: None,
            elapsed_ms: Some(12),
            next_attempt_at: Some(at(70)),
        }]
    );
}

#[tokio::test]
async fn a_log_of_many_pages_is_whole_and_can_be_followed() {
    let (fixture, run) = Fixture::launched(1_100);
    let ledger = &fixture.ledger;
    let outcome = |n| if n % 100 == 0 { Outcome::Bounced } else { Outcome::Deferred };
    fixture.record_all((1..=1_100).map(|n| attempt(run, n, outcome(n)))).await;
    let numbers = |filter: &LogFilter| {
        let rows = ledger.attempts(run, filter).unwrap();
        rows.map(|row| row.unwrap().n.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&LogFilter::default()), (1..=1_100).collect::<Vec<_>>());
    let bounced = LogFilter { outcome: Some(Outcome::Bounced), ..LogFilter::default() };
    assert_eq!(numbers(&bounced), (1..=11).map(|n| n * 100).collect::<Vec<_>>());
    let one = LogFilter { key: Some("7@example.com".into()), ..LogFilter::default() };
    assert_eq!(numbers(&one), [7]);
    let one_bounced = LogFilter { outcome: Some(Outcome::Bounced), ..one };
    assert_eq!(numbers(&one_bounced), [0; 0]);
    let nobody = LogFilter { key: Some("nobody@example.com".into()), ..LogFilter::default() };
    assert_eq!(numbers(&nobody), [0; 0]);

    let last = ledger.attempts(run, &LogFilter::default()).unwrap().last().unwrap().unwrap().id;
    let follow = LogFilter { after_id: last, ..LogFilter::default() };
    assert_eq!(numbers(&follow), [0; 0]);
    ledger.record(attempt(run, 1, Outcome::Bounced)).await.unwrap();
    assert_eq!(numbers(&follow), [1]);
}

#[tokio::test]
async fn a_log_is_its_runs_own() {
    let (fixture, first) = Fixture::launched(1);
    let second = launch(&fixture.ledger, "tmw-451", 1).unwrap();
    fixture.ledger.record(attempt(first, 1, Outcome::Bounced)).await.unwrap();
    assert_eq!(fixture.log(second), [""; 0]);
    assert!(matches!(
        fixture.ledger.attempts(RunId(9), &LogFilter::default()),
        Err(LedgerError::NoRun { .. })
    ));
}

#[tokio::test]
async fn the_commonest_refusals_come_first_each_with_its_latest_reply() {
    let (fixture, run) = Fixture::launched(6);
    let ledger = &fixture.ledger;
    for n in 1..=3 {
        let reply = format!("no such user {n}");
        ledger.record(refused(run, n, Outcome::Bounced, 550, "5.1.1", &reply)).await.unwrap();
    }
    ledger.record(refused(run, 4, Outcome::Deferred, 451, "4.7.1", "greylisted")).await.unwrap();
    ledger.intent(run, 5, at(1), 1).await.unwrap();
    ledger.record(attempt(run, 5, Outcome::Delivered)).await.unwrap();
    let refusals = ledger.refusals(run, 10).unwrap();
    let told: Vec<_> = refusals.iter().map(|one| (one.attempts, one.code, one.reply.as_deref())).collect();
    assert_eq!(told, [(3, Some(550), Some("no such user 3")), (1, Some(451), Some("greylisted"))]);
    assert_eq!(ledger.refusals(run, 1).unwrap().len(), 1);
}

#[tokio::test]
async fn a_relay_that_talks_too_much_is_cut_off() {
    let (fixture, run) = Fixture::launched(1);
    let long = "ü".repeat(100_000);
    fixture.ledger.record(refused(run, 1, Outcome::Bounced, 550, &long, &long)).await.unwrap();
    let row = fixture.ledger.attempts(run, &LogFilter::default()).unwrap().next().unwrap().unwrap();
    assert_eq!(row.reply.unwrap(), "ü".repeat(2_000));
    assert_eq!(row.enhanced.unwrap(), "ü".repeat(255));
}
