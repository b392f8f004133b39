//! One attempt on one recipient: offer, intent, message, result.

use std::sync::Arc;

use tokio::time::Instant;

use super::events::{Event, Halt};
use super::job::next_attempt;
use super::ports::{ComposeError, Connect, Link, Store};
use super::relays::Station;
use super::worker::{Worker, long_stopped};
use crate::delivery::{Blame, Cause, Failure, Outcome, Reply, Stage, classify};
use crate::ledger::{Attempt, Intent, LedgerError, Recipient};
use crate::smtp::Payload;

impl<S: Store, C: Connect> Worker<S, C> {
    /// Whether it counts as a message of this time (for `--limit`).
    pub(super) async fn deliver(
        &mut self,
        station: &Station<S, C>,
        relay: usize,
        recipient: &Recipient,
    ) -> Result<bool, LedgerError> {
        let shared = Arc::clone(&self.shared);
        let started = Instant::now();
        let build = recipient.build.unwrap_or_else(|| shared.build());
        let (envelope, payload) = match shared.messages.compose(recipient, build, shared.clock.wall()) {
            Ok(prepared) => prepared,
            Err(ComposeError::Recipient(failure)) => {
                return self.settle(station, relay, recipient, started, failure).await;
            }
            Err(ComposeError::Run(why)) => {
                shared.halt(Halt::Broken(why));
                return Ok(false);
            }
        };
        let Some(session) = &mut self.session else { return Ok(false) };
        let offered = tokio::select! {
            biased;
            offered = session.link.offer(&envelope, &payload) => offered,
            // Nothing is in flight before the intent: leaving costs a connection, and nobody is in doubt.
            () = long_stopped(&shared.stop) => {
                self.session = None;
                return Ok(false);
            }
        };
        session.used = Instant::now();
        session.messages += 1;
        if let Err(failure) = offered {
            return self.settle(station, relay, recipient, started, failure).await;
        }
        let intent = shared.store.intent(shared.run, recipient.n, shared.clock.now(), build).await?;
        if intent != Intent::Granted {
            // The relay waits for a message that must not come: only closing the connection says so.
            self.session = None;
            if intent == Intent::Suppressed {
                shared.emit(Event::Attempt { outcome: Outcome::Suppressed, reply: None });
            } else {
                // Paused, cancelled, or to be tried again with a newer build.
                shared.follow_orders().await?;
            }
            return Ok(false);
        }
        match self.body(&payload).await {
            Ok(reply) => {
                shared.relay_works(station, relay);
                let mut attempt =
                    shared.reached(station, recipient, started, Outcome::Delivered, Some(&reply));
                attempt.stage = Some(Stage::Body);
                shared.record(attempt, Some(reply)).await?;
                shared.result(false);
                Ok(true)
            }
            Err(failure) => self.settle(station, relay, recipient, started, failure).await,
        }
    }

    async fn body(&mut self, payload: &Payload) -> Result<Reply, Failure> {
        match &mut self.session {
            Some(session) => {
                let reply = session.link.body(payload).await;
                session.used = Instant::now();
                reply
            }
            None => Err(Failure::new(Stage::Body, Cause::Closed)),
        }
    }

    /// Records what a failure means, and takes from it what it means for the relay and for the run.
    async fn settle(
        &mut self,
        station: &Station<S, C>,
        relay: usize,
        recipient: &Recipient,
        started: Instant,
        failure: Failure,
    ) -> Result<bool, LedgerError> {
        let shared = Arc::clone(&self.shared);
        if self.session.as_ref().is_some_and(|session| !session.link.usable()) {
            self.session = None;
        }
        let verdict = classify(&failure);
        let outcome = verdict.after_requeues(failure.stage, recipient.requeues).outcome;
        let mut attempt = shared.attempt(station, Some(recipient), started, &failure);
        attempt.outcome = outcome;
        let now = shared.clock.now();
        let next = next_attempt(&shared.retry, recipient, now);
        if outcome == Outcome::Deferred {
            attempt.next_attempt_at = Some(next.unwrap_or(now));
        }
        shared.record(attempt, failure.reply().cloned()).await?;
        if outcome == Outcome::Deferred && next.is_none() {
            // The next try would come after `give_up`: there is none.
            let expired = shared.reached(station, recipient, started, Outcome::Expired, None);
            shared.record(expired, None).await?;
        }
        if outcome == Outcome::Bounced && failure.reply().is_some() {
            shared.result(true);
        }
        shared.relay_failed(station, relay, &failure, Some(recipient)).await?;
        if verdict.blame == Blame::Relay {
            // A relay that refuses everybody for now, and keeps the connection, would be asked again at once over
            // it: the way back leads through the circuit and its pauses.
            self.hang_up().await;
        }
        Ok(outcome != Outcome::Requeued)
    }
}

impl<S: Store, C: Connect> super::shared::Shared<S, C> {
    /// A failed attempt, on a recipient or before there was one, as it is recorded.
    pub(super) fn attempt(
        &self,
        station: &Station<S, C>,
        recipient: Option<&Recipient>,
        started: Instant,
        failure: &Failure,
    ) -> Attempt {
        let reply = failure.reply();
        let unsaid = || Some(failure.cause.to_string());
        Attempt {
            n: recipient.map(|recipient| recipient.n),
            outcome: Outcome::Requeued,
            stage: Some(failure.stage),
            reply: reply.map_or_else(unsaid, |reply| Some(reply.text.clone())),
            ..self.told(station, started, reply)
        }
    }

    /// Another attempt on a recipient.
    pub(super) fn reached(
        &self,
        station: &Station<S, C>,
        recipient: &Recipient,
        started: Instant,
        outcome: Outcome,
        reply: Option<&Reply>,
    ) -> Attempt {
        Attempt { n: Some(recipient.n), outcome, ..self.told(station, started, reply) }
    }

    /// What every attempt of this moment has in common.
    fn told(&self, station: &Station<S, C>, started: Instant, reply: Option<&Reply>) -> Attempt {
        Attempt {
            run: self.run,
            n: None,
            at: self.clock.now(),
            outcome: Outcome::Requeued,
            stage: None,
            code: reply.map(|reply| reply.code),
            enhanced: reply.and_then(|reply| reply.enhanced).map(|enhanced| enhanced.to_string()),
            reply: reply.map(|reply| reply.text.clone()),
            relay: Some(station.relay.name.clone()),
            relay_id: reply.and_then(Reply::relay_id).map(str::to_owned),
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).ok(),
            next_attempt_at: None,
        }
    }
}
