//! The relays of a run, in order of preference: which one a session is opened to.
//!
//! The first whose circuit is closed is used; while it is open, the next. One session probes it meanwhile, and once
//! it works again all come back to it.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::circuit::{Access, Circuit};
use super::job::Relay;
use super::locked::locked;
use super::pace::Pace;
use super::ports::Store;
use crate::clock::Steady;
use crate::delivery::{Blame, Failure, Limit};
use crate::ledger::LedgerError;

/// A relay with what this process knows of it.
pub(super) struct Station<S, C> {
    pub(super) relay: Relay<C>,
    pub(super) pace: Pace<S>,
    circuit: Mutex<Circuit>,
    /// The domains that are slowed down behind it at present.
    slowed: Mutex<HashSet<String>>,
}

impl<S: Store, C> Station<S, C> {
    /// The limits of a domain that has any, configured or because it asked to slow down.
    pub(super) fn limits_of(&self, domain: &str) -> Option<Vec<Limit>> {
        if let Some(limits) = self.relay.domains.get(domain) {
            return Some(limits.clone());
        }
        locked(&self.slowed).contains(domain).then(|| self.relay.limits.clone())
    }

    /// Whether a domain has limits.
    pub(super) fn limits(&self, domain: &str) -> bool {
        self.relay.domains.contains_key(domain) || locked(&self.slowed).contains(domain)
    }

    /// The relay, or this domain behind it, asked to slow down. The share of the pace that is left.
    pub(super) async fn slow_down(
        &self,
        store: &S,
        domain: Option<&str>,
        clock: &Steady,
    ) -> Result<f64, LedgerError> {
        match domain {
            Some(domain) => {
                locked(&self.slowed).insert(domain.to_owned());
            }
            None => self.pace.outdate(),
        }
        store.slow_down(&self.relay.name, domain, clock.wall()).await
    }

    /// Learns which domains are slowed down, by this process or another.
    pub(super) async fn refresh(&self, store: &S, clock: &Steady) -> Result<(), LedgerError> {
        let slowed = store.slowed(&self.relay.name, clock.wall()).await?;
        *locked(&self.slowed) = slowed.into_iter().filter_map(|slowed| slowed.domain).collect();
        Ok(())
    }
}

/// All relays of a run.
pub(super) struct Relays<S, C> {
    stations: Vec<Station<S, C>>,
    patience: Duration,
    /// Wakes those that wait for a circuit.
    changed: Notify,
    /// Nothing is left to do.
    closed: AtomicBool,
}

/// Why no session can be opened any more.
#[derive(Debug, Clone)]
pub(super) struct Hopeless {
    /// What the preferred relay said.
    pub(super) failure: Failure,
    /// Whether only the operator can mend it.
    pub(super) for_good: bool,
}

/// What a look at the circuits gives.
enum Look {
    Use(usize),
    Wait(Option<Instant>),
    Hopeless(Hopeless),
    Closed,
}

impl<S: Store, C> Relays<S, C> {
    pub(super) fn new(relays: Vec<Relay<C>>, store: &S, clock: &Steady, patience: Duration) -> Self {
        let station = |relay: Relay<C>| Station {
            pace: Pace::new(store.clone(), &relay.name, relay.limits.clone(), clock.clone()),
            relay,
            circuit: Mutex::default(),
            slowed: Mutex::default(),
        };
        Self {
            stations: relays.into_iter().map(station).collect(),
            patience,
            changed: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    pub(super) fn stations(&self) -> &[Station<S, C>] {
        &self.stations
    }

    /// How many sessions may be open at once at most.
    pub(super) fn sessions(&self) -> usize {
        self.stations.iter().map(|station| station.relay.sessions).max().unwrap_or_default().max(1)
    }

    /// The relay that this worker (numbered from 0) is to open a session to; waits until there is one. None once
    /// nothing is left to do.
    pub(super) async fn choose(&self, worker: usize) -> Result<Option<usize>, Hopeless> {
        loop {
            let changed = self.changed.notified();
            let until = match self.look(worker) {
                Look::Use(relay) => return Ok(Some(relay)),
                Look::Closed => return Ok(None),
                Look::Hopeless(why) => return Err(why),
                Look::Wait(until) => until,
            };
            match until {
                Some(until) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(until) => {}
                },
                None => changed.await,
            }
        }
    }

    /// Nothing is left to do: lets go of those that wait for a relay.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.changed.notify_waiters();
    }

    fn look(&self, worker: usize) -> Look {
        if self.closed.load(Ordering::Relaxed) {
            return Look::Closed;
        }
        let now = Instant::now();
        if let Some(why) = self.hopeless(now) {
            return Look::Hopeless(why);
        }
        let mut until: Option<Instant> = None;
        for (index, station) in self.stations.iter().enumerate() {
            let mut circuit = locked(&station.circuit);
            let mine = worker < station.relay.sessions;
            match circuit.access(now) {
                Access::Free if mine => return Look::Use(index),
                // The preferred one works: those that it has no room for do not go elsewhere.
                Access::Free => return Look::Wait(None),
                Access::Probe if mine => {
                    circuit.claim_probe(now);
                    return Look::Use(index);
                }
                Access::NotBefore(time) if mine => until = Some(until.map_or(time, |until| until.min(time))),
                _ => {}
            }
        }
        Look::Wait(until)
    }

