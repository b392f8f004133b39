//! `send --amend`: a launched run goes on with the build as it is now.
//!
//! Those queued or deferred get it. Whoever was delivered keeps the message they got; whoever is in doubt may have got
//! one, and keeps that build also if it is sent again. The audience and its columns stay as launched, and so does the
//! domain of the sender: Message-IDs, which depend on run and recipient only, end with it.
//!
//! The new build is held to what a launch is held to: it was test-sent, and it was rendered for everybody who is to get
//! it. Whatever stops before the amendment is written ends with 3, and the run is as it was.

use std::sync::Arc;

use jiff::Timestamp;

use super::args::SendArgs;
use super::console::{Console, Style};
use super::contents::{broken, stored_build};
use super::error::{CliError, Exit};
use super::launch::untested;
use super::project::{Loaded, Project};
use super::receipt::Receipt;
use super::resume::resume;
use super::status;
use crate::check::RowCheck;
use crate::clock;
use crate::compile::Build;
use crate::expr::{Row, Schema};
use crate::finding::Finding;
use crate::ledger::{Cursor, Domains, Ledger, LedgerError, Run, RunState};

/// Recipients looked at together.
const PAGE: usize = 500;
/// After so many errors the other recipients are not looked at.
const MAX_ERRORS: usize = 20;

