//! The pace that processes share: two handles on one file, each a process, in a time of the test's own.
//!
//! What is asserted is what the relay would see: how many messages came in any window of each limit.

use std::time::Duration;

use super::*;
use crate::delivery::Limit;

mod domains;

const MS: i64 = 1_000;
const SECOND: i64 = 1_000 * MS;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Some day in 2026, not on the boundary of anything.
const START: i64 = 1_790_000_000 * SECOND + 123_456;

fn limit(messages: u32, window_us: i64) -> Limit {
    Limit { messages, window: Duration::from_micros(u64::try_from(window_us).unwrap()) }
}

/// The most messages in any window of this length.
fn most(sent: &[i64], window_us: i64) -> usize {
    let mut sent = sent.to_vec();
    sent.sort_unstable();
    let mut first = 0;
    (0..sent.len())
        .map(|last| {
            while sent[last] - sent[first] >= window_us {
                first += 1;
            }
            last - first + 1
        })
        .max()
        .unwrap_or(0)
}

/// A process that sends through a relay: what it has leased, and when it will ask again.
struct Process {
    ledger: Ledger,
    limits: Vec<Limit>,
    /// How many it asks for at once.
    want: u32,
    /// How long it has nothing to do after each lease.
    idle_us: i64,
    ask_at: i64,
}

impl Process {
    fn busy(ledger: &Ledger, limits: &[Limit]) -> Self {
        Self { ledger: ledger.clone(), limits: limits.to_vec(), want: 1_000, idle_us: 0, ask_at: START }
    }

    /// One that now and then takes a single permit.
    fn seldom(ledger: &Ledger, limits: &[Limit], every_us: i64) -> Self {
        Self { want: 1, idle_us: every_us, ..Self::busy(ledger, limits) }
    }

    /// Asks at `now`. The moments that it got, each as late as it may be where `late`.
    async fn ask(&mut self, now_us: i64, late: bool) -> Vec<i64> {
        match self.ledger.lease(wish(now_us, &self.limits, self.want)).await.unwrap() {
            Leased::NotBefore(us) => {
                assert!(us > now_us, "asking again at once would be for nothing");
                self.ask_at = us;
                Vec::new()
            }
            Leased::Slots(slots) => {
                assert!(slots.count >= 1 && slots.count <= self.want && slots.first_us >= now_us);
                let moments = (0..slots.count)
                    .map(|n| {
                        slots.first_us + i64::from(n) * slots.interval_us + i64::from(late) * slots.slack_us
                    })
                    .collect::<Vec<_>>();
                let last = slots.first_us + i64::from(slots.count - 1) * slots.interval_us;
                self.ask_at = last.max(now_us) + self.idle_us;
                moments
            }
        }
    }
}

fn wish(now_us: i64, limits: &[Limit], want: u32) -> Lease {
    Lease { relay: "main".into(), now_us, limits: limits.to_vec(), want, back: Vec::new() }
}

/// Lets processes ask whenever they want to, until `end`; when the messages left.
async fn run(processes: &mut [Process], end: i64) -> Vec<i64> {
    let mut sent = Vec::new();
    let mut turn = 0_usize;
    while let Some(process) = processes.iter_mut().min_by_key(|process| process.ask_at) {
        let now = process.ask_at;
        if now >= end {
            break;
        }
        turn += 1;
        // Sometimes all of a slice is used late, sometimes all in time.
        sent.extend(process.ask(now, turn.is_multiple_of(3)).await);
        // An answer takes a moment, and so nobody asks twice at the same time.
        process.ask_at = process.ask_at.max(now + 1);
    }
    sent.retain(|at| *at < end);
    sent
}

fn two_handles() -> (Fixture, Ledger) {
    let fixture = Fixture::new();
    let other = Ledger::open(&fixture.file()).unwrap();
    (fixture, other)
}

/// Sent in `time` with this limit in force: not above it in any window, and not 2 % below it all in all.
#[track_caller]
fn assert_full(sent: &[i64], limit: Limit, time_us: i64) {
    let window_us = i64::try_from(limit.window.as_micros()).unwrap();
    let most = most(sent, window_us);
    assert!(most <= limit.messages as usize, "{most} in a window of {:?}", limit.window);
    let allowed = i64::from(limit.messages) * time_us / window_us;
    let sent = i64::try_from(sent.len()).unwrap();
    assert!(sent * 100 >= allowed * 98, "{sent} of {allowed}");
}

