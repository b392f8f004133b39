//! Going on with a launched run, as it was frozen.

use super::args::SendArgs;
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Project, relay_of};
use super::receipt::Receipt;
use super::runs::not_cancelled;
use super::{relay, status, transmit};
use crate::ledger::{Ledger, Run, RunLock, RunState};

/// Goes on with a launched run.
pub(super) fn resume(
    project: &Project,
    args: &SendArgs,
    ledger: &Ledger,
    run: &Run,
    lock: RunLock,
    console: Console,
) -> Result<Exit, CliError> {
    let doubt = ledger.recover(&lock)?;
    let run = &ledger.run(run.id)?;
    not_cancelled(run)?;
    if run.state == RunState::Complete || ledger.counts(run.id)?.open() == 0 {
        let run = ledger.run(run.id)?;
        console.note(&format!("{} is complete: nothing is sent", run.campaign));
        console.though_unread(status::print(ledger, &run, console))?;
        console.next(&status::next_step(ledger, &run)?);
        return transmit::exit_of(ledger, run.id);
    }
    if doubt > 0 {
        let who = if doubt == 1 { "recipient was" } else { "recipients were" };
        console.note(&format!(
            "{doubt} {who} in flight when the process before this one ended: in doubt until `mailshot resolve`"
        ));
    }
    if !args.frozen && !args.amend {
        must_be_unchanged(project, args, run)?;
    }
    let source = project.source(&args.slug)?;
    let wanted = relay_of(&source)?;
    let configured = relay::configured(&project.config, wanted.as_ref(), &args.slug)?;
    let tokens = project.tokens()?;
    let relays = relay::endpoints(&project.config, &configured)?;
    relay::try_out(&relays, console)?;
    if args.dry_run {
        status::print(ledger, run, console)?;
        return Ok(Exit::Done);
    }
    Receipt::keep(&source, run, ledger)?;
    if !ledger.go_on(&lock)? {
        // Between our look and now.
        return not_cancelled(&ledger.run(run.id)?).map(|()| Exit::Early);
    }
    let transmission = transmit::Transmission {
        ledger: ledger.clone(),
        run: run.clone(),
        lock,
        tokens,
        relays,
        project,
        limit: args.limit,
    };
    transmission.deliver(console)
}

/// A launched run is frozen: if what it was made from has changed since, the operator must say what is meant.
fn must_be_unchanged(project: &Project, args: &SendArgs, run: &Run) -> Result<(), CliError> {
    // The list it was launched with, though another one may be configured by now.
    let launched = project.config.project.join(&run.list_file);
    let list = args.subscribers.as_deref().unwrap_or(&launched);
    let loaded = project.load_silently(&args.slug, Some(list))?;
    let mut changed = Vec::new();
    if loaded.compiled.build.digest() != run.digest {
        changed.push("the issue, its layout or its settings");
    }
    if loaded.fingerprint(&project.config.project)? != run.list_digest {
        changed.push("the list");
    }
    if changed.is_empty() {
        return Ok(());
    }
    Err(CliError::refused(
        "changed-since-launch",
        format!("{} changed since the launch", changed.join(" and ")),
        "--frozen goes on with what was launched, --amend with the issue as it is now; or undo the change",
    ))
}
