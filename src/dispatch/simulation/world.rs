//! What there is beside the run: the truth about every recipient, chance, and time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::clock::Clock;
use crate::delivery::State;
use crate::dispatch::Halt;
use crate::ledger::{self, LedgerError};

/// A generator of numbers that are the same for the same seed (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// What befalls a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfortune {
    Crash,
    Stop,
    Insist,
    /// Another one wants to work on the same run.
    Rival,
    /// Nothing to the process itself.
    None,
}

/// A recipient as the ledger has it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) state: State,
    pub(super) domain: &'static str,
    pub(super) attempts: u32,
    pub(super) requeues: u32,
    pub(super) first_attempt_at: Option<Timestamp>,
    pub(super) next_attempt_at: Option<Timestamp>,
    pub(super) build: Option<u32>,
    pub(super) intent_build: Option<u32>,
    /// In this process, not before this moment by any clock.
    pub(super) not_before: Option<(u64, Instant)>,
}

/// All of it, behind one lock.
#[derive(Debug)]
pub(super) struct Truth {
    pub(super) chance: Chance,
    pub(super) recipients: BTreeMap<u64, Standing>,
    pub(super) suppressed: BTreeSet<u64>,
    pub(super) halt: Option<ledger::Halt>,
    pub(super) build: u32,
    /// The process that lives; what an earlier one still does has no effect.
    pub(super) process: u64,
    /// The system's lock on the run: it goes with the process that holds it.
    locked: bool,
    pub(super) disk_fails: bool,
    pub(super) rough: bool,
    /// How often each relay took a message to each recipient.
    pub(super) taken: BTreeMap<u64, u32>,
    /// Whose intent is durable, without a result.
    pub(super) intents: BTreeSet<u64>,
    /// When MAIL was said at each relay.
    pub(super) mails: BTreeMap<usize, Vec<Instant>>,
    pub(super) next_at_us: BTreeMap<String, i64>,
    pub(super) down_until: BTreeMap<usize, Instant>,
    offset: SignedDuration,
    violent_ends: u64,
    pub(super) lost_after_dot: u64,
    pub(super) violations: Vec<String>,
    told: BTreeMap<&'static str, u64>,
    sessions: usize,
    relays: usize,
}

impl Truth {
    /// Something happened.
    pub(super) fn tell(&mut self, what: &'static str) {
        *self.told.entry(what).or_default() += 1;
    }

    /// Something happened that must not.
    pub(super) fn violation(&mut self, what: String) {
        self.violations.push(what);
    }

    /// In rough weather, with so many chances in a thousand.
    pub(super) fn strikes(&mut self, in_a_thousand: u64) -> bool {
        self.rough && self.chance.below(1_000) < in_a_thousand
    }
}

/// The world of one seed.
#[derive(Clone)]
pub(super) struct World {
    truth: Arc<Mutex<Truth>>,
    started: Instant,
    seed: u64,
}

