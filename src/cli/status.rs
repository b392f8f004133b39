//! `status`: how a run stands.

use std::io::{self, IsTerminal};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::args::{Global, StatusArgs};
use super::console::{Console, Style};
use super::discreet::without_addresses;
use super::error::{CliError, Exit};
use super::pace;
use super::project::Project;
use crate::delivery::State;
use crate::ledger::{Counts, Kind, Ledger, Run, RunState};

/// The states in the order they are shown.
const ROWS: [(State, Style); 8] = [
    (State::Delivered, Style::Green),
    (State::InFlight, Style::Yellow),
    (State::Queued, Style::Yellow),
    (State::Deferred, Style::Yellow),
    (State::Bounced, Style::Red),
    (State::Expired, Style::Red),
    (State::Suppressed, Style::Yellow),
    (State::InDoubt, Style::Red),
];
/// How many kinds of refusals are shown.
const REFUSALS: usize = 5;

/// `status --json` (contract).
#[derive(Debug, Serialize)]
struct Status {
    campaign: String,
    run: i64,
    kind: &'static str,
    state: &'static str,
    recipients: u64,
    #[serde(flatten)]
    counts: Counts,
    started_at: Timestamp,
    updated_at: Timestamp,
}

impl Status {
    /// How a run stands now.
    fn of(ledger: &Ledger, run: &Run) -> Result<Self, CliError> {
        Ok(Self {
            campaign: run.campaign.clone(),
            run: run.id.0,
            kind: run.kind.as_str(),
            state: run.state.as_str(),
            recipients: run.recipients,
            counts: ledger.counts(run.id)?,
            started_at: run.started_at,
            updated_at: run.updated_at,
        })
    }
}

/// Prints one campaign's run, or all campaigns'.
pub(super) fn run(global: &Global, args: &StatusArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let Some(slug) = &args.slug else { return all(&project, args, console) };
    loop {
        let (ledger, run) = project.run(slug, args.run)?;
        if console.json {
            print(&ledger, &run, console)?;
            return Ok(Exit::Done);
        }
        if args.watch && io::stdout().is_terminal() {
            console.out("\x1b[H\x1b[2J")?;
        }
        show(&ledger, &run, console)?;
        if run.kind == Kind::Launch && matches!(run.state, RunState::Running | RunState::Paused) {
            for line in pace::lines(&project.config, &ledger)? {
                console.out(&format!("  {line}"))?;
            }
        }
        if !args.watch || matches!(run.state, RunState::Complete | RunState::Cancelled) {
            console.next(&next_step(&ledger, &run)?);
            return Ok(Exit::Done);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn all(project: &Project, args: &StatusArgs, console: Console) -> Result<Exit, CliError> {
    if args.run.is_some() {
        return Err(CliError::refused(
            "usage",
            "`--run` needs a campaign",
            "mailshot status <slug> --run ID",
        )
        .exit(Exit::Usage));
    }
    let Some(ledger) = project.existing_ledger()? else {
        if console.json {
            console.out("[]")?;
        } else {
            console.out("nothing was sent or rehearsed here")?;
        }
        return Ok(Exit::Done);
    };
    let mut list = Vec::new();
    for run in ledger.campaigns()? {
        list.push(Status::of(&ledger, &run)?);
    }
    if console.json {
        console.out_json(&list)?;
    } else {
        for status in &list {
            console.out(&format!(
                "{:<24} {:<9} {:<9} {:>9} recipients, {} delivered  {}",
                status.campaign,
                status.kind,
                status.state,
                status.recipients,
                status.counts.delivered,
                status.started_at.strftime("%Y-%m-%d %H:%M UTC"),
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// A run as the result of a command.
pub(super) fn print(ledger: &Ledger, run: &Run, console: Console) -> Result<(), CliError> {
    if console.json {
        return Ok(console.out_json(&Status::of(ledger, run)?)?);
    }
    show(ledger, run, console)
}

/// A run for a person to read.
fn show(ledger: &Ledger, run: &Run, console: Console) -> Result<(), CliError> {
    let counts = ledger.counts(run.id)?;
    let title = match run.kind {
        Kind::Launch => format!("{}: run {}, {}", run.campaign, run.id.0, run.state.as_str()),
        Kind::Rehearsal => format!("{}: rehearsal {}, {}", run.campaign, run.id.0, run.state.as_str()),
    };
    console.out(&Style::Bold.paint(console.color_out, &title))?;
    console.out(&format!("  {:<11} {:>9}", "recipients", run.recipients))?;
    for (state, style) in ROWS {
        let count = counts.get(state);
        if count > 0 || state == State::Delivered {
            let name = format!("{:<11}", state.as_str().replace('_', " "));
            console.out(&format!("  {} {count:>9}", style.paint(console.color_out && count > 0, &name)))?;
        }
    }
    let took = run.updated_at.duration_since(run.started_at);
    let took = Duration::try_from(took).unwrap_or_default();
    let span = super::progress::human_duration(took);
    console.out(&format!(
        "  started {}, last change {span} later",
        run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    ))?;
    if let Some(next) = ledger.next_due(run.id)? {
        console.out(&format!("  the next deferred one is due {}", next.strftime("%Y-%m-%d %H:%M:%S UTC")))?;
    }
    let refusals = ledger.refusals(run.id, REFUSALS)?;
    if !refusals.is_empty() {
        console.out("  the commonest refusals:")?;
        for refusal in refusals {
            let code = refusal.code.map(|code| code.to_string());
            let said: Vec<_> = [code, refusal.enhanced, refusal.reply].into_iter().flatten().collect();
            let said = without_addresses(&said.join(" "));
            console.out(&format!("  {:>9} × {}: {said}", refusal.attempts, refusal.outcome.as_str()))?;
        }
    }
    Ok(())
}

/// What to do next about a run.
pub(super) fn next_step(ledger: &Ledger, run: &Run) -> Result<String, CliError> {
    let counts = ledger.counts(run.id)?;
    let slug = &run.campaign;
    Ok(match run.kind {
        Kind::Rehearsal => format!("mailshot test {slug}"),
        Kind::Launch if run.state == RunState::Cancelled => format!("mailshot log {slug}"),
        Kind::Launch if counts.in_doubt > 0 => {
            format!("mailshot log {slug} --outcome in_doubt, then mailshot resolve {slug} resend|delivered")
        }
        Kind::Launch if counts.open() > 0 => format!("mailshot send {slug} goes on with it"),
        Kind::Launch if counts.expired > 0 => format!("mailshot retry {slug} --expired"),
        Kind::Launch => format!("mailshot log {slug}"),
    })
}
