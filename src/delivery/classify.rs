//! Whose fault a failure is, and what becomes of the recipient: one table, for every stage and cause.
//!
//! The first line that matches wins.
//!
//! | # | stage | cause | blame | outcome | halt |
//! | --- | --- | --- | --- | --- | --- |
//! | 1 | render | any; an unsendable message anywhere | message | bounced | |
//! | 2 | any | 421: the relay closes the channel (RFC 5321 3.8, 4.2.2) | relay | requeued | |
//! | 3 | connect, ehlo, starttls, auth | 5xx, TLS, a protocol broken or lacking | relay | requeued | yes |
//! | 4 | connect, ehlo, starttls, auth | all else | relay | requeued | |
//! | 5 | body, dot handed over | no reply that decides | session | in doubt | |
//! | 6 | mail to body | no reply that decides | session | requeued | |
//! | 7 | mail to body | 530, 534, 535, 538: log in, use TLS (RFC 4954 section 6, RFC 3207) | relay | requeued | yes |
//! | 8 | mail to body | 5xx with 5.7.25, 5.7.26, 5.7.28, 5.7.515: sender's authentication or policy (RFC 7372) | sender | requeued | yes |
//! | 9 | mail | 552 or x.3.4: too big (RFC 1870 section 6.1, RFC 3463 section 3.4) | message | bounced | |
//! | 10 | mail | other 5xx | sender | requeued | yes |
//! | 11 | mail | 4xx | relay | requeued | |
//! | 12 | rcpt | 5xx that says the relay does not relay for us | relay | requeued | yes |
//! | 13 | rcpt, data | 502, 503: the relay does not follow the dialogue (RFC 5321 4.2.4, 4.3.2) | relay | requeued | yes |
//! | 14 | rcpt | 552: once meant too many recipients, so a 452 (RFC 5321 4.5.3.1.10) | recipient | deferred | |
//! | 15 | rcpt, data, body | 4xx | recipient or message | deferred | |
//! | 16 | rcpt, data, body | 5xx | recipient or message | bounced | |
//!
//! At RCPT a refusal is about the recipient; later it is about the message, unless the enhanced code names the
//! address or the mailbox (x.1.x, x.2.x).

use super::failure::{Cause, Failure};
use super::reply::Reply;
use super::words::{Outcome, Stage};

/// Whose fault a failure is, which says what else it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// This connection: open another.
    Session,
    /// The relay, or our access to it: every recipient would fare the same. Slow down, try later.
    Relay,
    /// Our sending address or domain: every recipient would fare the same.
    Sender,
    /// What was sent. Says nothing about the address.
    Message,
    /// This address.
    Recipient,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Whose fault it is.
    pub blame: Blame,
    /// What becomes of the recipient: requeued, deferred, bounced or in doubt.
    pub outcome: Outcome,
    /// Only the operator can mend it; trying on would spend recipients or attempts. The run stops, or, where the relay
    /// is to blame and another one is left, goes on without this relay.
    pub halt: bool,
}

/// How often a message may take its connection down with it before that counts as its own temporary failure.
const REQUEUES_AFTER_DATA: u32 = 3;

impl Verdict {
    const fn new(blame: Blame, outcome: Outcome) -> Self {
        Self { blame, outcome, halt: false }
    }

    const fn halting(blame: Blame) -> Self {
        Self { blame, outcome: Outcome::Requeued, halt: true }
    }

    /// The same verdict, knowing how often this recipient was requeued before at DATA or later: a message that
    /// brings down one connection after another must not go round for ever. The third time is a deferral.
    #[must_use]
    pub fn after_requeues(self, stage: Stage, earlier: u32) -> Self {
        let again = self.outcome == Outcome::Requeued
            && !self.halt
            && matches!(stage, Stage::Data | Stage::Body)
            && earlier.saturating_add(1) >= REQUEUES_AFTER_DATA;
        if again { Self::new(Blame::Message, Outcome::Deferred) } else { self }
    }
}

