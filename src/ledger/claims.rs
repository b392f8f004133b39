//! The road of a recipient through a run: its intent is written, its result is recorded; or the process dies in
//! between, and the next one finds the intent without a result.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::error::{LedgerError, Work};
use super::lock::RunLock;
use super::run_id::RunId;
use super::runs::known;
use super::store::Ledger;
use crate::delivery::{Event, Outcome, Stage, State};

/// The most recipients that expire in one transaction, so that the sessions' writes get in between.
const EXPIRE_AT_ONCE: usize = 1_000;
/// The most that is kept of a reply, in characters.
const REPLY_CHARS: usize = 2_000;
/// The most that is kept of a name (relay, enhanced code, the relay's id), in characters.
const NAME_CHARS: usize = 255;

/// The answer to an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It is on disk: the message may leave, and its result must be recorded.
    Granted,
    /// The address is suppressed by now. That is recorded; the message must not leave.
    Suppressed,
    /// The operator paused or cancelled the run. Nothing changed; the message must not leave.
    Stopped,
    /// The run has a newer build. Nothing changed; the message must not leave.
    Amended,
}

/// What one attempt came to. The outcome says where it leaves the recipient and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The run.
    pub run: RunId,
    /// The recipient; none where no recipient was reached (then the outcome is `Requeued`).
    pub n: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// What it came to.
    pub outcome: Outcome,
    /// How far it got.
    pub stage: Option<Stage>,
    /// The reply's code.
    pub code: Option<u16>,
    /// The reply's enhanced code (RFC 3463).
    pub enhanced: Option<String>,
    /// The reply's text, or what happened instead of a reply.
    pub reply: Option<String>,
    /// Which relay.
    pub relay: Option<String>,
    /// What the relay calls the message.
    pub relay_id: Option<String>,
    /// How long it took.
    pub elapsed_ms: Option<u64>,
    /// When to try again: with `Deferred`, and only then.
    pub next_attempt_at: Option<Timestamp>,
}

/// What a move needs to know of a recipient.
struct Standing {
    state: State,
    attempts: u32,
    next_attempt_at: Option<i64>,
    halted: bool,
    suppressed: bool,
    /// The version that is to be sent.
    build: u32,
}

impl Standing {
    /// Where this takes the recipient; a pair that cannot be is refused before anything changes.
    fn after(&self, run: RunId, n: u64, event: Event) -> Work<State> {
        let to = self.state.after(event);
        Ok(to.map_err(|transition| LedgerError::Illegal { run, n, transition })?)
    }
}

impl Ledger {
    /// Writes down that this recipient's message is about to leave. Only after `Granted` may the final dot be
    /// handed to the connection. `build` is the version of the build that the message was made from.
    ///
    /// # Errors
    /// The recipient is neither queued nor deferred and due; or the ledger cannot be written.
    pub async fn intent(
        &self,
        run: RunId,
        n: u64,
        now: Timestamp,
        build: u32,
    ) -> Result<Intent, LedgerError> {
        self.write(move |db| intend(db, run, n, now.as_millisecond(), build)).await
    }

    /// Records what an attempt came to, and moves its recipient there.
    ///
    /// # Errors
    /// The recipient cannot move there, the attempt contradicts itself, or the ledger cannot be written.
    pub async fn record(&self, attempt: Attempt) -> Result<(), LedgerError> {
        self.write(move |db| record(db, &attempt)).await
    }

    /// Gives up on those deferred whose first attempt that counted lies `give_up` or more back. Returns how many.
    pub async fn expire(&self, run: RunId, now: Timestamp, give_up: Duration) -> Result<u64, LedgerError> {
        let now = now.as_millisecond();
        let first_until = now.saturating_sub(i64::try_from(give_up.as_millis()).unwrap_or(i64::MAX));
        let mut expired = 0;
        loop {
            let some = self.write(move |db| expire_some(db, run, now, first_until)).await?;
            expired += some as u64;
            if some < EXPIRE_AT_ONCE {
                return Ok(expired);
            }
        }
    }

