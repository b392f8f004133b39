//! The operator's word: what happens to those that rest, whether a run may go on, what was tested.
//!
//! | from | word | to |
//! | --- | --- | --- |
//! | `in_doubt` | resolve: resend | queued |
//! | `in_doubt` | resolve: delivered | delivered |
//! | expired, bounced | retry | queued, unless the address is suppressed |
//!
//! Each leaves a row in the retry log, without a stage. Who is put back starts afresh: attempts and the time to give
//! up count from nothing, or the next refusal would expire it at once.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::error::{LedgerError, Work};
use super::run_id::RunId;
use super::runs::{known, optional_time};
use super::store::Ledger;
use crate::delivery::{Outcome, Resolution, State};

/// Whom to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Those that expired.
    pub expired: bool,
    /// Those that bounced.
    pub bounced: bool,
}

/// What [`Ledger::retry`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// Put back in the queue.
    pub requeued: u64,
    /// Left as they are, because the address is suppressed.
    pub suppressed_left_out: u64,
}

impl Ledger {
    /// Settles those in doubt: all of the run, or the one with this address key. Returns how many.
    pub fn resolve(
        &self,
        run: RunId,
        resolution: Resolution,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let key = key.map(str::to_owned);
        self.write_blocking(move |db| {
            let (outcome, to) = match resolution {
                Resolution::Resend => (Outcome::Requeued, State::Queued),
                Resolution::Delivered => (Outcome::Delivered, State::Delivered),
            };
            let Some(only) = only(db, run, key.as_deref())? else { return Ok(0) };
            Move { run, from: State::InDoubt, to, outcome, only, spare_suppressed: false }.make(db, now)
        })
    }

    /// Puts those that expired or bounced back in the queue: all of the run, or the one with this address key.
    pub fn retry(
        &self,
        run: RunId,
        whom: Retry,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Retried, LedgerError> {
        let key = key.map(str::to_owned);
        self.write_blocking(move |db| {
            let mut retried = Retried::default();
            let Some(only) = only(db, run, key.as_deref())? else { return Ok(retried) };
            for from in [whom.expired.then_some(State::Expired), whom.bounced.then_some(State::Bounced)] {
                let Some(from) = from else { continue };
                let outcome = Outcome::Requeued;
                let step = Move { run, from, to: State::Queued, outcome, only, spare_suppressed: true };
                retried.requeued += step.make(db, now)?;
                retried.suppressed_left_out += step.count_suppressed(db)?;
            }
            Ok(retried)
        })
    }

    /// Whether somebody with this address key is a recipient of the run.
    pub fn has_recipient(&self, run: RunId, key: &str) -> Result<bool, LedgerError> {
        self.read(|db| Ok(recipient_number(db, run, key)?.is_some()))
    }

    /// Records that the relay took a test of this build.
    pub fn record_test(&self, digest: &str, to: &str, at: Timestamp) -> Result<(), LedgerError> {
        let (digest, to) = (digest.to_owned(), to.to_owned());
        self.write_blocking(move |db| {
            db.execute(
                "INSERT INTO test_send (digest, sent_to, at) VALUES (?1, ?2, ?3)",
                (digest, to, at.as_millisecond()),
            )?;
            Ok(())
        })
    }

    /// When this build was last tested.
    pub fn tested(&self, digest: &str) -> Result<Option<Timestamp>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT max(at) FROM test_send WHERE digest = ?1")?;
            optional_time(select.query_row([digest], |row| row.get(0))?)
        })
    }
}

/// A move of many recipients at once.
struct Move {
    run: RunId,
    from: State,
    to: State,
    outcome: Outcome,
    /// The one recipient it concerns; none: all.
    only: Only,
    spare_suppressed: bool,
}

/// The first and the last number that a word concerns.
type Only = (i64, i64);

const SUPPRESSED: &str = "address_key IN (SELECT address_key FROM suppression)";

impl Move {
    fn make(&self, db: &Connection, now: Timestamp) -> Work<u64> {
        let spare = if self.spare_suppressed { format!("AND NOT {SUPPRESSED}") } else { String::new() };
        let whom = format!("{} {spare}", self.whom());
        let (first, last) = self.only;
        db.execute(
            &format!(
                "INSERT INTO attempt (run, at, n, attempt, outcome)
                 SELECT run, ?4, n, attempts, ?5 FROM recipient INDEXED BY recipient_undecided {whom} ORDER BY n"
            ),
            (self.run, first, last, now.as_millisecond(), self.outcome.as_str()),
        )?;
        let afresh = if self.to == State::Queued {
            ", attempts = 0, requeues = 0, first_attempt_at = NULL"
        } else {
            ""
        };
        let moved = db.execute(
            &format!("UPDATE recipient INDEXED BY recipient_undecided SET state = ?4 {afresh} {whom}"),
            (self.run, first, last, self.to.as_str()),
        )?;
        Ok(moved as u64)
    }

    fn count_suppressed(&self, db: &Connection) -> Work<u64> {
        let sql = format!(
            "SELECT count(*) FROM recipient INDEXED BY recipient_undecided {} AND {SUPPRESSED}",
            self.whom()
        );
        let (first, last) = self.only;
        Ok(db.query_row(&sql, (self.run, first, last), |row| row.get(0))?)
    }

    fn whom(&self) -> String {
        format!("WHERE run = ?1 AND state = '{}' AND n BETWEEN ?2 AND ?3", self.from.as_str())
    }
}

/// Whom a word concerns; none if nobody has this address.
fn only(db: &Connection, run: RunId, key: Option<&str>) -> Work<Option<Only>> {
    known(db, run)?;
    let Some(key) = key else { return Ok(Some((0, i64::MAX))) };
    let n = recipient_number(db, run, key)?;
    Ok(n.map(|n| (n, n)))
}

/// The number of the recipient with this address key.
pub(super) fn recipient_number(db: &Connection, run: RunId, key: &str) -> Work<Option<i64>> {
    let mut select = db.prepare_cached("SELECT n FROM address WHERE run = ?1 AND address_key = ?2")?;
    Ok(select.query_row((run, key), |row| row.get(0)).optional()?)
}
