//! The words of the retry log: where an attempt ended ([`Stage`]) and what it came to ([`Outcome`]).
//!
//! They are stored in ledgers and read by scripts, so their names never change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that no version of the retry log knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {kind}")]
pub struct UnknownWord {
    kind: &'static str,
    word: String,
}

impl UnknownWord {
    pub(super) fn new(kind: &'static str, word: &str) -> Self {
        Self { kind, word: word.to_owned() }
    }
}

/// Gives an enum its stored names: `ALL`, `as_str`, `Display` and `FromStr` from one list.
macro_rules! stored_words {
    ($type:ident, $kind:literal, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every one of them, in the order of their declaration.
            pub const ALL: &[$type] = &[$($type::$variant),+];

            /// Its name in the ledger and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == word)
                    .ok_or_else(|| UnknownWord::new($kind, word))
            }
        }
    };
}
pub(in crate::delivery) use stored_words;

/// How far an attempt had come when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Name lookup, TCP, the TLS of an implicit-TLS port, the greeting.
    Connect,
    /// EHLO, before and after TLS.
    Ehlo,
    /// STARTTLS and the handshake that follows.
    Starttls,
    /// AUTH.
    Auth,
    /// MAIL FROM (and the RSET that may go before it).
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, up to its 354.
    Data,
    /// The message itself, the final dot, and its reply.
    Body,
    /// Not sent at all: the message could not be built.
    Render,
}

stored_words!(Stage, "stage", {
    Connect => "connect",
    Ehlo => "ehlo",
    Starttls => "starttls",
    Auth => "auth",
    Mail => "mail",
    Rcpt => "rcpt",
    Data => "data",
    Body => "body",
    Render => "render",
});

/// What an attempt, or the end of waiting for one, came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The relay accepted the message.
    Delivered,
    /// Refused for now; tried again by the retry schedule.
    Deferred,
    /// Refused for good.
    Bounced,
    /// The final dot was handed to the stream and no reply came: only the operator can decide.
    InDoubt,
    /// Not the recipient's doing: back in the queue, and no attempt is counted.
    Requeued,
    /// Deferred until the retry schedule gave up.
    Expired,
    /// The address was on the suppression list by the time its turn came.
    Suppressed,
}

stored_words!(Outcome, "outcome", {
    Delivered => "delivered",
    Deferred => "deferred",
    Bounced => "bounced",
    InDoubt => "in_doubt",
    Requeued => "requeued",
    Expired => "expired",
    Suppressed => "suppressed",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_log_are_those_scripts_rely_on() {
        let stages: Vec<_> = Stage::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(stages.join("|"), "connect|ehlo|starttls|auth|mail|rcpt|data|body|render");
        let outcomes: Vec<_> = Outcome::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(outcomes.join("|"), "delivered|deferred|bounced|in_doubt|requeued|expired|suppressed");
    }

    #[test]
    fn what_is_stored_is_read_back_and_json_says_the_same() {
        for &stage in Stage::ALL {
            assert_eq!(stage.as_str().parse(), Ok(stage));
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.as_str());
        }
        for &outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        let unknown = "teleported".parse::<Outcome>().unwrap_err();
        assert_eq!(unknown.to_string(), "`teleported` is no outcome");
    }
}
