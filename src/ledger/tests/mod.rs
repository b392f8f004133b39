//! The ledger as its users meet it: each file a promise.

mod amending;
mod crash;
mod due;
mod launching;
mod log;
mod migrating;
mod opening;
mod operator;
mod pace;
mod property;
mod sending;
mod writing;

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::delivery::{Outcome, Resolution, Stage, State};

/// A ledger in a folder that goes with it.
struct Fixture {
    ledger: Ledger,
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        Self { ledger, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    /// The same file, after the process that had it open is gone.
    fn reopened(self) -> Self {
        let Self { ledger, folder } = self;
        drop(ledger);
        let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        Self { ledger, folder }
    }

    /// A launched campaign with recipients `1@example.com`, `2@example.com`, …
    fn launched(recipients: u64) -> (Self, RunId) {
        let fixture = Self::new();
        let run = launch(&fixture.ledger, "tmw-450", recipients).unwrap();
        (fixture, run)
    }

    /// Another program's hand in the file.
    fn by_hand(&self, sql: &str) {
        rusqlite::Connection::open(self.file()).unwrap().execute_batch(sql).unwrap();
    }

    fn suppress(&self, key: &str) {
        self.by_hand(&format!("INSERT INTO suppression VALUES ('{key}', 'unsubscribed', 0)"));
    }

    fn state(&self, run: RunId, n: u64) -> State {
        let name: String = rusqlite::Connection::open(self.file())
            .unwrap()
            .query_row("SELECT state FROM recipient WHERE run = ?1 AND n = ?2", (run, n), |row| row.get(0))
            .unwrap();
        name.parse().unwrap()
    }

    /// Records many attempts, asked for in the order they come in.
    async fn record_all(&self, attempts: impl Iterator<Item = Attempt>) {
        let mut sessions = JoinSet::new();
        for attempt in attempts {
            let ledger = self.ledger.clone();
            sessions.spawn(async move { ledger.record(attempt).await });
        }
        for recorded in sessions.join_all().await {
            recorded.unwrap();
        }
    }

    /// Every row of the log as `n outcome attempt`.
    fn log(&self, run: RunId) -> Vec<String> {
        let rows = self.ledger.attempts(run, &LogFilter::default()).unwrap();
        rows.map(|row| {
            let row = row.unwrap();
            let number = |n: Option<u64>| n.map_or("-".into(), |n| n.to_string());
            format!("{} {} {}", number(row.n), row.outcome.as_str(), number(row.attempt.map(u64::from)))
        })
        .collect()
    }
}

fn staged(recipients: u64) -> Staging {
    let mut staging = Staging::new().unwrap();
    for n in 1..=recipients {
        let email = format!("{n}@example.com");
        let values = [email.clone(), format!("Näme \"{n}\"")];
        assert_eq!(staging.add(n + 1, &email, &email, "example.com", &values).unwrap(), Added::New(n));
    }
    staging
}

fn new_run(campaign: &str) -> NewRun<'_> {
    NewRun {
        campaign,
        kind: Kind::Launch,
        digest: "d1",
        build: "{\"build\":1}",
        schema: "[\"columns\"]",
        list_file: "subscribers.csv",
        list_digest: "c0ffee",
        started_at: at(0),
    }
}

fn launch(ledger: &Ledger, campaign: &str, recipients: u64) -> Result<RunId, LedgerError> {
    ledger.launch(staged(recipients), &new_run(campaign))
}

/// So many seconds after the launch.
fn at(seconds: i64) -> Timestamp {
    "2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

/// An attempt with this outcome, ten seconds after the launch; a deferral lasts a minute.
fn attempt(run: RunId, n: u64, outcome: Outcome) -> Attempt {
    Attempt {
        run,
        n: Some(n),
        at: at(10),
        outcome,
        stage: Some(Stage::Rcpt),
        code: None,
        enhanced: None,
        reply: None,
        relay: Some("main".into()),
        relay_id: None,
        elapsed_ms: Some(12),
        next_attempt_at: (outcome == Outcome::Deferred).then(|| at(70)),
    }
}
