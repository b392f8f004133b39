//! How a recipient may move, and the names that the file has for states, outcomes and stages.
//!
//! | from | outcome of an attempt | to |
//! | --- | --- | --- |
//! | queued, deferred | (the intent) | `in_flight` |
//! | queued, deferred, `in_flight` | requeued | queued |
//! | queued, deferred, `in_flight` | deferred | deferred |
//! | queued, deferred, `in_flight` | bounced | bounced |
//! | `in_flight` | delivered | delivered |
//! | `in_flight` | `in_doubt` | `in_doubt` |
//! | deferred | expired | expired |
//! | queued, deferred | suppressed | suppressed |
//!
//! The operator's word moves those that rest: `operator.rs`. Every other pair is a bug, and refused.

use super::error::{Fault, Work};
use crate::delivery::{Outcome, Stage, State};

/// Every state, in the order of the contract.
pub(super) const STATES: [State; 8] = [
    State::Queued,
    State::InFlight,
    State::Delivered,
    State::Deferred,
    State::Bounced,
    State::Expired,
    State::Suppressed,
    State::InDoubt,
];

const OUTCOMES: [Outcome; 7] = [
    Outcome::Delivered,
    Outcome::Deferred,
    Outcome::Bounced,
    Outcome::InDoubt,
    Outcome::Requeued,
    Outcome::Expired,
    Outcome::Suppressed,
];

const STAGES: [Stage; 9] = [
    Stage::Connect,
    Stage::Ehlo,
    Stage::Starttls,
    Stage::Auth,
    Stage::Mail,
    Stage::Rcpt,
    Stage::Data,
    Stage::Body,
    Stage::Render,
];

/// Where an attempt leaves its recipient.
pub(super) fn after(outcome: Outcome) -> State {
    match outcome {
        Outcome::Delivered => State::Delivered,
        Outcome::Deferred => State::Deferred,
        Outcome::Bounced => State::Bounced,
        Outcome::InDoubt => State::InDoubt,
        Outcome::Requeued => State::Queued,
        Outcome::Expired => State::Expired,
        Outcome::Suppressed => State::Suppressed,
    }
}

/// Whether an attempt on a recipient in this state can come to this.
pub(super) fn is_legal(from: State, outcome: Outcome) -> bool {
    use State::{Deferred, InFlight, Queued};
    match outcome {
        Outcome::Requeued | Outcome::Deferred | Outcome::Bounced => {
            matches!(from, Queued | Deferred | InFlight)
        }
        Outcome::Delivered | Outcome::InDoubt => from == InFlight,
        Outcome::Expired => from == Deferred,
        Outcome::Suppressed => matches!(from, Queued | Deferred),
    }
}

/// Whether it was a try at delivery, and so has a number of its own.
pub(super) fn is_try(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Expired | Outcome::Suppressed)
}

/// Whether it counts against the recipient. What is put back is the relay's or the connection's doing.
pub(super) fn is_counted(outcome: Outcome) -> bool {
    is_try(outcome) && outcome != Outcome::Requeued
}

pub(super) fn state(name: &str) -> Work<State> {
    by_name(&STATES, State::as_str, name)
}

pub(super) fn outcome(name: &str) -> Work<Outcome> {
    by_name(&OUTCOMES, Outcome::as_str, name)
}

pub(super) fn stage(name: &str) -> Work<Stage> {
    by_name(&STAGES, Stage::as_str, name)
}

fn by_name<T: Copy>(all: &[T], name_of: fn(T) -> &'static str, name: &str) -> Work<T> {
    let found = all.iter().copied().find(|each| name_of(*each) == name);
    found.ok_or_else(|| Fault::Unreadable(format!("it holds the unknown word `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table above, spelled out the other way round.
    #[test]
    fn the_whole_table() {
        use Outcome::{Bounced, Deferred, Delivered, Expired, InDoubt, Requeued, Suppressed};
        let allowed =
            |from| OUTCOMES.into_iter().filter(|outcome| is_legal(from, *outcome)).collect::<Vec<_>>();
        assert_eq!(allowed(State::Queued), [Deferred, Bounced, Requeued, Suppressed]);
        assert_eq!(allowed(State::Deferred), [Deferred, Bounced, Requeued, Expired, Suppressed]);
        assert_eq!(allowed(State::InFlight), [Delivered, Deferred, Bounced, InDoubt, Requeued]);
        for rest in [State::Delivered, State::Bounced, State::Expired, State::Suppressed, State::InDoubt] {
            assert_eq!(allowed(rest), [], "{}", rest.as_str());
        }
    }

    #[test]
    fn names_are_read_back() {
        for each in STATES {
            assert_eq!(state(each.as_str()).unwrap(), each);
        }
        for each in OUTCOMES {
            assert_eq!(outcome(each.as_str()).unwrap(), each);
        }
        for each in STAGES {
            assert_eq!(stage(each.as_str()).unwrap(), each);
        }
        assert!(matches!(state("lost"), Err(Fault::Unreadable(_))));
    }
}
