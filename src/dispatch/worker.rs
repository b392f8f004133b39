//! One session's work: recipient after recipient over one connection, opened when it is needed.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::breaker::Advice;
use super::events::{Event, Halt};
use super::queue::{Next, Queue};
use super::runner::Shared;
use crate::clock;
use crate::delivery::{Blame, Cause, Failure, Outcome, Reply, Stage, classify};
use crate::ledger::{Attempt, Intent, LedgerError, Recipient};
use crate::smtp::{Envelope, Payload, Session};

/// Works on one connection until the run ends.
pub(super) struct Worker {
    shared: Arc<Shared>,
    session: Option<Session>,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, session: None }
    }

    /// Delivers until nothing is left or the run stops.
    pub(super) async fn run(mut self) -> Result<(), LedgerError> {
        let result = self.work().await;
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
        result
    }

    async fn work(&mut self) -> Result<(), LedgerError> {
        let shared = Arc::clone(&self.shared);
        loop {
            let next = tokio::select! {
                biased;
                () = shared.stop.requested() => return Ok(()),
                next = shared.queue.next() => next?,
            };
            match next {
                Next::Recipient(recipient) => {
                    let attempted = self.deliver(&recipient).await?;
                    shared.queue.done(recipient.n, attempted);
                }
                Next::NotBefore(until) => {
                    if let Some(session) = self.session.take() {
                        session.quit().await;
                    }
                    shared.emit(Event::Waiting { until });
                    tokio::select! {
                        () = shared.stop.requested() => return Ok(()),
                        () = sleep(Queue::pause_until(until)) => {}
                    }
                }
                Next::Limit => {
                    shared.halt(Halt::Limit);
                    return Ok(());
                }
                Next::Empty => return Ok(()),
            }
        }
    }
}

impl Worker {
    /// One attempt on one recipient. Whether it counts as a message of this time (for `--limit`).
    async fn deliver(&mut self, recipient: &Recipient) -> Result<bool, LedgerError> {
        let shared = Arc::clone(&self.shared);
        let started = Instant::now();
        let (envelope, payload) = match self.prepare(recipient) {
            Ok(prepared) => prepared,
            Err(failure) => return self.settle(recipient, started, failure).await,
        };
        let mut session = match self.connected().await {
            Ok(Some(session)) => session,
            Ok(None) => return Ok(false),
            Err(failure) => return self.settle(recipient, started, failure).await,
        };
        // Only now: permits taken while the relay could not be reached would all be used at once when it can.
        tokio::select! {
            biased;
            () = shared.stop.requested() => {
                self.session = Some(session);
                return Ok(false);
            }
            () = shared.job.pace.permit() => {}
        }
        let started = Instant::now();
        let offered = session.offer(&envelope, &payload).await;
        self.session = Some(session);
        if let Err(failure) = offered {
            return self.settle(recipient, started, failure).await;
        }
        match shared.job.ledger.intent(shared.job.run, recipient.n, clock::now()).await? {
            Intent::Granted => {}
            // The relay waits for a body that must not come: only closing the connection says so.
            Intent::Suppressed => {
                self.session = None;
                shared.emit(Event::Attempt { outcome: Outcome::Suppressed, reply: None });
                return Ok(false);
            }
            Intent::Stopped => {
                self.session = None;
                shared.halt(Halt::Stopped);
                return Ok(false);
            }
        }
        match self.body(&payload).await {
            Ok(reply) => {
                shared.works();
                let stage = Some(Stage::Body);
                let attempt =
                    Attempt { stage, ..self.attempt(recipient, started, Outcome::Delivered, Some(&reply)) };
                self.record(attempt, Some(reply)).await?;
                Ok(true)
            }
            Err(failure) => self.settle(recipient, started, failure).await,
        }
    }

    /// What goes over the wire.
    fn prepare(&self, recipient: &Recipient) -> Result<(Envelope, Payload), Failure> {
        let content = &self.shared.job.content;
        let row = content.row(recipient.values.clone());
        let message = content
            .draft(&recipient.email, &row)
            .and_then(|draft| content.message(&draft, &recipient.email, clock::now()))
            .map_err(|error| Failure::unsendable(error.to_string()))?;
        Ok((Envelope::new(&content.build().bounce, &recipient.email)?, Payload::new(&message.bytes)?))
    }

