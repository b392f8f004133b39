//! Permits to send that all processes share: each is taken in one transaction of the ledger.
//!
//! A relay's permits are moments of the wall clock, leased in slices so short that a process that dies takes little
//! with it. A domain's permits are asked for one by one: a domain with a limit is slow by nature.
//!
//! Those that ask do not know the present equally well: one may have waited for the writer while others were answered.
//! So a request that is out of date is asked anew, and what was written down for a moment a little ahead is believed.
//! What lies further ahead than any honest clock could have put it ([`furthest`]) was written before the clock was
//! set back. It is taken to lie just there: nobody waits long for it, and nothing is forgotten that was sent.

use std::time::Instant;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::error::{LedgerError, Work};
use super::horizon::{LEAD_US, MILLISECOND_US, SLICE_US, STALE, furthest};
use super::quota::{Quotas, Unused, give_back};
use super::runs::time;
use super::store::Ledger;
use crate::delivery::{Limit, Sliding, Spacing, halved, share_at, sliding, spacing};

/// Many sessions hear the same refusal: within this time it is one.
const ONE_REFUSAL_MS: i64 = 10_000;
/// Where nothing is spaced: any number at once, used within a slice.
const UNSPACED: Spacing = Spacing { interval_us: 0, slack_us: SLICE_US };
/// The relay as a whole, where a domain could stand.
const WHOLE: &str = "";

/// What a process asks for.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The relay's name.
    pub relay: String,
    /// The wall clock, in microseconds.
    pub now_us: i64,
    /// All of them hold.
    pub limits: Vec<Limit>,
    /// How many permits at most.
    pub want: u32,
    /// Permits of an earlier lease that were not used: their share of the quotas comes back.
    pub back: Vec<Unused>,
}

/// What it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// Permits.
    Slots(Slots),
    /// None before this time, in microseconds of the wall clock: ask again then.
    NotBefore(i64),
}

/// Permits: moments one interval apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// The first, in microseconds of the wall clock.
    pub first_us: i64,
    /// Between two of them.
    pub interval_us: i64,
    /// How late each may be used.
    pub slack_us: i64,
    /// How many.
    pub count: u32,
    /// What of them to give back.
    pub unused: Unused,
}

/// The answer for one message to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainPermit {
    /// It may leave now; the next one not before this time.
    Granted {
        /// In microseconds of the wall clock.
        next_us: i64,
    },
    /// Not before this time, in microseconds of the wall clock.
    NotBefore(i64),
}

/// What is slowed down at present.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowed {
    /// The domain; none: the relay as a whole.
    pub domain: Option<String>,
    /// The share of its pace that it has now, below 1.
    pub share: f64,
    /// When it was last slowed down.
    pub since: Timestamp,
}

impl Ledger {
    /// Takes permits of a relay.
    pub async fn lease(&self, lease: Lease) -> Result<Leased, LedgerError> {
        let asked = Instant::now();
        self.write(move |db| {
            give_back(db, &lease.relay, WHOLE, &lease.back)?;
            if asked.elapsed() > STALE { Ok(Leased::NotBefore(lease.now_us)) } else { take(db, &lease) }
        })
        .await
    }

    /// Gives back what was leased and is not used any more.
    pub async fn give_back(&self, relay: &str, unused: Vec<Unused>) -> Result<(), LedgerError> {
        let relay = relay.to_owned();
        self.write(move |db| give_back(db, &relay, WHOLE, &unused)).await
    }

    /// Takes the permit for one message to a domain.
    pub async fn domain_permit(
        &self,
        relay: &str,
        domain: &str,
        limits: Vec<Limit>,
        now_us: i64,
    ) -> Result<DomainPermit, LedgerError> {
        let asked = Instant::now();
        let (relay, domain) = (relay.to_owned(), domain.to_owned());
        self.write(move |db| {
            if asked.elapsed() > STALE {
                return Ok(DomainPermit::NotBefore(now_us));
            }
            Domain { relay: &relay, name: &domain, limits: &limits }.permit(db, now_us)
        })
        .await
    }

