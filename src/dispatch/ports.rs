//! What a run needs of the world: a store, relays, messages, and time.
//!
//! The run is written against these, so that all of it can be driven through failures that no real relay or disk
//! plays on command. The real ones are the [`Ledger`](crate::ledger::Ledger), an [`Endpoint`] and the
//! [`SystemClock`](crate::clock).

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::delivery::{Failure, Limit, Reply};
use crate::ledger::{
    Attempt, Counts, Cursor, DomainPermit, Domains, Intent, Lease, Leased, LedgerError, Orders, Recipient,
    RunId, Slowed, Unused,
};
use crate::smtp::{Endpoint, Envelope, Payload, Session};

/// The ledger as a run uses it. What is answered is durable.
pub trait Store: Clone + Send + Sync + 'static {
    /// The next recipients to send to.
    fn due(
        &self,
        run: RunId,
        now: Timestamp,
        cursor: Cursor,
        limit: usize,
        domains: Domains,
    ) -> impl Future<Output = Result<(Vec<Recipient>, Cursor), LedgerError>> + Send;

    /// When the earliest of those deferred is due.
    fn next_due(&self, run: RunId) -> impl Future<Output = Result<Option<Timestamp>, LedgerError>> + Send;

    /// How many are in each state.
    fn counts(&self, run: RunId) -> impl Future<Output = Result<Counts, LedgerError>> + Send;

    /// What the operator wants of the run by now.
    fn orders(&self, run: RunId) -> impl Future<Output = Result<Orders, LedgerError>> + Send;

    /// Writes down that a message is about to leave.
    fn intent(
        &self,
        run: RunId,
        n: u64,
        now: Timestamp,
        build: u32,
    ) -> impl Future<Output = Result<Intent, LedgerError>> + Send;

    /// Records what an attempt came to.
    fn record(&self, attempt: Attempt) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Gives up on those deferred for too long.
    fn expire(
        &self,
        run: RunId,
        now: Timestamp,
        give_up: Duration,
    ) -> impl Future<Output = Result<u64, LedgerError>> + Send;

    /// Nobody is deferred to a time later than `latest`: the clock that said so was wrong.
    fn settle_clock(
        &self,
        run: RunId,
        now: Timestamp,
        latest: Timestamp,
    ) -> impl Future<Output = Result<u64, LedgerError>> + Send;

    /// Permits of a relay, shared with every process that uses it.
    fn lease(&self, lease: Lease) -> impl Future<Output = Result<Leased, LedgerError>> + Send;

    /// Gives back permits that are not used any more.
    fn give_back(
        &self,
        relay: &str,
        unused: Vec<Unused>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// A permit for one message to a domain that has a limit.
    fn domain_permit(
        &self,
        relay: &str,
        domain: &str,
        limits: Vec<Limit>,
        now: Timestamp,
    ) -> impl Future<Output = Result<DomainPermit, LedgerError>> + Send;

    /// The relay, or a domain behind it, asked to slow down.
    fn slow_down(
        &self,
        relay: &str,
        domain: Option<&str>,
        now: Timestamp,
    ) -> impl Future<Output = Result<f64, LedgerError>> + Send;

    /// What is slowed down at present.
    fn slowed(
        &self,
        relay: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Slowed>, LedgerError>> + Send;
}

/// A relay that sessions can be opened to.
pub trait Connect: Send + Sync + 'static {
    /// What is opened.
    type Session: Link;

    /// Connects, secures the connection as asked, logs in.
    fn open(&self) -> impl Future<Output = Result<Self::Session, Failure>> + Send;
}

/// An open session, as [`Session`] promises it.
pub trait Link: Send + Sync + 'static {
    /// Whether the next message may be offered over it.
    fn usable(&self) -> bool;

    /// MAIL, RCPT, DATA: up to the point where the relay waits for the message.
    fn offer(
        &mut self,
        envelope: &Envelope,
        payload: &Payload,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The message and its final dot.
    fn body(&mut self, payload: &Payload) -> impl Future<Output = Result<Reply, Failure>> + Send;

    /// Says goodbye.
    fn quit(self) -> impl Future<Output = ()> + Send;
}

/// Makes the messages of a run.
pub trait Compose: Send + Sync + 'static {
    /// The message to this recipient by this version of the run's build.
    fn compose(
        &self,
        recipient: &Recipient,
        build: u32,
        now: Timestamp,
    ) -> Result<(Envelope, Payload), ComposeError>;
}

/// Why there is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeError {
    /// This recipient's cannot be made: it bounces.
    Recipient(Failure),
    /// Nobody's can be made: the run stops.
    Run(String),
}

impl Connect for Endpoint {
    type Session = Session;

    async fn open(&self) -> Result<Session, Failure> {
        Session::open(self).await
    }
}

impl Link for Session {
    fn usable(&self) -> bool {
        Session::usable(self)
    }

    async fn offer(&mut self, envelope: &Envelope, payload: &Payload) -> Result<(), Failure> {
        Session::offer(self, envelope, payload).await
    }

    async fn body(&mut self, payload: &Payload) -> Result<Reply, Failure> {
        Session::body(self, payload).await
    }

    async fn quit(self) {
        Session::quit(self).await;
    }
}
