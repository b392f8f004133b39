//! `send`: launches a campaign's run, or goes on with it, or rehearses it.
//!
//! check → connect and authenticate → ask → freeze build and audience in the ledger → `sent.toml` → deliver.
//! What stops before the freeze ends with 3 and has sent nothing; what stops after it ends with 75 or 130, and
//! `send` again goes on.

use std::path::Path;

use super::args::{Global, SendArgs};
use super::console::Console;
use super::error::{CliError, Exit, though_unread};
use super::plan::Plan;
use super::project::{Loaded, Project, not_cancelled};
use super::receipt::Receipt;
use super::{amend, relay, status, transmit};
use crate::check::Selection;
use crate::clock;
use crate::finding::{Finding, Place};
use crate::ledger::{Kind, Ledger, LedgerError, NewRun, Run, RunId, RunLock, RunState};

/// Launches, resumes or rehearses.
pub(super) fn run(global: &Global, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
    refuse_later(args)?;
    let project = Project::open(global)?;
    if args.capture {
        return rehearse(&project, args, console);
    }
    let source = project.source(&args.slug)?;
    let shown = folder_of(&source.file).to_owned();
    let receipt = Receipt::read(&source.dir, &shown)?;
    let known = match project.existing_ledger()? {
        Some(ledger) => {
            if let Some(receipt) = &receipt {
                receipt.must_be_of(&ledger, &shown)?;
            }
            ledger.launch_of(&source.slug)?.map(|run| (ledger, run))
        }
        None => None,
    };
    match (known, receipt) {
        (Some((ledger, run)), _) => {
            not_cancelled(&run)?;
            if args.amend {
                return amend::run(&project, args, &ledger, &run, console);
            }
            let go_on = || resume(&project, args, &ledger, &run, lock(&ledger, &run)?, console);
            go_on().map_err(CliError::after_launch)
        }
        (None, None) if args.amend => Err(CliError::refused(
            "no-launch",
            format!("`{}` was not launched: there is nothing to amend", source.slug),
            format!("mailshot send {}", source.slug),
        )),
        (None, None) => launch(&project, args, console),
        (None, Some(receipt)) => Err(Finding::error(
            "lost-ledger",
            format!(
                "this campaign was launched on {}, and the ledger that knows who was mailed is not here",
                receipt.launched_at.strftime("%Y-%m-%d %H:%M UTC")
            ),
        )
        .at(Place::file(shown.join("sent.toml")))
        .help("send from the machine that launched it, or bring its .mailshot/ folder here")
        .into()),
    }
}

fn refuse_later(args: &SendArgs) -> Result<(), CliError> {
    if args.at.is_some() {
        return Err(CliError::unsupported("`--at`", "use cron or at(1) with `mailshot send --yes`"));
    }
    Ok(())
}

/// The lock of a run; somebody else's is the answer of exit code 75.
pub(super) fn lock(ledger: &Ledger, run: &Run) -> Result<RunLock, CliError> {
    ledger.lock(run.id).map_err(|error| match error {
        LedgerError::Locked { .. } => busy(&run.campaign),
        error => error.into(),
    })
}

fn busy(campaign: &str) -> CliError {
    CliError::refused(
        "busy",
        "another process is at this run",
        format!(
            "wait for it, or stop it there with Ctrl-C; `mailshot status {campaign} --watch` shows how it goes"
        ),
    )
    .exit(Exit::Early)
}

/// A first launch.
fn launch(project: &Project, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
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
        write_receipt(&loaded.source.dir, &loaded.source.file, &run, &ledger)?;
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

pub(super) fn untested(slug: &str) -> CliError {
    CliError::refused(
        "untested",
        "this build was not test-sent: what is sent must be what was looked at in an inbox",
        format!("mailshot test {slug}, or --untested to send all the same"),
    )
}

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
        though_unread(status::print(ledger, &run, console), console)?;
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
    let wanted = super::project::relay_of(&source)?;
    let configured = relay::configured(&project.config, wanted.as_ref(), &args.slug)?;
    let tokens = project.tokens()?;
    let relays = relay::endpoints(&project.config, &configured)?;
    relay::try_out(&relays, console)?;
    if args.dry_run {
        status::print(ledger, run, console)?;
        return Ok(Exit::Done);
    }
    write_receipt(&source.dir, &source.file, run, ledger)?;
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

/// The folder of a campaign's file, as the operator names it.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn write_receipt(dir: &Path, file: &Path, run: &Run, ledger: &Ledger) -> Result<(), CliError> {
    let shown = folder_of(file);
    let receipt = Receipt::of(run, ledger);
    if Receipt::read(dir, shown)?.as_ref() == Some(&receipt) {
        return Ok(());
    }
    receipt.write(dir, shown)
}

/// Real SMTP to a server in this process; nothing leaves the machine, nothing counts.
fn rehearse(project: &Project, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
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
