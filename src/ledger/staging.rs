//! An audience on its way in, and the launch.
//!
//! The rows of a subscriber file go to a private temporary database on disk, where a unique index finds the
//! duplicates; the system removes it when the process ends. Only the launch touches the ledger, in one transaction:
//! a run is there with its whole audience or not at all. What is never launched (a plan, a check, a preview) needs
//! no ledger.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};

use super::error::{Fault, LedgerError, Work, temporary, writing};
use super::file;
use super::run_id::RunId;
use super::runs::Kind;
use super::store::Ledger;
use crate::delivery::{Outcome, State};

/// The most recipients that a run can have.
const RECIPIENTS: u64 = 100_000_000;
/// Rows fetched at a time.
const PAGE: usize = 500;

/// Recipients that are not in a ledger yet.
#[derive(Debug)]
pub struct Staging {
    db: Connection,
    len: u64,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is the recipient of this number, from 1.
    New(u64),
    /// The address was there already.
    Duplicate {
        /// The line of the file where it was first.
        first_line: u64,
    },
}

/// A staged recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedRow {
    /// Its number, from 1.
    pub n: u64,
    /// Its line in the subscriber file.
    pub line: u64,
    /// Its address.
    pub email: String,
    /// The domain of the address.
    pub domain: String,
    /// The text of each column.
    pub values: Vec<String>,
}

/// What is launched.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// The slug.
    pub campaign: &'a str,
    /// Whether it mails anybody.
    pub kind: Kind,
    /// The digest of the build.
    pub digest: &'a str,
    /// The build, as JSON.
    pub build: &'a str,
    /// The columns of the recipients' values, as JSON.
    pub schema: &'a str,
    /// The subscriber file, as the operator named it.
    pub list_file: &'a str,
    /// What tells that file from a changed one.
    pub list_digest: &'a str,
    /// The present moment.
    pub started_at: Timestamp,
}

impl Staging {
    /// An empty one.
    pub fn new() -> Result<Self, LedgerError> {
        let db = file::scratch(
            "CREATE TEMP TABLE staged (
                n INTEGER PRIMARY KEY, line INTEGER NOT NULL, email TEXT NOT NULL, address_key TEXT NOT NULL,
                domain TEXT NOT NULL, row_values TEXT NOT NULL
             ) STRICT;
             CREATE UNIQUE INDEX temp.staged_address ON staged (address_key);",
        )?;
        Ok(Self { db, len: 0 })
    }

    /// Adds a row: its line in the subscriber file, its address, what makes two addresses the same, the domain, and
    /// the text of each column.
    pub fn add(
        &mut self,
        line: u64,
        email: &str,
        key: &str,
        domain: &str,
        values: &[String],
    ) -> Result<Added, LedgerError> {
        if self.len >= RECIPIENTS {
            return Err(LedgerError::TooMany { limit: RECIPIENTS });
        }
        let added = self.insert(line, email, key, domain, values).map_err(temporary)?;
        if let Added::New(n) = added {
            self.len = n;
        }
        Ok(added)
    }

    /// How many recipients there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of them, in the order of the file, a page at a time.
    pub fn rows(&self) -> StagedRows<'_> {
        StagedRows { staging: self, page: Vec::new().into_iter(), after: 0, failed: false }
    }

    /// The recipient of this number.
    pub fn row(&self, n: u64) -> Result<Option<StagedRow>, LedgerError> {
        self.one("n = ?1", n)
    }

    /// The recipient with this address key.
    pub fn find(&self, key: &str) -> Result<Option<StagedRow>, LedgerError> {
        self.one("address_key = ?1", key)
    }

    /// Whether this address key is among them.
    pub(super) fn contains(&self, key: &str) -> Result<bool, LedgerError> {
        let look = || -> Work<bool> {
            Ok(self.db.prepare_cached("SELECT 1 FROM staged WHERE address_key = ?1")?.exists([key])?)
        };
        look().map_err(temporary)
    }

    fn insert(&self, line: u64, email: &str, key: &str, domain: &str, values: &[String]) -> Work<Added> {
        let n = self.len + 1;
        let values = to_json(values)?;
        let mut insert = self.db.prepare_cached(
            "INSERT INTO staged (n, line, email, address_key, domain, row_values) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (address_key) DO NOTHING",
        )?;
        if insert.execute((n, line, email, key, domain, values))? == 1 {
            return Ok(Added::New(n));
        }
        let mut select = self.db.prepare_cached("SELECT line FROM staged WHERE address_key = ?1")?;
        Ok(Added::Duplicate { first_line: select.query_row([key], |row| row.get(0))? })
    }

    fn one(&self, which: &str, key: impl rusqlite::ToSql) -> Result<Option<StagedRow>, LedgerError> {
        let find = || -> Work<Option<StagedRow>> {
            let sql = format!("SELECT n, line, email, domain, row_values FROM staged WHERE {which}");
            let mut select = self.db.prepare_cached(&sql)?;
            let mut rows = select.query([key])?;
            rows.next()?.map(staged_row).transpose()
        };
        find().map_err(temporary)
    }

    fn page(&self, after: u64) -> Result<Vec<StagedRow>, LedgerError> {
        let fetch = || -> Work<Vec<StagedRow>> {
            let mut select = self.db.prepare_cached(
                "SELECT n, line, email, domain, row_values FROM staged WHERE n > ?1 ORDER BY n LIMIT ?2",
            )?;
            let mut rows = select.query((after, PAGE))?;
            let mut page = Vec::new();
            while let Some(row) = rows.next()? {
                page.push(staged_row(row)?);
            }
            Ok(page)
        };
        fetch().map_err(temporary)
    }
}

