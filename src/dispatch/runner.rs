//! A run from its first claim to its end: N workers over one queue.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::breaker::Breaker;
use super::events::{Ended, Event, Halt};
use super::pace::Pace;
use super::queue::Queue;
use super::worker::Worker;
use crate::clock;
use crate::delivery::RetrySchedule;
use crate::ledger::{Ledger, LedgerError, Recipient, RunId};
use crate::message::Content;
use crate::smtp::Endpoint;

/// All that a run needs.
pub struct Job {
    /// Where everything is recorded.
    pub ledger: Ledger,
    /// Which run; its lock is held by the caller.
    pub run: RunId,
    /// Gives each recipient's message.
    pub content: Content,
    /// The relay's name, for the log.
    pub relay: String,
    /// How to reach the relay.
    pub endpoint: Endpoint,
    /// How many connections at most.
    pub sessions: usize,
    /// The pace, shared with whatever else uses the relay in this process.
    pub pace: Pace,
    /// When a temporary refusal is tried again.
    pub retry: RetrySchedule,
    /// How long an outage of the relay is waited out.
    pub patience: Duration,
    /// At most this many messages this time.
    pub limit: Option<u64>,
}

impl Job {
    /// When a recipient that was deferred now is tried again; none where that would be after `give_up`.
    pub(super) fn next_attempt(&self, recipient: &Recipient, now: Timestamp) -> Option<Timestamp> {
        let first = recipient.first_attempt_at.unwrap_or(now);
        let next = self.retry.next(
            recipient.attempts + 1,
            first.as_millisecond(),
            now.as_millisecond(),
            jitter(recipient.n, now),
        );
        next.and_then(|next| Timestamp::from_millisecond(next).ok())
    }
}

/// A number from 0 to 1 that differs from recipient to recipient: it spreads retries, nothing depends on it.
fn jitter(n: u64, now: Timestamp) -> f64 {
    let mixed = (n ^ now.as_millisecond().unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    #[allow(clippy::cast_precision_loss)]
    let fraction = mixed as f64 / f64::from(1 << 24);
    fraction
}

/// Asks a run to stop once what is in flight is finished.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Asks.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        let mut asked = self.0.subscribe();
        // The sender lives as long as `self`: the wait ends only when somebody asks.
        let _ = asked.wait_for(|asked| *asked).await;
    }
}

/// What the workers of a run share.
pub(super) struct Shared {
    pub(super) job: Job,
    pub(super) queue: Queue,
    pub(super) breaker: Breaker,
    pub(super) stop: Stop,
    halted: Mutex<Option<Halt>>,
    events: mpsc::UnboundedSender<Event>,
}

impl Shared {
    /// Stops the run for this reason; the first reason stays.
    pub(super) fn halt(&self, reason: Halt) {
        self.halted.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(reason);
        self.stop.request();
    }

    /// Tells whoever listens; nobody has to.
    pub(super) fn emit(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// The relay did its work.
    pub(super) fn works(&self) {
        if self.breaker.works() {
            self.emit(Event::Recovered);
        }
    }
}

/// Delivers what is due of a run, and waits for what becomes due, until the run is complete or stops.
/// The caller holds the run's lock and has recovered it.
pub async fn deliver(
    job: Job,
    stop: Stop,
    events: mpsc::UnboundedSender<Event>,
) -> Result<Ended, LedgerError> {
    // Those whose time ran out while no process was at the run. Whoever is handed out from here on is known to a
    // session, which lets it expire itself.
    job.ledger.expire(job.run, clock::now(), job.retry.give_up).await?;
    let queue = Queue::new(job.ledger.clone(), job.run, job.limit);
    let sessions = job.sessions.max(1);
    let shared = Arc::new(Shared {
        breaker: Breaker::new(job.patience),
        queue,
        job,
        stop,
        halted: Mutex::new(None),
        events,
    });
    let mut workers = JoinSet::new();
    for _ in 0..sessions {
        workers.spawn(Worker::new(Arc::clone(&shared)).run());
    }
    let mut failed = None;
    while let Some(worker) = workers.join_next().await {
        let result = worker.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        if let Err(error) = result {
            // Nothing is sent that cannot be recorded.
            shared.stop.request();
            failed.get_or_insert(error);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let halted = shared.halted.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let counts = shared.job.ledger.counts(shared.job.run)?;
    if counts.open() == 0 {
        return Ok(Ended::Complete);
    }
    Ok(Ended::Early(halted.unwrap_or(Halt::Interrupted)))
}
