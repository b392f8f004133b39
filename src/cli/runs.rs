//! The run that a command is about: which it is, the right to work on it, and who is in it.

use super::error::{CliError, Exit};
use super::project::{Project, address_key};
use crate::campaign;
use crate::ledger::{Kind, Ledger, LedgerError, Run, RunId, RunLock, RunState};

impl Project {
    /// The run that a command is about: `--run`, or else the campaign's launch or latest rehearsal.
    pub(super) fn run(&self, slug: &str, id: Option<i64>) -> Result<(Ledger, Run), CliError> {
        let typed = slug;
        let slug = campaign::slug(&self.config.project, typed)?;
        let none = || match self.source(typed) {
            Ok(_) => CliError::refused(
                "no-run",
                format!("`{slug}` was never sent or rehearsed from this ledger"),
                format!("mailshot send {slug}, or a rehearsal: mailshot send {slug} --capture"),
            ),
            Err(error) => error,
        };
        let ledger = self.existing_ledger()?.ok_or_else(none)?;
        let run = match id {
            Some(id) => match ledger.run(RunId(id)) {
                Ok(run) if run.campaign == slug => Some(run),
                Ok(_) | Err(LedgerError::NoRun { .. }) => None,
                Err(error) => return Err(error.into()),
            },
            None => ledger.latest(&slug)?,
        };
        let run = run.ok_or_else(|| match id {
            Some(id) => CliError::refused(
                "no-run",
                format!("`{slug}` has no run {id}"),
                format!("`mailshot status {slug}` shows its launch or latest rehearsal"),
            ),
            None => none(),
        })?;
        Ok((ledger, run))
    }

    /// The launch of a campaign. Its folder may be gone: the ledger knows what was launched.
    pub(super) fn launched(&self, slug: &str) -> Result<(Ledger, Run), CliError> {
        let (ledger, run) = self.run(slug, None)?;
        if run.kind == Kind::Launch {
            return Ok((ledger, run));
        }
        Err(CliError::refused(
            "no-launch",
            format!("`{}` was rehearsed, but never launched", run.campaign),
            "a rehearsal is stopped with Ctrl-C",
        ))
    }
}

/// The lock of a run; somebody else's is the answer of exit code 75.
pub(super) fn lock(ledger: &Ledger, run: &Run) -> Result<RunLock, CliError> {
    ledger.lock(run.id).map_err(|error| match error {
        LedgerError::Locked { .. } => busy(&run.campaign),
        error => error.into(),
    })
}

/// Refuses to work beside another process.
pub(super) fn busy(campaign: &str) -> CliError {
    CliError::refused(
        "busy",
        "another process is at this run",
        format!(
            "wait for it, or stop it there with Ctrl-C; `mailshot status {campaign} --watch` shows how it goes"
        ),
    )
    .exit(Exit::Early)
}

/// Refuses a run that was cancelled: nobody of it is mailed any more.
pub(super) fn not_cancelled(run: &Run) -> Result<(), CliError> {
    if run.state != RunState::Cancelled {
        return Ok(());
    }
    Err(CliError::refused(
        "cancelled",
        format!("`{}` was cancelled: nobody is mailed any more", run.campaign),
        format!(
            "mailshot status {0}; what is left can go out as a new campaign: mailshot new <slug> --from {0}",
            run.campaign
        ),
    ))
}

/// The key of the one recipient that a command names, who must be among those of the run.
pub(super) fn recipient_key(
    ledger: &Ledger,
    run: &Run,
    email: Option<&str>,
) -> Result<Option<String>, CliError> {
    let Some(email) = email else { return Ok(None) };
    let key = address_key(email)?;
    if ledger.has_recipient(run.id, &key)? {
        return Ok(Some(key));
    }
    Err(CliError::refused(
        "no-recipient",
        format!("`{email}` is no recipient of this run"),
        "look for it in the list as it was at the launch",
    ))
}
