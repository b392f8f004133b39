//! What `status` and `log` read: counts, the commonest refusals, the retry log. None of it grows in memory with the
//! audience, and none of it waits for the writer.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde::Serialize;

use super::error::{LedgerError, Work};
use super::operator::recipient_number;
use super::pages::{PAGE, Paged, Pages};
use super::run_id::RunId;
use super::runs::{known, optional_time, time};
use super::store::Ledger;
use crate::delivery::{Outcome, Stage, State};

/// How many recipients of a run are in each state (contract).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Waiting for their first attempt, or put back.
    pub queued: u64,
    /// The message may be leaving at this moment.
    pub in_flight: u64,
    /// The relay accepted the message.
    pub delivered: u64,
    /// Refused for now; tried again later.
    pub deferred: u64,
    /// Refused for good.
    pub bounced: u64,
    /// Refused for now until it was given up.
    pub expired: u64,
    /// Not mailed: on the suppression list.
    pub suppressed: u64,
    /// It may have left or not: only the operator can say.
    pub in_doubt: u64,
}

impl Counts {
    /// All of them: the run's recipients.
    pub fn recipients(&self) -> u64 {
        State::ALL.iter().map(|state| self.get(*state)).sum()
    }

    /// Those that something is still to be done for.
    pub fn open(&self) -> u64 {
        self.queued + self.in_flight + self.deferred
    }

    /// Those in one state.
    pub fn get(&self, state: State) -> u64 {
        let mut counts = *self;
        *counts.of(state)
    }

    fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Queued => &mut self.queued,
            State::InFlight => &mut self.in_flight,
            State::Delivered => &mut self.delivered,
            State::Deferred => &mut self.deferred,
            State::Bounced => &mut self.bounced,
            State::Expired => &mut self.expired,
            State::Suppressed => &mut self.suppressed,
            State::InDoubt => &mut self.in_doubt,
        }
    }
}

/// A refusal and how often it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `Deferred` or `Bounced`.
    pub outcome: Outcome,
    /// Where.
    pub stage: Option<Stage>,
    /// The reply's code.
    pub code: Option<u16>,
    /// The reply's enhanced code.
    pub enhanced: Option<String>,
    /// One such reply, the latest.
    pub reply: Option<String>,
    /// How many attempts met it.
    pub attempts: u64,
}

/// A recipient in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InDoubt {
    /// Its number in the run.
    pub n: u64,
    /// Its address.
    pub email: String,
    /// When its message may have left.
    pub at: Timestamp,
}

/// Which rows of a run's retry log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only these outcomes.
    pub outcome: Option<Outcome>,
    /// Only the recipient with this address key.
    pub key: Option<String>,
    /// Only rows after this one: where the last reading ended.
    pub after_id: i64,
}

/// A row of the retry log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Rises with every row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The recipient's number; none where no recipient was reached.
    pub n: Option<u64>,
    /// The recipient's address.
    pub email: Option<String>,
    /// The number of the attempt, from 1, counted anew when the operator put the recipient back.
    pub attempt: Option<u32>,
    /// What it came to.
    pub outcome: Outcome,
    /// How far it got; none where it was no attempt (expired, suppressed, the operator's word).
    pub stage: Option<Stage>,
    /// The reply's code.
    pub code: Option<u16>,
    /// The reply's enhanced code.
    pub enhanced: Option<String>,
    /// The reply's text.
    pub reply: Option<String>,
    /// Which relay.
    pub relay: Option<String>,
    /// What the relay calls the message.
    pub relay_id: Option<String>,
    /// How long it took.
    pub elapsed_ms: Option<u64>,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
}

impl Ledger {
    /// How many recipients of this run are in each state.
    pub fn counts(&self, run: RunId) -> Result<Counts, LedgerError> {
        self.read(|db| {
            known(db, run)?;
            let mut counts = Counts::default();
            let mut select = db.prepare_cached("SELECT state, recipients FROM tally WHERE run = ?1")?;
            let mut rows = select.query([run])?;
            while let Some(row) = rows.next()? {
                *counts.of(row.get::<_, String>(0)?.parse()?) = row.get(1)?;
            }
            Ok(counts)
        })
    }

