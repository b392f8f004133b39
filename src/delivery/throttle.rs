//! Whether a refusal asks us to slow down, and whom it speaks for.
//!
//! 421 closes the channel because the relay has had enough for now (RFC 5321 3.8). 4.7.x is a refusal by policy that
//! may pass (RFC 3463 3.8): most often a rate that was exceeded. At RCPT and later a relay that quotes or asks the
//! recipient's server speaks of that domain; before, of itself.

use super::failure::{Cause, Failure};
use super::words::Stage;

/// What is to be slowed down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throttle {
    /// Everything that goes over this relay.
    Relay,
    /// What goes to the recipient's domain.
    Domain,
}

/// Whom this failure asks to slow down, if anybody.
pub fn throttle(failure: &Failure) -> Option<Throttle> {
    let Cause::Reply(reply) = &failure.cause else { return None };
    let policy =
        reply.is_transient() && reply.enhanced.is_some_and(|code| code.class == 4 && code.subject == 7);
    match failure.stage {
        _ if reply.code == 421 => Some(Throttle::Relay),
        _ if !policy || is_greylisting(&reply.text) => None,
        Stage::Rcpt | Stage::Data | Stage::Body => Some(Throttle::Domain),
        _ => Some(Throttle::Relay),
    }
}

/// Greylisting (RFC 6647) defers each new recipient once, however slowly we come; servers say so with 4.7.1.
fn is_greylisting(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("greylist") || text.contains("graylist")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Reply;

    fn asked(stage: Stage, code: u16, text: &str) -> Option<Throttle> {
        throttle(&Failure::new(stage, Cause::Reply(Reply::new(code, [text]))))
    }

    #[test]
    fn the_relay_speaks_for_itself_before_rcpt_and_whenever_it_hangs_up() {
        for stage in [Stage::Connect, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Body] {
            assert_eq!(asked(stage, 421, "4.7.0 slow down"), Some(Throttle::Relay), "{stage:?}");
        }
        assert_eq!(asked(Stage::Mail, 450, "4.7.1 too much mail from you"), Some(Throttle::Relay));
    }

    #[test]
    fn after_that_for_the_recipients_domain() {
        for stage in [Stage::Rcpt, Stage::Data, Stage::Body] {
            assert_eq!(asked(stage, 451, "4.7.500 Server busy"), Some(Throttle::Domain), "{stage:?}");
        }
    }

    #[test]
    fn what_says_nothing_about_the_pace_does_not_change_it() {
        assert_eq!(asked(Stage::Rcpt, 450, "4.7.1 Greylisted, come back in 300 seconds"), None);
        assert_eq!(asked(Stage::Rcpt, 452, "4.2.2 mailbox full"), None);
        assert_eq!(asked(Stage::Rcpt, 550, "5.7.1 go away"), None);
        assert_eq!(throttle(&Failure::new(Stage::Mail, Cause::Timeout)), None);
    }
}
