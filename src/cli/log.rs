//! `log`: the retry log, every attempt of a run, as a table, JSON Lines or CSV.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::args::{Global, LogArgs};
use super::console::Console;
use super::contents::{broken, run_key, stored_build};
use super::error::{CliError, Exit};
use super::project::{Project, address_key};
use crate::delivery::Outcome;
use crate::finding::nearest;
use crate::ledger::{AttemptRow, Ledger, LogFilter, Run, RunState};
use crate::message::Composer;

/// `--follow` looks for new attempts this often.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// One attempt (contract).
#[derive(Debug, Serialize)]
struct Row<'a> {
    at: Timestamp,
    campaign: &'a str,
    run: i64,
    email: Option<&'a str>,
    message_id: Option<String>,
    attempt: Option<u32>,
    outcome: &'static str,
    stage: Option<&'static str>,
    code: Option<u16>,
    enhanced: Option<&'a str>,
    reply: Option<&'a str>,
    relay: Option<&'a str>,
    relay_id: Option<&'a str>,
    elapsed_ms: Option<u64>,
    next_attempt_at: Option<Timestamp>,
}

/// The fields of a [`Row`], as the first line of a CSV file.
const HEADERS: [&str; 15] = [
    "at",
    "campaign",
    "run",
    "email",
    "message_id",
    "attempt",
    "outcome",
    "stage",
    "code",
    "enhanced",
    "reply",
    "relay",
    "relay_id",
    "elapsed_ms",
    "next_attempt_at",
];

/// Prints the attempts, and with `--follow` what is added until the run is complete.
pub(super) fn run(global: &Global, args: &LogArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let outcome = args.outcome.as_deref().map(parse_outcome).transpose()?;
    let (ledger, run) = project.run(&args.slug, args.run)?;
    let composer = composer(&ledger, &run)?;
    let key = args.email.as_deref().map(address_key).transpose()?;
    let mut after_id = 0;
    let mut printer = Printer::new(args.csv, console)?;
    loop {
        // The state is read before the rows: what a run that is complete wrote last is still among them.
        let complete = matches!(ledger.run(run.id)?.state, RunState::Complete | RunState::Cancelled);
        for attempt in ledger.attempts(run.id, &LogFilter { outcome, key: key.clone(), after_id })? {
            let attempt = attempt?;
            after_id = attempt.id;
            let message_id = attempt.email.as_deref().map(|email| composer.message_id(email));
            printer.print(&row(&attempt, &run, message_id))?;
        }
        printer.flush()?;
        if !args.follow || complete {
            break;
        }
        std::thread::sleep(FOLLOW_EVERY);
    }
    if !console.json && !args.csv {
        console.next(&format!("mailshot status {}", run.campaign));
    }
    Ok(Exit::Done)
}

/// What the run's Message-IDs are made with.
fn composer(ledger: &Ledger, run: &Run) -> Result<Composer, CliError> {
    let build = stored_build(run, &ledger.frozen(run.id)?.build)?;
    Composer::new(&build, &run_key(ledger, run)).map_err(|error| broken(run, &error.to_string()))
}

fn row<'a>(attempt: &'a AttemptRow, run: &'a Run, message_id: Option<String>) -> Row<'a> {
    Row {
        at: attempt.at,
        campaign: &run.campaign,
        run: run.id.0,
        email: attempt.email.as_deref(),
        message_id,
        attempt: attempt.attempt,
        outcome: attempt.outcome.as_str(),
        stage: attempt.stage.map(crate::delivery::Stage::as_str),
        code: attempt.code,
        enhanced: attempt.enhanced.as_deref(),
        reply: attempt.reply.as_deref(),
        relay: attempt.relay.as_deref(),
        relay_id: attempt.relay_id.as_deref(),
        elapsed_ms: attempt.elapsed_ms,
        next_attempt_at: attempt.next_attempt_at,
    }
}

fn parse_outcome(typed: &str) -> Result<Outcome, CliError> {
    typed.parse().map_err(|_| {
        let known = ["delivered", "deferred", "bounced", "in_doubt", "requeued", "expired", "suppressed"];
        let help =
            nearest(typed, known).map_or_else(|| known.join(", "), |near| format!("did you mean `{near}`?"));
        CliError::refused("usage", format!("there is no outcome `{typed}`"), help).exit(Exit::Usage)
    })
}

/// The three shapes of the log.
enum Printer {
    Json(io::BufWriter<io::Stdout>),
    Csv(Box<csv::Writer<io::Stdout>>),
    Table(io::BufWriter<io::Stdout>),
}

impl Printer {
    fn new(as_csv: bool, console: Console) -> io::Result<Self> {
        Ok(if as_csv {
            // The headers are written here and not with the first row: a log without rows has them too.
            let mut out = csv::WriterBuilder::new().has_headers(false).from_writer(io::stdout());
            out.write_record(HEADERS).map_err(io::Error::other)?;
            Self::Csv(Box::new(out))
        } else if console.json {
            Self::Json(io::BufWriter::new(io::stdout()))
        } else {
            Self::Table(io::BufWriter::new(io::stdout()))
        })
    }

    fn print(&mut self, row: &Row<'_>) -> io::Result<()> {
        match self {
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
            Self::Csv(out) => out.serialize(row).map_err(io_error),
            Self::Table(out) => {
                let at = row.at.strftime("%Y-%m-%d %H:%M:%S");
                let stage = row.stage.unwrap_or("-");
                let email = row.email.unwrap_or("-");
                let code = row.code.map(|code| code.to_string());
                let said: Vec<_> = [code.as_deref(), row.enhanced, row.reply].into_iter().flatten().collect();
                writeln!(out, "{at}  {:<10} {stage:<8} {email:<32} {}", row.outcome, said.join(" "))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Json(out) | Self::Table(out) => out.flush(),
            Self::Csv(out) => out.flush(),
        }
    }
}

/// What went wrong beneath the CSV: `| head` must be told from a fault.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
