//! The runs of a ledger, and where each of them stands.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde::Serialize;

use super::error::{Fault, LedgerError, Work};
use super::lock::{self, RunLock};
use super::run_id::RunId;
use super::store::Ledger;

/// Whether a run mails anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The real one; a campaign has one at most.
    Launch,
    /// `--capture`: nothing leaves the machine, nothing counts.
    Rehearsal,
}

impl Kind {
    /// As `status --json` has it (contract).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Rehearsal => "rehearsal",
        }
    }
}

/// Where a run stands (contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Work is left and a process is at it.
    Running,
    /// Work is left and no process is at it.
    Paused,
    /// The operator ended it for good.
    Cancelled,
    /// Nothing is queued, in flight or deferred.
    Complete,
}

impl RunState {
    /// As `status --json` has it (contract).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Complete => "complete",
        }
    }
}

/// The operator's order to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Stop, to go on later.
    Paused,
    /// Stop for good.
    Cancelled,
}

impl Halt {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn from_str(word: &str) -> Self {
        if word == Self::Paused.as_str() { Self::Paused } else { Self::Cancelled }
    }
}

/// A run: one launch or rehearsal of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The slug.
    pub campaign: String,
    /// Whether it mails anybody.
    pub kind: Kind,
    /// Where it stands at this moment.
    pub state: RunState,
    /// The digest of what it sends.
    pub digest: String,
    /// The version of what it sends: 1 as launched, then one more with every amendment.
    pub build: u32,
    /// The subscriber file, as the operator named it.
    pub list_file: String,
    /// What tells that file from a changed one.
    pub list_digest: String,
    /// How many recipients it was launched with.
    pub recipients: u64,
    /// When it was launched.
    pub started_at: Timestamp,
    /// When something last happened to a recipient; the launch where nothing has.
    pub updated_at: Timestamp,
}

/// What a run sends, as it was at launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The build, as JSON.
    pub build: String,
    /// The columns of the recipients' values, as JSON.
    pub schema: String,
}

const RUN: &str = "SELECT id, campaign, kind, halt, digest, list_file, list_digest, recipients, started_at,
    coalesce((SELECT max(version) FROM amendment WHERE amendment.run = run.id), 1) AS build,
    (SELECT sum(recipients) FROM tally
      WHERE tally.run = run.id AND state IN ('queued', 'in_flight', 'deferred')) AS open,
    (SELECT at FROM attempt WHERE attempt.run = run.id ORDER BY id DESC LIMIT 1) AS last_attempt_at
  FROM run";

impl Ledger {
    /// This run.
    pub fn run(&self, run: RunId) -> Result<Run, LedgerError> {
        let found = self.one_run("WHERE id = ?1", run)?;
        found.ok_or(LedgerError::NoRun { run })
    }

    /// The launch of a campaign, if it was launched.
    pub fn launch_of(&self, campaign: &str) -> Result<Option<Run>, LedgerError> {
        self.one_run("WHERE campaign = ?1 AND kind = 'launch'", campaign)
    }

    /// The run that a campaign's status is about: its launch, or else its latest rehearsal.
    pub fn latest(&self, campaign: &str) -> Result<Option<Run>, LedgerError> {
        self.one_run("WHERE campaign = ?1 ORDER BY kind = 'launch' DESC, id DESC LIMIT 1", campaign)
    }

    /// The run that each campaign's status is about, the newest first.
    pub fn campaigns(&self) -> Result<Vec<Run>, LedgerError> {
        self.read(|db| {
            let sql = format!(
                "{RUN} WHERE id = (SELECT id FROM run AS same WHERE same.campaign = run.campaign
                   ORDER BY kind = 'launch' DESC, id DESC LIMIT 1) ORDER BY id DESC"
            );
            let mut select = db.prepare_cached(&sql)?;
            let mut rows = select.query(())?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                runs.push(self.run_from(row)?);
            }
            Ok(runs)
        })
    }

    /// How many recipients the last launch of another campaign had, without those that were suppressed: what this
    /// one's audience is compared with.
    pub fn previous_audience(&self, excluding_campaign: &str) -> Result<Option<u64>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT recipients - (SELECT recipients FROM tally WHERE tally.run = run.id AND state = 'suppressed')
                 FROM run WHERE kind = 'launch' AND campaign <> ?1 ORDER BY id DESC LIMIT 1",
            )?;
            Ok(select.query_row([excluding_campaign], |row| row.get(0)).optional()?)
        })
    }

    /// What a run sends.
    pub fn frozen(&self, run: RunId) -> Result<Frozen, LedgerError> {
        self.read(|db| {
            let frozen = db
                .query_row("SELECT build, columns FROM frozen WHERE run = ?1", [run], |row| {
                    Ok(Frozen { build: row.get(0)?, schema: row.get(1)? })
                })
                .optional()?;
            Ok(frozen.ok_or(LedgerError::NoRun { run })?)
        })
    }

    /// Takes the right to send this run. Held for as long as the value lives.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] if another process has it.
    pub fn lock(&self, run: RunId) -> Result<RunLock, LedgerError> {
        self.run(run)?;
        RunLock::acquire(self.file(), run)
    }

    fn one_run(&self, which: &str, key: impl ToSql) -> Result<Option<Run>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached(&format!("{RUN} {which}"))?;
            let mut rows = select.query([key])?;
            rows.next()?.map(|row| self.run_from(row)).transpose()
        })
    }

    fn run_from(&self, row: &Row<'_>) -> Work<Run> {
        let id = row.get("id")?;
        let halt: Option<String> = row.get("halt")?;
        let open: u64 = row.get("open")?;
        let state = if halt.as_deref() == Some(Halt::Cancelled.as_str()) {
            RunState::Cancelled
        } else if open == 0 {
            RunState::Complete
        } else if lock::is_held(self.file(), id)? {
            RunState::Running
        } else {
            RunState::Paused
        };
        let started_at: i64 = row.get("started_at")?;
        let last_attempt_at: Option<i64> = row.get("last_attempt_at")?;
        Ok(Run {
            id,
            campaign: row.get("campaign")?,
            kind: if row.get::<_, String>("kind")? == "launch" { Kind::Launch } else { Kind::Rehearsal },
            state,
            digest: row.get("digest")?,
            build: row.get("build")?,
            list_file: row.get("list_file")?,
            list_digest: row.get("list_digest")?,
            recipients: row.get("recipients")?,
            started_at: time(started_at)?,
            updated_at: time(last_attempt_at.map_or(started_at, |at| at.max(started_at)))?,
        })
    }
}

/// Refuses a run that is not there: what only names a run would otherwise change nothing, silently.
pub(super) fn known(db: &Connection, run: RunId) -> Work<()> {
    let mut select = db.prepare_cached("SELECT 1 FROM run WHERE id = ?1")?;
    if select.exists([run])? { Ok(()) } else { Err(LedgerError::NoRun { run }.into()) }
}

/// A stored time.
pub(super) fn time(milliseconds: i64) -> Work<Timestamp> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| Fault::Unreadable(format!("it holds the impossible time {milliseconds}")))
}

/// A stored time that may be missing.
pub(super) fn optional_time(milliseconds: Option<i64>) -> Work<Option<Timestamp>> {
    milliseconds.map(time).transpose()
}
