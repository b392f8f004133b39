//! The recipients that are due, handed to sessions one at a time.
//!
//! The ledger is the queue; this is a window on it. A session first holds a [`Ticket`]: there is work for it. Whom
//! it gets is decided when it may send, for only then is it known which domains have a permit. A recipient that was
//! handed out stays *outstanding* until its session says it is done with it, and is not handed out again before.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::lanes::{Lanes, Limited, Picked};
use super::locked::locked;
use super::ports::Store;
use crate::clock::Steady;
use crate::ledger::{Cursor, Domains, LedgerError, Recipient, RunId};

/// How many recipients are read from the ledger at once.
const PAGE: usize = 500;
/// However far off the next recipient is due, the ledger is asked again after this time: an operator may put
/// recipients back.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// While some are at hand that may not go yet, the ledger is asked for others this often.
const LONGEST_DRY: Duration = Duration::from_secs(1);

/// What the queue has for a session.
pub(super) enum Next<S: Store> {
    /// There is work.
    Ticket(Ticket<S>),
    /// Nothing is due before this time.
    NotBefore(Timestamp),
    /// `--limit` is reached.
    Limit,
    /// Nothing is left.
    Empty,
}

/// What the ledger has.
enum Found {
    /// Some that were not at hand before.
    Recipients,
    /// Nothing is due before this time.
    NotBefore(Timestamp),
    /// At most what is at hand, or was when it was asked.
    AtHand,
    /// Nothing is left.
    Nothing,
}

#[derive(Debug)]
struct Window {
    lanes: Lanes,
    cursor: Cursor,
    outstanding: HashSet<u64>,
    /// Tickets that nobody was picked for yet.
    reserved: usize,
    /// How many more tickets may be given.
    left: Option<u64>,
    /// Until then the ledger has nothing new, unless somebody comes back.
    dry_until: Instant,
}

impl Window {
    /// When something may be different though nobody came back.
    fn next_change(&self, now: Instant) -> Instant {
        let latest = now + LONGEST_DRY;
        let dry = if self.dry_until > now { self.dry_until } else { latest };
        self.lanes.next_opening(now).map_or(dry, |opens| opens.min(dry))
    }
}

/// The window on one run's queue.
pub(super) struct Queue<S> {
    store: S,
    run: RunId,
    clock: Steady,
    window: Mutex<Window>,
    /// One reader at a time.
    reading: tokio::sync::Mutex<()>,
    /// Wakes those that wait for what others have in hand.
    returned: Notify,
}

impl<S: Store> Queue<S> {
    pub(super) fn new(store: S, run: RunId, clock: Steady, limit: Option<u64>) -> Self {
        let window = Window {
            lanes: Lanes::default(),
            cursor: Cursor::default(),
            outstanding: HashSet::new(),
            reserved: 0,
            left: limit,
            dry_until: Instant::now(),
        };
        Self {
            store,
            run,
            clock,
            window: Mutex::new(window),
            reading: tokio::sync::Mutex::new(()),
            returned: Notify::new(),
        }
    }

