//! The operator's word.

use super::*;

async fn in_doubt(fixture: &Fixture, run: RunId, numbers: &[u64]) {
    for &n in numbers {
        fixture.ledger.intent(run, n, at(5), 1).await.unwrap();
        fixture.ledger.record(attempt(run, n, Outcome::InDoubt)).await.unwrap();
    }
}

#[tokio::test]
async fn those_in_doubt_are_sent_again_or_taken_as_delivered() {
    let (fixture, run) = Fixture::launched(4);
    let ledger = &fixture.ledger;
    in_doubt(&fixture, run, &[1, 2, 3]).await;
    let listed = ledger.in_doubt(run, 2).unwrap();
    assert_eq!(
        listed.iter().map(|one| (one.email.as_str(), one.at)).collect::<Vec<_>>(),
        [("1@example.com", at(10)), ("2@example.com", at(10))]
    );

    assert_eq!(ledger.resolve(run, Resolution::Delivered, Some("2@example.com"), at(60)).unwrap(), 1);
    assert_eq!(ledger.resolve(run, Resolution::Delivered, Some("nobody@example.com"), at(60)).unwrap(), 0);
    assert_eq!(ledger.resolve(run, Resolution::Resend, None, at(61)).unwrap(), 2);
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 3, delivered: 1, ..Counts::default() });
    assert_eq!(fixture.log(run)[3..], ["2 delivered 1", "1 requeued 1", "3 requeued 1"]);
    assert_eq!(ledger.resolve(run, Resolution::Resend, None, at(62)).unwrap(), 0);
}

#[tokio::test]
async fn only_those_in_doubt_are_resolved() {
    let (fixture, run) = Fixture::launched(2);
    fixture.ledger.record(attempt(run, 1, Outcome::Bounced)).await.unwrap();
    for key in [None, Some("1@example.com"), Some("2@example.com")] {
        assert_eq!(fixture.ledger.resolve(run, Resolution::Delivered, key, at(60)).unwrap(), 0);
    }
    assert_eq!(fixture.ledger.counts(run).unwrap(), Counts { queued: 1, bounced: 1, ..Counts::default() });
    let nowhere = fixture.ledger.resolve(RunId(9), Resolution::Delivered, None, at(60));
    assert!(matches!(nowhere, Err(LedgerError::NoRun { .. })));
}

#[tokio::test]
async fn a_retry_starts_afresh_and_leaves_the_suppressed_out() {
    let (fixture, run) = Fixture::launched(5);
    let ledger = &fixture.ledger;
    for n in [1, 2] {
        ledger.record(attempt(run, n, Outcome::Bounced)).await.unwrap();
    }
    for n in [3, 4] {
        ledger.record(attempt(run, n, Outcome::Deferred)).await.unwrap();
        ledger.record(attempt(run, n, Outcome::Expired)).await.unwrap();
    }
    fixture.suppress("2@example.com");

    let expired = Retry { expired: true, bounced: false };
    let one = ledger.retry(run, expired, Some("3@example.com"), at(99)).unwrap();
    assert_eq!(one, Retried { requeued: 1, suppressed_left_out: 0 });
    let all = ledger.retry(run, Retry { expired: true, bounced: true }, None, at(99)).unwrap();
    assert_eq!(all, Retried { requeued: 2, suppressed_left_out: 1 });
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 4, bounced: 1, ..Counts::default() });

    let due = ledger.due(run, at(99), &mut Cursor::default(), 10, &Domains::All).unwrap();
    assert!(due.iter().all(|recipient| recipient.attempts == 0 && recipient.first_attempt_at.is_none()));
    // …so that a run that had given up does not give up again at once.
    ledger
        .record(Attempt { at: at(100), next_attempt_at: Some(at(200)), ..attempt(run, 3, Outcome::Deferred) })
        .await
        .unwrap();
    assert_eq!(ledger.expire(run, at(101), std::time::Duration::from_secs(50)).await.unwrap(), 0);
    assert_eq!(fixture.log(run)[6..], ["3 requeued 1", "4 requeued 1", "1 requeued 1", "3 deferred 1"]);
}

#[test]
fn what_was_tested_is_remembered() {
    let fixture = Fixture::new();
    assert_eq!(fixture.ledger.tested("d1").unwrap(), None);
    fixture.ledger.record_test("d1", "editor@example.com", at(5)).unwrap();
    fixture.ledger.record_test("d1", "other@example.com", at(3)).unwrap();
    let fixture = fixture.reopened();
    assert_eq!(fixture.ledger.tested("d1").unwrap(), Some(at(5)));
    assert_eq!(fixture.ledger.tested("d2").unwrap(), None);
}
