//! What the workers of a run share, and what one worker's result means for all.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::events::{Event, Halt};
use super::job::Stop;
use super::locked::locked;
use super::ports::{Compose, Connect, Store};
use super::queue::Queue;
use super::refusals::Refusals;
use super::relays::{Relays, Station};
use crate::clock::Steady;
use crate::delivery::{Blame, Failure, Reply, RetrySchedule, Throttle, classify, throttle};
use crate::ledger::{Attempt, LedgerError, Recipient, RunId};

/// One run as its workers see it.
pub(super) struct Shared<S: Store, C: Connect> {
    pub(super) store: S,
    pub(super) run: RunId,
    pub(super) messages: Arc<dyn Compose>,
    pub(super) clock: Steady,
    pub(super) retry: RetrySchedule,
    pub(super) queue: Arc<Queue<S>>,
    pub(super) relays: Relays<S, C>,
    pub(super) stop: Stop,
    /// The version of the build that is sent.
    pub(super) build: AtomicU32,
    pub(super) refusals: Mutex<Refusals>,
    pub(super) halted: Mutex<Option<Halt>>,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

impl<S: Store, C: Connect> Shared<S, C> {
    /// Stops the run for this reason; the first reason stays.
    pub(super) fn halt(&self, reason: Halt) {
        locked(&self.halted).get_or_insert(reason);
        self.stop.request();
    }

    /// Tells whoever listens; nobody has to.
    pub(super) fn emit(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// The version of the build that is sent now.
    pub(super) fn build(&self) -> u32 {
        self.build.load(Ordering::Relaxed)
    }

    /// Learns what the operator ordered from another terminal.
    pub(super) async fn follow_orders(&self) -> Result<(), LedgerError> {
        let orders = self.store.orders(self.run).await?;
        if let Some(halt) = orders.halt {
            self.halt(Halt::Ordered(halt));
        }
        if self.build.swap(orders.build, Ordering::Relaxed) != orders.build {
            self.emit(Event::Amended);
        }
        Ok(())
    }

    /// Learns what other processes found out about the domains.
    pub(super) async fn refresh(&self) -> Result<(), LedgerError> {
        for station in self.relays.stations() {
            station.refresh(&self.store, &self.clock).await?;
        }
        Ok(())
    }

    /// A moment of the wall clock, in microseconds, as this process waits for it.
    pub(super) fn instant_of(&self, us: i64) -> Instant {
        let wait = us.saturating_sub(self.clock.wall().as_microsecond());
        Instant::now() + Duration::from_micros(u64::try_from(wait).unwrap_or_default())
    }

    /// Records an attempt and tells of it.
    pub(super) async fn record(&self, attempt: Attempt, reply: Option<Reply>) -> Result<(), LedgerError> {
        let (outcome, reached) = (attempt.outcome, attempt.n.is_some());
        self.store.record(attempt).await?;
        if reached {
            self.emit(Event::Attempt { outcome, reply });
        }
        Ok(())
    }

    /// A message came to an end, taken or refused for good.
    pub(super) fn result(&self, refused: bool) {
        if let Some((refused, of)) = locked(&self.refusals).result(refused) {
            self.halt(Halt::TooManyRefused { refused, of });
        }
    }

    /// The relay did its work.
    pub(super) fn relay_works(&self, station: &Station<S, C>, relay: usize) {
        if self.relays.works(relay) {
            self.emit(Event::Recovered { relay: station.relay.name.clone() });
        }
    }

    /// What a failure says about the relay, the pace and the run. `recipient` is whom it was about, where it came so
    /// far.
    pub(super) async fn relay_failed(
        &self,
        station: &Station<S, C>,
        relay: usize,
        failure: &Failure,
        recipient: Option<&Recipient>,
    ) -> Result<(), LedgerError> {
        if let Some(asked) = throttle(failure) {
            self.slow_down(station, asked, recipient).await?;
        }
        let verdict = classify(failure);
        let name = || station.relay.name.clone();
        match verdict.blame {
            // Whatever relay it goes over, the sender stays the same.
            Blame::Sender if verdict.halt => self.halt(Halt::Refused(failure.clone())),
            _ if verdict.halt => {
                if self.relays.close_for_good(relay, failure.clone()) {
                    self.emit(Event::RelayOut { relay: name(), failure: failure.clone() });
                } else {
                    self.halt(Halt::Refused(failure.clone()));
                }
            }
            blame @ (Blame::Session | Blame::Relay) => {
                if let Some(pause) = self.relays.failed(relay, blame, failure.clone()) {
                    self.emit(Event::Outage { relay: name(), failure: failure.clone(), pause });
                }
            }
            // It refused this one for its own sake. What was found wrong on this side says nothing of the relay.
            _ if failure.reply().is_some() => self.relay_works(station, relay),
            _ => {}
        }
        Ok(())
    }

    async fn slow_down(
        &self,
        station: &Station<S, C>,
        asked: Throttle,
        recipient: Option<&Recipient>,
    ) -> Result<(), LedgerError> {
        let domain =
            recipient.map(|recipient| recipient.domain.as_str()).filter(|_| asked == Throttle::Domain);
        let share = station.slow_down(&self.store, domain, &self.clock).await?;
        let (relay, domain) = (station.relay.name.clone(), domain.map(str::to_owned));
        self.emit(Event::Slowed { relay, domain, share });
        Ok(())
    }
}