impl World {
    /// Messages a second.
    pub(super) const RATE: u32 = 20;

    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let recipients = 1 + chance.below(60);
        let domains = ["a.example", "b.example", "slow.example"];
        let standing = |domain| Standing {
            state: State::Queued,
            domain,
            attempts: 0,
            requeues: 0,
            first_attempt_at: None,
            next_attempt_at: None,
            build: None,
            intent_build: None,
            not_before: None,
        };
        let recipients =
            (1..=recipients).map(|n| (n, standing(domains[usize::try_from(n % 3).unwrap_or(0)]))).collect();
        let sessions = 1 + usize::try_from(chance.below(5)).unwrap_or(0);
        let relays = 1 + usize::try_from(chance.below(2)).unwrap_or(0);
        let truth = Truth {
            chance,
            recipients,
            suppressed: BTreeSet::new(),
            halt: None,
            build: 1,
            process: 0,
            locked: false,
            disk_fails: false,
            rough: true,
            taken: BTreeMap::new(),
            intents: BTreeSet::new(),
            mails: BTreeMap::new(),
            next_at_us: BTreeMap::new(),
            down_until: BTreeMap::new(),
            offset: SignedDuration::ZERO,
            violent_ends: 0,
            lost_after_dot: 0,
            violations: Vec::new(),
            told: BTreeMap::new(),
            sessions,
            relays,
        };
        Self { truth: Arc::new(Mutex::new(truth)), started: Instant::now(), seed }
    }

    pub(super) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sessions(&self) -> usize {
        self.truth().sessions
    }

    pub(super) fn relays(&self) -> usize {
        self.truth().relays
    }

    pub(super) fn process(&self) -> u64 {
        self.truth().process
    }

    /// Takes some milliseconds, in which anything may happen. Whoever died meanwhile does not come back.
    pub(super) async fn takes(&self, process: u64, up_to_ms: u64) {
        let ms = self.truth().chance.below(up_to_ms + 1);
        sleep(Duration::from_millis(ms)).await;
        if self.truth().process != process {
            std::future::pending::<()>().await;
        }
    }

    /// The next process, if it gets the lock; whatever was in flight is then in doubt.
    pub(super) fn start_process(&self, rough: bool) -> bool {
        let mut truth = self.truth();
        if std::mem::replace(&mut truth.locked, true) {
            truth.tell("rival");
            return false;
        }
        truth.process += 1;
        truth.rough = rough;
        truth.disk_fails = false;
        truth.halt = None;
        let truth = &mut *truth;
        for (n, standing) in &mut truth.recipients {
            if standing.state == State::InFlight {
                standing.state = State::InDoubt;
                standing.attempts += 1;
                standing.build = standing.intent_build;
                truth.intents.remove(n);
            }
        }
        true
    }

    pub(super) fn kill(&self) {
        let mut truth = self.truth();
        truth.process += 1;
        truth.locked = false;
        truth.violent_ends += 1;
        truth.tell("crash");
    }

    pub(super) fn violent_end(&self) {
        let mut truth = self.truth();
        truth.violent_ends += 1;
        truth.tell("insist");
    }

    /// What happens next, and when. What does not concern the process itself is done on the way.
    pub(super) fn next_misfortune(&self) -> (Duration, Misfortune) {
        let mut truth = self.truth();
        let pause = if truth.chance.below(3) == 0 { 10_000 } else { 800 };
        let pause = Duration::from_millis(1 + truth.chance.below(pause));
        if !truth.rough {
            return (Duration::from_hours(1), Misfortune::None);
        }
        let recipients = truth.recipients.len() as u64;
        let misfortune = match truth.chance.below(24) {
            0..=3 => Misfortune::Crash,
            4 => {
                truth.tell("stop");
                Misfortune::Stop
            }
            5 => Misfortune::Insist,
            15 => Misfortune::Rival,
            6 => {
                truth.tell("pause");
                truth.halt = Some(ledger::Halt::Paused);
                Misfortune::None
            }
            7 | 8 => {
                truth.tell("suppress");
                let n = 1 + truth.chance.below(recipients);
                truth.suppressed.insert(n);
                Misfortune::None
            }
            9 => {
                truth.tell("amend");
                truth.build += 1;
                Misfortune::None
            }
            10 => {
                truth.tell("disk");
                truth.disk_fails = true;
                truth.violent_ends += 1;
                Misfortune::None
            }
            11 => {
                truth.tell("jump");
                let hours = i64::try_from(truth.chance.below(100)).unwrap_or(0) - 50;
                truth.offset += SignedDuration::from_hours(hours);
                Misfortune::None
            }
            12..=14 => {
                truth.tell("outage");
                let relay = usize::try_from(truth.chance.below(2)).unwrap_or(0);
                let seconds = truth.chance.below(45);
                truth.down_until.insert(relay, Instant::now() + Duration::from_secs(seconds));
                Misfortune::None
            }
            _ => Misfortune::None,
        };
        (pause, misfortune)
    }

    /// A process that stopped early must have had a reason for it.
    pub(super) fn stopped(&self, halt: &Halt) -> Result<(), String> {
        let mut truth = self.truth();
        // Left in flight by a process that did not wait: its successor finds them.
        truth.process += 1;
        truth.locked = false;
        if truth.rough { Ok(()) } else { Err(format!("stopped in calm weather: {halt:?}")) }
    }

    /// A process that ended with an error must have had a broken disk.
    pub(super) fn failed(&self, error: &LedgerError) -> Result<(), String> {
        let mut truth = self.truth();
        truth.process += 1;
        truth.locked = false;
        let excused = truth.disk_fails && matches!(error, LedgerError::Write { .. });
        if excused { Ok(()) } else { Err(format!("failed: {error}")) }
    }

    /// What must hold at any time.
    pub(super) fn check(&self) -> Result<(), String> {
        let truth = self.truth();
        if let Some(violation) = truth.violations.first() {
            return Err(violation.clone());
        }
        if let Some((n, times)) = truth.taken.iter().find(|(_, times)| **times > 1) {
            return Err(format!("recipient {n} was sent to {times} times"));
        }
        let doubt = truth.recipients.values().filter(|it| it.state == State::InDoubt).count() as u64;
        let excused =
            truth.violent_ends * 2 * (truth.sessions + truth.relays - 1) as u64 + truth.lost_after_dot;
        if doubt > excused {
            return Err(format!("{doubt} are in doubt, and {excused} may be"));
        }
        Ok(())
    }

    /// What must hold once the run is complete.
    pub(super) fn check_end(&self, took: Duration, longest: Duration) -> Result<(), String> {
        if took > longest {
            return Err(format!("it took {took:?}"));
        }
        let mut truth = self.truth();
        for (n, standing) in &truth.recipients {
            let taken = truth.taken.get(n).copied().unwrap_or(0);
            let agrees = match standing.state {
                State::Delivered => taken == 1,
                State::Bounced | State::Expired | State::Suppressed => taken == 0,
                State::InDoubt => taken <= 1,
                State::Queued | State::InFlight | State::Deferred => false,
            };
            if !agrees {
                return Err(format!("recipient {n} is {} and was taken {taken} times", standing.state));
            }
        }
        for (relay, mails) in &truth.mails {
            let rate = Self::RATE as usize;
            // Between the permit and MAIL lies the permit of the domain. A clock that jumps from one process to the
            // next may cost an interval.
            let short = Duration::from_millis(if truth.told.contains_key("jump") { 930 } else { 990 });
            if let Some(at) = mails.windows(rate + 1).find(|window| window[rate] - window[0] < short) {
                return Err(format!("relay {relay}: too fast: {:?}", at[rate] - at[0]));
            }
        }
        let doubt = truth.recipients.values().filter(|it| it.state == State::InDoubt).count() as u64;
        *truth.told.entry("in doubt").or_default() += doubt;
        Ok(())
    }

    pub(super) fn told(&self) -> BTreeMap<&'static str, u64> {
        self.truth().told.clone()
    }
}

impl Clock for World {
    fn wall(&self) -> Timestamp {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
        now + self.truth().offset + SignedDuration::try_from(self.elapsed()).unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let truth = self.truth();
        let states: Vec<_> = truth.recipients.values().map(|it| it.state.as_str()).collect();
        write!(f, "seed {}, {:?}, {states:?}", self.seed, truth.told)
    }
}
