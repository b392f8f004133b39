//! Simulated relays, which keep a record of what they took, and the letters that go to them.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::world::World;
use crate::delivery::{Cause, Failure, Reply, Stage};
use crate::dispatch::{Compose, ComposeError, Connect, Link};
use crate::ledger::Recipient;
use crate::smtp::{Envelope, Payload};

/// A message that says whom it is for by its length.
pub(super) struct Letters;

impl Compose for Letters {
    fn compose(
        &self,
        recipient: &Recipient,
        _build: u32,
        _now: Timestamp,
    ) -> Result<(Envelope, Payload), ComposeError> {
        let text = "x".repeat(usize::try_from(recipient.n).unwrap_or(0));
        let letter = || Ok((Envelope::new("b@a.example", &recipient.email)?, Payload::new(text.as_bytes())?));
        letter().map_err(ComposeError::Recipient)
    }
}

fn addressee(payload: &Payload) -> u64 {
    // Its line and the CRLF.
    payload.size_bytes() as u64 - 2
}

/// The way to a relay.
pub(super) struct Postman {
    world: World,
    relay: usize,
    process: u64,
}

impl Postman {
    pub(super) fn new(world: &World, relay: usize) -> Self {
        Self { world: world.clone(), relay, process: world.process() }
    }
}

/// A session to it.
pub(super) struct Door {
    world: World,
    relay: usize,
    process: u64,
    usable: bool,
}

impl Connect for Postman {
    type Session = Door;

    async fn open(&self) -> Result<Door, Failure> {
        self.world.takes(self.process, 20).await;
        let mut truth = self.world.truth();
        let down = truth.down_until.get(&self.relay).is_some_and(|until| *until > Instant::now());
        let cause = if down && truth.rough {
            Cause::Io("connection refused".into())
        } else if truth.strikes(20) {
            Cause::Reply(Reply::new(421, ["4.3.2 too many connections"]))
        } else if truth.strikes(4) {
            Cause::Reply(Reply::new(535, ["5.7.8 wrong password"]))
        } else {
            let (world, relay, process) = (self.world.clone(), self.relay, self.process);
            return Ok(Door { world, relay, process, usable: true });
        };
        let stage = if matches!(&cause, Cause::Reply(reply) if reply.code == 535) {
            Stage::Auth
        } else {
            Stage::Connect
        };
        Err(Failure::new(stage, cause))
    }
}

impl Door {
    fn refused(&mut self, stage: Stage, code: u16, text: &str) -> Failure {
        self.usable = code != 421;
        Failure::new(stage, Cause::Reply(Reply::new(code, [text])))
    }

    fn lost(&mut self, stage: Stage, cause: Cause) -> Failure {
        self.usable = false;
        Failure::new(stage, cause)
    }
}

impl Link for Door {
    fn usable(&self) -> bool {
        self.usable
    }

    async fn offer(&mut self, _envelope: &Envelope, _payload: &Payload) -> Result<(), Failure> {
        assert!(self.usable, "a session was used that is of no use");
        self.usable = false;
        self.world.truth().mails.entry(self.relay).or_default().push(Instant::now());
        self.world.takes(self.process, 30).await;
        self.usable = true;
        let (rough, chance) = {
            let mut truth = self.world.truth();
            (truth.rough, truth.chance.below(1_000))
        };
        match chance {
            _ if !rough => Ok(()),
            0..50 => Err(self.refused(Stage::Rcpt, 450, "4.2.0 try again later")),
            50..65 => Err(self.refused(Stage::Rcpt, 451, "4.7.500 server busy")),
            65..95 => Err(self.refused(Stage::Rcpt, 550, "5.1.1 no such user")),
            95..105 => Err(self.refused(Stage::Rcpt, 452, "4.5.3 too many recipients")),
            105..115 => Err(self.refused(Stage::Rcpt, 552, "mailbox full")),
            115..125 => Err(self.refused(Stage::Mail, 421, "4.7.0 closing")),
            125..130 => Err(self.refused(Stage::Mail, 451, "4.3.0 not now")),
            130..133 => Err(self.refused(Stage::Data, 550, "5.7.26 unauthenticated")),
            133..140 => Err(self.refused(Stage::Data, 451, "4.3.0 later")),
            140..150 => Err(self.lost(Stage::Mail, Cause::Closed)),
            150..155 => Err(self.lost(Stage::Rcpt, Cause::Closed)),
            155..165 => Err(self.lost(Stage::Data, Cause::Closed)),
            165..168 => {
                self.usable = false;
                sleep(Duration::from_secs(20)).await;
                Err(self.lost(Stage::Rcpt, Cause::Timeout))
            }
            _ => Ok(()),
        }
    }

    async fn body(&mut self, payload: &Payload) -> Result<Reply, Failure> {
        let n = addressee(payload);
        self.usable = false;
        let (chance, at_once) = {
            let mut truth = self.world.truth();
            if !truth.intents.contains(&n) {
                truth.violation(format!("a message to {n} left without a durable intent"));
            }
            let chance = if truth.rough { truth.chance.below(1_000) } else { 999 };
            (chance, truth.chance.below(2) == 0)
        };
        let takes = |chance| !matches!(chance, 0..60);
        // Whoever dies from here on may have sent it or not.
        if at_once && takes(chance) {
            self.take(n);
        }
        self.world.takes(self.process, 30).await;
        if !at_once && takes(chance) {
            self.take(n);
        }
        self.usable = true;
        match chance {
            0..20 => Err(self.refused(Stage::Body, 451, "4.3.0 try again")),
            20..35 => Err(self.refused(Stage::Body, 554, "5.7.1 looks like spam")),
            35..40 => Err(self.refused(Stage::Body, 421, "4.3.2 shutting down")),
            40..50 => Err(self.lost(Stage::Body, Cause::Closed)),
            50..70 => {
                self.usable = false;
                self.world.truth().lost_after_dot += 1;
                Err(Failure::after_dot(Cause::Closed))
            }
            _ => Ok(Reply::new(250, ["2.0.0 queued"])),
        }
    }

    async fn quit(self) {
        self.world.takes(self.process, 5).await;
    }
}

impl Door {
    fn take(&self, n: u64) {
        let mut truth = self.world.truth();
        truth.tell("accepted");
        *truth.taken.entry(n).or_default() += 1;
    }
}
