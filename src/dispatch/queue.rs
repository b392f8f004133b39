//! The recipients that are due, handed to sessions one at a time.
//!
//! The ledger is the queue; this is a window on it. A recipient that was handed out stays *outstanding* until
//! its session says it is done with it, and is not handed out again before that.

use std::collections::{HashSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock;
use crate::ledger::{Cursor, Ledger, LedgerError, Recipient, RunId};

/// How many recipients are read from the ledger at once.
const PAGE: usize = 500;
/// However far off the next recipient is due, the ledger is asked again after this time: the wall clock may
/// jump, and an operator may put recipients back.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// What the queue has for a session.
#[derive(Debug)]
pub(super) enum Next {
    /// Deliver to this one.
    Recipient(Box<Recipient>),
    /// Nothing is due before this time.
    NotBefore(Timestamp),
    /// `--limit` is reached.
    Limit,
    /// Nothing is left.
    Empty,
}

#[derive(Debug)]
struct Window {
    ready: VecDeque<Recipient>,
    cursor: Cursor,
    outstanding: HashSet<u64>,
    /// How many more may be handed out.
    left: Option<u64>,
}

/// The window on one run's queue.
#[derive(Debug)]
pub(super) struct Queue {
    ledger: Ledger,
    run: RunId,
    window: Mutex<Window>,
    /// One reader at a time; also wakes those that wait for an outstanding recipient.
    reading: tokio::sync::Mutex<()>,
    returned: Notify,
}

impl Queue {
    pub(super) fn new(ledger: Ledger, run: RunId, limit: Option<u64>) -> Self {
        let window = Window {
            ready: VecDeque::new(),
            cursor: Cursor::default(),
            outstanding: HashSet::new(),
            left: limit,
        };
        Self {
            ledger,
            run,
            window: Mutex::new(window),
            reading: tokio::sync::Mutex::new(()),
            returned: Notify::new(),
        }
    }

    /// The next recipient, or why there is none. Waits while all that is left is in the hands of other sessions.
    /// May be dropped while it waits: nothing is handed out then.
    pub(super) async fn next(&self) -> Result<Next, LedgerError> {
        loop {
            let returned = self.returned.notified();
            if let Some(next) = self.take() {
                return Ok(next);
            }
            let reading = self.reading.lock().await;
            if let Some(next) = self.take() {
                return Ok(next);
            }
            if self.read().await? {
                continue;
            }
            if let Some(due) = self.next_due().await? {
                return Ok(Next::NotBefore(due));
            }
            if self.window().outstanding.is_empty() {
                return Ok(Next::Empty);
            }
            drop(reading);
            tokio::select! {
                () = returned => {}
                () = tokio::time::sleep(LONGEST_SLEEP) => {}
            }
        }
    }

    /// How long to sleep until `due`, by the wall clock as it stands now.
    pub(super) fn pause_until(due: Timestamp) -> Duration {
        let wait = due.duration_since(clock::now());
        Duration::try_from(wait).unwrap_or(Duration::ZERO).clamp(Duration::from_millis(20), LONGEST_SLEEP)
    }

    /// The session is done with recipient `n`; `attempted` says whether that counts against `--limit`.
    pub(super) fn done(&self, n: u64, attempted: bool) {
        let mut window = self.window();
        window.outstanding.remove(&n);
        if !attempted && let Some(left) = &mut window.left {
            *left += 1;
        }
        drop(window);
        self.returned.notify_waiters();
    }

    fn window(&self) -> std::sync::MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn take(&self) -> Option<Next> {
        let mut window = self.window();
        if window.left == Some(0) {
            return Some(Next::Limit);
        }
        let recipient = window.ready.pop_front()?;
        if let Some(left) = &mut window.left {
            *left -= 1;
        }
        window.outstanding.insert(recipient.n);
        Some(Next::Recipient(Box::new(recipient)))
    }

    /// Reads what is due; whether there was anything.
    async fn read(&self) -> Result<bool, LedgerError> {
        let now = clock::now();
        let cursor = std::mem::take(&mut self.window().cursor);
        let started_over = cursor == Cursor::default();
        if self.read_from(cursor, now).await? {
            return Ok(true);
        }
        // What was put back lies behind the cursor.
        Ok(!started_over && self.read_from(Cursor::default(), now).await?)
    }

    async fn read_from(&self, mut cursor: Cursor, now: Timestamp) -> Result<bool, LedgerError> {
        // Outstanding recipients may be among those read: with so many, a fresh one is found if there is any.
        let limit = PAGE + self.window().outstanding.len();
        let (ledger, run) = (self.ledger.clone(), self.run);
        let (due, cursor) = blocking(move || {
            let due = ledger.due(run, now, &mut cursor, limit)?;
            Ok((due, cursor))
        })
        .await?;
        let mut window = self.window();
        let fresh: Vec<Recipient> =
            due.into_iter().filter(|recipient| !window.outstanding.contains(&recipient.n)).collect();
        window.cursor = if fresh.is_empty() { Cursor::default() } else { cursor };
        window.ready.extend(fresh);
        Ok(!window.ready.is_empty())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, LedgerError> {
        let (ledger, run) = (self.ledger.clone(), self.run);
        let due = blocking(move || ledger.next_due(run)).await?;
        // What is due by now but outstanding is no reason to wake up.
        Ok(due.filter(|due| *due > clock::now()))
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
