//! What a run tells while it goes on, and how it ended.

use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::{Failure, Outcome, Reply};

/// Something that happened, for whoever reports it.
#[derive(Debug, Clone)]
pub enum Event {
    /// An attempt on one recipient came to this.
    Attempt {
        /// What it came to.
        outcome: Outcome,
        /// What the relay said, if it said something.
        reply: Option<Reply>,
    },
    /// The relay cannot be used for now; the run waits and tries again.
    Outage {
        /// What happened.
        failure: Failure,
        /// How long it waits.
        pause: Duration,
    },
    /// The relay can be used again.
    Recovered,
    /// Nothing is due before this time.
    Waiting {
        /// When the next recipient is due.
        until: Timestamp,
    },
}

/// Why a run stopped before it was complete.
#[derive(Debug, Clone)]
pub enum Halt {
    /// The operator asked for it.
    Interrupted,
    /// `--limit` messages were sent.
    Limit,
    /// The run was paused or cancelled from elsewhere.
    Stopped,
    /// The relay refuses the sender, or the login: no recipient's fault.
    Refused(Failure),
    /// The relay could not be used for too long.
    Outage(Failure),
}

/// How a run ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Nothing is queued, in flight or deferred.
    Complete,
    /// Work is left.
    Early(Halt),
}
