//! The pace of one relay: permits taken in small slices from what all processes share.
//!
//! A permit is a moment. It may be used a little late, by the slack that there is between two moments; one that is
//! later than that is lost, never saved up. So the rate can only be lower than configured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::locked::locked;
use super::ports::Store;
use crate::clock::Steady;
use crate::delivery::Limit;
use crate::ledger::{Lease, Leased, LedgerError, Slots, Unused};

/// Hands out the permits of one relay to the sessions of this process, in the order they ask.
pub struct Pace<S> {
    store: S,
    relay: String,
    limits: Vec<Limit>,
    clock: Steady,
    slice: Mutex<Slice>,
    /// What the next lease gives back. Apart from the slice, which whoever waits for a quota holds for hours.
    back: std::sync::Mutex<Vec<Unused>>,
    /// The slice was leased at a pace that is not the present one any more.
    outdated: AtomicBool,
}

/// A permit: the moment at which a message may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub at: Instant,
    /// Not later than this.
    latest: Option<Instant>,
    /// What comes back if it is not used.
    quota: Unused,
}

impl Slot {
    /// Whether it is too late for it.
    pub fn is_stale(&self) -> bool {
        self.latest.is_some_and(|latest| Instant::now() > latest)
    }
}

/// The permits at hand.
#[derive(Debug, Default)]
struct Slice {
    slots: Option<Slots>,
    /// When the next of them is.
    next: Option<Instant>,
    /// Given out of this slice.
    used: u32,
    /// How many the next lease asks for: few, until they turn out to be used.
    want: u32,
}

impl<S: Store> Pace<S> {
    /// The pace of this relay: all limits hold. Without limits, permits are free.
    pub fn new(store: S, relay: &str, limits: Vec<Limit>, clock: Steady) -> Self {
        Self {
            store,
            relay: relay.to_owned(),
            limits,
            clock,
            slice: Mutex::default(),
            back: std::sync::Mutex::default(),
            outdated: AtomicBool::new(false),
        }
    }

    /// The next permit. Whoever has it waits for its moment. May be dropped at any time: the rate can only be lower
    /// for it.
    pub async fn slot(&self) -> Result<Slot, LedgerError> {
        if self.limits.is_empty() {
            return Ok(Slot { at: Instant::now(), latest: None, quota: Unused::default() });
        }
        let mut slice = self.slice.lock().await;
        loop {
            if self.outdated.swap(false, Ordering::Relaxed) {
                self.end(&mut slice);
            }
            if let Some(slot) = slice.take(Instant::now()) {
                return Ok(slot);
            }
            self.refill(&mut slice).await?;
        }
    }

    /// A permit that is not used after all. Its moment is lost; its part of an hour's or day's quota is not.
    pub fn give_back(&self, slot: &Slot) {
        locked(&self.back).push(slot.quota.clone());
    }

    /// Forgets the permits at hand: they were leased at a pace that is not the present one any more.
    pub fn outdate(&self) {
        self.outdated.store(true, Ordering::Relaxed);
    }

    /// Gives back what is left, at the end.
    pub async fn close(&self) -> Result<(), LedgerError> {
        self.end(&mut *self.slice.lock().await);
        let back = std::mem::take(&mut *locked(&self.back));
        if back.iter().any(|unused| unused.count > 0) {
            self.store.give_back(&self.relay, back).await?;
        }
        Ok(())
    }

    /// Lets go of what is left of the slice.
    fn end(&self, slice: &mut Slice) {
        locked(&self.back).extend(slice.end());
    }

    async fn refill(&self, slice: &mut Slice) -> Result<(), LedgerError> {
        self.end(slice);
        let asked = Instant::now();
        let lease = Lease {
            relay: self.relay.clone(),
            now_us: self.clock.wall().as_microsecond(),
            limits: self.limits.clone(),
            want: slice.want.max(1),
            back: std::mem::take(&mut *locked(&self.back)),
        };
        let now_us = lease.now_us;
        let ahead = |us: i64| asked + Duration::from_micros(u64::try_from(us - now_us).unwrap_or_default());
        match self.store.lease(lease).await? {
            Leased::NotBefore(us) => sleep_until(ahead(us)).await,
            Leased::Slots(slots) => {
                // Whatever the wall clock does, two permits of this process are an interval apart.
                let earliest = slice.next.unwrap_or(asked);
                slice.next = Some(ahead(slots.first_us).max(earliest));
                slice.slots = Some(slots);
            }
        }
        Ok(())
    }
}

impl Slice {
    /// The next permit that is not too late, if one is at hand.
    fn take(&mut self, now: Instant) -> Option<Slot> {
        let (slots, next) = (self.slots.as_mut()?, self.next.as_mut()?);
        let interval = micros(slots.interval_us);
        let slack = micros(slots.slack_us);
        while slots.count > 0 {
            let at = *next;
            *next += interval;
            slots.count -= 1;
            if at + slack >= now {
                self.used += 1;
                let quota = slots.unused.one();
                return Some(Slot { at, latest: Some(at + slack), quota });
            }
            slots.unused.count += 1;
        }
        None
    }

    /// Lets go of what is left, for it to be given back, and learns how many the next slice should have.
    fn end(&mut self) -> Option<Unused> {
        let mut slots = self.slots.take()?;
        let all_used = slots.count == 0 && slots.unused.count == 0;
        self.want = if all_used { self.used.saturating_mul(2) } else { self.used.max(1) };
        self.used = 0;
        slots.unused.count += slots.count;
        (slots.unused.count > 0).then_some(slots.unused)
    }
}

fn micros(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or_default())
}

#[cfg(test)]
mod tests;