/// The verdict on a failure, by the table at the head of this module.
pub fn classify(failure: &Failure) -> Verdict {
    if failure.stage == Stage::Render || matches!(failure.cause, Cause::Unsendable(_)) {
        return Verdict::new(Blame::Message, Outcome::Bounced);
    }
    match (failure.stage, &failure.cause) {
        (_, Cause::Reply(reply)) if reply.code == 421 => Verdict::new(Blame::Relay, Outcome::Requeued),
        (Stage::Connect | Stage::Ehlo | Stage::Starttls | Stage::Auth, cause) => no_session(cause),
        (stage, Cause::Reply(reply)) if reply.is_transient() || reply.is_permanent() => refusal(stage, reply),
        _ if failure.dot_handed => Verdict::new(Blame::Session, Outcome::InDoubt),
        _ => Verdict::new(Blame::Session, Outcome::Requeued),
    }
}

/// Lines 3 and 4: there is no session to send anything over.
fn no_session(cause: &Cause) -> Verdict {
    let for_good = match cause {
        Cause::Reply(reply) => reply.is_permanent(),
        Cause::Tls(_) | Cause::Protocol(_) => true,
        _ => false,
    };
    if for_good { Verdict::halting(Blame::Relay) } else { Verdict::new(Blame::Relay, Outcome::Requeued) }
}

/// Lines 7 to 16: a 4xx or 5xx within a transaction.
fn refusal(stage: Stage, reply: &Reply) -> Verdict {
    if wants_login(reply) {
        return Verdict::halting(Blame::Relay);
    }
    if is_sender_policy(reply) {
        return Verdict::halting(Blame::Sender);
    }
    match stage {
        Stage::Mail if is_too_big(reply) => Verdict::new(Blame::Message, Outcome::Bounced),
        Stage::Mail if reply.is_permanent() => Verdict::halting(Blame::Sender),
        Stage::Mail => Verdict::new(Blame::Relay, Outcome::Requeued),
        Stage::Rcpt if denies_relaying(reply) => Verdict::halting(Blame::Relay),
        Stage::Rcpt | Stage::Data if matches!(reply.code, 502 | 503) => Verdict::halting(Blame::Relay),
        Stage::Rcpt if reply.code == 552 => Verdict::new(Blame::Recipient, Outcome::Deferred),
        _ if reply.is_transient() => Verdict::new(blame_of_refusal(stage, reply), Outcome::Deferred),
        _ => Verdict::new(blame_of_refusal(stage, reply), Outcome::Bounced),
    }
}

fn blame_of_refusal(stage: Stage, reply: &Reply) -> Blame {
    let names_the_address = reply.enhanced.is_some_and(|code| matches!(code.subject, 1 | 2));
    if stage == Stage::Rcpt || names_the_address { Blame::Recipient } else { Blame::Message }
}

/// The relay wants what it should have had at the start (RFC 4954 section 6; 530 is RFC 3207's too).
fn wants_login(reply: &Reply) -> bool {
    matches!(reply.code, 530 | 534 | 535 | 538)
}

/// Refusals of the sender's authentication and standing, whichever recipient they are said to: reverse DNS
/// and several checks at once (RFC 7372), rate by reputation (Gmail), authentication (Outlook).
fn is_sender_policy(reply: &Reply) -> bool {
    const CODES: [(u16, u16); 4] = [(7, 25), (7, 26), (7, 28), (7, 515)];
    reply.is_permanent()
        && reply.enhanced.is_some_and(|code| CODES.iter().any(|&(subject, detail)| code.is(subject, detail)))
}

fn is_too_big(reply: &Reply) -> bool {
    reply.code == 552 || (reply.is_permanent() && reply.enhanced.is_some_and(|code| code.is(3, 4)))
}