/// An iterator over staged recipients; it ends after an error.
#[derive(Debug)]
pub struct StagedRows<'a> {
    staging: &'a Staging,
    page: std::vec::IntoIter<StagedRow>,
    after: u64,
    failed: bool,
}

impl Iterator for StagedRows<'_> {
    type Item = Result<StagedRow, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 && !self.failed {
            match self.staging.page(self.after) {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        let row = self.page.next()?;
        self.after = row.n;
        Some(Ok(row))
    }
}

impl Ledger {
    /// Freezes a build and its audience: from here on the run exists, and every recipient is queued, but those on the
    /// suppression list: these are recipients that rest from the start.
    ///
    /// # Errors
    /// [`LedgerError::Launched`] if the campaign has a launch, [`LedgerError::NoRecipients`] if all are suppressed. Whatever the error, the ledger holds no part of a run;
    /// only where the disk failed in the middle of the commit, the next process may find it there, whole.
    pub fn launch(&self, staging: Staging, new: &NewRun<'_>) -> Result<RunId, LedgerError> {
        self.poison().check()?;
        if staging.is_empty() {
            return Err(LedgerError::NoRecipients);
        }
        let failed = |fault| {
            let error = writing(self.file(), fault);
            self.poison().remember(&error);
            error
        };
        let (run, db) = launch(self.file(), staging, new).map_err(failed)?;
        // The log holds the whole audience now. Moved into the file at once, it does not slow the first reads. A
        // failure ends the writing, but not the run: that is in the log.
        if let Err(error) = db.query_row("PRAGMA ledger.wal_checkpoint(PASSIVE)", (), |_| Ok(())) {
            failed(error.into());
        }
        Ok(run)
    }
}