    /// Work, or why there is none. Waits while all that is left is in the hands of other sessions, or in lanes that
    /// are closed. May be dropped while it waits: nothing is handed out then.
    pub(super) async fn next(self: &Arc<Self>, limited: Limited<'_>) -> Result<Next<S>, LedgerError> {
        loop {
            // Made before anything is looked at: a recipient that comes back meanwhile is not missed.
            let returned = self.returned.notified();
            if let Some(next) = self.look(limited).await? {
                return Ok(next);
            }
            let wake = self.window().next_change(Instant::now());
            tokio::select! {
                () = returned => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Work, or why there is none; nothing where that depends on other sessions or on time.
    async fn look(self: &Arc<Self>, limited: Limited<'_>) -> Result<Option<Next<S>>, LedgerError> {
        loop {
            self.fill_lanes(limited).await?;
            if let Some(look) = self.reserve(limited) {
                return Ok(look);
            }
            let _reading = self.reading.lock().await;
            if let Some(look) = self.reserve(limited) {
                return Ok(look);
            }
            match self.read(limited).await? {
                Found::Recipients => {}
                Found::NotBefore(due) => return Ok(Some(Next::NotBefore(due))),
                Found::AtHand => return Ok(None),
                Found::Nothing => return Ok(Some(Next::Empty)),
            }
        }
    }

    /// How long to sleep until `due`.
    pub(super) fn pause_until(&self, due: Timestamp) -> Duration {
        let wait = due.duration_since(self.clock.now());
        Duration::try_from(wait).unwrap_or(Duration::ZERO).clamp(Duration::from_millis(20), LONGEST_SLEEP)
    }

    /// The session is done with recipient `n`; `attempted` says whether that counts against `--limit`.
    pub(super) fn done(&self, n: u64, attempted: bool) {
        let mut window = self.window();
        window.outstanding.remove(&n);
        window.dry_until = Instant::now();
        if !attempted && let Some(left) = &mut window.left {
            *left += 1;
        }
        drop(window);
        self.returned.notify_waiters();
    }

    /// This domain's next one may go from then on.
    pub(super) fn opens(&self, domain: &str, at: Instant) {
        self.window().lanes.opens(domain, at);
        self.returned.notify_waiters();
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        locked(&self.window)
    }

    /// A look at the window alone. The outer nothing: the ledger must be asked; the inner one: it depends on others.
    #[allow(clippy::option_option)]
    fn reserve(self: &Arc<Self>, limited: Limited<'_>) -> Option<Option<Next<S>>> {
        let now = Instant::now();
        let mut window = self.window();
        if window.left == Some(0) {
            // Those that other sessions still have may turn out not to count, and must be finished in any case.
            let finished = window.outstanding.is_empty() && window.reserved == 0;
            return Some(finished.then_some(Next::Limit));
        }
        if window.lanes.available(now, limited) <= window.reserved {
            return (now < window.dry_until).then_some(None);
        }
        window.reserved += 1;
        if let Some(left) = &mut window.left {
            *left -= 1;
        }
        Some(Some(Next::Ticket(Ticket { queue: Arc::clone(self), used: false })))
    }

    /// Reads for the lanes that run low though the ledger has more.
    async fn fill_lanes(&self, limited: Limited<'_>) -> Result<(), LedgerError> {
        let Ok(_reading) = self.reading.try_lock() else { return Ok(()) };
        let Some(domain) = self.window().lanes.hungry() else { return Ok(()) };
        let known = self.at_hand();
        let limit = Lanes::refill() + known.len();
        let only = Domains::Only(domain.clone());
        let (mut due, _) = self.store.due(self.run, self.clock.now(), Cursor::default(), limit, only).await?;
        let more = due.len() == limit;
        due.retain(|recipient| !known.contains(&recipient.n));
        let mut window = self.window();
        window.lanes.extend(due, limited);
        if more {
            window.lanes.more_of(&domain);
        }
        Ok(())
    }

    /// Everybody who was read or handed out. Noted before the ledger is asked: a session may be done with one of them
    /// while it answers, and what it says of that one is then out of date.
    fn at_hand(&self) -> HashSet<u64> {
        let window = self.window();
        window.outstanding.iter().copied().chain(window.lanes.numbers()).collect()
    }

    /// Reads what is due by now. Called by one at a time, while nothing is ready.
    async fn read(&self, limited: Limited<'_>) -> Result<Found, LedgerError> {
        let now = self.clock.now();
        let known = self.at_hand();
        let cursor = std::mem::take(&mut self.window().cursor);
        let started_over = cursor == Cursor::default();
        let found = self.read_from(cursor, now, &known, limited).await?
            // What was put back lies behind the cursor.
            || (!started_over && self.read_from(Cursor::default(), now, &known, limited).await?);
        if found {
            return Ok(Found::Recipients);
        }
        let due = self.store.next_due(self.run).await?;
        // By the same moment as above: what became due since then is left, and nobody was given it.
        let later = due.filter(|due| *due > now);
        if known.is_empty() {
            return Ok(later.map_or(Found::Nothing, Found::NotBefore));
        }
        let dry = later.map_or(LONGEST_DRY, |due| self.pause_until(due).min(LONGEST_DRY));
        self.window().dry_until = Instant::now() + dry;
        Ok(Found::AtHand)
    }

    /// Makes what is due from the cursor on ready; whether there was anything but those at hand.
    async fn read_from(
        &self,
        cursor: Cursor,
        now: Timestamp,
        known: &HashSet<u64>,
        limited: Limited<'_>,
    ) -> Result<bool, LedgerError> {
        // Those at hand may be among them: with so many, a fresh one is found if there is any.
        let limit = PAGE + known.len();
        let full = self.window().lanes.pass_over();
        let domains = if full.is_empty() { Domains::All } else { Domains::Except(full) };
        let (mut due, cursor) = self.store.due(self.run, now, cursor, limit, domains).await?;
        due.retain(|recipient| !known.contains(&recipient.n));
        let found = !due.is_empty();
        let mut window = self.window();
        window.cursor = if found { cursor } else { Cursor::default() };
        window.lanes.extend(due, limited);
        Ok(found)
    }
}

/// The right to one recipient. Dropped unused, it goes back.
pub(super) struct Ticket<S: Store> {
    queue: Arc<Queue<S>>,
    used: bool,
}

impl<S: Store> Ticket<S> {
    /// Whoever may go now; none where the lanes have closed meanwhile.
    pub(super) fn pick(&mut self, limited: Limited<'_>) -> Option<Picked> {
        let mut window = self.queue.window();
        let picked = window.lanes.pick(Instant::now(), limited)?;
        window.outstanding.insert(picked.recipient.n);
        window.reserved -= 1;
        self.used = true;
        Some(picked)
    }

    /// Its domain has no permit before that time: back it goes, and the ticket stands for another.
    pub(super) fn swap(&mut self, recipient: Recipient, opens: Instant) {
        let mut window = self.queue.window();
        window.outstanding.remove(&recipient.n);
        window.lanes.opens(&recipient.domain, opens);
        window.lanes.put_back(recipient);
        window.reserved += 1;
        self.used = false;
    }
}

impl<S: Store> Drop for Ticket<S> {
    fn drop(&mut self) {
        if self.used {
            return;
        }
        let mut window = self.queue.window();
        window.reserved -= 1;
        if let Some(left) = &mut window.left {
            *left += 1;
        }
        drop(window);
        self.queue.returned.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
