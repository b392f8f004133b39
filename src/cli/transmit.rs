//! Delivering a run with progress and signals, and what its end means.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::console::{Console, Style};
use super::discreet::without_addresses;
use super::error::{CliError, Exit, though_unread};
use super::progress::Progress;
use super::project::Project;
use super::status;
use crate::capture::CaptureServer;
use crate::compile::Build;
use crate::config::Relay;
use crate::delivery::RetrySchedule;
use crate::dispatch::{Ended, Halt, Job, Pace, Stop, deliver};
use crate::expr::Schema;
use crate::finding::Finding;
use crate::ledger::{Frozen, Kind, Ledger, LedgerError, Run, RunId, RunLock};
use crate::message::{Content, Tokens};
use crate::smtp::Endpoint;

/// How many sessions a rehearsal uses.
const REHEARSAL_SESSIONS: usize = 4;

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
    /// How to reach the relay.
    pub endpoint: Endpoint,
    /// Its settings.
    pub relay: &'a Relay,
    /// The project.
    pub project: &'a Project,
    /// `--limit`
    pub limit: Option<u64>,
}

impl Transmission<'_> {
    /// Delivers, shows how it goes, and says how it ended.
    pub(super) fn deliver(self, console: Console) -> Result<Exit, CliError> {
        let retry = self.project.config.retry;
        let job = Job {
            content: content(&self.run, &self.ledger, self.tokens)?,
            ledger: self.ledger.clone(),
            run: self.run.id,
            relay: self.relay.name.clone(),
            endpoint: self.endpoint,
            sessions: self.relay.sessions,
            pace: Pace::new(Some(self.relay.rate)),
            retry: RetrySchedule {
                first: retry.first,
                factor: retry.factor,
                max: retry.max,
                give_up: retry.give_up,
            },
            patience: retry.outage,
            limit: self.limit,
        };
        let ended = runtime()?.block_on(drive(job, &self.ledger, &self.run, console))?;
        drop(self.lock);
        conclude(&self.ledger, self.run.id, &ended, console)
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
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let server = CaptureServer::start(folder.clone()).await.map_err(unusable)?;
        let retry = project.config.retry;
        let job = Job {
            content: content(run, ledger, super::project::inert_tokens()?)?,
            ledger: ledger.clone(),
            run: run.id,
            relay: "capture".to_owned(),
            endpoint: super::relay::loopback(server.addr()),
            sessions: REHEARSAL_SESSIONS,
            pace: Pace::new(None),
            retry: RetrySchedule {
                first: retry.first,
                factor: retry.factor,
                max: retry.max,
                // A rehearsal waits for nothing: what the embedded server cannot keep now expires.
                give_up: Duration::ZERO,
            },
            patience: Duration::from_secs(10),
            limit,
        };
        let ended = drive(job, ledger, run, console).await;
        server.shutdown().await;
        ended
    })?;
    drop(lock);
    let exit = conclude(ledger, run.id, &ended, console)?;
    if !console.json {
        let shown = super::project::seen_from_here(&folder);
        let told = console.out(&format!("the messages lie in {}", shown.display()));
        though_unread(told.map_err(CliError::from), console)?;
    }
    Ok(exit)
}

/// What drives the connections.
pub(super) fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| CliError {
        exit: Exit::Internal,
        findings: vec![Finding::error("runtime", format!("cannot start: {error}"))],
    })
}

/// A name that no other run has, in this ledger or any other: Message-IDs and tokens are made from it.
pub(super) fn run_key(ledger: &Ledger, run: &Run) -> String {
    format!("{}/{}", ledger.id(), run.id)
}

/// The run's frozen build and columns, ready to make messages.
fn content(run: &Run, ledger: &Ledger, tokens: Tokens) -> Result<Content, CliError> {
    let frozen = ledger.frozen(run.id)?;
    let build = frozen_build(run, &frozen)?;
    let schema: Schema =
        serde_json::from_str(&frozen.schema).map_err(|error| broken(run, &error.to_string()))?;
    Content::new(build, Arc::new(schema), tokens, run_key(ledger, run))
        .map_err(|error| broken(run, &error.to_string()))
}

/// The build that a run sends.
pub(super) fn frozen_build(run: &Run, frozen: &Frozen) -> Result<Build, CliError> {
    let build: Build =
        serde_json::from_str(&frozen.build).map_err(|error| broken(run, &error.to_string()))?;
    if build.format == Build::FORMAT {
        Ok(build)
    } else {
        Err(broken(run, &format!("its build has format {}", build.format)))
    }
}

/// A run that this version cannot read.
pub(super) fn broken(run: &Run, why: &str) -> CliError {
    CliError::refused(
        "broken-run",
        format!("run {} cannot be read back: {why}", run.id),
        "it was launched by another version of mailshot",
    )
}

/// Runs the job beside its progress and the operator's Ctrl-C.
async fn drive(job: Job, ledger: &Ledger, run: &Run, console: Console) -> Result<Ended, CliError> {
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

/// The first signal finishes what is in flight; the second ends the process at once.
async fn stop_on_signal(stop: Stop, console: Console) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    let mut asked = false;
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if asked {
            std::process::exit(Exit::Interrupted as i32);
        }
        asked = true;
        console.note("stopping: what is in flight is finished first (again to stop at once)");
        stop.request();
    }
}

/// Prints how a run ended; the exit code that says so.
fn conclude(ledger: &Ledger, id: RunId, ended: &Ended, console: Console) -> Result<Exit, CliError> {
    let run = ledger.run(id)?;
    though_unread(status::print(ledger, &run, console), console)?;
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
        Halt::Stopped => (Exit::Early, "the run was stopped from elsewhere".into()),
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