    /// The commonest refusals of this run, the most frequent first.
    pub fn refusals(&self, run: RunId, limit: usize) -> Result<Vec<Refusal>, LedgerError> {
        self.read(|db| {
            // With max() SQLite takes the other columns from the row that has it: the latest reply.
            let mut select = db.prepare_cached(
                "SELECT outcome, stage, code, enhanced, reply, count(*) AS attempts, max(id) AS latest
                 FROM attempt INDEXED BY attempt_of_outcome
                 WHERE run = ?1 AND outcome IN ('bounced', 'deferred')
                 GROUP BY outcome, stage, code, enhanced ORDER BY attempts DESC, latest DESC LIMIT ?2",
            )?;
            let mut rows = select.query((run, limit))?;
            let mut refusals = Vec::new();
            while let Some(row) = rows.next()? {
                refusals.push(Refusal {
                    outcome: row.get::<_, String>("outcome")?.parse()?,
                    stage: stage_of(row)?,
                    code: row.get("code")?,
                    enhanced: row.get("enhanced")?,
                    reply: row.get("reply")?,
                    attempts: row.get("attempts")?,
                });
            }
            Ok(refusals)
        })
    }

    /// Those in doubt, in the order of the list, at most `limit`.
    pub fn in_doubt(&self, run: RunId, limit: usize) -> Result<Vec<InDoubt>, LedgerError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT n, email, (SELECT max(at) FROM attempt INDEXED BY attempt_of_recipient
                                   WHERE attempt.run = ?1 AND attempt.n = recipient.n AND outcome = 'in_doubt') AS at
                 FROM recipient INDEXED BY recipient_undecided
                 WHERE run = ?1 AND state = 'in_doubt' ORDER BY n LIMIT ?2",
            )?;
            let mut rows = select.query((run, limit))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(InDoubt { n: row.get("n")?, email: row.get("email")?, at: time(row.get("at")?)? });
            }
            Ok(found)
        })
    }

    /// The retry log of a run, oldest first, read as it is consumed.
    pub fn attempts(
        &self,
        run: RunId,
        filter: &LogFilter,
    ) -> Result<impl Iterator<Item = Result<AttemptRow, LedgerError>> + use<>, LedgerError> {
        let n = self.read(|db| {
            known(db, run)?;
            filter.key.as_deref().map(|key| recipient_number(db, run, key)).transpose()
        })?;
        let attempts = Attempts { run, outcome: filter.outcome, n: n.flatten(), after: filter.after_id };
        // An address that nobody in the run has gives an empty log, not the whole one.
        Ok(if n == Some(None) {
            Pages::none(self.clone(), attempts)
        } else {
            Pages::new(self.clone(), attempts)
        })
    }
}

/// The question for a retry log.
#[derive(Debug)]
struct Attempts {
    run: RunId,
    outcome: Option<Outcome>,
    n: Option<i64>,
    after: i64,
}

impl Paged for Attempts {
    type Row = AttemptRow;

    fn passed(&mut self, row: &AttemptRow) {
        self.after = row.id;
    }

    fn fetch(&self, db: &Connection) -> Work<Vec<AttemptRow>> {
        // The index that leaves the fewest rows to look at; each gives them in the order of the log.
        let (index, which) = match (self.n, self.outcome) {
            (Some(_), _) => {
                ("attempt_of_recipient", "attempt.n = ?3 AND (?4 IS NULL OR attempt.outcome = ?4)")
            }
            (None, Some(_)) => ("attempt_of_outcome", "?3 IS NULL AND attempt.outcome = ?4"),
            (None, None) => ("attempt_of_run", "?3 IS NULL AND ?4 IS NULL"),
        };
        let mut select = db.prepare_cached(&format!(
            "SELECT attempt.*, recipient.email FROM attempt INDEXED BY {index}
             LEFT JOIN recipient ON recipient.run = attempt.run AND recipient.n = attempt.n
             WHERE attempt.run = ?1 AND attempt.id > ?2 AND {which} ORDER BY attempt.id LIMIT ?5"
        ))?;
        let mut rows =
            select.query((self.run, self.after, self.n, self.outcome.map(Outcome::as_str), PAGE))?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(attempt_from(row)?);
        }
        Ok(page)
    }
}

fn attempt_from(row: &Row<'_>) -> Work<AttemptRow> {
    Ok(AttemptRow {
        id: row.get("id")?,
        at: time(row.get("at")?)?,
        n: row.get("n")?,
        email: row.get("email")?,
        attempt: row.get("attempt")?,
        outcome: row.get::<_, String>("outcome")?.parse()?,
        stage: stage_of(row)?,
        code: row.get("code")?,
        enhanced: row.get("enhanced")?,
        reply: row.get("reply")?,
        relay: row.get("relay")?,
        relay_id: row.get("relay_id")?,
        elapsed_ms: row.get("elapsed_ms")?,
        next_attempt_at: optional_time(row.get("next_attempt_at")?)?,
    })
}

fn stage_of(row: &Row<'_>) -> Work<Option<Stage>> {
    Ok(row.get::<_, Option<String>>("stage")?.map(|name| name.parse()).transpose()?)
}
