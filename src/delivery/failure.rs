//! An attempt that did not end in a 2xx: how far it came, and why.

use std::fmt;

use super::reply::Reply;
use super::words::Stage;

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The relay said no.
    Reply(Reply),
    /// The relay did not answer, or did not take our bytes, within the stage's time.
    Timeout,
    /// The relay closed the connection.
    Closed,
    /// The operating system could not: name lookup, connect, read or write.
    Io(String),
    /// TLS did not come about: certificate or handshake.
    Tls(String),
    /// The relay broke the protocol, or lacks what is required of it.
    Protocol(String),
    /// What was to be sent cannot be sent to anybody: found before a byte of it left.
    Unsendable(String),
}

/// A failed attempt. `Display` gives one line for a person, with the stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {cause}", DuringStage(*stage))]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
    /// Whether the write that carries the final dot had begun. From then on the relay may have the message,
    /// and only a reply decides: TLS or the kernel may have sent what was reported as not written.
    pub dot_handed: bool,
}

impl Failure {
    /// A failure before the final dot was handed to the stream.
    pub const fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause, dot_handed: false }
    }

    /// A failure after the final dot was handed to the stream.
    pub const fn after_dot(cause: Cause) -> Self {
        Self { stage: Stage::Body, cause, dot_handed: true }
    }

    /// The message could not be built or cannot be put on the wire.
    pub fn unsendable(why: impl Into<String>) -> Self {
        Self::new(Stage::Render, Cause::Unsendable(why.into()))
    }

    /// The relay's reply, where there was one.
    pub const fn reply(&self) -> Option<&Reply> {
        match &self.cause {
            Cause::Reply(reply) => Some(reply),
            _ => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Reply(reply) => write!(f, "the relay answered {reply}"),
            Cause::Timeout => f.write_str("no answer in time"),
            Cause::Closed => f.write_str("the relay closed the connection"),
            Cause::Io(why) | Cause::Tls(why) | Cause::Protocol(why) | Cause::Unsendable(why) => {
                f.write_str(why)
            }
        }
    }
}

/// The stage as it reads in a sentence.
struct DuringStage(Stage);

impl fmt::Display for DuringStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Stage::Connect => "connecting",
            Stage::Ehlo => "at EHLO",
            Stage::Starttls => "at STARTTLS",
            Stage::Auth => "logging in",
            Stage::Mail => "at MAIL",
            Stage::Rcpt => "at RCPT",
            Stage::Data => "at DATA",
            Stage::Body => "sending the message",
            Stage::Render => "building the message",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_one_line_with_its_stage() {
        let refused = Failure::new(Stage::Rcpt, Cause::Reply(Reply::new(550, ["5.1.1 no such user"])));
        assert_eq!(refused.to_string(), "at RCPT: the relay answered 550 5.1.1 no such user");
        assert_eq!(Failure::after_dot(Cause::Timeout).to_string(), "sending the message: no answer in time");
    }
}
