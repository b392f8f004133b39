//! The first launch of a campaign, or a rehearsal of one: plan, confirm, freeze, deliver.

use super::args::SendArgs;
use super::console::Console;
use super::error::{CliError, Exit};
use super::plan::Plan;
use super::project::{Loaded, Project};
use super::receipt::Receipt;
use super::runs::{busy, lock};
use super::{relay, transmit};
use crate::check::Selection;
use crate::clock;
use crate::finding::Finding;
use crate::ledger::{Kind, Ledger, LedgerError, NewRun, RunId};

/// A first launch.
pub(super) fn launch(project: &Project, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
    // Said before the list is read: nothing can be sent.
    relay::configured(&project.config, None, &args.slug)?;
    let loaded = project.load(&args.slug, args.subscribers.as_deref(), console)?;
    let configured = relay::configured(&project.config, loaded.compiled.relay.as_ref(), &args.slug)?;
    let tokens = project.tokens()?;
    let ledger = project.ledger()?;
    let digest = loaded.compiled.build.digest();
    let tested = !project.config.require_test || ledger.tested(&digest)?.is_some();
    if !tested && !args.untested && !args.dry_run {
        return Err(untested(&loaded.source.slug));
    }
    let selection = select(project, &loaded, console)?;
    let relays = relay::endpoints(&project.config, &configured)?;
    relay::try_out(&relays, console)?;

    let suppressed = ledger.suppressed_among(&selection.staging)?;
    let plan = Plan::new(project, &loaded, &selection, suppressed, &configured, args)?;
    plan.must_be_expected(ledger.previous_audience(&loaded.source.slug)?, args.expect)?;
    if args.dry_run {
        plan.print(console)?;
        let before = if tested { String::new() } else { format!("mailshot test {}, then ", args.slug) };
        console.next(&format!("{before}mailshot send {}", args.slug));
        return Ok(Exit::Done);
    }
    plan.show(console);
    plan.confirm(args, console)?;

    let id = freeze(project, &ledger, &loaded, selection, Kind::Launch)?;
    let begin = || {
        let run = ledger.run(id)?;
        let lock = lock(&ledger, &run)?;
        Receipt::keep(&loaded.source, &run, &ledger)?;
        let ledger = ledger.clone();
        transmit::Transmission { ledger, run, lock, tokens, relays, project, limit: args.limit }
            .deliver(console)
    };
    begin().map_err(CliError::after_launch)
}

/// The recipients; whatever is wrong with the list is shown, and errors stop the send.
fn select(project: &Project, loaded: &Loaded, console: Console) -> Result<Selection, CliError> {
    let mut selection = project.select(loaded)?;
    let (errors, warnings): (Vec<_>, Vec<_>) =
        std::mem::take(&mut selection.findings).into_iter().partition(Finding::is_error);
    console.warnings(&warnings);
    if errors.is_empty() { Ok(selection) } else { Err(errors.into()) }
}

/// Freezes a compiled campaign and its recipients as a run.
fn freeze(
    project: &Project,
    ledger: &Ledger,
    loaded: &Loaded,
    selection: Selection,
    kind: Kind,
) -> Result<RunId, CliError> {
    let internal = |error: serde_json::Error| CliError::refused("internal", error.to_string(), "");
    let build = &loaded.compiled.build;
    let new = NewRun {
        campaign: &loaded.source.slug,
        kind,
        digest: &build.digest(),
        build: &serde_json::to_string(build).map_err(internal)?,
        schema: &serde_json::to_string(&*loaded.schema).map_err(internal)?,
        list_file: &loaded.list.display().to_string(),
        list_digest: &loaded.fingerprint(&project.config.project)?,
        started_at: clock::now(),
    };
    ledger.launch(selection.staging, &new).map_err(|error| match error {
        // Between our look and our launch.
        LedgerError::Launched { .. } => busy(&loaded.source.slug),
        error => error.into(),
    })
}

/// Refuses a build that nobody has looked at in an inbox.
pub(super) fn untested(slug: &str) -> CliError {
    CliError::refused(
        "untested",
        "this build was not test-sent: what is sent must be what was looked at in an inbox",
        format!("mailshot test {slug}, or --untested to send all the same"),
    )
}

/// Real SMTP to a server in this process; nothing leaves the machine, nothing counts.
pub(super) fn rehearse(project: &Project, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
    let loaded = project.load(&args.slug, args.subscribers.as_deref(), console)?;
    let ledger = project.ledger()?;
    let selection = select(project, &loaded, console)?;
    if args.dry_run {
        let suppressed = ledger.suppressed_among(&selection.staging)?;
        Plan::new(project, &loaded, &selection, suppressed, &[], args)?.print(console)?;
        console.next(&format!("mailshot send {} --capture", args.slug));
        return Ok(Exit::Done);
    }
    let id = freeze(project, &ledger, &loaded, selection, Kind::Rehearsal)?;
    let run = ledger.run(id)?;
    let lock = lock(&ledger, &run)?;
    transmit::rehearse(project, &ledger, lock, args.limit, console)
}
