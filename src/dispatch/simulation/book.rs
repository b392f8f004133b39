//! A ledger in memory that forgets what was not synced: each write takes a while, has its effect at one moment, and is
//! answered a while later. Whoever dies before that moment never wrote it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::world::{Standing, Truth, World};
use crate::clock::Clock;
use crate::delivery::{Event, Limit, Outcome, Stage, State, spacing};
use crate::dispatch::Store;
use crate::ledger::{
    Attempt, Counts, Cursor, DomainPermit, Domains, Intent, Lease, Leased, LedgerError, Orders, Recipient,
    RunId, Slots, Slowed, Unused,
};

/// How long a write takes before it has its effect, and how long its answer takes, at most.
const WRITE_MS: u64 = 4;
const ANSWER_MS: u64 = 2;

/// The ledger as one process has it open.
#[derive(Clone)]
pub(super) struct Book {
    world: World,
    process: u64,
}

impl Book {
    pub(super) fn new(world: &World) -> Self {
        Self { world: world.clone(), process: world.process() }
    }

    async fn write<T>(
        &self,
        work: impl FnOnce(&mut Truth) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.world.takes(self.process, WRITE_MS).await;
        let result = {
            let mut truth = self.world.truth();
            if truth.disk_fails { Err(broken_disk()) } else { work(&mut truth) }
        };
        self.world.takes(self.process, ANSWER_MS).await;
        result
    }

    async fn read<T>(&self, work: impl FnOnce(&Truth) -> T) -> Result<T, LedgerError> {
        self.world.takes(self.process, 1).await;
        Ok(work(&self.world.truth()))
    }
}

fn broken_disk() -> LedgerError {
    LedgerError::Write { file: "ledger.db".into(), cause: Arc::new(rusqlite::Error::InvalidQuery) }
}

/// Moves a recipient, by the table of states.
fn after(truth: &mut Truth, n: u64, event: Event) -> Result<State, LedgerError> {
    let from = truth.recipients[&n].state;
    from.after(event).map_err(|transition| {
        truth.violation(format!("recipient {n}: {transition}"));
        LedgerError::Illegal { run: RunId(1), n, transition }
    })
}

fn standing(truth: &mut Truth, n: u64) -> &mut Standing {
    truth.recipients.get_mut(&n).expect("a recipient of the run")
}

fn intend(truth: &mut Truth, n: u64, now: Timestamp, build: u32) -> Result<Intent, LedgerError> {
    let to = after(truth, n, Event::Intent)?;
    let process = truth.process;
    let it = truth.recipients[&n].clone();
    if it.state == State::Deferred && it.next_attempt_at.is_none_or(|at| at > now) {
        truth.violation(format!("recipient {n} was tried before it was due"));
    }
    // By no clock of this process has its pause been shorter than it was to be.
    if let Some((of, moment)) = it.not_before
        && of == process
        && Instant::now() < moment
    {
        truth.violation(format!("recipient {n} was tried {:?} early", moment - Instant::now()));
    }
    if truth.halt.is_some() {
        return Ok(Intent::Stopped);
    }
    if truth.suppressed.contains(&n) {
        truth.tell("suppressed");
        standing(truth, n).state = State::Suppressed;
        return Ok(Intent::Suppressed);
    }
    if it.build.unwrap_or(truth.build) != build {
        truth.tell("outdated");
        return Ok(Intent::Amended);
    }
    truth.intents.insert(n);
    let it = standing(truth, n);
    it.state = to;
    it.intent_build = Some(build);
    it.next_attempt_at = None;
    Ok(Intent::Granted)
}

fn note(truth: &mut Truth, attempt: &Attempt) -> Result<(), LedgerError> {
    let Some(n) = attempt.n else { return Ok(()) };
    let to = after(truth, n, Event::Outcome(attempt.outcome))?;
    truth.tell(attempt.outcome.as_str());
    truth.intents.remove(&n);
    let process = truth.process;
    let it = standing(truth, n);
    let is_try = !matches!(attempt.outcome, Outcome::Expired | Outcome::Suppressed);
    let counted = is_try && attempt.outcome != Outcome::Requeued;
    it.state = to;
    it.next_attempt_at = attempt.next_attempt_at;
    it.not_before = attempt.next_attempt_at.map(|next| {
        let pause = Duration::try_from(next.duration_since(attempt.at)).unwrap_or_default();
        // The attempt was made some moments before it was written down.
        (process, Instant::now() + pause.saturating_sub(Duration::from_millis(100)))
    });
    if counted {
        it.attempts += 1;
        it.requeues = 0;
        it.first_attempt_at.get_or_insert(attempt.at);
    } else if matches!(attempt.stage, Some(Stage::Data | Stage::Body)) {
        it.requeues += 1;
    }
    if to == State::InDoubt {
        it.build = it.intent_build;
    }
    Ok(())
}

fn recipient(n: u64, it: &Standing) -> Recipient {
    Recipient {
        n,
        email: format!("{n}@{}", it.domain),
        domain: it.domain.to_owned(),
        values: Vec::new(),
        attempts: it.attempts,
        requeues: it.requeues,
        first_attempt_at: it.first_attempt_at,
        build: it.build,
    }
}