    /// Finds the intents of a process that is gone: whether their messages left, nobody here knows, so they are in
    /// doubt. Returns how many. The lock proves that no living process is at the run.
    pub fn recover(&self, lock: &RunLock) -> Result<u64, LedgerError> {
        let run = lock.run();
        self.write_blocking(move |db| {
            // In the log they stand at the moment of the intent: that is what to look for in the relay's own log.
            db.prepare_cached(
                "INSERT INTO attempt (at, run, n, attempt, outcome, stage)
                 SELECT intent_at, run, n, attempts + 1, ?2, ?3 FROM recipient INDEXED BY recipient_undecided
                 WHERE run = ?1 AND state = 'in_flight' ORDER BY n",
            )?
            .execute((run, Outcome::InDoubt.as_str(), Stage::Body.as_str()))?;
            let found = db
                .prepare_cached(
                    "UPDATE recipient INDEXED BY recipient_undecided
                     SET state = 'in_doubt', attempts = attempts + 1, requeues = 0, intent_at = NULL,
                         build = intent_build,
                         first_attempt_at = coalesce(first_attempt_at, intent_at)
                     WHERE run = ?1 AND state = 'in_flight'",
                )?
                .execute([run])?;
            Ok(found as u64)
        })
    }
}

fn intend(db: &Connection, run: RunId, n: u64, now: i64, build: u32) -> Work<Intent> {
    let standing = standing(db, run, n)?;
    let to = standing.after(run, n, Event::Intent)?;
    if standing.state == State::Deferred && standing.next_attempt_at.is_none_or(|at| at > now) {
        return Err(LedgerError::NotDue { run, n }.into());
    }
    if standing.halted {
        return Ok(Intent::Stopped);
    }
    if standing.suppressed {
        rest(db, &standing, run, n, now, Outcome::Suppressed)?;
        return Ok(Intent::Suppressed);
    }
    if standing.build != build {
        return Ok(Intent::Amended);
    }
    db.prepare_cached(
        "UPDATE recipient SET state = ?3, intent_at = ?4, intent_build = ?5, next_attempt_at = NULL
         WHERE run = ?1 AND n = ?2",
    )?
    .execute((run, n, to.as_str(), now, build))?;
    Ok(Intent::Granted)
}

fn record(db: &Connection, attempt: &Attempt) -> Work<()> {
    let &Attempt { run, outcome, .. } = attempt;
    let malformed = |problem| Err(LedgerError::Malformed { outcome, problem }.into());
    if attempt.next_attempt_at.is_some() != (outcome == Outcome::Deferred) {
        return malformed("says when to try again if and only if it is deferred");
    }
    let Some(n) = attempt.n else {
        if outcome != Outcome::Requeued {
            return malformed("has a recipient");
        }
        known(db, run)?;
        return log(db, attempt, None);
    };
    let standing = standing(db, run, n)?;
    let to = standing.after(run, n, Event::Outcome(outcome))?;
    log(db, attempt, Some(standing.attempts + u32::from(is_try(outcome))))?;
    settle(db, attempt, n, to)
}

/// Whether it was a try at delivery, and so has a number of its own.
fn is_try(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Expired | Outcome::Suppressed)
}

/// Whether it counts against the recipient. What is put back is the relay's or the connection's doing.
fn is_counted(outcome: Outcome) -> bool {
    is_try(outcome) && outcome != Outcome::Requeued
}

/// Moves the recipient to where the attempt leaves it.
fn settle(db: &Connection, attempt: &Attempt, n: u64, to: State) -> Work<()> {
    let counted = is_counted(attempt.outcome);
    let after_data = matches!(attempt.stage, Some(Stage::Data | Stage::Body));
    let put_back = attempt.outcome == Outcome::Requeued && after_data;
    db.prepare_cached(
        "UPDATE recipient
         SET state = ?3, intent_at = NULL, next_attempt_at = ?4, attempts = attempts + ?5,
             requeues = CASE WHEN ?5 THEN 0 ELSE requeues + ?6 END,
             first_attempt_at = CASE WHEN ?5 THEN coalesce(first_attempt_at, ?7) ELSE first_attempt_at END,
             -- Whoever may have got a message gets that one again, if any.
             build = CASE WHEN ?3 = 'in_doubt' THEN intent_build ELSE build END
         WHERE run = ?1 AND n = ?2",
    )?
    .execute((
        attempt.run,
        n,
        to.as_str(),
        attempt.next_attempt_at.map(Timestamp::as_millisecond),
        counted,
        put_back,
        attempt.at.as_millisecond(),
    ))?;
    Ok(())
}