#[tokio::test]
async fn one_or_two_processes_share_one_rate() {
    for limits in [vec![limit(20, SECOND)], vec![limit(600, MINUTE)], vec![limit(1_000, SECOND)]] {
        let time = if limits[0].messages == 600 { 2 * MINUTE } else { 10 * SECOND };
        let (one, other) = two_handles();
        let alone = run(&mut [Process::busy(&other, &limits)], START + time).await;
        assert_full(&alone, limits[0], time);

        one.by_hand("DELETE FROM relay_pace");
        let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
        assert_full(&run(&mut both, START + time).await, limits[0], time);

        // One of them takes a single permit now and then: a test beside a run.
        one.by_hand("DELETE FROM relay_pace");
        let mut uneven = [Process::busy(&one.ledger, &limits), Process::seldom(&other, &limits, 700 * MS)];
        assert_full(&run(&mut uneven, START + time).await, limits[0], time);
    }
}

#[tokio::test]
async fn the_tightest_of_several_limits_is_reached_and_all_hold() {
    let (one, other) = two_handles();
    let limits = [limit(5, SECOND), limit(60, MINUTE), limit(300, HOUR)];
    let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
    let sent = run(&mut both, START + 3 * HOUR).await;
    assert!(sent.len() >= 882, "{}", sent.len());
    for (limit, window) in limits.iter().zip([SECOND, MINUTE, HOUR]) {
        assert!(most(&sent, window) <= limit.messages as usize, "{limit:?}");
    }
}

#[tokio::test]
async fn a_slow_rate_is_not_exceeded_either() {
    let (one, other) = two_handles();
    let limits = [limit(2, MINUTE)];
    let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
    assert_full(&run(&mut both, START + HOUR).await, limits[0], HOUR);
}

#[tokio::test]
async fn a_quota_slides_over_processes_and_days() {
    let (one, other) = two_handles();
    let limits = [limit(500, DAY)];
    let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
    let sent = run(&mut both, START + 5 * DAY).await;
    assert!(most(&sent, DAY) <= 500);
    // All at once, as nothing spaces them, and again as soon as a day is over, to a hundredth of it.
    assert_eq!(sent.iter().filter(|at| **at < START + MINUTE).count(), 500);
    assert!(sent.len() >= 2_400, "{} in five days", sent.len());
}

#[tokio::test]
async fn the_day_is_used_up_by_whoever_sends() {
    let (one, other) = two_handles();
    let limits = [limit(100, SECOND), limit(50, DAY)];
    let sent = run(&mut [Process::busy(&one.ledger, &limits)], START + MINUTE).await;
    assert_eq!(sent.len(), 50);
    let next = other.lease(wish(START + HOUR, &limits, 1)).await.unwrap();
    let Leased::NotBefore(us) = next else { panic!("{next:?}") };
    assert!(us > START + DAY && us <= START + DAY + DAY / 50, "{us}");
    assert!(matches!(other.lease(wish(us, &limits, 1)).await.unwrap(), Leased::Slots(_)));
}

#[tokio::test]
async fn what_was_not_used_comes_back_to_the_quota() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    let limits = [limit(10, HOUR)];
    let Leased::Slots(mut slots) = ledger.lease(wish(START, &limits, 10)).await.unwrap() else { panic!() };
    assert_eq!(slots.count, 10);
    assert!(matches!(ledger.lease(wish(START + SECOND, &limits, 1)).await.unwrap(), Leased::NotBefore(_)));
    slots.unused.count = 4;
    let again = Lease { back: vec![slots.unused], ..wish(START + 2 * SECOND, &limits, 10) };
    let Leased::Slots(mut again) = ledger.lease(again).await.unwrap() else { panic!() };
    assert_eq!(again.count, 4);
    again.unused.count = 1;
    ledger.give_back("main", vec![again.unused.clone()]).await.unwrap();
    let Leased::Slots(last) = ledger.lease(wish(START + 3 * SECOND, &limits, 10)).await.unwrap() else {
        panic!()
    };
    assert_eq!(last.count, 1);
}

#[tokio::test]
async fn relays_have_nothing_to_do_with_each_other() {
    let fixture = Fixture::new();
    let limits = [limit(1, MINUTE), limit(1, DAY)];
    for relay in ["main", "spare"] {
        let lease = Lease { relay: relay.into(), ..wish(START, &limits, 5) };
        let Leased::Slots(slots) = fixture.ledger.lease(lease).await.unwrap() else { panic!("{relay}") };
        assert_eq!((slots.count, slots.first_us), (1, START));
    }
}

/// A request that was held up knows a present that is past. Whoever was answered before it is not overtaken.
#[tokio::test]
async fn requests_out_of_order_do_not_double_the_rate() {
    let (one, other) = two_handles();
    let limits = [limit(10, SECOND)];
    let mut sent = Vec::new();
    let mut ahead = Process::busy(&one.ledger, &limits);
    let mut behind = Process::busy(&other, &limits);
    for n in 0..200 {
        let now = START + n * 100 * MS;
        sent.extend(ahead.ask(now, false).await);
        sent.extend(behind.ask(now - 900 * MS, false).await);
    }
    assert!(most(&sent, SECOND) <= 10, "{}", most(&sent, SECOND));
}