impl Store for Book {
    async fn due(
        &self,
        _run: RunId,
        now: Timestamp,
        mut cursor: Cursor,
        limit: usize,
        domains: Domains,
    ) -> Result<(Vec<Recipient>, Cursor), LedgerError> {
        self.read(|truth| {
            let wanted = |it: &Standing| match &domains {
                Domains::All => true,
                Domains::Except(domains) => !domains.iter().any(|domain| domain == it.domain),
                Domains::Only(domain) => domain == it.domain,
            };
            let mut deferred: Vec<_> = truth
                .recipients
                .iter()
                .filter(|(_, it)| it.state == State::Deferred && wanted(it))
                .filter_map(|(n, it)| Some((it.next_attempt_at?.as_millisecond(), *n)))
                .filter(|key| key.0 <= now.as_millisecond() && cursor.deferred.is_none_or(|at| *key > at))
                .collect();
            deferred.sort_unstable();
            deferred.truncate(limit);
            let mut found: Vec<u64> = deferred.iter().map(|(_, n)| *n).collect();
            cursor.deferred = deferred.last().copied().or(cursor.deferred);
            let queued = truth
                .recipients
                .iter()
                .filter(|(n, it)| it.state == State::Queued && **n > cursor.queued && wanted(it))
                .map(|(n, _)| *n);
            let queued: Vec<u64> = queued.take(limit - found.len()).collect();
            cursor.queued = queued.last().copied().unwrap_or(cursor.queued);
            found.extend(queued);
            let found = found.into_iter().map(|n| recipient(n, &truth.recipients[&n])).collect();
            (found, cursor)
        })
        .await
    }

    async fn next_due(&self, _run: RunId) -> Result<Option<Timestamp>, LedgerError> {
        self.read(|truth| {
            let deferred = truth.recipients.values().filter(|it| it.state == State::Deferred);
            deferred.filter_map(|it| it.next_attempt_at).min()
        })
        .await
    }

    async fn counts(&self, _run: RunId) -> Result<Counts, LedgerError> {
        self.read(|truth| {
            let count = |state| truth.recipients.values().filter(|it| it.state == state).count() as u64;
            Counts {
                queued: count(State::Queued),
                in_flight: count(State::InFlight),
                delivered: count(State::Delivered),
                deferred: count(State::Deferred),
                bounced: count(State::Bounced),
                expired: count(State::Expired),
                suppressed: count(State::Suppressed),
                in_doubt: count(State::InDoubt),
            }
        })
        .await
    }

    async fn orders(&self, _run: RunId) -> Result<Orders, LedgerError> {
        self.read(|truth| Orders { halt: truth.halt, build: truth.build }).await
    }

    async fn intent(&self, _run: RunId, n: u64, now: Timestamp, build: u32) -> Result<Intent, LedgerError> {
        self.write(|truth| intend(truth, n, now, build)).await
    }

    async fn record(&self, attempt: Attempt) -> Result<(), LedgerError> {
        self.write(|truth| note(truth, &attempt)).await
    }

    async fn expire(&self, _run: RunId, now: Timestamp, give_up: Duration) -> Result<u64, LedgerError> {
        self.write(|truth| {
            let late = truth.recipients.values_mut().filter(|it| {
                let first = it.first_attempt_at.unwrap_or(now);
                it.state == State::Deferred
                    && now.duration_since(first) >= give_up.try_into().unwrap_or_default()
            });
            Ok(late.map(|it| it.state = State::Expired).count() as u64)
        })
        .await
    }

    async fn settle_clock(&self, _run: RunId, now: Timestamp, latest: Timestamp) -> Result<u64, LedgerError> {
        self.write(|truth| {
            for it in truth.recipients.values_mut().filter(|it| it.state == State::Deferred) {
                it.next_attempt_at = it.next_attempt_at.map(|at| at.min(latest));
                it.first_attempt_at = it.first_attempt_at.map(|at| at.min(now));
            }
            Ok(0)
        })
        .await
    }

    async fn lease(&self, lease: Lease) -> Result<Leased, LedgerError> {
        self.write(|truth| {
            let spacing = spacing(&lease.limits, 1.0).expect("a rate");
            let next = truth.next_at_us.get(&lease.relay).copied().unwrap_or(0);
            // A clock that was set back.
            let next =
                if next > lease.now_us + 2_000_000 { lease.now_us + spacing.interval_us } else { next };
            let first_us = next.max(lease.now_us);
            let count = lease.want.clamp(1, 3);
            truth.next_at_us.insert(lease.relay, first_us + i64::from(count) * spacing.interval_us);
            Ok(Leased::Slots(Slots {
                first_us,
                interval_us: spacing.interval_us,
                slack_us: spacing.slack_us,
                count,
                unused: Unused::default(),
            }))
        })
        .await
    }

    async fn give_back(&self, _relay: &str, _unused: Vec<Unused>) -> Result<(), LedgerError> {
        Ok(())
    }

    async fn domain_permit(
        &self,
        _relay: &str,
        _domain: &str,
        _limits: Vec<Limit>,
        now: Timestamp,
    ) -> Result<DomainPermit, LedgerError> {
        self.write(|truth| {
            let us = now.as_microsecond();
            let wait = truth.chance.below(3) == 0;
            Ok(if wait {
                DomainPermit::NotBefore(us + 400_000)
            } else {
                DomainPermit::Granted { next_us: us + 300_000 }
            })
        })
        .await
    }

    async fn slow_down(
        &self,
        _relay: &str,
        domain: Option<&str>,
        _now: Timestamp,
    ) -> Result<f64, LedgerError> {
        self.write(|truth| {
            truth.tell(if domain.is_some() { "domain slowed" } else { "relay slowed" });
            Ok(0.5)
        })
        .await
    }

    async fn slowed(&self, _relay: &str, _now: Timestamp) -> Result<Vec<Slowed>, LedgerError> {
        let since = self.world.wall();
        let some = self.world.truth().chance.below(2) == 0;
        let domain = Some("a.example".to_owned());
        Ok(if some { vec![Slowed { domain, share: 0.5, since }] } else { Vec::new() })
    }
}
