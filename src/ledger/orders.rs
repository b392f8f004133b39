//! What the operator wants of a run under way: that it stops, or goes on with a newer build.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use super::error::LedgerError;
use super::lock::RunLock;
use super::run_id::RunId;
use super::runs::{Halt, known};
use super::store::Ledger;

/// What a process at a run follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orders {
    /// To stop.
    pub halt: Option<Halt>,
    /// The version of the build to send.
    pub build: u32,
}

impl Ledger {
    /// What is wanted of this run by now. Asked several times a second; it does not wait for the writer.
    pub fn orders(&self, run: RunId) -> Result<Orders, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT halt, coalesce((SELECT max(version) FROM amendment WHERE amendment.run = run.id), 1)
                 FROM run WHERE id = ?1",
            )?;
            let orders = select
                .query_row([run], |row| {
                    let halt: Option<String> = row.get(0)?;
                    Ok(Orders { halt: halt.as_deref().map(Halt::from_str), build: row.get(1)? })
                })
                .optional()?;
            Ok(orders.ok_or(LedgerError::NoRun { run })?)
        })
    }

    /// Orders a run to stop, and returns the order that stands: what was cancelled stays cancelled. A process at it
    /// sees it at its next look, and no intent is granted from here on.
    pub fn halt(&self, run: RunId, halt: Halt) -> Result<Halt, LedgerError> {
        self.write_blocking(move |db| {
            known(db, run)?;
            db.execute(
                "UPDATE run SET halt = ?2 WHERE id = ?1 AND halt IS NOT ?3",
                (run, halt.as_str(), Halt::Cancelled.as_str()),
            )?;
            let stands: String =
                db.query_row("SELECT halt FROM run WHERE id = ?1", [run], |row| row.get(0))?;
            Ok(Halt::from_str(&stands))
        })
    }

    /// Lets a paused run go on; whoever is about to send it holds its lock. Returns whether it may: what was cancelled
    /// stays cancelled.
    pub fn go_on(&self, lock: &RunLock) -> Result<bool, LedgerError> {
        let run = lock.run();
        self.write_blocking(move |db| {
            let paused = Halt::Paused.as_str();
            db.execute("UPDATE run SET halt = NULL WHERE id = ?1 AND halt = ?2", (run, paused))?;
            Ok(db.query_row("SELECT halt IS NULL FROM run WHERE id = ?1", [run], |row| row.get(0))?)
        })
    }

    /// Gives a run a newer build: whoever is not delivered, refused or in doubt gets it. Returns its version.
    pub fn amend(&self, run: RunId, digest: &str, build: &str, at: Timestamp) -> Result<u32, LedgerError> {
        let (digest, build) = (digest.to_owned(), build.to_owned());
        self.write_blocking(move |db| {
            known(db, run)?;
            let version: u32 = db.query_row(
                "SELECT coalesce(max(version), 1) + 1 FROM amendment WHERE run = ?1",
                [run],
                |row| row.get(0),
            )?;
            db.execute(
                "INSERT INTO amendment (run, version, digest, build, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                (run, version, &digest, build, at.as_millisecond()),
            )?;
            db.execute("UPDATE run SET digest = ?2 WHERE id = ?1", (run, digest))?;
            Ok(version)
        })
    }

    /// A version of a run's build, as it was stored.
    pub fn build_text(&self, run: RunId, version: u32) -> Result<String, LedgerError> {
        if version == 1 {
            return Ok(self.frozen(run)?.build);
        }
        self.read(|db| {
            known(db, run)?;
            let mut select =
                db.prepare_cached("SELECT build FROM amendment WHERE run = ?1 AND version = ?2")?;
            let build = select.query_row((run, version), |row| row.get(0)).optional()?;
            Ok(build.ok_or(LedgerError::NoBuild { run, version })?)
        })
    }
}
