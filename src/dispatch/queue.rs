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

/// What a look at the window gives.
enum Taken {
    Next(Next),
    /// It depends on what other sessions have in hand.
    Wait,
    /// Nothing is ready: the ledger must be asked.
    Nothing,
}

/// What the ledger has.
enum Found {
    /// Some are ready now.
    Recipients,
    /// Nothing is due before this time.
    NotBefore(Timestamp),
    /// At most what other sessions have, or had when it was asked.
    Outstanding,
    /// Nothing is left.
    Nothing,
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
    /// One reader at a time.
    reading: tokio::sync::Mutex<()>,
    /// Wakes those that wait for an outstanding recipient.
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
            // Made before anything is looked at: a recipient that comes back meanwhile is not missed.
            let returned = self.returned.notified();
            if let Some(next) = self.look().await? {
                return Ok(next);
            }
            tokio::select! {
                () = returned => {}
                () = tokio::time::sleep(LONGEST_SLEEP) => {}
            }
        }
    }

    /// The next recipient, or why there is none; nothing where that depends on other sessions.
    async fn look(&self) -> Result<Option<Next>, LedgerError> {
        loop {
            match self.take() {
                Taken::Next(next) => return Ok(Some(next)),
                Taken::Wait => return Ok(None),
                Taken::Nothing => {}
            }
            let _reading = self.reading.lock().await;
            match self.take() {
                Taken::Next(next) => return Ok(Some(next)),
                Taken::Wait => return Ok(None),
                Taken::Nothing => {}
            }
            match self.read().await? {
                Found::Recipients => {}
                Found::NotBefore(due) => return Ok(Some(Next::NotBefore(due))),
                Found::Outstanding => return Ok(None),
                Found::Nothing => return Ok(Some(Next::Empty)),
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

    fn take(&self) -> Taken {
        let mut window = self.window();
        if window.left == Some(0) {
            // Those that other sessions still have may turn out not to count, and must be finished in any case.
            let finished = window.outstanding.is_empty();
            return if finished { Taken::Next(Next::Limit) } else { Taken::Wait };
        }
        let Some(recipient) = window.ready.pop_front() else { return Taken::Nothing };
        if let Some(left) = &mut window.left {
            *left -= 1;
        }
        window.outstanding.insert(recipient.n);
        Taken::Next(Next::Recipient(Box::new(recipient)))
    }

    /// Reads what is due by now. Called by one at a time, while nothing is ready.
    async fn read(&self) -> Result<Found, LedgerError> {
        let now = clock::now();
        // Noted before the ledger is asked: a session may be done with one of them while it answers, and what it
        // says of that one is then out of date.
        let outstanding = self.window().outstanding.clone();
        let cursor = std::mem::take(&mut self.window().cursor);
        let started_over = cursor == Cursor::default();
        let found = self.read_from(cursor, now, &outstanding).await?
            // What was put back lies behind the cursor.
            || (!started_over && self.read_from(Cursor::default(), now, &outstanding).await?);
        if found {
            return Ok(Found::Recipients);
        }
        let (ledger, run) = (self.ledger.clone(), self.run);
        let due = blocking(move || ledger.next_due(run)).await?;
        // By the same moment as above: what became due since then is left, and nobody was given it.
        Ok(match due.filter(|due| *due > now) {
            Some(due) => Found::NotBefore(due),
            None if outstanding.is_empty() => Found::Nothing,
            None => Found::Outstanding,
        })
    }

    /// Makes what is due from the cursor on ready; whether there was anything but those outstanding.
    async fn read_from(
        &self,
        mut cursor: Cursor,
        now: Timestamp,
        outstanding: &HashSet<u64>,
    ) -> Result<bool, LedgerError> {
        // Outstanding recipients may be among those read: with so many, a fresh one is found if there is any.
        let limit = PAGE + outstanding.len();
        let (ledger, run) = (self.ledger.clone(), self.run);
        let (mut due, cursor) = blocking(move || {
            let due = ledger.due(run, now, &mut cursor, limit)?;
            Ok((due, cursor))
        })
        .await?;
        due.retain(|recipient| !outstanding.contains(&recipient.n));
        let mut window = self.window();
        window.cursor = if due.is_empty() { Cursor::default() } else { cursor };
        window.ready.extend(due);
        Ok(!window.ready.is_empty())
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

#[cfg(test)]
mod tests;