/// Amends a run, and goes on with it; or leaves that to the process that is at it.
pub(super) fn run(
    project: &Project,
    args: &SendArgs,
    ledger: &Ledger,
    run: &Run,
    console: Console,
) -> Result<Exit, CliError> {
    let lock = match ledger.lock(run.id) {
        Ok(lock) => Some(lock),
        Err(LedgerError::Locked { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    if run.state != RunState::Complete {
        let loaded = load(project, args, ledger, run)?;
        console.warnings(&loaded.compiled.findings);
        if loaded.compiled.build.digest() == run.digest {
            console.note("nothing to amend: the run goes on with the build that it has");
        } else if !amend(project, args, ledger, run, &loaded, console)? {
            return Ok(Exit::Done);
        }
    }
    let run = ledger.run(run.id)?;
    if let Some(lock) = lock {
        return resume(project, args, ledger, &run, lock, console).map_err(CliError::after_launch);
    }
    console.though_unread(status::print(ledger, &run, console))?;
    console.note("another process is at this run: it takes the build over");
    console.next(&format!("mailshot status {} --watch", run.campaign));
    Ok(Exit::Early)
}

/// The campaign as it is now, compiled for the columns that the run was launched with.
fn load(project: &Project, args: &SendArgs, ledger: &Ledger, run: &Run) -> Result<Loaded, CliError> {
    let frozen = ledger.frozen(run.id)?;
    let schema: Schema =
        serde_json::from_str(&frozen.schema).map_err(|error| broken(run, &error.to_string()))?;
    project.load_for(&args.slug, &run.list_file, &Arc::new(schema))
}

/// Gives the run the new build; false if that was only to be shown.
fn amend(
    project: &Project,
    args: &SendArgs,
    ledger: &Ledger,
    run: &Run,
    loaded: &Loaded,
    console: Console,
) -> Result<bool, CliError> {
    let build = &loaded.compiled.build;
    let digest = build.digest();
    let before = stored_build(run, &ledger.build_text(run.id, run.build)?)?;
    must_keep_domain(&before, build)?;
    let tested = !project.config.require_test || ledger.tested(&digest)?.is_some();
    if !tested && !args.untested && !args.dry_run {
        return Err(untested(&run.campaign));
    }
    let count = render_all(ledger, run, loaded)?;
    show(ledger, run, &before, build, count, console)?;
    if loaded.fingerprint(&project.config.project).ok().as_ref() != Some(&run.list_digest) {
        console.note("the list changed since the launch; the audience stays as it was launched");
    }
    if args.dry_run {
        let test = if tested { String::new() } else { format!("mailshot test {}, then ", run.campaign) };
        console.next(&format!("{test}mailshot send {} --amend", run.campaign));
        return Ok(false);
    }
    confirm(args, count, console)?;
    let text = serde_json::to_string(build)
        .map_err(|error| CliError::refused("internal", error.to_string(), "").exit(Exit::Internal))?;
    // Before the amendment, as at a launch: where it cannot be written, nothing changes.
    let receipt = Receipt { build: digest.clone(), ..Receipt::of(run, ledger) };
    receipt.write(&loaded.source.dir, loaded.source.folder())?;
    ledger.amend(run.id, &digest, &text, clock::now())?;
    Ok(true)
}

fn must_keep_domain(before: &Build, after: &Build) -> Result<(), CliError> {
    let domain = |build: &Build| build.from.email.rsplit('@').next().unwrap_or_default().to_owned();
    if domain(before) == domain(after) {
        return Ok(());
    }
    Err(CliError::refused(
        "amended-sender",
        format!("the run was launched from {}, not from {}", domain(before), domain(after)),
        "the sender's domain is part of every Message-ID of a run: keep it, or go on with --frozen",
    ))
}

/// Renders the build for everybody who is to get it, and counts them.
fn render_all(ledger: &Ledger, run: &Run, loaded: &Loaded) -> Result<u64, CliError> {
    let Loaded { compiled, schema, .. } = loaded;
    let check = RowCheck::new(&compiled.build, schema, &compiled.truthy)?;
    let mut cursor = Cursor::default();
    let mut wrong: Vec<Finding> = Vec::new();
    let mut count = 0;
    loop {
        let page = ledger.due(run.id, Timestamp::MAX, &mut cursor, PAGE, &Domains::All)?;
        if page.is_empty() || wrong.len() >= MAX_ERRORS {
            break;
        }
        // Who is bound to an earlier build is none of this one's readers.
        for recipient in page.into_iter().filter(|recipient| recipient.build.is_none()) {
            count += 1;
            let row = Arc::new(Row::new(Arc::clone(schema), recipient.values));
            wrong.extend(check.judge(&row, None).map(|finding| Finding {
                message: format!("recipient {} of the run: {}", recipient.n, finding.message),
                ..finding
            }));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    if count == 0 {
        return Err(CliError::refused(
            "nobody-left",
            "nobody is left who would get the new build",
            format!("mailshot status {}", run.campaign),
        ));
    }
    Ok(count)
}

/// What is about to change, and for whom.
fn show(
    ledger: &Ledger,
    run: &Run,
    before: &Build,
    after: &Build,
    count: u64,
    console: Console,
) -> Result<(), CliError> {
    let counts = ledger.counts(run.id)?;
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| {
        rows.push(format!("{}  {value}", Style::Bold.paint(console.color_err, &format!("{name:<10}"))));
    };
    row("subject", after.subject_line());
    if before.subject_line() != after.subject_line() {
        row("", format!("instead of: {}", before.subject_line()));
    }
    row("amended", format!("{count} of {} get the new build", run.recipients));
    row("delivered", format!("{} keep what they got", counts.delivered));
    if counts.in_doubt > 0 {
        row("in doubt", format!("{} keep the build they may have got", counts.in_doubt));
    }
    for row in rows {
        console.note(&row);
    }
    Ok(())
}

/// The operator types how many get it; `--yes` answers for cron.
fn confirm(args: &SendArgs, count: u64, console: Console) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    match console.ask(&format!("Type the number of recipients ({count}) who get the new build:")) {
        Some(answer) if answer == count.to_string() => Ok(()),
        Some(_) => {
            Err(CliError::refused("declined", "declined: nothing was changed", "type the number to amend"))
        }
        None => Err(CliError::refused(
            "nobody-there",
            "nobody is there to confirm the amendment",
            "run it on a terminal, or add --yes",
        )),
    }
}
