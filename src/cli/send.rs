//! `send`: launches a campaign's run, or goes on with it, or rehearses it.
//!
//! check → connect and authenticate → ask → freeze build and audience in the ledger → `sent.toml` → deliver.
//! What stops before the freeze ends with 3 and has sent nothing; what stops after it ends with 75 or 130, and
//! `send` again goes on.

use super::amend;
use super::args::{Global, SendArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::launch::{launch, rehearse};
use super::project::Project;
use super::receipt::Receipt;
use super::resume::resume;
use super::runs::{lock, not_cancelled};
use crate::finding::{Finding, Place};

/// Launches, resumes or rehearses.
pub(super) fn run(global: &Global, args: &SendArgs, console: Console) -> Result<Exit, CliError> {
    refuse_later(args)?;
    let project = Project::open(global)?;
    if args.capture {
        return rehearse(&project, args, console);
    }
    let source = project.source(&args.slug)?;
    let shown = source.folder().to_owned();
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
