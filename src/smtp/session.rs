//! The session: one message after the other, each in two steps.
//!
//! | phase | `offer` | `body` |
//! | --- | --- | --- |
//! | ready | accepted: → data; refused: → ready, a RSET goes before the next MAIL | a bug |
//! | data: the relay said 354 and waits for the message | a bug | any reply but 421: → ready |
//! | broken | a bug | a bug |
//!
//! A timeout, an I/O error, a breach of the protocol, a 421, or the drop of a future half-way: → broken, and
//! it stays so. Each step leaves the phase *broken* until it has come to its end, which is what makes a
//! cancelled one safe.
//!
//! The two steps are apart so that the caller can make the intent durable between them, with the recipient
//! already accepted: nothing is in doubt that the relay would have refused anyway.

use std::time::Duration;

use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::MailParameter;

use super::capabilities::Capabilities;
use super::endpoint::{Endpoint, Timeouts};
use super::open::{open, unexpected};
use super::payload::{Envelope, Payload};
use super::transcript;
use super::wire::{Command, Wire};
use crate::delivery::{Cause, Failure, Reply, Stage};

/// The message is written in blocks of this size, each within its limit. One that is no longer than a block
/// leaves in one write.
const BLOCK_BYTES: usize = 128 * 1_024;

/// After our side can write no more, a reply is not waited for longer than this: it is there, or it is not.
const LAST_WORDS: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Between messages; with `reset`, a transaction may have been left open.
    Ready { reset: bool },
    /// After 354.
    Data,
    /// Of no use any more.
    Broken,
}

/// What a command came to, on a connection that is still good.
enum Answer {
    Accepted,
    Refused(Failure),
}

/// An open, logged-in SMTP session.
pub struct Session {
    wire: Wire,
    capabilities: Capabilities,
    timeouts: Timeouts,
    phase: Phase,
}

