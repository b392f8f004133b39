//! One session's work: recipient after recipient over one connection, opened when it is needed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, sleep_until};

use super::events::{Event, Halt};
use super::job::Stop;
use super::pace::Slot;
use super::ports::{Connect, Link, Store};
use super::queue::{Next, Ticket};
use super::relays::Station;
use super::shared::Shared;
use crate::delivery::Failure;
use crate::ledger::{DomainPermit, LedgerError, Recipient};

/// How long a relay has to answer what is not about a message in flight, once the run is to stop.
const LAST_ANSWER: Duration = Duration::from_millis(500);

/// Works on one connection until the run ends.
pub(super) struct Worker<S: Store, C: Connect> {
    pub(super) shared: Arc<Shared<S, C>>,
    /// From 0: says which relays have room for it.
    number: usize,
    pub(super) session: Option<Open<C::Session>>,
}

/// An open session.
pub(super) struct Open<L> {
    pub(super) link: L,
    pub(super) relay: usize,
    since: Instant,
    pub(super) used: Instant,
    pub(super) messages: u32,
}

/// Whether the worker goes on.
enum Step {
    On,
    End,
}

impl<S: Store, C: Connect> Worker<S, C> {
    pub(super) fn new(shared: Arc<Shared<S, C>>, number: usize) -> Self {
        Self { shared, number, session: None }
    }

