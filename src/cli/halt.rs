//! `pause` and `cancel`: stop a run from another terminal, to go on later or never.
//!
//! The order is written first; from then on no message of the run is let go. The process at the run sees it, finishes
//! what is in flight and lets go of the run's lock: that is waited for, and then it is said what stands.
//!
//! `pause` ends with 0 whenever nothing is sent any more, so also where the run was complete, cancelled or paused
//! before. `cancel` of a complete run is refused (3): it came too late. If the process at the run does not let go in
//! time, the order stands all the same, and both end with 75.

use std::time::{Duration, Instant};

use super::args::{CancelArgs, Global, PauseArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::Project;
use super::status;
use crate::ledger::{Halt, Ledger, LedgerError, Run, RunState};

/// How long the process at a run has to let go of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stops a run, to go on later.
pub(super) fn pause(global: &Global, args: &PauseArgs, console: Console) -> Result<Exit, CliError> {
    let (ledger, run) = Project::open(global)?.launched(&args.slug)?;
    if matches!(run.state, RunState::Complete | RunState::Cancelled) {
        return stand(&ledger, &run, console);
    }
    stop(&ledger, &run, Halt::Paused, console)
}

/// Stops a run for good.
pub(super) fn cancel(global: &Global, args: &CancelArgs, console: Console) -> Result<Exit, CliError> {
    let (ledger, run) = Project::open(global)?.launched(&args.slug)?;
    match run.state {
        RunState::Complete => {
            return Err(CliError::refused(
                "complete",
                format!("`{}` is complete: nothing is left to cancel", run.campaign),
                format!("mailshot status {}", run.campaign),
            ));
        }
        RunState::Cancelled => return stand(&ledger, &run, console),
        RunState::Running | RunState::Paused => {}
    }
    if !args.yes {
        confirm(&ledger, &run, console)?;
    }
    stop(&ledger, &run, Halt::Cancelled, console)
}

/// The operator types the campaign's name, for this cannot be taken back.
fn confirm(ledger: &Ledger, run: &Run, console: Console) -> Result<(), CliError> {
    let open = ledger.counts(run.id)?.open();
    console.note(&format!("{open} of {} are still to be mailed, and never will be", run.recipients));
    match console.ask(&format!("Type the campaign's name ({}) to cancel it for good:", run.campaign)) {
        Some(answer) if answer == run.campaign => Ok(()),
        Some(_) => Err(CliError::refused(
            "declined",
            "declined: nothing was changed",
            format!("`mailshot pause {}` stops it for a while", run.campaign),
        )),
        None => Err(CliError::refused(
            "nobody-there",
            "nobody is there to confirm that the run ends for good",
            "run it on a terminal, or add --yes",
        )),
    }
}

fn stop(ledger: &Ledger, run: &Run, halt: Halt, console: Console) -> Result<Exit, CliError> {
    ledger.halt(run.id, halt)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ledger.lock(run.id) {
            Ok(lock) => {
                // What a killed process left in flight is in doubt, and is counted as such.
                ledger.recover(&lock)?;
                drop(lock);
                return stand(ledger, &ledger.run(run.id)?, console);
            }
            // Each try waits a little by itself.
            Err(LedgerError::Locked { .. }) if Instant::now() < deadline => {}
            Err(LedgerError::Locked { .. }) => return Err(still_at_it(run, halt)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn still_at_it(run: &Run, halt: Halt) -> CliError {
    let order = match halt {
        Halt::Paused => "pause",
        Halt::Cancelled => "cancel",
    };
    CliError::refused(
        "not-stopped",
        "the order stands and nobody else is mailed, but the process at this run has not ended yet",
        format!("it may be waiting for the relay; `mailshot {order} {}` again looks once more", run.campaign),
    )
    .exit(Exit::Early)
}

/// Says what stands now, in a line, or with `--json` as `status` does.
fn stand(ledger: &Ledger, run: &Run, console: Console) -> Result<Exit, CliError> {
    if console.json {
        status::print(ledger, run, console)?;
        return Ok(Exit::Done);
    }
    let counts = ledger.counts(run.id)?;
    let (state, rest) = match run.state {
        RunState::Complete => ("complete", "nothing is left to send".to_owned()),
        RunState::Cancelled => ("cancelled", format!("{} are never mailed", counts.open())),
        RunState::Running => ("under way again", "another `send` has taken it up".to_owned()),
        RunState::Paused => ("paused", format!("{} still to be mailed", counts.open())),
    };
    let doubt = if counts.in_doubt > 0 { format!(", {} in doubt", counts.in_doubt) } else { String::new() };
    console.out(&format!(
        "{} is {state}: {} of {} delivered, {rest}{doubt}",
        run.campaign, counts.delivered, run.recipients
    ))?;
    console.next(&status::next_step(ledger, run)?);
    Ok(Exit::Done)
}
