//! Quotas of an hour and more: what left in the past window, in hundredths of it, never exceeds the limit.
//!
//! A message is counted where it may leave at the latest, and forgotten when the whole part it was counted in has left
//! the window: never too early.

use rusqlite::Connection;

use super::error::Work;
use super::horizon::{STALE_US, furthest};
use crate::delivery::Limit;

/// Permits that were leased and not used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unused {
    /// How many.
    pub count: u32,
    /// The quotas they were counted in: the window in seconds, and its part.
    pub(super) quotas: Vec<(i64, i64)>,
}

impl Unused {
    /// One of the same.
    #[must_use]
    pub fn one(&self) -> Self {
        Self { count: 1, quotas: self.quotas.clone() }
    }
}

/// The limits of an hour and more, of a relay or of a domain behind it.
pub(super) struct Quotas<'a> {
    pub(super) relay: &'a str,
    pub(super) domain: &'a str,
    pub(super) limits: &'a [Limit],
}

impl Quotas<'_> {
    fn each(&self) -> impl Iterator<Item = (&Limit, i64)> {
        let quotas = self.limits.iter().filter(|limit| !limit.is_even());
        quotas.map(|limit| (limit, i64::try_from(limit.window.as_secs()).unwrap_or(i64::MAX)))
    }

    /// How many may leave at `at_us`; where none may, the time when one may again.
    pub(super) fn left(&self, db: &Connection, at_us: i64) -> Work<Result<u32, i64>> {
        let mut left = u32::MAX;
        for (limit, window_s) in self.each() {
            let part_us = limit.part_us();
            // One second more than anybody is given is more than anybody may be late.
            self.settle(db, window_s, (furthest(at_us) + STALE_US).div_euclid(part_us))?;
            let window_us = part_us * 100;
            // The parts that any moment of the window ending now lies in.
            let first = (at_us - window_us).div_euclid(part_us);
            db.prepare_cached(
                "DELETE FROM quota_used WHERE relay = ?1 AND domain = ?2 AND window_s = ?3 AND bucket < ?4",
            )?
            .execute((self.relay, self.domain, window_s, first))?;
            let (used, oldest): (i64, Option<i64>) = db
                .prepare_cached(
                    "SELECT coalesce(sum(messages), 0), min(bucket) FROM quota_used
                     WHERE relay = ?1 AND domain = ?2 AND window_s = ?3 AND messages > 0",
                )?
                .query_row((self.relay, self.domain, window_s), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let free = (i64::from(limit.messages.max(1)) - used).max(0);
            left = left.min(u32::try_from(free).unwrap_or(u32::MAX));
            if left == 0 {
                let leaves = oldest.unwrap_or(first) + 1;
                return Ok(Err(leaves * part_us + window_us));
            }
        }
        Ok(Ok(left))
    }

    /// What stands in the future, because the clock was set back, counts from now.
    fn settle(&self, db: &Connection, window_s: i64, latest: i64) -> Work<()> {
        let future: u32 = db
            .prepare_cached(
                "SELECT coalesce(sum(messages), 0) FROM quota_used
                 WHERE relay = ?1 AND domain = ?2 AND window_s = ?3 AND bucket > ?4",
            )?
            .query_row((self.relay, self.domain, window_s, latest), |row| row.get(0))?;
        if future > 0 {
            db.prepare_cached(
                "DELETE FROM quota_used WHERE relay = ?1 AND domain = ?2 AND window_s = ?3 AND bucket > ?4",
            )?
            .execute((self.relay, self.domain, window_s, latest))?;
            self.add(db, window_s, latest, future)?;
        }
        Ok(())
    }

    /// Counts messages that leave at this time; where they were counted.
    pub(super) fn count(&self, db: &Connection, at_us: i64, messages: u32) -> Work<Vec<(i64, i64)>> {
        self.each()
            .map(|(limit, window_s)| {
                let part = at_us.div_euclid(limit.part_us());
                self.add(db, window_s, part, messages)?;
                Ok((window_s, part))
            })
            .collect()
    }

    fn add(&self, db: &Connection, window_s: i64, part: i64, messages: u32) -> Work<()> {
        db.prepare_cached(
            "INSERT INTO quota_used (relay, domain, window_s, bucket, messages) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
        )?
        .execute((self.relay, self.domain, window_s, part, messages))?;
        Ok(())
    }
}

pub(super) fn give_back(db: &Connection, relay: &str, domain: &str, unused: &[Unused]) -> Work<()> {
    for unused in unused {
        for (window_s, part) in &unused.quotas {
            db.prepare_cached(
                "UPDATE quota_used SET messages = max(0, messages - ?5)
                 WHERE relay = ?1 AND domain = ?2 AND window_s = ?3 AND bucket = ?4",
            )?
            .execute((relay, domain, window_s, part, unused.count))?;
        }
    }
    Ok(())
}
