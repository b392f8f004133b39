//! Delivering a run with progress and signals, and what its end means.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::console::{Console, Style};
use super::contents::Contents;
use super::discreet::without_addresses;
use super::error::{CliError, Exit};
use super::progress::Progress;
use super::project::Project;
use super::runtime::{Signals, runtime};
use super::{relay, status};
use crate::capture::CaptureServer;
use crate::clock::SystemClock;
use crate::config::{Relay, Retry};
use crate::delivery::RetrySchedule;
use crate::dispatch::{Ended, Halt, Job, Stop, deliver};
use crate::finding::Finding;
use crate::ledger::{self, Kind, Ledger, LedgerError, Run, RunId, RunLock};
use crate::message::Tokens;
use crate::smtp::Endpoint;

/// How long what is in flight is waited for after the first signal.
const GRACE: Duration = Duration::from_mins(1);

/// One process's work on a run.
pub(super) struct Transmission<'a> {
    /// Where everything is recorded.
    pub ledger: Ledger,
    /// The run.
    pub run: Run,
    /// The right to work on it; given back before its end is told, so that it is told as it stands.
    pub lock: RunLock,
    /// The unsubscribe tokens.
    pub tokens: Tokens,
    /// The relays, the preferred one first.
    pub relays: Vec<(Endpoint, &'a Relay)>,
    /// The project.
    pub project: &'a Project,
    /// `--limit`
    pub limit: Option<u64>,
}

impl Transmission<'_> {
    /// Delivers, shows how it goes, and says how it ended.
    pub(super) fn deliver(self, console: Console) -> Result<Exit, CliError> {
        let config = &self.project.config;
        let relays = self.relays.into_iter().map(|(endpoint, relay)| relay::usage(endpoint, relay));
        let job = Job {
            store: self.ledger.clone(),
            run: self.run.id,
            messages: Arc::new(Contents::new(&self.ledger, &self.run, self.tokens)?),
            relays: relays.collect(),
            clock: Arc::new(SystemClock),
            retry: schedule(&config.retry),
            patience: config.retry.outage,
            max_refused: config.max_refused,
            limit: self.limit,
            grace: GRACE,
        };
        let ended = runtime()?.block_on(drive(job, &self.ledger, &self.run, console));
        finish(&self.ledger, self.lock, ended, console)
    }
}

/// Delivers a rehearsal to the embedded server.
pub(super) fn rehearse(
    project: &Project,
    ledger: &Ledger,
    lock: RunLock,
    limit: Option<u64>,
    console: Console,
) -> Result<Exit, CliError> {
    let run = &ledger.run(lock.run())?;
    let folder = project.config.project.join(".mailshot/captured").join(run.id.0.to_string());
    let unusable = |error: std::io::Error| {
        CliError::from(Finding::error(
            "capture",
            format!("the embedded server cannot keep messages: {error}"),
        ))
    };
    let messages = Arc::new(Contents::new(ledger, run, super::project::inert_tokens()?)?);
    let ended = runtime()?.block_on(async {
        let server = CaptureServer::start(folder.clone()).await.map_err(unusable)?;
        let job = Job {
            store: ledger.clone(),
            run: run.id,
            messages,
            relays: vec![relay::embedded(server.addr())],
            clock: Arc::new(SystemClock),
            // A rehearsal waits for nothing: what the embedded server cannot keep now expires.
            retry: RetrySchedule { give_up: Duration::ZERO, ..schedule(&project.config.retry) },
            patience: Duration::from_secs(10),
            max_refused: 1.0,
            limit,
            grace: GRACE,
        };
        let ended = drive(job, ledger, run, console).await;
        server.shutdown().await;
        ended
    });
    let exit = finish(ledger, lock, ended, console)?;
    if !console.json {
        let shown = super::project::seen_from_here(&folder);
        let told = console.out(&format!("the messages lie in {}", shown.display()));
        console.though_unread(told.map_err(CliError::from))?;
    }
    Ok(exit)
}

fn schedule(retry: &Retry) -> RetrySchedule {
    let &Retry { first, factor, max, give_up, .. } = retry;
    RetrySchedule { first, factor, max, give_up }
}

