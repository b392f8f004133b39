//! What a run tells while it goes on, and how it ended.

use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::{Failure, Outcome, Reply};
use crate::ledger;

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
    /// A relay cannot be used for now; it is tried again.
    Outage {
        /// Which relay.
        relay: String,
        /// What happened.
        failure: Failure,
        /// How long it is left alone.
        pause: Duration,
    },
    /// It can be used again.
    Recovered {
        /// Which relay.
        relay: String,
    },
    /// Only the operator can mend this relay; another one takes over.
    RelayOut {
        /// Which relay.
        relay: String,
        /// What it said.
        failure: Failure,
    },
    /// A relay, or a domain behind it, asked to slow down.
    Slowed {
        /// Which relay.
        relay: String,
        /// Which domain; none: all of it.
        domain: Option<String>,
        /// The share of the configured pace that is left.
        share: f64,
    },
    /// The run goes on with a newer build.
    Amended,
    /// Nothing is due before this time.
    Waiting {
        /// When the next recipient is due.
        until: Timestamp,
        /// By then, the last of those deferred is given up.
        latest: Timestamp,
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
    Ordered(ledger::Halt),
    /// What the run sends cannot be read back.
    Broken(String),
    /// The relay refuses the sender, or the login: no recipient's fault.
    Refused(Failure),
    /// No relay could be used for too long.
    Outage(Failure),
    /// Far more recipients than usual are refused for good.
    TooManyRefused {
        /// How many of the latest results.
        refused: u32,
        /// How many results were looked at.
        of: u32,
    },
}

/// How a run ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Nothing is queued, in flight or deferred.
    Complete,
    /// Work is left.
    Early(Halt),
}
