//! What a run needs, and how it is told to stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::ports::Compose;
use crate::clock::Clock;
use crate::delivery::{Limit, RetrySchedule};
use crate::ledger::{Recipient, RunId};

/// All that a run needs.
pub struct Job<S, C> {
    /// Where everything is recorded.
    pub store: S,
    /// Which run; its lock is held by the caller.
    pub run: RunId,
    /// Makes each recipient's message.
    pub messages: Arc<dyn Compose>,
    /// The relays, the preferred one first. At least one.
    pub relays: Vec<Relay<C>>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// When a temporary refusal is tried again.
    pub retry: RetrySchedule,
    /// How long an outage of all relays is waited out.
    pub patience: Duration,
    /// The share of hard refusals among the latest results at which the run stops itself; 1 is never.
    pub max_refused: f64,
    /// At most this many messages this time.
    pub limit: Option<u64>,
    /// How long what is in flight is waited for after the operator asked to stop.
    pub grace: Duration,
}

/// A relay and how it may be used.
pub struct Relay<C> {
    /// Its name, for the log and the shared pace.
    pub name: String,
    /// How to reach it.
    pub connect: C,
    /// How many sessions at most.
    pub sessions: usize,
    /// After so many messages a session is closed.
    pub messages_per_session: u32,
    /// A session that was not used for this long is closed.
    pub idle: Duration,
    /// A session is not used for longer than this.
    pub lifetime: Duration,
    /// The pace, over all sessions and processes; all limits hold.
    pub limits: Vec<Limit>,
    /// Tighter limits of single domains.
    pub domains: BTreeMap<String, Vec<Limit>>,
}

/// When a recipient that was deferred now is tried again; none where that would be after `give_up`.
pub(super) fn next_attempt(
    retry: &RetrySchedule,
    recipient: &Recipient,
    now: Timestamp,
) -> Option<Timestamp> {
    let first = recipient.first_attempt_at.unwrap_or(now);
    let next = retry.next(
        recipient.attempts + 1,
        first.as_millisecond(),
        now.as_millisecond(),
        jitter(recipient.n, now),
    );
    next.and_then(|next| Timestamp::from_millisecond(next).ok())
}

/// A number from 0 to 1 that differs from recipient to recipient: it spreads retries, nothing depends on it.
fn jitter(n: u64, now: Timestamp) -> f64 {
    let mixed = (n ^ now.as_millisecond().unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    #[allow(clippy::cast_precision_loss)]
    let fraction = mixed as f64 / f64::from(1 << 24);
    fraction
}

/// How urgently a run is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// It goes on.
    None,
    /// Once what is in flight is finished.
    Soon,
    /// At once; what is in flight is then in doubt.
    Now,
}

/// Asks a run to stop.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Urgency>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Urgency::None)))
    }
}

impl Stop {
    /// Asks to stop once what is in flight is finished.
    pub fn request(&self) {
        self.ask(Urgency::Soon);
    }

    /// Asks to stop at once: what is in flight is abandoned.
    pub fn insist(&self) {
        self.ask(Urgency::Now);
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        self.asked(Urgency::Soon).await;
    }

    /// Waits until somebody insists.
    pub async fn insisted(&self) {
        self.asked(Urgency::Now).await;
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() >= Urgency::Soon
    }

    fn ask(&self, urgency: Urgency) {
        self.0.send_modify(|asked| *asked = (*asked).max(urgency));
    }

    async fn asked(&self, urgency: Urgency) {
        let mut asked = self.0.subscribe();
        // The sender lives as long as `self`: the wait ends only when somebody asks.
        let _ = asked.wait_for(|asked| *asked >= urgency).await;
    }
}