    /// Delivers until nothing is left or the run stops.
    pub(super) async fn run(mut self) -> Result<(), LedgerError> {
        let result = loop {
            match self.step().await {
                Ok(Step::On) => {}
                Ok(Step::End) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.hang_up().await;
        result
    }

    async fn step(&mut self) -> Result<Step, LedgerError> {
        let shared = Arc::clone(&self.shared);
        if shared.stop.is_requested() {
            return Ok(Step::End);
        }
        let Some(relay) = self.relay().await else { return Ok(Step::End) };
        let station = &shared.relays.stations()[relay];
        let limited = |domain: &str| station.limits(domain);
        let idle = until(self.session.as_ref().map(|session| session.used + station.relay.idle));
        let next = tokio::select! {
            biased;
            () = shared.stop.requested() => return Ok(Step::End),
            next = shared.queue.next(&limited) => next?,
            () = idle => {
                self.hang_up().await;
                return Ok(Step::On);
            }
        };
        match next {
            Next::Ticket(ticket) => self.serve(station, relay, ticket).await?,
            Next::NotBefore(until) => {
                self.hang_up().await;
                let latest = shared.clock.now().checked_add(shared.retry.give_up).unwrap_or(Timestamp::MAX);
                shared.emit(Event::Waiting { until, latest });
                tokio::select! {
                    () = shared.stop.requested() => return Ok(Step::End),
                    () = sleep(shared.queue.pause_until(until)) => {}
                }
            }
            Next::Limit => {
                shared.halt(Halt::Limit);
                return Ok(Step::End);
            }
            Next::Empty => {
                shared.relays.close();
                return Ok(Step::End);
            }
        }
        Ok(Step::On)
    }

    /// The relay to use now; none where the run stops meanwhile.
    async fn relay(&mut self) -> Option<usize> {
        let shared = Arc::clone(&self.shared);
        if self.session.as_ref().is_some_and(|session| shared.relays.is_out(session.relay)) {
            self.hang_up().await;
        }
        if let Some(session) = &self.session {
            match shared.relays.preferred_to(session.relay, self.number) {
                None => return Some(session.relay),
                Some(preferred) => {
                    self.hang_up().await;
                    return Some(preferred);
                }
            }
        }
        tokio::select! {
            biased;
            () = shared.stop.requested() => None,
            chosen = shared.relays.choose(self.number) => match chosen {
                Ok(relay) => relay,
                Err(why) if why.for_good => {
                    shared.halt(Halt::Refused(why.failure));
                    None
                }
                Err(why) => {
                    shared.halt(Halt::Outage(why.failure));
                    None
                }
            },
        }
    }

    pub(super) async fn hang_up(&mut self) {
        if let Some(session) = self.session.take()
            && session.link.usable()
        {
            tokio::select! {
                biased;
                () = session.link.quit() => {}
                () = long_stopped(&self.shared.stop) => {}
            }
        }
    }

    /// One recipient, once there is a session and a permit.
    async fn serve(
        &mut self,
        station: &Station<S, C>,
        relay: usize,
        mut ticket: Ticket<S>,
    ) -> Result<(), LedgerError> {
        let Some(slot) = self.ready(station, relay).await? else { return Ok(()) };
        let picked = self.pick(station, &mut ticket, &slot).await?;
        let Some(recipient) = picked else {
            station.pace.give_back(&slot);
            return Ok(());
        };
        let attempted = self.deliver(station, relay, &recipient).await?;
        self.shared.queue.done(recipient.n, attempted);
        Ok(())
    }

    /// A session, and a permit whose moment has come; none where there is no session or the run stops.
    async fn ready(&mut self, station: &Station<S, C>, relay: usize) -> Result<Option<Slot>, LedgerError> {
        let stop = self.shared.stop.clone();
        let mut keep = false;
        loop {
            if !self.connected(station, relay).await? {
                return Ok(None);
            }
            let Some(slot) = self.slot(station, keep).await? else { return Ok(None) };
            let connected = self.session.is_some() || self.connected(station, relay).await?;
            let stopped = tokio::select! {
                biased;
                () = stop.requested() => true,
                () = moment(slot.at) => false,
            };
            if connected && !stopped && !slot.is_stale() {
                return Ok(Some(slot));
            }
            station.pace.give_back(&slot);
            if !connected || stopped {
                return Ok(None);
            }
            // Connecting took longer than a permit waits: for the next one the session is kept, however long.
            keep = true;
        }
    }

    /// The next permit, some moments ahead of it; none where the run stops. A session that would wait for it for too
    /// long is closed, unless it is to be kept.
    async fn slot(&mut self, station: &Station<S, C>, keep: bool) -> Result<Option<Slot>, LedgerError> {
        let stop = self.shared.stop.clone();
        let slot = station.pace.slot();
        tokio::pin!(slot);
        loop {
            let session = self.session.as_ref().filter(|_| !keep);
            let idle = until(session.map(|session| session.used + station.relay.idle));
            tokio::select! {
                biased;
                () = stop.requested() => return Ok(None),
                slot = &mut slot => return slot.map(Some),
                () = idle => self.hang_up().await,
            }
        }
    }

    /// Whoever may go now, by the limits of the domains; none where nobody may.
    async fn pick(
        &self,
        station: &Station<S, C>,
        ticket: &mut Ticket<S>,
        slot: &Slot,
    ) -> Result<Option<Recipient>, LedgerError> {
        let shared = &self.shared;
        while !slot.is_stale() {
            let Some(picked) = ticket.pick(&|domain| station.limits(domain)) else { return Ok(None) };
            let recipient = picked.recipient;
            let limits = picked.limited.then(|| station.limits_of(&recipient.domain)).flatten();
            let Some(limits) = limits else {
                if picked.limited {
                    shared.queue.opens(&recipient.domain, Instant::now());
                }
                return Ok(Some(recipient));
            };
            let (domain, now) = (recipient.domain.clone(), shared.clock.wall());
            match shared.store.domain_permit(&station.relay.name, &domain, limits, now).await? {
                DomainPermit::Granted { next_us } => {
                    shared.queue.opens(&domain, shared.instant_of(next_us));
                    return Ok(Some(recipient));
                }
                DomainPermit::NotBefore(us) => ticket.swap(recipient, shared.instant_of(us)),
            }
        }
        Ok(None)
    }

    /// Sees to it that a session is open to this relay; whether there is one.
    async fn connected(&mut self, station: &Station<S, C>, relay: usize) -> Result<bool, LedgerError> {
        if let Some(session) = &self.session {
            let spent = session.messages >= station.relay.messages_per_session
                || session.since.elapsed() >= station.relay.lifetime
                || session.used.elapsed() >= station.relay.idle;
            if session.relay == relay && !spent && session.link.usable() {
                return Ok(true);
            }
            self.hang_up().await;
        }
        let started = Instant::now();
        let opened = tokio::select! {
            biased;
            () = self.shared.stop.requested() => return Ok(false),
            opened = station.relay.connect.open() => opened,
        };
        match opened {
            Ok(link) => {
                let now = Instant::now();
                self.session = Some(Open { link, relay, since: now, used: now, messages: 0 });
                Ok(true)
            }
            Err(failure) => {
                self.not_connected(station, relay, started, failure).await?;
                Ok(false)
            }
        }
    }

    async fn not_connected(
        &mut self,
        station: &Station<S, C>,
        relay: usize,
        started: Instant,
        failure: Failure,
    ) -> Result<(), LedgerError> {
        let attempt = self.shared.attempt(station, None, started, &failure);
        self.shared.record(attempt, failure.reply().cloned()).await?;
        self.shared.relay_failed(station, relay, &failure, None).await
    }
}

/// Waits until a stop was asked for, and a little longer: for answers that nothing depends on.
pub(super) async fn long_stopped(stop: &Stop) {
    stop.requested().await;
    sleep(LAST_ANSWER).await;
}

/// Waits until this time; for ever where there is none.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Waits until this moment, if it is still to come: a timer takes a millisecond even for one that is past.
async fn moment(at: Instant) {
    if at > Instant::now() {
        sleep_until(at).await;
    }
}