/// Settles what was in flight when the work ended at once, gives the run back, and says how it ended.
fn finish(
    ledger: &Ledger,
    lock: RunLock,
    ended: Result<Ended, CliError>,
    console: Console,
) -> Result<Exit, CliError> {
    let ended = ended?;
    let doubt = ledger.recover(&lock)?;
    let run = lock.run();
    drop(lock);
    if doubt > 0 {
        let who = if doubt == 1 { "recipient was" } else { "recipients were" };
        console.note(&format!("{doubt} {who} in flight at the end: in doubt until `mailshot resolve`"));
    }
    conclude(ledger, run, &ended, console)
}

/// Runs the job beside its progress and the operator's Ctrl-C.
async fn drive(
    job: Job<Ledger, Endpoint>,
    ledger: &Ledger,
    run: &Run,
    console: Console,
) -> Result<Ended, CliError> {
    let counts = ledger.counts(run.id)?;
    let (events, receiver) = mpsc::unbounded_channel();
    let progress = tokio::spawn(
        Progress::new(console, run.recipients, counts.recipients() - counts.open()).follow(receiver),
    );
    let stop = Stop::default();
    let signals = tokio::spawn(stop_on_signal(stop.clone(), console));
    let ended = deliver(job, stop, events).await;
    signals.abort();
    let _ = progress.await;
    ended.map_err(|error| stopped_by_ledger(&error))
}

/// The ledger failed while messages were going out: what was recorded stands, and nothing more is sent.
fn stopped_by_ledger(error: &LedgerError) -> CliError {
    let finding = Finding::error("ledger", format!("sending stopped: {error}"))
        .help("what was recorded stands; mend this and run `send` again");
    CliError { exit: Exit::Early, findings: vec![finding] }
}

/// The first signal finishes what is in flight; the second leaves it in doubt, the third ends the process.
async fn stop_on_signal(stop: Stop, console: Console) {
    let Ok(mut signals) = Signals::new() else { return };
    for asked in 0.. {
        signals.any().await;
        match asked {
            0 => {
                let limit = GRACE.as_secs();
                console.note(&format!(
                    "stopping: what is in flight is finished first, for {limit} s at most (again to stop at once)"
                ));
                stop.request();
            }
            1 => stop.insist(),
            _ => std::process::exit(Exit::Interrupted as i32),
        }
    }
}

/// Prints how a run ended; the exit code that says so.
fn conclude(ledger: &Ledger, id: RunId, ended: &Ended, console: Console) -> Result<Exit, CliError> {
    let run = ledger.run(id)?;
    console.though_unread(status::print(ledger, &run, console))?;
    let exit = match ended {
        Ended::Complete => exit_of(ledger, id)?,
        Ended::Early(halt) => {
            let (exit, why) = explain(halt);
            console.note(&Style::Yellow.paint(console.color_err, &format!("stopped early: {why}")));
            exit
        }
    };
    if run.kind == Kind::Launch || exit != Exit::Done {
        console.next(&status::next_step(ledger, &run)?);
    }
    Ok(exit)
}

fn explain(halt: &Halt) -> (Exit, String) {
    match halt {
        Halt::Interrupted => (Exit::Interrupted, "interrupted".into()),
        Halt::Limit => (Exit::Early, "--limit is reached".into()),
        Halt::Ordered(ledger::Halt::Paused) => (Exit::Early, "the run was paused".into()),
        Halt::Ordered(ledger::Halt::Cancelled) => (Exit::Early, "the run was cancelled".into()),
        Halt::Broken(why) => (Exit::Early, why.clone()),
        Halt::TooManyRefused { refused, of } => (
            Exit::Early,
            format!(
                "{refused} of the last {of} recipients were refused for good (`mailshot status` shows why; \
                 `[send] max_refused` sets how many are too many)"
            ),
        ),
        Halt::Refused(failure) => {
            let why = without_addresses(&failure.to_string());
            (Exit::Early, format!("the relay refuses to go on: {why}"))
        }
        Halt::Outage(failure) => {
            let why = without_addresses(&failure.to_string());
            (Exit::Early, format!("the relay could not be used for too long: {why}"))
        }
    }
}

/// The exit code of a run that is complete, or as good as.
pub(super) fn exit_of(ledger: &Ledger, id: RunId) -> Result<Exit, CliError> {
    let counts = ledger.counts(id)?;
    Ok(if counts.expired + counts.in_doubt > 0 { Exit::Undecided } else { Exit::Done })
}