    /// A connection to offer a message over, opened if there is none; none where the run is to stop meanwhile.
    async fn connected(&mut self) -> Result<Option<Session>, Failure> {
        if let Some(session) = self.session.take().filter(Session::usable) {
            return Ok(Some(session));
        }
        tokio::select! {
            biased;
            () = self.shared.stop.requested() => Ok(None),
            opened = Session::open(&self.shared.job.endpoint) => opened.map(Some),
        }
    }

    async fn body(&mut self, payload: &Payload) -> Result<Reply, Failure> {
        match &mut self.session {
            Some(session) => session.body(payload).await,
            None => Err(Failure::new(Stage::Body, Cause::Closed)),
        }
    }

    /// Records what a failure means, and takes from it what it means for the relay and for the run.
    async fn settle(
        &mut self,
        recipient: &Recipient,
        started: Instant,
        failure: Failure,
    ) -> Result<bool, LedgerError> {
        let shared = Arc::clone(&self.shared);
        if self.session.as_ref().is_some_and(|session| !session.usable()) {
            self.session = None;
        }
        let verdict = classify(&failure);
        let outcome = verdict.after_requeues(failure.stage, recipient.requeues).outcome;
        let reply = failure.reply();
        let mut attempt = self.attempt(recipient, started, outcome, reply);
        attempt.stage = Some(failure.stage);
        if reply.is_none() {
            attempt.reply = Some(failure.cause.to_string());
        }
        let now = clock::now();
        let next = shared.job.next_attempt(recipient, now);
        if outcome == Outcome::Deferred {
            attempt.next_attempt_at = Some(next.unwrap_or(now));
        }
        self.record(attempt, reply.cloned()).await?;
        if outcome == Outcome::Deferred && next.is_none() {
            // The next try would come after `give_up`: there is none.
            self.record(self.attempt(recipient, started, Outcome::Expired, None), None).await?;
        }
        if verdict.halt {
            shared.halt(Halt::Refused(failure));
        } else if matches!(verdict.blame, Blame::Session | Blame::Relay) {
            self.wait_out(failure, verdict.blame).await;
        } else if failure.reply().is_some() {
            // It refused this one for its own sake. What was found wrong on this side says nothing of the relay.
            shared.works();
        }
        Ok(outcome != Outcome::Requeued)
    }

    /// The relay as a whole failed: pause, or give the run up.
    async fn wait_out(&self, failure: Failure, blame: Blame) {
        let shared = &self.shared;
        match shared.breaker.failed(blame) {
            Advice::GiveUp => shared.halt(Halt::Outage(failure)),
            Advice::GoOn => {}
            Advice::Wait(pause) => {
                shared.emit(Event::Outage { failure, pause });
                tokio::select! {
                    () = shared.stop.requested() => {}
                    () = sleep(pause) => {}
                }
            }
        }
    }

    /// What every attempt of this moment has in common.
    fn attempt(
        &self,
        recipient: &Recipient,
        started: Instant,
        outcome: Outcome,
        reply: Option<&Reply>,
    ) -> Attempt {
        let job = &self.shared.job;
        Attempt {
            run: job.run,
            n: Some(recipient.n),
            at: clock::now(),
            outcome,
            stage: None,
            code: reply.map(|reply| reply.code),
            enhanced: reply.and_then(|reply| reply.enhanced).map(|enhanced| enhanced.to_string()),
            reply: reply.map(|reply| reply.text.clone()),
            relay: Some(job.relay.clone()),
            relay_id: reply.and_then(Reply::relay_id).map(str::to_owned),
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).ok(),
            next_attempt_at: None,
        }
    }

    async fn record(&self, attempt: Attempt, reply: Option<Reply>) -> Result<(), LedgerError> {
        let outcome = attempt.outcome;
        self.shared.job.ledger.record(attempt).await?;
        self.shared.emit(Event::Attempt { outcome, reply });
        Ok(())
    }
}
