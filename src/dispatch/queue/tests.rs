//! The window against a real ledger: what many sessions at once may do to it.

use std::sync::Arc;

use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::clock::{self, SystemClock};
use crate::delivery::{Outcome, Stage};
use crate::ledger::{Attempt, Kind, Ledger, NewRun, Staging};

struct Fixture {
    ledger: Ledger,
    run: RunId,
    _folder: TempDir,
}

impl Fixture {
    fn new(recipients: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let mut staging = Staging::new().unwrap();
        for n in 1..=recipients {
            let email = format!("{n}@example.com");
            staging.add(n + 1, &email, &email, "example.com", std::slice::from_ref(&email)).unwrap();
        }
        let new = NewRun {
            campaign: "weekly",
            kind: Kind::Launch,
            digest: "d",
            build: "{}",
            schema: "[]",
            list_file: "list.csv",
            list_digest: "d",
            started_at: clock::now(),
        };
        let run = ledger.launch(staging, &new).unwrap();
        Self { ledger, run, _folder: folder }
    }

    fn queue(&self, limit: Option<u64>) -> Arc<Queue<Ledger>> {
        let clock = Steady::new(Arc::new(SystemClock));
        Arc::new(Queue::new(self.ledger.clone(), self.run, clock, limit))
    }
}

/// No domain has a limit.
fn unlimited(_domain: &str) -> bool {
    false
}

/// The next one, as a session that may send at once gets it.
async fn taken(queue: &Arc<Queue<Ledger>>) -> Option<Recipient> {
    match queue.next(&unlimited).await.unwrap() {
        Next::Ticket(mut ticket) => ticket.pick(&unlimited).map(|picked| picked.recipient),
        _ => None,
    }
}

/// Attempts as a worker makes them; a deferral is due again after some milliseconds.
async fn attempt(ledger: &Ledger, run: RunId, n: u64, outcome: Outcome, due_in_ms: i64) {
    if outcome == Outcome::Delivered {
        ledger.intent(run, n, clock::now(), 1).await.unwrap();
    }
    let next_attempt_at =
        (outcome == Outcome::Deferred).then(|| clock::now() + SignedDuration::from_millis(due_in_ms));
    let attempt = Attempt {
        run,
        n: Some(n),
        at: clock::now(),
        outcome,
        stage: Some(Stage::Rcpt),
        code: None,
        enhanced: None,
        reply: None,
        relay: None,
        relay_id: None,
        elapsed_ms: None,
        next_attempt_at,
    };
    ledger.record(attempt).await.unwrap();
}

/// Works as a session does: puts its first recipients back or defers them, and delivers in the end.
async fn session(ledger: Ledger, run: RunId, queue: Arc<Queue<Ledger>>, number: u64) -> Vec<u64> {
    let mut delivered = Vec::new();
    for turn in number.. {
        match queue.next(&unlimited).await.unwrap() {
            Next::Ticket(mut ticket) => {
                let recipient = ticket.pick(&unlimited).unwrap().recipient;
                let n = recipient.n;
                let outcome = match (n + turn) % 8 {
                    0 => Outcome::Delivered,
                    1..5 => Outcome::Requeued,
                    _ => Outcome::Deferred,
                };
                let due_in_ms = i64::try_from(turn % 4).unwrap();
                attempt(&ledger, run, n, outcome, due_in_ms).await;
                if outcome == Outcome::Delivered {
                    delivered.push(n);
                }
                queue.done(n, true);
            }
            Next::NotBefore(due) => tokio::time::sleep(queue.pause_until(due)).await,
            Next::Empty => return delivered,
            Next::Limit => unreachable!("there is no limit"),
        }
    }
    delivered
}

/// The window's end is where it is read again and again, while sessions come back with what was read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_handed_out_on_an_old_word_of_the_ledger_and_nobody_is_left() {
    let fixture = Fixture::new(100);
    let queue = fixture.queue(None);
    let mut sessions = JoinSet::new();
    for number in 0..8 {
        sessions.spawn(session(fixture.ledger.clone(), fixture.run, Arc::clone(&queue), number));
    }
    let mut delivered: Vec<u64> = sessions.join_all().await.into_iter().flatten().collect();
    delivered.sort_unstable();
    assert_eq!(delivered, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_limit_is_reached_only_when_what_was_handed_out_is_finished() {
    let fixture = Fixture::new(5);
    let queue = fixture.queue(Some(2));
    let first = taken(&queue).await.unwrap();
    let second = taken(&queue).await.unwrap();
    let third = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { taken(&queue).await }
    });

    attempt(&fixture.ledger, fixture.run, first.n, Outcome::Delivered, 0).await;
    queue.done(first.n, true);
    assert!(!third.is_finished());
    // The relay's fault: it does not count, and another may take its place.
    attempt(&fixture.ledger, fixture.run, second.n, Outcome::Requeued, 0).await;
    queue.done(second.n, false);
    let third = third.await.unwrap().expect("one more was allowed");
    attempt(&fixture.ledger, fixture.run, third.n, Outcome::Delivered, 0).await;
    queue.done(third.n, true);
    assert!(matches!(queue.next(&unlimited).await.unwrap(), Next::Limit));
}
