//! The pace under paused time, over the real ledger: what leaves in every window, for one process and for two.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::clock::Clock;
use crate::dispatch::simulation::Prompt;
use crate::ledger::Ledger;

const SECOND: Duration = Duration::from_secs(1);

/// The wall clock goes with the paused time.
struct Paused(Instant);

impl Clock for Paused {
    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
            + SignedDuration::from_hours(500_000)
            + SignedDuration::try_from(self.elapsed()).unwrap()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A ledger that one or more processes have open.
struct Fixture {
    folder: TempDir,
    started: Instant,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), started: Instant::now() }
    }

    /// The pace as one process sees it.
    fn process(&self, limits: &[Limit]) -> Arc<Pace<Prompt>> {
        let ledger = Ledger::open(&self.folder.path().join("ledger.db")).unwrap();
        let clock = Steady::new(Arc::new(Paused(self.started)));
        Arc::new(Pace::new(Prompt(ledger), "main", limits.to_vec(), clock))
    }
}

/// What `sessions` sessions of each process send within `time`, each taking `work` for a message.
async fn sent(
    processes: &[Arc<Pace<Prompt>>],
    sessions: usize,
    time: Duration,
    work: Duration,
) -> Vec<Instant> {
    let end = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for pace in processes.iter().flat_map(|pace| std::iter::repeat_n(pace, sessions)) {
        let pace = Arc::clone(pace);
        tasks.spawn(async move {
            let mut sent = Vec::new();
            loop {
                let slot = pace.slot().await.unwrap();
                sleep_until(slot.at).await;
                if Instant::now() >= end {
                    return sent;
                }
                if !slot.is_stale() {
                    sent.push(Instant::now());
                }
                tokio::time::sleep(work).await;
            }
        });
    }
    let mut sent: Vec<Instant> = tasks.join_all().await.into_iter().flatten().collect();
    sent.sort();
    sent
}

/// The most that left in any window of this length.
fn most_in(window: Duration, sent: &[Instant]) -> usize {
    let in_window = |first: usize| sent[first..].iter().take_while(|at| **at - sent[first] < window).count();
    (0..sent.len()).map(in_window).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn no_window_holds_more_than_the_limit_and_two_percent_less_at_most() {
    for processes in [1, 2] {
        for sessions in [1, 10, 50] {
            let fixture = Fixture::new();
            let limits =
                [Limit { messages: 20, window: SECOND }, Limit { messages: 3_000, window: SECOND * 60 }];
            let paces: Vec<_> = (0..processes).map(|_| fixture.process(&limits)).collect();
            let sent = sent(&paces, sessions, SECOND * 20, Duration::from_millis(30)).await;
            let what = format!("{processes} processes of {sessions} sessions sent {} in 20 s", sent.len());
            assert!(most_in(SECOND, &sent) <= 20, "{what}");
            assert!(sent.len() >= 392, "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_sends_now_and_then_costs_the_other_next_to_nothing() {
    let fixture = Fixture::new();
    let limits = [Limit { messages: 50, window: SECOND }];
    let (busy, rare) = (fixture.process(&limits), fixture.process(&limits));
    let now_and_then = tokio::spawn(async move {
        for _ in 0..5 {
            tokio::time::sleep(SECOND * 2).await;
            sleep_until(rare.slot().await.unwrap().at).await;
        }
    });
    let sent = sent(&[busy], 10, SECOND * 12, Duration::from_millis(30)).await;
    now_and_then.await.unwrap();
    assert!(most_in(SECOND, &sent) <= 50);
    assert!(sent.len() >= 583, "{} of 595", sent.len());
}

#[tokio::test(start_paused = true)]
async fn a_quota_of_an_hour_holds_in_every_hour_over_both_processes() {
    let fixture = Fixture::new();
    let hour = SECOND * 3_600;
    let limits = [Limit { messages: 5, window: SECOND }, Limit { messages: 200, window: hour }];
    let paces = [fixture.process(&limits), fixture.process(&limits)];
    let sent = sent(&paces, 2, hour * 3, Duration::from_millis(30)).await;
    assert!(most_in(hour, &sent) <= 200, "{}", most_in(hour, &sent));
    assert!(sent.len() >= 588, "{} in 3 hours", sent.len());
}

#[tokio::test(start_paused = true)]
async fn an_idle_time_is_not_saved_up_for_a_burst() {
    let fixture = Fixture::new();
    let pace = fixture.process(&[Limit { messages: 10, window: SECOND }]);
    sleep_until(pace.slot().await.unwrap().at).await;
    tokio::time::advance(SECOND * 60).await;
    let sent = sent(&[pace], 3, SECOND, Duration::ZERO).await;
    assert!(sent.len() <= 10, "{}", sent.len());
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(100)));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_used_of_a_quota_comes_back() {
    let fixture = Fixture::new();
    let limits = [Limit { messages: 100, window: SECOND }, Limit { messages: 50, window: SECOND * 3_600 }];
    let first = fixture.process(&limits);
    let mut slots = Vec::new();
    for _ in 0..20 {
        slots.push(first.slot().await.unwrap());
    }
    for slot in &slots[5..] {
        first.give_back(slot);
    }
    first.close().await.unwrap();
    let second = fixture.process(&limits);
    let sent = sent(&[second], 1, SECOND * 10, Duration::ZERO).await;
    assert_eq!(sent.len(), 45);
}