/// A row of the retry log.
fn log(db: &Connection, attempt: &Attempt, number: Option<u32>) -> Work<()> {
    db.prepare_cached(
        "INSERT INTO attempt (at, run, n, attempt, outcome, stage, code, enhanced, reply, relay, relay_id, elapsed_ms,
                              next_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute((
        attempt.at.as_millisecond(),
        attempt.run,
        attempt.n,
        number,
        attempt.outcome.as_str(),
        attempt.stage.map(Stage::as_str),
        attempt.code,
        limited(attempt.enhanced.as_deref(), NAME_CHARS),
        limited(attempt.reply.as_deref(), REPLY_CHARS),
        limited(attempt.relay.as_deref(), NAME_CHARS),
        limited(attempt.relay_id.as_deref(), NAME_CHARS),
        attempt.elapsed_ms,
        attempt.next_attempt_at.map(Timestamp::as_millisecond),
    ))?;
    Ok(())
}

/// Relays say what they like, at any length.
fn limited(text: Option<&str>, chars: usize) -> Option<&str> {
    let text = text?;
    Some(text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end]))
}

fn expire_some(db: &Connection, run: RunId, now: i64, first_until: i64) -> Work<usize> {
    known(db, run)?;
    let mut select = db.prepare_cached(
        "SELECT n FROM recipient INDEXED BY recipient_given_up
         WHERE run = ?1 AND state = 'deferred' AND first_attempt_at <= ?2 ORDER BY first_attempt_at, n LIMIT ?3",
    )?;
    let given_up = select
        .query_map((run, first_until, EXPIRE_AT_ONCE), |row| row.get(0))?
        .collect::<Result<Vec<u64>, _>>()?;
    for &n in &given_up {
        rest(db, &standing(db, run, n)?, run, n, now, Outcome::Expired)?;
    }
    Ok(given_up.len())
}

/// Lets a recipient rest without a try: expired or suppressed.
fn rest(db: &Connection, standing: &Standing, run: RunId, n: u64, now: i64, outcome: Outcome) -> Work<()> {
    let to = standing.after(run, n, Event::Outcome(outcome))?;
    db.prepare_cached("INSERT INTO attempt (at, run, n, attempt, outcome) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((now, run, n, standing.attempts, outcome.as_str()))?;
    db.prepare_cached("UPDATE recipient SET state = ?3, next_attempt_at = NULL WHERE run = ?1 AND n = ?2")?
        .execute((run, n, to.as_str()))?;
    Ok(())
}

fn standing(db: &Connection, run: RunId, n: u64) -> Work<Standing> {
    let mut select = db.prepare_cached(
        "SELECT state, attempts, next_attempt_at,
                (SELECT halt IS NOT NULL FROM run WHERE id = ?1) AS halted,
                EXISTS (SELECT 1 FROM suppression WHERE suppression.address_key = recipient.address_key) AS suppressed,
                coalesce(build, (SELECT max(version) FROM amendment WHERE amendment.run = ?1), 1) AS build
         FROM recipient WHERE run = ?1 AND n = ?2",
    )?;
    let found = select
        .query_row((run, n), |row| {
            Ok((
                row.get::<_, String>("state")?,
                row.get("attempts")?,
                row.get("next_attempt_at")?,
                row.get("halted")?,
                row.get("suppressed")?,
                row.get("build")?,
            ))
        })
        .optional()?;
    let Some((state, attempts, next_attempt_at, halted, suppressed, build)) = found else {
        return Err(LedgerError::NoRecipient { run, n }.into());
    };
    Ok(Standing { state: state.parse()?, attempts, next_attempt_at, halted, suppressed, build })
}