#[tokio::test]
async fn a_clock_set_back_neither_stops_the_sending_nor_doubles_it() {
    for jump in [SECOND, 3 * SECOND, HOUR, 30 * DAY] {
        let (one, other) = two_handles();
        let limits = [limit(10, SECOND), limit(500, DAY)];
        // In real time the second part follows the first at once; its clock shows an earlier time.
        let mut sent = run(&mut [Process::busy(&one.ledger, &limits)], START + 10 * SECOND).await;
        let first_part = sent.len();
        let mut process = Process::busy(&other, &limits);
        process.ask_at = START + 10 * SECOND - jump;
        let later = run(std::slice::from_mut(&mut process), START + 40 * SECOND - jump).await;
        sent.extend(later.iter().map(|at| at + jump));
        assert!(most(&sent, SECOND) <= 10, "{} after a jump of {jump}", most(&sent, SECOND));
        let second_part = sent.len() - first_part;
        assert!(second_part >= 260, "{second_part} in 30 s after a jump of {jump}");
        // What was sent before still counts for the day, and only for a day.
        let later = START + 40 * SECOND - jump;
        let rest = run(&mut [Process { ask_at: later, ..process }], later + HOUR).await;
        // Slots that were leased and lie beyond the end of a part were not used.
        assert!((490..=500).contains(&(sent.len() + rest.len())), "after a jump of {jump}");
        let next_day = later + DAY + DAY / 50;
        assert!(matches!(other.lease(wish(next_day, &limits, 1)).await.unwrap(), Leased::Slots(_)));
    }
}

#[tokio::test]
async fn a_relay_that_asked_for_less_gets_less_and_recovers() {
    let (one, other) = two_handles();
    let limits = [limit(20, SECOND)];
    let now = |us: i64| Timestamp::from_microsecond(us).unwrap();
    assert!(other.slowed("main", now(START)).unwrap().is_empty());
    let share = one.ledger.slow_down("main", None, now(START)).await.unwrap();
    assert!((share - 0.5).abs() < 1e-9);
    // Many sessions of two processes hear the same refusal.
    let same = other.slow_down("main", None, now(START + 9 * SECOND)).await.unwrap();
    assert!((0.5..0.51).contains(&same), "{same}");

    let sent = run(&mut [Process::busy(&other, &limits)], START + 10 * SECOND).await;
    assert!(most(&sent, SECOND) <= 11 && sent.len() > 95, "{}", sent.len());
    let slowed = other.slowed("main", now(START + 5 * MINUTE)).unwrap();
    assert_eq!(slowed.len(), 1);
    assert_eq!((slowed[0].domain.clone(), slowed[0].since), (None, now(START / MS * MS)));
    assert!((slowed[0].share - 0.75).abs() < 1e-3, "{slowed:?}");
    assert!(other.slowed("main", now(START + 10 * MINUTE)).unwrap().is_empty());

    // However often it is refused, something leaves.
    for n in 0..20 {
        one.ledger.slow_down("main", None, now(START + HOUR + n * 10 * SECOND)).await.unwrap();
    }
    let from = START + HOUR + 190 * SECOND;
    assert!((other.slowed("main", now(from)).unwrap()[0].share - 1.0 / 64.0).abs() < 1e-3);
    let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
    for process in &mut both {
        process.ask_at = from;
    }
    let sent = run(&mut both, from + 15 * SECOND).await;
    assert!(most(&sent, SECOND) <= 2 && !sent.is_empty(), "{}", sent.len());
}

#[tokio::test]
async fn a_slow_relay_that_recovers_from_the_floor_keeps_its_limit() {
    let (one, other) = two_handles();
    let limits = [limit(1, SECOND)];
    let now = |us: i64| Timestamp::from_microsecond(us).unwrap();
    for n in 0..8 {
        one.ledger.slow_down("main", None, now(START - (8 - n) * 10 * SECOND)).await.unwrap();
    }
    let mut both = [Process::busy(&one.ledger, &limits), Process::busy(&other, &limits)];
    let sent = run(&mut both, START + 21 * MINUTE).await;
    assert!(most(&sent, SECOND) <= 1);
    assert!(sent.len() > 500, "{}", sent.len());
    let last_minute = sent.iter().filter(|at| **at >= START + 20 * MINUTE).count();
    assert!(last_minute >= 59, "{last_minute}");
}
