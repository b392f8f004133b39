//! `campaigns/<slug>/sent.toml`: written at launch, to be committed. It names the ledger that knows who was
//! mailed, so that a colleague's clone, or this one after `.mailshot/` was lost, does not mail everybody again.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::CliError;
use crate::campaign::Source;
use crate::finding::{Finding, Place};
use crate::ledger::{Ledger, Run};

/// What `sent.toml` says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    /// The run's number in its ledger.
    pub run: i64,
    /// The digest of the build that was launched.
    pub build: String,
    /// The ledger's id.
    pub ledger: String,
    /// How many recipients it had.
    pub recipients: u64,
    /// When it was launched (UTC).
    pub launched_at: Timestamp,
}

fn file(campaign: &Path) -> PathBuf {
    campaign.join("sent.toml")
}

impl Receipt {
    /// The receipt of a run.
    pub(super) fn of(run: &Run, ledger: &Ledger) -> Self {
        Self {
            run: run.id.0,
            build: run.digest.clone(),
            ledger: ledger.id().to_owned(),
            recipients: run.recipients,
            launched_at: run.started_at,
        }
    }

    /// The receipt in a campaign's folder, if the campaign was launched.
    pub(super) fn read(campaign: &Path, shown: &Path) -> Result<Option<Self>, CliError> {
        let text = match std::fs::read_to_string(file(campaign)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Finding::unreadable(&file(shown), &error).into()),
        };
        toml::from_str(&text).map(Some).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            Finding::error("broken-receipt", error.message().to_owned())
                .at(Place::offset(file(shown), &text, offset))
                .help("mailshot wrote this file at launch: put it back as it was committed")
                .into()
        })
    }

    /// Writes the receipt, durably. Where that fails, nothing may be sent.
    pub(super) fn write(&self, campaign: &Path, shown: &Path) -> Result<(), CliError> {
        let refused = |error: &std::io::Error| {
            CliError::from(
                Finding::error("unwritable-receipt", format!("cannot be written: {error}"))
                    .at(Place::file(file(shown)))
                    .help("nothing was sent; make the campaign's folder writable and run `send` again"),
            )
        };
        let text = toml::to_string(self).map_err(|error| refused(&std::io::Error::other(error)))?;
        let text = format!("# Written by mailshot when this campaign was launched. Commit it.\n{text}");
        let temporary = campaign.join(".sent.toml.new");
        let write = || {
            let mut out = std::fs::File::create(&temporary)?;
            out.write_all(text.as_bytes())?;
            out.sync_all()?;
            std::fs::rename(&temporary, file(campaign))?;
            std::fs::File::open(campaign)?.sync_all()
        };
        write().map_err(|error: std::io::Error| refused(&error))
    }

    /// Writes the receipt of a run into its campaign's folder, unless it lies there already.
    pub(super) fn keep(source: &Source, run: &Run, ledger: &Ledger) -> Result<(), CliError> {
        let receipt = Self::of(run, ledger);
        if Self::read(&source.dir, source.folder())?.as_ref() == Some(&receipt) {
            return Ok(());
        }
        receipt.write(&source.dir, source.folder())
    }

    /// Refuses a ledger that is not the one this campaign was launched from.
    pub(super) fn must_be_of(&self, ledger: &Ledger, shown: &Path) -> Result<(), CliError> {
        if self.ledger == ledger.id() {
            return Ok(());
        }
        Err(Finding::error(
            "other-ledger",
            format!(
                "this campaign was launched on {} from another ledger ({}); the one here ({}) does not know who was mailed",
                self.launched_at.strftime("%Y-%m-%d %H:%M UTC"),
                &self.ledger.get(..8).unwrap_or(&self.ledger),
                &ledger.id().get(..8).unwrap_or(ledger.id()),
            ),
        )
        .at(Place::file(file(shown)))
        .help("send from the machine that launched it, or bring its .mailshot/ folder here")
        .into())
    }
}
