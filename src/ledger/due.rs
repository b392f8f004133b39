//! Who can be sent to now, and when the next one can.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::error::{Fault, LedgerError, Work};
use super::run_id::RunId;
use super::runs::{known, optional_time, time};
use super::staging::from_json;
use super::store::Ledger;

/// The most recipients that are put right in one transaction, so that the sessions' writes get in between.
const SETTLE_AT_ONCE: usize = 1_000;

/// A recipient that can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its number in the run, from 1.
    pub n: u64,
    /// Its address.
    pub email: String,
    /// The domain of the address.
    pub domain: String,
    /// The text of each column, by the run's schema.
    pub values: Vec<String>,
    /// The attempts that counted so far.
    pub attempts: u32,
    /// How often it was put back after DATA since the last attempt that counted.
    pub requeues: u32,
    /// The first attempt that counted.
    pub first_attempt_at: Option<Timestamp>,
    /// The version of the build it is bound to, because it may have got that already; none: the run's present one.
    pub build: Option<u32>,
}

/// How far [`Ledger::due`] has come. A new one starts over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) queued: u64,
    pub(crate) deferred: Option<(i64, u64)>,
}

/// Whose recipients are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domains {
    /// Everybody's.
    All,
    /// All but these domains'.
    Except(Vec<String>),
    /// This domain's.
    Only(String),
}

impl Domains {
    /// As a condition, and the value of its parameter `?1`.
    pub(super) fn condition(&self) -> Work<(&'static str, String)> {
        Ok(match self {
            Self::All => ("?1 = ''", String::new()),
            Self::Only(domain) => ("domain = ?1", domain.clone()),
            Self::Except(domains) => {
                let json = serde_json::to_string(domains);
                let json = json.map_err(|error| Fault::Unreadable(error.to_string()))?;
                ("domain NOT IN (SELECT value FROM json_each(?1))", json)
            }
        })
    }
}

impl Ledger {
    /// The next recipients to send to, at most `limit`: first those deferred whose time has come, then those queued
    /// in the order of the list.
    ///
    /// The cursor steps over what it gave, also while that is still queued, and over the domains that were left out.
    /// What is put back behind it is given by a new cursor: start one when nothing is left in hand, and the run is
    /// done when that gives nothing either.
    pub fn due(
        &self,
        run: RunId,
        now: Timestamp,
        cursor: &mut Cursor,
        limit: usize,
        domains: &Domains,
    ) -> Result<Vec<Recipient>, LedgerError> {
        self.read(|db| {
            let (condition, which) = domains.condition()?;
            let (at, n) = cursor.deferred.unwrap_or((i64::MIN, 0));
            let mut deferred = db.prepare_cached(&select_deferred(condition))?;
            let mut found = Vec::new();
            let mut rows = deferred.query((&which, run, limit, now.as_millisecond(), at, n))?;
            while let Some(row) = rows.next()? {
                let recipient = recipient_from(row)?;
                cursor.deferred = Some((row.get("next_attempt_at")?, recipient.n));
                found.push(recipient);
            }
            let mut queued = db.prepare_cached(&select_queued(condition))?;
            let mut rows = queued.query((&which, run, limit - found.len(), cursor.queued))?;
            while let Some(row) = rows.next()? {
                let recipient = recipient_from(row)?;
                cursor.queued = recipient.n;
                found.push(recipient);
            }
            Ok(found)
        })
    }

    /// When the earliest of those deferred is due.
    pub fn next_due(&self, run: RunId) -> Result<Option<Timestamp>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT min(next_attempt_at) FROM recipient INDEXED BY recipient_due
                 WHERE run = ?1 AND state = 'deferred'",
            )?;
            optional_time(select.query_row([run], |row| row.get(0))?)
        })
    }

    /// Those deferred to a time later than any retry can be are due then: the clock that said so was wrong. The same
    /// for a first attempt that lies in the future, from which giving up is counted. Returns how many were put right.
    pub async fn settle_clock(
        &self,
        run: RunId,
        now: Timestamp,
        latest: Timestamp,
    ) -> Result<u64, LedgerError> {
        let (now, latest) = (now.as_millisecond(), latest.as_millisecond());
        let mut settled = 0;
        loop {
            let some = self.write(move |db| settle_some(db, run, now, latest)).await?;
            settled += some as u64;
            if some == 0 {
                return Ok(settled);
            }
        }
    }
}

/// The question for those deferred. Parameters: domains, run, limit, now, and where the cursor stands.
///
/// The inner part reads nothing but the index, however many it has to pass over.
pub(super) fn select_deferred(condition: &str) -> String {
    format!(
        "SELECT recipient.* FROM
           (SELECT next_attempt_at AS due_at, n AS due_n FROM recipient INDEXED BY recipient_due
            WHERE run = ?2 AND state = 'deferred' AND next_attempt_at <= ?4 AND (next_attempt_at, n) > (?5, ?6)
              AND {condition} ORDER BY next_attempt_at, n LIMIT ?3)
         CROSS JOIN recipient ON run = ?2 AND n = due_n ORDER BY due_at, due_n"
    )
}

/// The question for those queued. Parameters: domains, run, limit, and where the cursor stands.
pub(super) fn select_queued(condition: &str) -> String {
    format!(
        "SELECT recipient.* FROM
           (SELECT n AS due_n FROM recipient INDEXED BY recipient_queued
            WHERE run = ?2 AND state = 'queued' AND n > ?4 AND {condition} ORDER BY n LIMIT ?3)
         CROSS JOIN recipient ON run = ?2 AND n = due_n ORDER BY due_n"
    )
}

fn settle_some(db: &Connection, run: RunId, now: i64, latest: i64) -> Work<usize> {
    known(db, run)?;
    let late = db
        .prepare_cached(
            "UPDATE recipient SET next_attempt_at = ?2 WHERE run = ?1 AND n IN (
               SELECT n FROM recipient INDEXED BY recipient_due
               WHERE run = ?1 AND state = 'deferred' AND next_attempt_at > ?2 LIMIT ?3)",
        )?
        .execute((run, latest, SETTLE_AT_ONCE))?;
    let young = db
        .prepare_cached(
            "UPDATE recipient SET first_attempt_at = ?2 WHERE run = ?1 AND n IN (
               SELECT n FROM recipient INDEXED BY recipient_given_up
               WHERE run = ?1 AND state = 'deferred' AND first_attempt_at > ?2 LIMIT ?3)",
        )?
        .execute((run, now, SETTLE_AT_ONCE))?;
    Ok(late + young)
}

fn recipient_from(row: &Row<'_>) -> Work<Recipient> {
    let first_attempt_at: Option<i64> = row.get("first_attempt_at")?;
    Ok(Recipient {
        n: row.get("n")?,
        email: row.get("email")?,
        domain: row.get("domain")?,
        values: from_json(&row.get::<_, String>("row_values")?)?,
        attempts: row.get("attempts")?,
        requeues: row.get("requeues")?,
        first_attempt_at: first_attempt_at.map(time).transpose()?,
        build: row.get("build")?,
    })
}
