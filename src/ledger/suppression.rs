//! The suppression list: addresses that must not be mailed, each with the reason and the date.
//!
//! It is looked at in the transaction of every intent, so whoever is on it by then is not mailed. The first reason and
//! its date stay: that an address which unsubscribed also bounces later takes nothing back.
//!
//! A long list comes in like an audience: over a private temporary table, then in one transaction. It is there as a
//! whole or not at all, and memory does not grow with it.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use serde::Serialize;

use super::error::{Fault, LedgerError, Work, temporary, writing};
use super::file;
use super::pages::{PAGE, Paged, Pages};
use super::runs::{optional_time, time};
use super::staging::Staging;
use super::store::Ledger;

/// Why an address must not be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The reader asked to be left out.
    Unsubscribed,
    /// Its host refused it for good.
    Bounced,
    /// The reader called a message spam.
    Complained,
    /// The operator put it there.
    Manual,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Unsubscribed, Self::Bounced, Self::Complained, Self::Manual];

    /// As the ledger, the list and its files have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Manual => "manual",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is one of unsubscribed, bounced, complained, manual")]
pub struct UnknownReason;

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(word: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str().eq_ignore_ascii_case(word)).ok_or(UnknownReason)
    }
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// The address, in lower case: what the list is looked up by.
    #[serde(rename = "email")]
    pub key: String,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub at: Timestamp,
}

/// What became of addresses that were to be put on the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// These are on it now.
    pub added: u64,
    /// These were on it already, with the reason and the date they have.
    pub known: u64,
}

/// Entries on their way in.
#[derive(Debug)]
pub struct Suppressions {
    db: Connection,
    len: u64,
}

impl Suppressions {
    /// None yet.
    pub fn new() -> Result<Self, LedgerError> {
        let db = file::scratch(
            "CREATE TEMP TABLE incoming (
                address_key TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL
             ) STRICT, WITHOUT ROWID;",
        )?;
        Ok(Self { db, len: 0 })
    }

    /// Adds an entry. Of two with the same address the first one counts.
    pub fn add(&mut self, entry: &Suppression) -> Result<(), LedgerError> {
        let insert = || -> Work<usize> {
            let mut insert =
                self.db.prepare_cached("INSERT INTO incoming VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
            Ok(insert.execute((&entry.key, entry.reason.as_str(), entry.at.as_millisecond()))?)
        };
        self.len += insert().map_err(temporary)? as u64;
        Ok(())
    }
}

impl Ledger {
    /// Puts these on the list, all or none.
    pub fn suppress(&self, entries: Suppressions) -> Result<Listed, LedgerError> {
        self.poison().check()?;
        suppress(self.file(), entries).map_err(|fault| {
            let error = writing(self.file(), fault);
            self.poison().remember(&error);
            error
        })
    }

    /// Takes these address keys off the list, and says what they were there for. If one is not on it, nothing is
    /// taken off, and the answer names those that are missing.
    pub fn unsuppress(&self, keys: &[String]) -> Result<Result<Vec<Suppression>, Vec<String>>, LedgerError> {
        let keys = keys.to_vec();
        self.write_blocking(move |db| {
            let mut removed = Vec::new();
            let mut missing = Vec::new();
            for key in keys {
                match entry(db, &key)? {
                    Some(entry) => removed.push(entry),
                    None => missing.push(key),
                }
            }
            if !missing.is_empty() {
                return Ok(Err(missing));
            }
            let mut delete = db.prepare_cached("DELETE FROM suppression WHERE address_key = ?1")?;
            for entry in &removed {
                delete.execute([&entry.key])?;
            }
            Ok(Ok(removed))
        })
    }

    /// Whether nobody may be mailed at this address key, and since when.
    pub fn suppressed(&self, key: &str) -> Result<Option<Timestamp>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT at FROM suppression WHERE address_key = ?1")?;
            optional_time(select.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// The list in the order of its addresses, read as it is consumed: all of it, or those with one reason.
    pub fn suppressions(
        &self,
        reason: Option<Reason>,
    ) -> impl Iterator<Item = Result<Suppression, LedgerError>> + use<> {
        Pages::new(self.clone(), SuppressionList { reason, after: String::new() })
    }

    /// How many of an audience are on the list.
    pub fn suppressed_among(&self, audience: &Staging) -> Result<u64, LedgerError> {
        let mut count = 0;
        for entry in self.suppressions(None) {
            count += u64::from(audience.contains(&entry?.key)?);
        }
        Ok(count)
    }
}

/// The question for the suppression list.
#[derive(Debug)]
struct SuppressionList {
    reason: Option<Reason>,
    after: String,
}

impl Paged for SuppressionList {
    type Row = Suppression;

    fn passed(&mut self, entry: &Suppression) {
        self.after.clone_from(&entry.key);
    }

    fn fetch(&self, db: &Connection) -> Work<Vec<Suppression>> {
        let mut select = db.prepare_cached(
            "SELECT address_key, reason, at FROM suppression
             WHERE address_key > ?1 AND (?2 IS NULL OR reason = ?2) ORDER BY address_key LIMIT ?3",
        )?;
        let mut rows = select.query((&self.after, self.reason.map(Reason::as_str), PAGE))?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(entry_from(row)?);
        }
        Ok(page)
    }
}

fn suppress(ledger: &Path, entries: Suppressions) -> Work<Listed> {
    let Suppressions { mut db, len } = entries;
    // A file cannot be attached inside a transaction; this one only held temporary rows together.
    db.execute_batch("COMMIT")?;
    file::wait_for_others(&db)?;
    let name = ToSqlOutput::Borrowed(ValueRef::Text(ledger.as_os_str().as_bytes()));
    db.execute("ATTACH ?1 AS ledger", [name])?;
    file::durable(&db, "ledger")?;
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let added = transaction.execute(
        "INSERT INTO ledger.suppression (address_key, reason, at)
         SELECT address_key, reason, at FROM temp.incoming WHERE true ORDER BY address_key
         ON CONFLICT (address_key) DO NOTHING",
        (),
    )? as u64;
    transaction.commit()?;
    Ok(Listed { added, known: len - added })
}

fn entry(db: &Connection, key: &str) -> Work<Option<Suppression>> {
    let mut select =
        db.prepare_cached("SELECT address_key, reason, at FROM suppression WHERE address_key = ?1")?;
    let mut rows = select.query([key])?;
    rows.next()?.map(entry_from).transpose()
}

fn entry_from(row: &Row<'_>) -> Work<Suppression> {
    let reason: String = row.get("reason")?;
    let reason = reason.parse().map_err(|error: UnknownReason| Fault::Unreadable(error.to_string()))?;
    Ok(Suppression { key: row.get("address_key")?, reason, at: time(row.get("at")?)? })
}
