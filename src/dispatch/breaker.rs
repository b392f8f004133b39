//! When the relay as a whole fails: how long to wait, and when to give up.
//!
//! Failures of sessions (no connection, 421, a lost connection) are counted over all sessions since the last
//! message that went through. Each makes the pause longer; no recipient is spent by any of them.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::Blame;

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    /// Try again at once: a connection ended, which says little about the relay.
    GoOn,
    /// Try again after this pause.
    Wait(Duration),
    /// The outage has lasted too long.
    GiveUp,
}

/// The state of the relay as the sessions see it.
#[derive(Debug)]
pub(super) struct Breaker {
    patience: Duration,
    outage: Mutex<Option<Outage>>,
}

#[derive(Debug)]
struct Outage {
    since: Instant,
    /// When the pause that the last failure brought ends.
    until: Instant,
    pause: Duration,
}

impl Breaker {
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, outage: Mutex::new(None) }
    }

    /// A session failed. Failures of other sessions within the same pause do not make it longer. Relays close
    /// connections after a number of messages, so the first one lost after a success costs no pause.
    pub(super) fn failed(&self, blame: Blame) -> Advice {
        let mut outage = self.outage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        match outage.as_mut() {
            None if blame == Blame::Session => {
                *outage = Some(Outage { since: now, until: now, pause: FIRST_PAUSE / 2 });
                Advice::GoOn
            }
            None => {
                *outage = Some(Outage { since: now, until: now + FIRST_PAUSE, pause: FIRST_PAUSE });
                Advice::Wait(FIRST_PAUSE)
            }
            Some(outage) if now - outage.since >= self.patience => Advice::GiveUp,
            Some(outage) => {
                if now >= outage.until {
                    outage.pause = (outage.pause * 2).min(LONGEST_PAUSE);
                    outage.until = now + outage.pause;
                }
                Advice::Wait((outage.until - now).max(FIRST_PAUSE))
            }
        }
    }

    /// A message went through or was refused for its own sake: the relay works. Whether it did not before.
    pub(super) fn works(&self) -> bool {
        self.outage.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_a_minute_and_end_with_the_patience() {
        let breaker = Breaker::new(Duration::from_mins(5));
        let mut pauses = Vec::new();
        while let Advice::Wait(pause) = breaker.failed(Blame::Relay) {
            pauses.push(pause.as_millis());
            tokio::time::advance(pause).await;
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000]);
        assert!(breaker.works() && !breaker.works());
        assert_eq!(breaker.failed(Blame::Relay), Advice::Wait(FIRST_PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn one_lost_connection_costs_no_pause() {
        let breaker = Breaker::new(Duration::from_mins(5));
        assert_eq!(breaker.failed(Blame::Session), Advice::GoOn);
        assert_eq!(breaker.failed(Blame::Session), Advice::Wait(FIRST_PAUSE));
        breaker.works();
        assert_eq!(breaker.failed(Blame::Session), Advice::GoOn);
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_fail_together_share_one_pause() {
        let breaker = Breaker::new(Duration::from_mins(5));
        for _ in 0..10 {
            assert_eq!(breaker.failed(Blame::Relay), Advice::Wait(FIRST_PAUSE));
        }
    }
}