    /// Halves the pace of a relay, or of a domain behind it; it comes back with time. The share that is left.
    pub async fn slow_down(
        &self,
        relay: &str,
        domain: Option<&str>,
        now: Timestamp,
    ) -> Result<f64, LedgerError> {
        let (relay, domain) = (relay.to_owned(), domain.unwrap_or(WHOLE).to_owned());
        let now_ms = now.as_millisecond();
        self.write(move |db| {
            let slowed = slowed(db, &relay, &domain)?;
            let share = slowed.map_or(1.0, |(share, at_ms)| share_at(share, at_ms, now_ms));
            if slowed.is_some_and(|(_, at_ms)| now_ms.abs_diff(at_ms) < ONE_REFUSAL_MS.unsigned_abs()) {
                return Ok(share);
            }
            let share = halved(share);
            db.prepare_cached(
                "INSERT OR REPLACE INTO slowed (relay, domain, share, at_ms) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((relay, domain, share, now_ms))?;
            Ok(share)
        })
        .await
    }

    /// What is slowed down at present behind this relay, itself first.
    pub fn slowed(&self, relay: &str, now: Timestamp) -> Result<Vec<Slowed>, LedgerError> {
        self.read(|db| {
            let mut select = db
                .prepare_cached("SELECT domain, share, at_ms FROM slowed WHERE relay = ?1 ORDER BY domain")?;
            let mut rows = select.query([relay])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (domain, share, at_ms): (String, f64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let share = share_at(share, at_ms, now.as_millisecond());
                if share < 1.0 {
                    let domain = (domain != WHOLE).then_some(domain);
                    found.push(Slowed { domain, share, since: time(at_ms)? });
                }
            }
            Ok(found)
        })
    }
}

fn take(db: &Connection, lease: &Lease) -> Work<Leased> {
    let &Lease { now_us, want, .. } = lease;
    let spacing = spacing(&lease.limits, share(db, &lease.relay, WHOLE, now_us)?);
    let Spacing { interval_us, slack_us } = spacing.unwrap_or(UNSPACED);
    let first_us = first_free(db, &lease.relay, now_us, interval_us)?;
    if first_us > now_us + LEAD_US {
        return Ok(Leased::NotBefore(first_us - LEAD_US));
    }
    let quotas = Quotas { relay: &lease.relay, domain: WHOLE, limits: &lease.limits };
    let left = match quotas.left(db, first_us)? {
        Ok(left) => left,
        Err(not_before) => return Ok(Leased::NotBefore(not_before)),
    };
    let in_slice =
        SLICE_US.checked_div(interval_us).map_or(u32::MAX, |n| u32::try_from(n).unwrap_or(u32::MAX));
    let count = want.min(in_slice.max(1)).min(left).max(1);
    let last_us = first_us + i64::from(count - 1) * interval_us;
    if interval_us > 0 {
        db.prepare_cached("INSERT OR REPLACE INTO relay_pace (relay, next_at_us) VALUES (?1, ?2)")?
            .execute((&lease.relay, last_us + interval_us))?;
    }
    // Counted where the last of them may be used: never too early.
    let counted = quotas.count(db, last_us + slack_us, count)?;
    let unused = Unused { count: 0, quotas: counted };
    Ok(Leased::Slots(Slots { first_us, interval_us, slack_us, count, unused }))
}

/// The first moment that nobody has leased, from now on.
fn first_free(db: &Connection, relay: &str, now_us: i64, interval_us: i64) -> Work<i64> {
    if interval_us == 0 {
        return Ok(now_us);
    }
    db.prepare_cached("UPDATE relay_pace SET next_at_us = ?2 WHERE relay = ?1 AND next_at_us > ?2")?
        .execute((relay, furthest(now_us) + interval_us))?;
    let next: Option<i64> = db
        .prepare_cached("SELECT next_at_us FROM relay_pace WHERE relay = ?1")?
        .query_row([relay], |row| row.get(0))
        .optional()?;
    Ok(next.map_or(now_us, |next| next.max(now_us)))
}

/// A domain behind a relay.
struct Domain<'a> {
    relay: &'a str,
    name: &'a str,
    limits: &'a [Limit],
}