    /// Why no relay is of any use any more, by what the preferred one said; none while one is. As long as there is
    /// hope for one, the others are probed, too: an outage may end however long it lasted.
    fn hopeless(&self, now: Instant) -> Option<Hopeless> {
        let mut reasons = self.stations.iter().map(|station| {
            let circuit = locked(&station.circuit);
            let failure = circuit.hopeless(self.patience)?.clone();
            Some(Hopeless { failure, for_good: circuit.access(now) == Access::Never })
        });
        let first = reasons.next()??;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// Whether a worker with a session to `relay` is to leave it for a preferred one that works, or is to be probed;
    /// a probe is then claimed for it.
    pub(super) fn preferred_to(&self, relay: usize, worker: usize) -> Option<usize> {
        let now = Instant::now();
        self.stations.iter().take(relay).position(|station| {
            let mut circuit = locked(&station.circuit);
            let mine = worker < station.relay.sessions;
            match circuit.access(now) {
                Access::Free => mine,
                Access::Probe if mine => {
                    circuit.claim_probe(now);
                    true
                }
                _ => false,
            }
        })
    }

    /// A session to this relay failed. The pause, where this made one.
    pub(super) fn failed(&self, relay: usize, blame: Blame, failure: Failure) -> Option<Duration> {
        let pause = locked(&self.stations[relay].circuit).failed(Instant::now(), blame, failure);
        self.changed.notify_waiters();
        pause
    }

    /// This relay did its work. Whether it did not before.
    pub(super) fn works(&self, relay: usize) -> bool {
        let again = locked(&self.stations[relay].circuit).works();
        if again {
            self.changed.notify_waiters();
        }
        again
    }

    /// Only the operator can mend this relay. Whether another is left.
    pub(super) fn close_for_good(&self, relay: usize, failure: Failure) -> bool {
        locked(&self.stations[relay].circuit).close_for_good(failure);
        self.changed.notify_waiters();
        (0..self.stations.len()).any(|relay| !self.is_out(relay))
    }

    /// Whether only the operator can mend this relay.
    pub(super) fn is_out(&self, relay: usize) -> bool {
        locked(&self.stations[relay].circuit).access(Instant::now()) == Access::Never
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;
    use crate::delivery::{Cause, Stage};
    use crate::ledger::Ledger;

    const PATIENCE: Duration = Duration::from_mins(5);
    const MINUTE: Duration = Duration::from_mins(1);

    /// The main relay and its stand-in, without a connection.
    fn two(folder: &std::path::Path) -> Relays<Ledger, ()> {
        let relay = |name: &str| Relay {
            name: name.to_owned(),
            connect: (),
            sessions: 2,
            messages_per_session: 100,
            idle: MINUTE,
            lifetime: MINUTE,
            limits: Vec::new(),
            domains: BTreeMap::new(),
        };
        let ledger = Ledger::open(&folder.join("ledger.db")).unwrap();
        let clock = Steady::new(Arc::new(SystemClock));
        Relays::new(vec![relay("main"), relay("stand-in")], &ledger, &clock, PATIENCE)
    }

    /// It cannot be connected to, for longer than anybody waits.
    async fn outlast(relays: &Relays<Ledger, ()>, relay: usize) {
        let refused = || Failure::new(Stage::Connect, Cause::Io("refused".into()));
        let mut waited = Duration::ZERO;
        while waited <= PATIENCE {
            locked(&relays.stations[relay].circuit).claim_probe(Instant::now());
            let pause = relays.failed(relay, Blame::Relay, refused()).unwrap();
            waited += pause;
            tokio::time::advance(pause).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_relay_is_probed_as_long_as_another_one_stands_in_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let relays = two(folder.path());
        outlast(&relays, 0).await;
        assert_eq!(relays.choose(0).await.unwrap(), Some(0), "one probes the preferred one");
        assert_eq!(relays.choose(1).await.unwrap(), Some(1), "the others stay with the stand-in");
        tokio::time::advance(MINUTE).await;
        assert_eq!(relays.preferred_to(1, 1), Some(0));
        assert!(relays.works(0));
        assert_eq!(relays.preferred_to(1, 0), Some(0), "all come back to it");
    }

    #[tokio::test(start_paused = true)]
    async fn the_run_ends_once_both_outlasted_the_patience() {
        let folder = tempfile::tempdir().unwrap();
        let relays = two(folder.path());
        outlast(&relays, 1).await;
        assert_eq!(relays.choose(0).await.unwrap(), Some(0));
        outlast(&relays, 0).await;
        assert!(!relays.choose(0).await.unwrap_err().for_good);
        let revoked = Failure::new(Stage::Auth, Cause::Io("revoked".into()));
        relays.close_for_good(0, revoked);
        assert!(relays.choose(0).await.unwrap_err().for_good);
    }
}
