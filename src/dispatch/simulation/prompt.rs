//! The real ledger under paused time: each call is done before the paused clock can notice, for it blocks the thread.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::Limit;
use crate::dispatch::Store;
use crate::ledger::{
    Attempt, Counts, Cursor, DomainPermit, Domains, Intent, Lease, Leased, Ledger, LedgerError, Orders,
    Recipient, RunId, Slowed, Unused,
};

/// A ledger whose calls take no time.
#[derive(Clone)]
pub(in crate::dispatch) struct Prompt(pub(in crate::dispatch) Ledger);

/// Waits for a call on a thread with a clock of its own.
fn done<T: Send>(call: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        scope.spawn(move || runtime().block_on(call)).join().expect("the call")
    })
}

impl Store for Prompt {
    async fn due(
        &self,
        run: RunId,
        now: Timestamp,
        cursor: Cursor,
        limit: usize,
        domains: Domains,
    ) -> Result<(Vec<Recipient>, Cursor), LedgerError> {
        done(Store::due(&self.0, run, now, cursor, limit, domains))
    }

    async fn next_due(&self, run: RunId) -> Result<Option<Timestamp>, LedgerError> {
        self.0.next_due(run)
    }

    async fn counts(&self, run: RunId) -> Result<Counts, LedgerError> {
        self.0.counts(run)
    }

    async fn orders(&self, run: RunId) -> Result<Orders, LedgerError> {
        self.0.orders(run)
    }

    async fn intent(&self, run: RunId, n: u64, now: Timestamp, build: u32) -> Result<Intent, LedgerError> {
        done(self.0.intent(run, n, now, build))
    }

    async fn record(&self, attempt: Attempt) -> Result<(), LedgerError> {
        done(self.0.record(attempt))
    }

    async fn expire(&self, run: RunId, now: Timestamp, give_up: Duration) -> Result<u64, LedgerError> {
        done(self.0.expire(run, now, give_up))
    }

    async fn settle_clock(&self, run: RunId, now: Timestamp, latest: Timestamp) -> Result<u64, LedgerError> {
        done(self.0.settle_clock(run, now, latest))
    }

    async fn lease(&self, lease: Lease) -> Result<Leased, LedgerError> {
        done(self.0.lease(lease))
    }

    async fn give_back(&self, relay: &str, unused: Vec<Unused>) -> Result<(), LedgerError> {
        done(self.0.give_back(relay, unused))
    }

    async fn domain_permit(
        &self,
        relay: &str,
        domain: &str,
        limits: Vec<Limit>,
        now: Timestamp,
    ) -> Result<DomainPermit, LedgerError> {
        done(self.0.domain_permit(relay, domain, limits, now.as_microsecond()))
    }

    async fn slow_down(&self, relay: &str, domain: Option<&str>, now: Timestamp) -> Result<f64, LedgerError> {
        done(self.0.slow_down(relay, domain, now))
    }

    async fn slowed(&self, relay: &str, now: Timestamp) -> Result<Vec<Slowed>, LedgerError> {
        self.0.slowed(relay, now)
    }
}