/// The run, and the connection that made it.
fn launch(ledger: &Path, staging: Staging, new: &NewRun<'_>) -> Work<(RunId, Connection)> {
    let Staging { mut db, len } = staging;
    // A file cannot be attached inside a transaction; this one only held temporary rows together.
    db.execute_batch("COMMIT")?;
    file::wait_for_others(&db)?;
    let name = ToSqlOutput::Borrowed(ValueRef::Text(ledger.as_os_str().as_bytes()));
    db.execute("ATTACH ?1 AS ledger", [name])?;
    file::durable(&db, "ledger")?;

    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if new.kind == Kind::Launch {
        refuse_second(&transaction, new.campaign)?;
    }
    let run = insert_run(&transaction, new, len)?;
    transaction.execute(
        "INSERT INTO ledger.recipient (run, n, line, email, address_key, domain, row_values, state)
         SELECT ?1, n, line, email, address_key, domain, row_values,
                CASE WHEN address_key IN (SELECT address_key FROM ledger.suppression) THEN ?2 ELSE ?3 END
         FROM temp.staged ORDER BY n",
        (run, State::Suppressed.as_str(), State::Queued.as_str()),
    )?;
    leave_out_suppressed(&transaction, run, len, new.started_at)?;
    transaction.execute(
        "INSERT INTO ledger.address (run, address_key, n)
         SELECT ?1, address_key, n FROM temp.staged INDEXED BY staged_address ORDER BY address_key",
        [run],
    )?;
    transaction.commit()?;
    Ok((run, db))
}

/// Counts and logs those that entered the run suppressed: no trigger saw them move.
fn leave_out_suppressed(db: &Transaction<'_>, run: RunId, recipients: u64, now: Timestamp) -> Work<()> {
    let suppressed = db.execute(
        "INSERT INTO ledger.attempt (at, run, n, attempt, outcome)
         SELECT ?2, run, n, 0, ?3 FROM ledger.recipient WHERE run = ?1 AND state = ?4 ORDER BY n",
        (run, now.as_millisecond(), Outcome::Suppressed.as_str(), State::Suppressed.as_str()),
    )? as u64;
    if suppressed == recipients {
        // Dropped without a commit, the transaction leaves nothing behind.
        return Err(LedgerError::NoRecipients.into());
    }
    let mut count = db.prepare("UPDATE ledger.tally SET recipients = ?3 WHERE run = ?1 AND state = ?2")?;
    count.execute((run, State::Suppressed.as_str(), suppressed))?;
    count.execute((run, State::Queued.as_str(), recipients - suppressed))?;
    Ok(())
}

fn refuse_second(db: &Transaction<'_>, campaign: &str) -> Work<()> {
    let launched = db
        .query_row("SELECT id FROM ledger.run WHERE campaign = ?1 AND kind = 'launch'", [campaign], |row| {
            row.get(0)
        })
        .optional()?;
    match launched {
        Some(run) => Err(LedgerError::Launched { campaign: campaign.to_owned(), run }.into()),
        None => Ok(()),
    }
}

fn insert_run(db: &Transaction<'_>, new: &NewRun<'_>, recipients: u64) -> Work<RunId> {
    db.execute(
        "INSERT INTO ledger.run (campaign, kind, digest, list_file, list_digest, recipients, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            new.campaign,
            new.kind.as_str(),
            new.digest,
            new.list_file,
            new.list_digest,
            recipients,
            new.started_at.as_millisecond(),
        ),
    )?;
    let run = RunId(db.last_insert_rowid());
    db.execute(
        "INSERT INTO ledger.frozen (run, build, columns) VALUES (?1, ?2, ?3)",
        (run, new.build, new.schema),
    )?;
    for &state in State::ALL {
        let count = if state == State::Queued { recipients } else { 0 };
        db.execute(
            "INSERT INTO ledger.tally (run, state, recipients) VALUES (?1, ?2, ?3)",
            (run, state.as_str(), count),
        )?;
    }
    Ok(run)
}

fn staged_row(row: &Row<'_>) -> Work<StagedRow> {
    Ok(StagedRow {
        n: row.get("n")?,
        line: row.get("line")?,
        email: row.get("email")?,
        domain: row.get("domain")?,
        values: from_json(&row.get::<_, String>("row_values")?)?,
    })
}

/// How a row's values are stored.
fn to_json(values: &[String]) -> Work<String> {
    serde_json::to_string(values).map_err(|error| Fault::Unreadable(error.to_string()))
}

/// …and read back.
pub(super) fn from_json(values: &str) -> Work<Vec<String>> {
    serde_json::from_str(values)
        .map_err(|error| Fault::Unreadable(format!("a recipient's values do not read: {error}")))
}
