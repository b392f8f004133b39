//! The one thread of a process that writes the ledger.
//!
//! Whatever waits when it comes round is done in one transaction, and answered only after the commit returned: a
//! sync of the disk costs the same for one write as for a thousand.
//!
//! A refusal (an illegal move, an unknown run) is found before anything was changed, and concerns one caller. Any
//! failure of SQLite undoes the whole transaction, is the answer to all, and *poisons* the ledger: every later
//! write gets the same error. Only waiting in vain for another process does not poison: nothing had begun.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::error::{Fault, LedgerError, Work, opening, writing};

/// The most writes in one transaction.
const BATCH: usize = 1_000;
/// The most writes that wait. Each session waits for its write, so this is far above the number of sessions.
const QUEUE: usize = 10_000;
/// After so many writes the log is moved into the file itself (some 20 MB of it at most).
const CHECKPOINT_WRITES: usize = 2_000;
/// …or when nothing was written for this long.
const CHECKPOINT_IDLE: Duration = Duration::from_secs(2);

/// The error that ended all writing, once there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Poison(Arc<OnceLock<LedgerError>>);

impl Poison {
    /// Refuses once a write has failed.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        self.0.get().cloned().map_or(Ok(()), Err)
    }

    /// Remembers a write that failed. What is only a refusal, or a wait in vain, changes nothing.
    pub(super) fn remember(&self, error: &LedgerError) {
        if matches!(error, LedgerError::Write { .. } | LedgerError::Damaged { .. }) {
            let _ = self.0.set(error.clone());
        }
    }
}

/// One write and whoever waits for it.
trait Job: Send {
    /// Does the work in the open transaction and keeps its result. An error here is one that undoes the transaction.
    fn work(&mut self, db: &Connection) -> Result<(), Fault>;
    /// Tells the result, or why the transaction failed.
    fn answer(self: Box<Self>, committed: Result<(), LedgerError>);
}

struct Task<T, W, A> {
    work: Option<W>,
    result: Option<Result<T, LedgerError>>,
    answer: A,
}

impl<T, W, A> Job for Task<T, W, A>
where
    T: Send,
    W: FnOnce(&Connection) -> Work<T> + Send,
    A: FnOnce(Result<T, LedgerError>) + Send,
{
    fn work(&mut self, db: &Connection) -> Result<(), Fault> {
        let Some(work) = self.work.take() else { return Ok(()) };
        self.result = Some(match work(db) {
            Ok(value) => Ok(value),
            Err(Fault::Refused(refusal)) => Err(refusal),
            Err(failure) => return Err(failure),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), LedgerError>) {
        match (committed, self.result) {
            (Ok(()), Some(result)) => (self.answer)(result),
            (Err(error), _) => (self.answer)(Err(error)),
            // Not reached: a transaction is committed only after all its work was done.
            (Ok(()), None) => {}
        }
    }
}

/// The handle on the thread. Dropping it lets the thread finish what waits, and close the file.
#[derive(Debug)]
pub(super) struct Writer {
    file: PathBuf,
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    poison: Poison,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread on this connection.
    pub(super) fn start(file: &Path, db: Connection) -> Result<Self, LedgerError> {
        let (queue, waiting) = sync_channel(QUEUE);
        let poison = Poison::default();
        let commits = Arc::new(AtomicU64::new(0));
        let state = Thread {
            file: file.to_owned(),
            db,
            poison: poison.clone(),
            commits: Arc::clone(&commits),
            unmoved: 0,
        };
        let thread = std::thread::Builder::new()
            .name("ledger".into())
            .spawn(move || state.run(&waiting))
            .map_err(|error| opening(file, error))?;
        Ok(Self { file: file.to_owned(), queue: Some(queue), thread: Some(thread), poison, commits })
    }

    /// Has this work done, and comes back when it is on disk. Dropping the future does not take the write back.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.submit(work, move |result| {
            // The caller may have gone; the write stands all the same.
            let _ = answer.send(result);
        })?;
        answered.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// The same for who has no runtime; blocks the calling thread.
    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (answer, answered) = channel();
        self.submit(work, move |result| {
            let _ = answer.send(result);
        })?;
        answered.recv().unwrap_or_else(|_| Err(self.gone()))
    }

    /// How many transactions were committed.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// What every write of this process looks at first.
    pub(super) fn poison(&self) -> &Poison {
        &self.poison
    }

    fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
        answer: impl FnOnce(Result<T, LedgerError>) + Send + 'static,
    ) -> Result<(), LedgerError> {
        self.poison.check()?;
        let job = Box::new(Task { work: Some(work), result: None, answer });
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(LedgerError::Overloaded { file: self.file.clone() }),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(self.gone()),
        }
    }

    fn gone(&self) -> LedgerError {
        LedgerError::Gone { file: self.file.clone() }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to tell: its callers had `Gone`.
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Thread {
    file: PathBuf,
    db: Connection,
    poison: Poison,
    commits: Arc<AtomicU64>,
    /// Writes in the log since it was last moved into the file.
    unmoved: usize,
}

impl Thread {
    fn run(mut self, waiting: &Receiver<Box<dyn Job>>) {
        self.serve(waiting);
        if self.poison.check().is_err() {
            // Whoever closes the file last would sync it and cut the log. The next process reads the log instead, and
            // takes from it what is whole.
            let _ = self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }

    fn serve(&mut self, waiting: &Receiver<Box<dyn Job>>) {
        loop {
            let first = match waiting.recv_timeout(CHECKPOINT_IDLE) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    self.checkpoint();
                    // Nothing to move any more: sleep until somebody writes.
                    match waiting.recv() {
                        Ok(job) => job,
                        Err(_) => return,
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut batch = vec![first];
            batch.extend(waiting.try_iter().take(BATCH - 1));
            self.transact(batch);
            if self.unmoved >= CHECKPOINT_WRITES {
                self.checkpoint();
            }
        }
    }

    fn transact(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let started = Instant::now();
        let committed = self.poison.check().and_then(|()| {
            self.commit(&mut batch).map_err(|fault| {
                let error = writing(&self.file, fault);
                self.poison.remember(&error);
                error
            })
        });
        let writes = batch.len();
        tracing::trace!(target: "mailshot::ledger", writes, elapsed = ?started.elapsed(), "committed");
        for job in batch {
            job.answer(committed.clone());
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Work<()> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in &mut *batch {
            job.work(&transaction)?;
        }
        transaction.commit()?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.unmoved += batch.len();
        Ok(())
    }

    /// Moves the log into the file. A failure is a failed write, though everything answered so far is in the log:
    /// syncing the file again might wrongly succeed, and the log would be cut.
    fn checkpoint(&mut self) {
        if self.unmoved == 0 || self.poison.check().is_err() {
            return;
        }
        self.unmoved = 0;
        let moved = self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()));
        if let Err(error) = moved {
            self.poison.remember(&writing(&self.file, error.into()));
        }
    }
}