impl Session {
    /// Connects, secures the connection as asked, logs in.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, Failure> {
        let (wire, capabilities) = open(endpoint).await?;
        Ok(Self { wire, capabilities, timeouts: endpoint.timeouts, phase: Phase::Ready { reset: false } })
    }

    /// What the relay can do.
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Whether the next message may be offered over it. If not, drop it or [`quit`](Self::quit) it.
    pub const fn usable(&self) -> bool {
        matches!(self.phase, Phase::Ready { .. })
    }

    /// MAIL, RCPT and DATA, in one write where the relay can do that (RFC 2920). On success it waits for the
    /// message: either [`body`](Self::body) follows, or the session must be dropped. After a refusal the
    /// session stays usable; a failure never comes after the final dot.
    pub async fn offer(&mut self, envelope: &Envelope, payload: &Payload) -> Result<(), Failure> {
        let Phase::Ready { reset } = std::mem::replace(&mut self.phase, Phase::Broken) else {
            return Err(out_of_turn(Stage::Mail));
        };
        if let Err(too_big) = self.check_size(payload) {
            self.phase = Phase::Ready { reset };
            return Err(too_big);
        }
        if reset && !self.capabilities.pipelining {
            self.command(Stage::Mail, Command::new(Rset)).await?;
            self.reset_done().await?;
        }
        let mail = Command::new(Mail::new(Some(envelope.from.clone()), self.mail_parameters(payload)));
        let rcpt = Command::new(Rcpt::new(envelope.to.clone(), Vec::new()));
        let answer = if self.capabilities.pipelining {
            self.offer_pipelined(reset, mail, rcpt).await?
        } else {
            self.offer_in_turn(mail, rcpt).await?
        };
        match answer {
            Answer::Accepted => {
                self.phase = Phase::Data;
                Ok(())
            }
            Answer::Refused(refusal) => {
                // Even where MAIL was refused: the reply to RSET shows that both sides are still in step.
                self.phase = Phase::Ready { reset: true };
                Err(refusal)
            }
        }
    }

    /// The message and its final dot. `Ok` is the reply by which the relay took it over. A failure says whether
    /// the dot had been handed to the stream ([`Failure::dot_handed`]); from then on only a reply decides.
    pub async fn body(&mut self, payload: &Payload) -> Result<Reply, Failure> {
        let Phase::Data = std::mem::replace(&mut self.phase, Phase::Broken) else {
            return Err(out_of_turn(Stage::Body));
        };
        transcript::client(&format!("(message, {} bytes)", payload.size_bytes()));
        let (before, last) = payload.split_before_dot(BLOCK_BYTES);
        for block in before.chunks(BLOCK_BYTES) {
            self.write_block(block).await?;
        }
        self.refused_early().await?;

        // From this call on the relay may have the message.
        let written = self.wire.write(Stage::Body, self.timeouts.block, last).await;
        let patience = if written.is_ok() { self.timeouts.dot } else { LAST_WORDS };
        let reply = match (self.wire.reply(Stage::Body, patience).await, written) {
            (Ok(reply), _) => reply.to_reply(),
            (Err(failure), Ok(())) | (Err(_), Err(failure)) => return Err(Failure::after_dot(failure.cause)),
        };
        if reply.code != 421 {
            self.phase = Phase::Ready { reset: !reply.is_positive() };
        }
        if reply.is_positive() {
            return Ok(reply);
        }
        let failure = unexpected(Stage::Body, reply);
        if !matches!(failure.cause, Cause::Reply(_)) {
            self.phase = Phase::Broken;
        }
        Err(Failure::after_dot(failure.cause))
    }

    /// Says goodbye where that makes sense, and closes the connection; bounded by the limit for QUIT.
    pub async fn quit(mut self) {
        let limit = self.timeouts.quit;
        // In the middle of a message QUIT would be text, and after an error nobody listens.
        if self.usable() && self.wire.send(Stage::Mail, limit, &[Command::new(Quit)]).await.is_ok() {
            let _goodbye = self.wire.reply(Stage::Mail, limit).await;
        }
        self.wire.close(limit).await;
    }

    /// RFC 1870 section 6.1, without the round trip: the relay would say 552.
    fn check_size(&self, payload: &Payload) -> Result<(), Failure> {
        let size = payload.size_bytes();
        match self.capabilities.max_size_bytes {
            Some(limit) if limit < size as u64 => {
                let why = format!("the message has {size} bytes, and the relay takes no more than {limit}");
                Err(Failure::new(Stage::Mail, Cause::Unsendable(why)))
            }
            _ => Ok(()),
        }
    }

    fn mail_parameters(&self, payload: &Payload) -> Vec<MailParameter> {
        if self.capabilities.size { vec![MailParameter::Size(payload.size_bytes())] } else { Vec::new() }
    }

    async fn offer_in_turn(&mut self, mail: Command, rcpt: Command) -> Result<Answer, Failure> {
        for (stage, command) in [(Stage::Mail, mail), (Stage::Rcpt, rcpt), (Stage::Data, Command::new(Data))]
        {
            self.command(stage, command).await?;
            if let Answer::Refused(refusal) = self.answer(stage).await? {
                return Ok(Answer::Refused(refusal));
            }
        }
        Ok(Answer::Accepted)
    }

    async fn offer_pipelined(
        &mut self,
        reset: bool,
        mail: Command,
        rcpt: Command,
    ) -> Result<Answer, Failure> {
        let mut commands = Vec::with_capacity(4);
        if reset {
            commands.push(Command::new(Rset));
        }
        commands.extend([mail, rcpt, Command::new(Data)]);
        self.wire.send(Stage::Mail, self.timeouts.mail, &commands).await?;
        if reset {
            self.reset_done().await?;
        }
        let mail = self.answer(Stage::Mail).await?;
        let rcpt = self.answer(Stage::Rcpt).await;
        let data = match rcpt {
            Ok(_) => self.answer(Stage::Data).await,
            Err(_) => Err(out_of_turn(Stage::Data)),
        };
        // A refusal that is known stays what it is, even if the connection broke after it.
        match (mail, rcpt, data) {
            // The relay waits for a message with neither sender nor recipients, or has gone: never mind it.
            (Answer::Refused(refusal), _, Ok(Answer::Refused(_))) => Ok(Answer::Refused(refusal)),
            (Answer::Refused(refusal), _, _) => Err(refusal),
            (Answer::Accepted, Ok(Answer::Refused(refusal)), data) => {
                self.without_recipient(refusal, data).await
            }
            (Answer::Accepted, Ok(Answer::Accepted), data) => data,
            (Answer::Accepted, Err(failure), _) => Err(failure),
        }
    }

    /// After a refused RCPT: DATA went out with it. A relay that said 354 all the same gets an empty message,
    /// which has no recipient and goes nowhere (RFC 2920 section 3.1).
    async fn without_recipient(
        &mut self,
        refusal: Failure,
        data: Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        match data {
            Ok(Answer::Refused(_)) => Ok(Answer::Refused(refusal)),
            Err(_) => Err(refusal),
            Ok(Answer::Accepted) => {
                let end = Command::new(".\r\n");
                let ended = match self.wire.send(Stage::Data, self.timeouts.data, &[end]).await {
                    Ok(()) => self.wire.reply(Stage::Data, self.timeouts.dot).await,
                    Err(failure) => Err(failure),
                };
                match ended {
                    Ok(reply) if reply.code != 421 && reply.code / 100 != 3 => Ok(Answer::Refused(refusal)),
                    _ => Err(refusal),
                }
            }
        }
    }

    async fn command(&mut self, stage: Stage, command: Command) -> Result<(), Failure> {
        self.wire.send(stage, self.limit(stage), &[command]).await
    }

    /// The reply to MAIL, RCPT or DATA. `Err` means that the session is of no use any more.
    async fn answer(&mut self, stage: Stage) -> Result<Answer, Failure> {
        let reply = self.wire.reply(stage, self.limit(stage)).await?.to_reply();
        let accepted = match stage {
            // RFC 5321 4.3.2: nothing else opens the way for the message.
            Stage::Data => reply.code == 354,
            _ => reply.is_positive(),
        };
        if accepted {
            return Ok(Answer::Accepted);
        }
        let closing = reply.code == 421;
        let failure = unexpected(stage, reply);
        match failure.cause {
            Cause::Reply(_) if !closing => Ok(Answer::Refused(failure)),
            _ => Err(failure),
        }
    }

    /// The reply to RSET, which cannot be refused (RFC 5321 4.1.1.5).
    async fn reset_done(&mut self) -> Result<(), Failure> {
        let reply = self.wire.reply(Stage::Mail, self.timeouts.mail).await?.to_reply();
        match reply.code {
            code if code / 100 == 2 => Ok(()),
            421 => Err(Failure::new(Stage::Mail, Cause::Reply(reply))),
            _ => Err(Failure::new(
                Stage::Mail,
                Cause::Protocol(format!("the relay answered RSET with {reply}")),
            )),
        }
    }

    /// One block that does not carry the dot. Where it cannot be written, the relay may have said why.
    async fn write_block(&mut self, block: &[u8]) -> Result<(), Failure> {
        self.refused_early().await?;
        match self.wire.write(Stage::Body, self.timeouts.block, block).await {
            Err(failure) if failure.cause == Cause::Closed => {
                let reply = self.wire.reply(Stage::Body, LAST_WORDS).await;
                Err(reply.map_or(failure, |reply| unexpected(Stage::Body, reply.to_reply())))
            }
            written => written,
        }
    }

    /// A relay may refuse the message, or close, before it has seen the end: then no doubt arises.
    async fn refused_early(&mut self) -> Result<(), Failure> {
        match self.wire.unasked(Stage::Body).await? {
            Some(reply) => Err(unexpected(Stage::Body, reply.to_reply())),
            None => Ok(()),
        }
    }

    const fn limit(&self, stage: Stage) -> Duration {
        match stage {
            Stage::Mail => self.timeouts.mail,
            Stage::Rcpt => self.timeouts.rcpt,
            Stage::Data => self.timeouts.data,
            _ => self.timeouts.command,
        }
    }
}

/// A bug of the caller; nothing is sent.
fn out_of_turn(stage: Stage) -> Failure {
    Failure::new(stage, Cause::Protocol("the session is not at the point where this can be sent".to_owned()))
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("phase", &self.phase).finish_non_exhaustive()
    }
}