/// The relay refuses to relay for us at all. No code is reserved for it (550 and 554 5.7.1 also refuse single
/// recipients), so the words of the common servers are what tells it. A relay that quotes a server further on
/// ("… said: 550 relaying denied") speaks of that one recipient.
fn denies_relaying(reply: &Reply) -> bool {
    const WORDS: [&str; 6] = [
        "relay access denied",
        "relaying denied",
        "relay not permitted",
        "unable to relay",
        "relaying not allowed",
        "not permitted to relay",
    ];
    let text = reply.text.to_ascii_lowercase();
    reply.is_permanent() && !text.contains("said:") && WORDS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every stage × everything a relay or the network can do, as the operator would see it:
    /// `outcome`, `!` where the run halts, and who is to blame.
    const TABLE: &str = "
                 connect      ehlo         starttls     auth         mail         rcpt           data           body           dot
        closed   requeued/R   requeued/R   requeued/R   requeued/R   requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        timeout  requeued/R   requeued/R   requeued/R   requeued/R   requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        io       requeued/R   requeued/R   requeued/R   requeued/R   requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        tls      requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        protocol requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        unsendable bounced/m  bounced/m    bounced/m    bounced/m    bounced/m    bounced/m      bounced/m      bounced/m      bounced/m
        250      requeued/R   requeued/R   requeued/R   requeued/R   requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        354      requeued/R   requeued/R   requeued/R   requeued/R   requeued/s   requeued/s     requeued/s     requeued/s     in_doubt/s
        421      requeued/R   requeued/R   requeued/R   requeued/R   requeued/R   requeued/R     requeued/R     requeued/R     requeued/R
        421-4.7.0 requeued/R  requeued/R   requeued/R   requeued/R   requeued/R   requeued/R     requeued/R     requeued/R     requeued/R
        450      requeued/R   requeued/R   requeued/R   requeued/R   requeued/R   deferred/r     deferred/m     deferred/m     deferred/m
        451-4.7.1 requeued/R  requeued/R   requeued/R   requeued/R   requeued/R   deferred/r     deferred/m     deferred/m     deferred/m
        452-4.2.2 requeued/R  requeued/R   requeued/R   requeued/R   requeued/R   deferred/r     deferred/r     deferred/r     deferred/r
        452-4.5.3 requeued/R  requeued/R   requeued/R   requeued/R   requeued/R   deferred/r     deferred/m     deferred/m     deferred/m
        454-4.7.0 requeued/R  requeued/R   requeued/R   requeued/R   requeued/R   deferred/r     deferred/m     deferred/m     deferred/m
        500      requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued!/S  bounced/r      bounced/m      bounced/m      bounced/m
        503-5.5.1 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/S  requeued!/R    requeued!/R    bounced/m      bounced/m
        530-5.7.0 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued!/R    requeued!/R    requeued!/R    requeued!/R
        535-5.7.8 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued!/R    requeued!/R    requeued!/R    requeued!/R
        550      requeued!/R  requeued!/R  requeued!/R  requeued!/R  requeued!/S  bounced/r      bounced/m      bounced/m      bounced/m
        550-5.1.1 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/S  bounced/r      bounced/r      bounced/r      bounced/r
        550-5.7.1 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/S  bounced/r      bounced/m      bounced/m      bounced/m
        550-5.7.25 requeued!/R requeued!/R requeued!/R  requeued!/R  requeued!/S  requeued!/S    requeued!/S    requeued!/S    requeued!/S
        550-5.7.26 requeued!/R requeued!/R requeued!/R  requeued!/R  requeued!/S  requeued!/S    requeued!/S    requeued!/S    requeued!/S
        550-5.7.28 requeued!/R requeued!/R requeued!/R  requeued!/R  requeued!/S  requeued!/S    requeued!/S    requeued!/S    requeued!/S
        550-5.7.515 requeued!/R requeued!/R requeued!/R requeued!/R  requeued!/S  requeued!/S    requeued!/S    requeued!/S    requeued!/S
        552      requeued!/R  requeued!/R  requeued!/R  requeued!/R  bounced/m    deferred/r     bounced/m      bounced/m      bounced/m
        552-5.3.4 requeued!/R requeued!/R  requeued!/R  requeued!/R  bounced/m    deferred/r     bounced/m      bounced/m      bounced/m
        554-5.3.4 requeued!/R requeued!/R  requeued!/R  requeued!/R  bounced/m    bounced/r      bounced/m      bounced/m      bounced/m
        554-5.7.1 requeued!/R requeued!/R  requeued!/R  requeued!/R  requeued!/S  bounced/r      bounced/m      bounced/m      bounced/m
    ";

    fn cause(name: &str) -> Cause {
        match name {
            "closed" => Cause::Closed,
            "timeout" => Cause::Timeout,
            "io" => Cause::Io("reset".into()),
            "tls" => Cause::Tls("expired".into()),
            "protocol" => Cause::Protocol("nonsense".into()),
            "unsendable" => Cause::Unsendable("a bare line feed".into()),
            reply => {
                let (code, enhanced) = reply.split_once('-').unwrap_or((reply, ""));
                Cause::Reply(Reply::new(code.parse().unwrap(), [format!("{enhanced} words").as_str()]))
            }
        }
    }

    fn failure(stage: &str, cause: Cause) -> Failure {
        match stage {
            "dot" => Failure::after_dot(cause),
            stage => Failure::new(stage.parse().unwrap(), cause),
        }
    }

    fn seen(verdict: Verdict) -> String {
        let blame = match verdict.blame {
            Blame::Session => "s",
            Blame::Relay => "R",
            Blame::Sender => "S",
            Blame::Message => "m",
            Blame::Recipient => "r",
        };
        format!("{}{}/{blame}", verdict.outcome, if verdict.halt { "!" } else { "" })
    }

    #[test]
    fn every_stage_and_cause_has_the_verdict_of_the_table() {
        let mut lines = TABLE.lines().filter(|line| !line.trim().is_empty());
        let stages: Vec<_> = lines.next().unwrap().split_whitespace().collect();
        let mut cells = 0;
        for line in lines {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            for (stage, expected) in stages.iter().zip(words.by_ref()) {
                assert_eq!(seen(classify(&failure(stage, cause(name)))), expected, "{name} at {stage}");
                cells += 1;
            }
            assert_eq!(words.next(), None, "{name}");
        }
        assert_eq!(cells, 30 * stages.len());
    }

    #[test]
    fn a_message_that_cannot_be_built_bounces_whatever_else_is_said() {
        for name in ["closed", "421", "250", "550-5.7.26", "unsendable"] {
            assert_eq!(seen(classify(&failure("render", cause(name)))), "bounced/m", "{name}");
        }
    }

    /// A password forgotten or a network moved must not bounce the whole list.
    #[test]
    fn a_relay_that_does_not_relay_for_us_stops_the_run_and_spends_nobody() {
        for (code, text) in [
            (554, "5.7.1 <a@b.example>: Relay access denied"),
            (550, "5.7.1 a@b.example... Relaying denied. Proper authentication required."),
            (550, "relay not permitted"),
            (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
        ] {
            let refused = Failure::new(Stage::Rcpt, Cause::Reply(Reply::new(code, [text])));
            assert_eq!(seen(classify(&refused)), "requeued!/R", "{text}");
        }
        let text = "5.1.1 undeliverable address: host mx.b.example said: 550 relay not permitted";
        let quoted = Failure::new(Stage::Rcpt, Cause::Reply(Reply::new(550, [text])));
        assert_eq!(seen(classify(&quoted)), "bounced/r");
    }

    #[test]
    fn the_third_connection_a_message_brings_down_counts_against_it() {
        let lost = classify(&Failure::new(Stage::Body, Cause::Closed));
        assert_eq!(lost.after_requeues(Stage::Body, 0).outcome, Outcome::Requeued);
        assert_eq!(lost.after_requeues(Stage::Data, 1).outcome, Outcome::Requeued);
        assert_eq!(lost.after_requeues(Stage::Body, 2).outcome, Outcome::Deferred);
        assert_eq!(lost.after_requeues(Stage::Rcpt, 9).outcome, Outcome::Requeued, "not after DATA");
        let halted = classify(&failure("body", cause("550-5.7.26")));
        assert_eq!(halted.after_requeues(Stage::Body, 9), halted, "not the message's doing");
    }
}
