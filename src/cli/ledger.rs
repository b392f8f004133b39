//! `ledger`: what is done to the ledger as a whole.

use std::path::{Path, PathBuf};

use super::args::{Global, LedgerCommand};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Project, seen_from_here};
use crate::clock;
use crate::finding::{Finding, Place};
use crate::ledger::{BackupError, Ledger};

/// Copies the ledger; what else is planned is refused.
pub(super) fn run(global: &Global, command: &LedgerCommand, console: Console) -> Result<Exit, CliError> {
    match command {
        LedgerCommand::Backup { file } => backup(global, file.as_deref(), console),
        LedgerCommand::Purge { .. } => Err(CliError::unsupported(
            "`ledger purge`",
            "the ledger keeps every run; nothing needs to be removed",
        )),
        LedgerCommand::Erase { .. } => Err(CliError::unsupported(
            "`ledger erase`",
            "`suppress add` at least sees to it that the person is not mailed again",
        )),
    }
}

fn backup(global: &Global, file: Option<&Path>, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let ledger = project.existing_ledger()?.ok_or_else(|| {
        CliError::refused(
            "no-ledger",
            "there is no ledger yet",
            "`mailshot send` makes it at the first launch",
        )
    })?;
    let file = file.map_or_else(|| beside(&ledger), Path::to_owned);
    ledger.backup(&file).map_err(|error| refused(error, &file))?;
    let shown = seen_from_here(&file);
    if console.json {
        let bytes = std::fs::metadata(&file).map(|copy| copy.len()).ok();
        console.out_json(&serde_json::json!({ "file": file, "bytes": bytes }))?;
    } else {
        console.out(&format!("copied to {}", shown.display()))?;
    }
    console.note(
        "it is the same ledger, as it was at this moment: sent from both, a campaign would reach people twice. \
         Put it in the place of the other only when that is lost",
    );
    Ok(Exit::Done)
}

/// Where a copy lies that nobody named: beside the ledger, under the time of day (UTC).
fn beside(ledger: &Ledger) -> PathBuf {
    ledger.file().with_file_name(format!("ledger-{}.db", clock::now().strftime("%Y%m%d-%H%M%S")))
}

fn refused(error: BackupError, file: &Path) -> CliError {
    let at = Place::file(seen_from_here(file));
    match error {
        BackupError::Exists { .. } => {
            Finding::error("exists", "exists already").at(at).help("another name; a copy never overwrites")
        }
        BackupError::Make { cause, .. } => {
            Finding::error("unwritable", format!("cannot be made: {cause}")).at(at).help("another folder")
        }
        error @ BackupError::Copy(_) => Finding::error("backup", error.to_string()),
    }
    .into()
}
