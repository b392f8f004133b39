//! Claims by domain, and clocks that jump.

use std::time::Duration;

use super::super::due::{select_deferred, select_queued};
use super::*;

const HOUR_S: i64 = 3_600;
const YEAR_S: i64 = 365 * 24 * HOUR_S;

/// A campaign whose recipients have these domains, numbered from 1.
fn launched(domains: &[&str]) -> (Fixture, RunId) {
    let fixture = Fixture::new();
    let mut staging = Staging::new().unwrap();
    for (n, domain) in (1..).zip(domains) {
        let email = format!("{n}@{domain}");
        staging.add(n + 1, &email, &email, domain, &[]).unwrap();
    }
    let run = fixture.ledger.launch(staging, &new_run("tmw-450")).unwrap();
    (fixture, run)
}

fn except(domains: &[&str]) -> Domains {
    Domains::Except(domains.iter().map(|domain| (*domain).to_owned()).collect())
}

fn only(domain: &str) -> Domains {
    Domains::Only(domain.to_owned())
}

fn page(fixture: &Fixture, run: RunId, cursor: &mut Cursor, limit: usize, domains: &Domains) -> Vec<u64> {
    let due = fixture.ledger.due(run, at(1_000), cursor, limit, domains).unwrap();
    due.iter().map(|recipient| recipient.n).collect()
}

fn all(fixture: &Fixture, run: RunId, domains: &Domains) -> Vec<u64> {
    page(fixture, run, &mut Cursor::default(), 100, domains)
}

#[tokio::test]
async fn a_domain_that_must_wait_does_not_hold_up_the_others() {
    let (fixture, run) =
        launched(&["a.example", "b.example", "a.example", "c.example", "b.example", "a.example"]);
    for n in [4, 6] {
        fixture.ledger.record(attempt(run, n, Outcome::Deferred)).await.unwrap();
    }
    // Those deferred and due come first, whatever is left out.
    assert_eq!(all(&fixture, run, &Domains::All), [4, 6, 1, 2, 3, 5]);
    assert_eq!(all(&fixture, run, &except(&[])), [4, 6, 1, 2, 3, 5]);
    assert_eq!(all(&fixture, run, &except(&["a.example"])), [4, 2, 5]);
    assert_eq!(all(&fixture, run, &except(&["a.example", "b.example"])), [4]);
    assert_eq!(all(&fixture, run, &except(&["a.example", "b.example", "c.example"])), [0; 0]);
    assert_eq!(all(&fixture, run, &only("a.example")), [6, 1, 3]);
    assert_eq!(all(&fixture, run, &only("z.example")), [0; 0]);
    assert_eq!(all(&fixture, run, &except(&["\"a.example", "'; --"])).len(), 6);
}

#[test]
fn a_cursor_steps_over_what_is_left_out() {
    let (fixture, run) =
        launched(&["a.example", "b.example", "a.example", "b.example", "a.example", "b.example"]);
    let mut cursor = Cursor::default();
    assert_eq!(page(&fixture, run, &mut cursor, 2, &except(&["a.example"])), [2, 4]);
    // The permit of the other domain is there now: what lies behind is for a new cursor.
    assert_eq!(page(&fixture, run, &mut cursor, 2, &Domains::All), [5, 6]);
    assert_eq!(page(&fixture, run, &mut cursor, 2, &Domains::All), [0; 0]);
    assert_eq!(all(&fixture, run, &only("a.example")), [1, 3, 5]);
}

/// A million recipients must not be read, nor sorted, to find a page of them.
#[tokio::test]
async fn claims_are_found_by_index_alone() {
    let (fixture, run) = Fixture::launched(2_000);
    fixture.record_all((1..=500).map(|n| attempt(run, n, Outcome::Deferred))).await;
    fixture.by_hand("ANALYZE");
    let db = rusqlite::Connection::open(fixture.file()).unwrap();
    for domains in [Domains::All, except(&["a.example"]), only("a.example")] {
        let (condition, _) = domains.condition().unwrap();
        for (sql, index, parameters) in [
            (select_queued(condition), "recipient_queued (run=? AND n>?)", 4),
            (
                select_deferred(condition),
                "recipient_due (run=? AND (next_attempt_at,n)>(?,?) AND next_attempt_at<?)",
                6,
            ),
        ] {
            let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            assert_eq!(explain.parameter_count(), parameters);
            let plan: Vec<String> =
                explain.raw_query().mapped(|row| row.get(3)).map(Result::unwrap).collect();
            let plan = plan.join("\n");
            assert!(plan.contains(&format!("SEARCH recipient USING COVERING INDEX {index}")), "{plan}");
            assert!(plan.contains("SEARCH recipient USING PRIMARY KEY (run=? AND n=?)"), "{plan}");
            assert!(!plan.contains("SCAN recipient"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "it sorts: {plan}");
        }
    }
}

#[tokio::test]
async fn who_was_deferred_by_a_clock_that_was_ahead_does_not_wait_for_it() {
    let (fixture, run) = Fixture::launched(1_500);
    let ledger = &fixture.ledger;
    let ahead = |n| Attempt {
        at: at(YEAR_S),
        next_attempt_at: Some(at(YEAR_S + 60)),
        ..attempt(run, n, Outcome::Deferred)
    };
    fixture.record_all((1..=1_400).map(ahead)).await;
    ledger.record(attempt(run, 1_500, Outcome::Deferred)).await.unwrap();

    // The clock is right again. Nobody is due later than the longest pause allows; who is due before that stays so.
    assert_eq!(ledger.settle_clock(run, at(2 * YEAR_S), at(HOUR_S)).await.unwrap(), 1_400);
    assert_eq!(ledger.settle_clock(run, at(2 * YEAR_S), at(HOUR_S)).await.unwrap(), 0);
    assert_eq!(ledger.next_due(run).unwrap(), Some(at(70)));
    let due = |now| ledger.due(run, now, &mut Cursor::default(), 2_000, &Domains::All).unwrap().len();
    assert_eq!((due(at(HOUR_S - 1)), due(at(HOUR_S))), (100, 1_500));
    assert!(matches!(ledger.settle_clock(RunId(9), at(0), at(0)).await, Err(LedgerError::NoRun { .. })));
}

#[tokio::test]
async fn a_first_attempt_that_lies_ahead_expires_in_time_all_the_same() {
    let (fixture, run) = Fixture::launched(1_201);
    let ledger = &fixture.ledger;
    let ahead = |n| Attempt {
        at: at(YEAR_S),
        next_attempt_at: Some(at(YEAR_S + 60)),
        ..attempt(run, n, Outcome::Deferred)
    };
    fixture.record_all((1..=1_200).map(ahead)).await;
    let give_up = Duration::from_hours(1);
    // Found at 100 s after the launch, they are given up an hour after that.
    assert_eq!(ledger.settle_clock(run, at(100), at(2 * YEAR_S)).await.unwrap(), 1_200);
    assert_eq!(ledger.expire(run, at(100), give_up).await.unwrap(), 0);
    assert_eq!(ledger.expire(run, at(100 + HOUR_S - 1), give_up).await.unwrap(), 0);
    assert_eq!(ledger.expire(run, at(100 + HOUR_S), give_up).await.unwrap(), 1_200);
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 1, expired: 1_200, ..Counts::default() });
}
