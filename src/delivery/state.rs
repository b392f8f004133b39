//! The states of a recipient and the events that change them.
//!
//! | from | event | to |
//! | --- | --- | --- |
//! | queued, deferred | the intent to send is durable | in flight |
//! | queued, deferred, in flight | requeued | queued |
//! | queued, deferred, in flight | deferred | deferred |
//! | queued, deferred, in flight | bounced | bounced |
//! | in flight | delivered | delivered |
//! | in flight | in doubt | in doubt |
//! | deferred | expired | expired |
//! | queued, deferred | suppressed | suppressed |
//! | in doubt | the operator resolves it | queued or delivered |
//! | expired, bounced | the operator retries it | queued |
//!
//! Any other pair is a bug and says so ([`IllegalTransition`]); it never changes a state.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::{Outcome, UnknownWord, stored_words};

/// Where a recipient of a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waiting for its turn.
    Queued,
    /// The intent to hand over the final dot is durable; its result is not yet.
    InFlight,
    /// The relay accepted the message.
    Delivered,
    /// Refused for now, due again at a known time.
    Deferred,
    /// Refused for good.
    Bounced,
    /// Deferred until the retry schedule gave up.
    Expired,
    /// On the suppression list.
    Suppressed,
    /// The relay may or may not have it; waits for the operator's word.
    InDoubt,
}

stored_words!(State, "state", {
    Queued => "queued",
    InFlight => "in_flight",
    Delivered => "delivered",
    Deferred => "deferred",
    Bounced => "bounced",
    Expired => "expired",
    Suppressed => "suppressed",
    InDoubt => "in_doubt",
});

/// The operator's word on a recipient in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Send it again, at the risk of a second copy.
    Resend,
    /// The relay has it.
    Delivered,
}

/// What happens to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The intent to send was committed, before the write that can carry the final dot.
    Intent,
    /// An attempt came to this.
    Outcome(Outcome),
    /// `resolve`
    Resolved(Resolution),
    /// `retry`
    Retried,
}

/// A pair of state and event that cannot be: a bug in this program or a damaged ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recipient that is {from} cannot become {event}")]
pub struct IllegalTransition {
    /// The state it is in.
    pub from: State,
    /// What was to happen to it.
    pub event: Event,
}

impl State {
    /// The state after `event`, by the table at the head of this module.
    pub fn after(self, event: Event) -> Result<State, IllegalTransition> {
        use Outcome as O;
        use State::{Bounced, Deferred, Delivered, Expired, InDoubt, InFlight, Queued, Suppressed};

        #[expect(clippy::match_same_arms, reason = "one arm for each line of the table")]
        let to = match (self, event) {
            (Queued | Deferred, Event::Intent) => InFlight,
            (Queued | Deferred | InFlight, Event::Outcome(O::Requeued)) => Queued,
            (Queued | Deferred | InFlight, Event::Outcome(O::Deferred)) => Deferred,
            (Queued | Deferred | InFlight, Event::Outcome(O::Bounced)) => Bounced,
            (InFlight, Event::Outcome(O::Delivered)) => Delivered,
            (InFlight, Event::Outcome(O::InDoubt)) => InDoubt,
            (Deferred, Event::Outcome(O::Expired)) => Expired,
            (Queued | Deferred, Event::Outcome(O::Suppressed)) => Suppressed,
            (InDoubt, Event::Resolved(Resolution::Resend)) => Queued,
            (InDoubt, Event::Resolved(Resolution::Delivered)) => Delivered,
            (Expired | Bounced, Event::Retried) => Queued,
            (from, event) => return Err(IllegalTransition { from, event }),
        };
        Ok(to)
    }

    /// Whether a process still has work with it: queued, in flight or deferred.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Queued | State::InFlight | State::Deferred)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Event::Intent => "in_flight",
            Event::Outcome(outcome) => outcome.as_str(),
            Event::Resolved(Resolution::Resend) => "resolved as to be sent again",
            Event::Resolved(Resolution::Delivered) => "resolved as delivered",
            Event::Retried => "retried",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Event> {
        let mut events = vec![
            Event::Intent,
            Event::Resolved(Resolution::Resend),
            Event::Resolved(Resolution::Delivered),
            Event::Retried,
        ];
        events.extend(Outcome::ALL.iter().copied().map(Event::Outcome));
        events
    }

    /// The whole table, pair by pair: what is not listed here must be refused.
    #[test]
    fn every_pair_of_state_and_event_is_decided() {
        let allowed = [
            ("queued", "in_flight", "in_flight"),
            ("deferred", "in_flight", "in_flight"),
            ("queued", "requeued", "queued"),
            ("deferred", "requeued", "queued"),
            ("in_flight", "requeued", "queued"),
            ("queued", "deferred", "deferred"),
            ("deferred", "deferred", "deferred"),
            ("in_flight", "deferred", "deferred"),
            ("queued", "bounced", "bounced"),
            ("deferred", "bounced", "bounced"),
            ("in_flight", "bounced", "bounced"),
            ("in_flight", "delivered", "delivered"),
            ("in_flight", "in_doubt", "in_doubt"),
            ("deferred", "expired", "expired"),
            ("queued", "suppressed", "suppressed"),
            ("deferred", "suppressed", "suppressed"),
            ("in_doubt", "resolved as to be sent again", "queued"),
            ("in_doubt", "resolved as delivered", "delivered"),
            ("expired", "retried", "queued"),
            ("bounced", "retried", "queued"),
        ];
        let mut seen = 0;
        for &from in State::ALL {
            for event in events() {
                let expected = allowed
                    .iter()
                    .find(|(a, b, _)| *a == from.as_str() && *b == event.to_string())
                    .map(|(_, _, to)| to.parse().unwrap())
                    .ok_or(IllegalTransition { from, event });
                seen += usize::from(expected.is_ok());
                assert_eq!(from.after(event), expected, "{from} + {event}");
            }
        }
        assert_eq!(seen, allowed.len(), "a line of the table names a pair that does not exist");
    }

    #[test]
    fn what_the_relay_has_never_goes_out_again_without_the_operator() {
        for settled in [State::Delivered, State::Suppressed] {
            for event in events() {
                assert!(settled.after(event).is_err(), "{settled} + {event}");
            }
        }
        let bug = State::Delivered.after(Event::Intent).unwrap_err();
        assert_eq!(bug.to_string(), "a recipient that is delivered cannot become in_flight");
    }
}