impl Domain<'_> {
    fn permit(&self, db: &Connection, now_us: i64) -> Work<DomainPermit> {
        let share = share(db, self.relay, self.name, now_us)?;
        // A domain that was slowed down has a pace also where it has nothing but a quota: that one's, evenly.
        let has_pace = self.limits.iter().any(Limit::is_even);
        let paced = |limit: &&Limit| limit.is_even() || (share < 1.0 && !has_pace);
        let windows: Vec<Sliding> =
            self.limits.iter().filter(paced).map(|limit| sliding(limit, share)).collect();
        self.settle(db, &windows, now_us)?;
        if let Some(free_us) = self.free(db, &windows)?.filter(|free_us| *free_us > now_us) {
            return Ok(DomainPermit::NotBefore(free_us));
        }
        let quotas = Quotas { relay: self.relay, domain: self.name, limits: self.limits };
        if let Err(not_before) = quotas.left(db, now_us)? {
            return Ok(DomainPermit::NotBefore(not_before));
        }
        if !windows.is_empty() {
            db.prepare_cached("INSERT INTO domain_send (relay, domain, at_us) VALUES (?1, ?2, ?3)")?
                .execute((self.relay, self.name, now_us))?;
        }
        let slack_us = spacing(self.limits, 1.0).unwrap_or(UNSPACED).slack_us;
        quotas.count(db, now_us + slack_us, 1)?;
        let next_us = self.free(db, &windows)?.unwrap_or(now_us);
        let next_us = quotas.left(db, now_us)?.err().map_or(next_us, |not_before| not_before.max(next_us));
        Ok(DomainPermit::Granted { next_us })
    }

    /// Forgets what no window asks for any more, and brings back what a clock that was set back left ahead.
    fn settle(&self, db: &Connection, windows: &[Sliding], now_us: i64) -> Work<()> {
        db.prepare_cached(
            "UPDATE domain_send SET at_us = ?3 WHERE relay = ?1 AND domain = ?2 AND at_us > ?3",
        )?
        .execute((self.relay, self.name, furthest(now_us)))?;
        let longest_us = windows.iter().map(|sliding| sliding.window_us).max().unwrap_or(0);
        db.prepare_cached("DELETE FROM domain_send WHERE relay = ?1 AND domain = ?2 AND at_us < ?3")?
            .execute((self.relay, self.name, now_us - longest_us))?;
        Ok(())
    }

    /// When the next message may leave, by what left before.
    fn free(&self, db: &Connection, windows: &[Sliding]) -> Work<Option<i64>> {
        let mut latest = db.prepare_cached(
            "SELECT at_us FROM domain_send WHERE relay = ?1 AND domain = ?2 ORDER BY at_us DESC LIMIT 1 OFFSET ?3",
        )?;
        let mut before = |messages: u32| -> Work<Option<i64>> {
            Ok(latest.query_row((self.relay, self.name, messages), |row| row.get(0)).optional()?)
        };
        let mut free_us = None;
        for sliding in windows {
            // The last one, and the one that must have left the window before another may enter it.
            let apart = before(0)?.map(|last| last + sliding.gap_us);
            let room = before(sliding.messages - 1)?.map(|nth| nth + sliding.window_us);
            free_us = free_us.max(apart).max(room);
        }
        Ok(free_us)
    }
}

/// The share of the pace that a relay, or a domain behind it, has at this time.
fn share(db: &Connection, relay: &str, domain: &str, now_us: i64) -> Work<f64> {
    let slowed = slowed(db, relay, domain)?;
    Ok(slowed.map_or(1.0, |(share, at_ms)| share_at(share, at_ms, now_us / MILLISECOND_US)))
}

fn slowed(db: &Connection, relay: &str, domain: &str) -> Work<Option<(f64, i64)>> {
    let mut select = db.prepare_cached("SELECT share, at_ms FROM slowed WHERE relay = ?1 AND domain = ?2")?;
    Ok(select.query_row((relay, domain), |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
