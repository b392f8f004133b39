//! The ledger as the store of a run. Reads are done where blocking is allowed; writes wait for the ledger's thread.

use std::time::Duration;

use jiff::Timestamp;

use super::ports::Store;
use crate::delivery::Limit;
use crate::ledger::{
    Attempt, Counts, Cursor, DomainPermit, Domains, Intent, Lease, Leased, Ledger, LedgerError, Orders,
    Recipient, RunId, Slowed, Unused,
};

impl Store for Ledger {
    async fn due(
        &self,
        run: RunId,
        now: Timestamp,
        mut cursor: Cursor,
        limit: usize,
        domains: Domains,
    ) -> Result<(Vec<Recipient>, Cursor), LedgerError> {
        let ledger = self.clone();
        blocking(move || {
            let due = ledger.due(run, now, &mut cursor, limit, &domains)?;
            Ok((due, cursor))
        })
        .await
    }

    async fn next_due(&self, run: RunId) -> Result<Option<Timestamp>, LedgerError> {
        let ledger = self.clone();
        blocking(move || ledger.next_due(run)).await
    }

    async fn counts(&self, run: RunId) -> Result<Counts, LedgerError> {
        let ledger = self.clone();
        blocking(move || ledger.counts(run)).await
    }

    async fn orders(&self, run: RunId) -> Result<Orders, LedgerError> {
        let ledger = self.clone();
        blocking(move || ledger.orders(run)).await
    }

    async fn intent(&self, run: RunId, n: u64, now: Timestamp, build: u32) -> Result<Intent, LedgerError> {
        Ledger::intent(self, run, n, now, build).await
    }

    async fn record(&self, attempt: Attempt) -> Result<(), LedgerError> {
        Ledger::record(self, attempt).await
    }

    async fn expire(&self, run: RunId, now: Timestamp, give_up: Duration) -> Result<u64, LedgerError> {
        Ledger::expire(self, run, now, give_up).await
    }

    async fn settle_clock(&self, run: RunId, now: Timestamp, latest: Timestamp) -> Result<u64, LedgerError> {
        Ledger::settle_clock(self, run, now, latest).await
    }

    async fn lease(&self, lease: Lease) -> Result<Leased, LedgerError> {
        Ledger::lease(self, lease).await
    }

    async fn give_back(&self, relay: &str, unused: Vec<Unused>) -> Result<(), LedgerError> {
        Ledger::give_back(self, relay, unused).await
    }

    async fn domain_permit(
        &self,
        relay: &str,
        domain: &str,
        limits: Vec<Limit>,
        now: Timestamp,
    ) -> Result<DomainPermit, LedgerError> {
        Ledger::domain_permit(self, relay, domain, limits, now.as_microsecond()).await
    }

    async fn slow_down(&self, relay: &str, domain: Option<&str>, now: Timestamp) -> Result<f64, LedgerError> {
        Ledger::slow_down(self, relay, domain, now).await
    }

    async fn slowed(&self, relay: &str, now: Timestamp) -> Result<Vec<Slowed>, LedgerError> {
        let (ledger, relay) = (self.clone(), relay.to_owned());
        blocking(move || ledger.slowed(&relay, now)).await
    }
}

/// Runs a read of the ledger where blocking is allowed.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
