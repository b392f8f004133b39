//! The messages of a run, by every version of its build: the one it was launched with and its amendments.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use super::error::CliError;
use crate::compile::Build;
use crate::delivery::Failure;
use crate::dispatch::{Compose, ComposeError};
use crate::expr::Schema;
use crate::ledger::{Ledger, Recipient, Run};
use crate::message::{Content, Tokens};
use crate::smtp::{Envelope, Payload};

/// Makes the messages of one run. A version is read from the ledger when it is first needed.
pub(super) struct Contents {
    ledger: Ledger,
    run: Run,
    schema: Arc<Schema>,
    tokens: Arc<Tokens>,
    versions: RwLock<BTreeMap<u32, Arc<Content>>>,
}

impl Contents {
    /// Prepares the run's present build, so that whatever is wrong with it is found before anything is sent.
    pub(super) fn new(ledger: &Ledger, run: &Run, tokens: Tokens) -> Result<Self, CliError> {
        let frozen = ledger.frozen(run.id)?;
        let schema: Schema =
            serde_json::from_str(&frozen.schema).map_err(|error| broken(run, &error.to_string()))?;
        let contents = Self {
            ledger: ledger.clone(),
            run: run.clone(),
            schema: Arc::new(schema),
            tokens: Arc::new(tokens),
            versions: RwLock::default(),
        };
        contents.version(run.build)?;
        Ok(contents)
    }

    fn version(&self, version: u32) -> Result<Arc<Content>, CliError> {
        let known = self.versions.read().unwrap_or_else(PoisonError::into_inner).get(&version).cloned();
        if let Some(content) = known {
            return Ok(content);
        }
        let build = stored_build(&self.run, &self.ledger.build_text(self.run.id, version)?)?;
        let (schema, tokens) = (Arc::clone(&self.schema), Arc::clone(&self.tokens));
        let content = Content::new(build, schema, tokens, run_key(&self.ledger, &self.run))
            .map_err(|error| broken(&self.run, &error.to_string()))?;
        let content = Arc::new(content);
        let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(versions.entry(version).or_insert(content)))
    }
}

impl Compose for Contents {
    fn compose(
        &self,
        recipient: &Recipient,
        build: u32,
        now: Timestamp,
    ) -> Result<(Envelope, Payload), ComposeError> {
        let content = self.version(build).map_err(|error| ComposeError::Run(error.to_string()))?;
        message(&content, recipient, now).map_err(ComposeError::Recipient)
    }
}

fn message(content: &Content, recipient: &Recipient, now: Timestamp) -> Result<(Envelope, Payload), Failure> {
    let row = content.row(recipient.values.clone());
    let message = content
        .draft(&recipient.email, &row)
        .and_then(|draft| content.message(&draft, &recipient.email, now))
        .map_err(|error| Failure::unsendable(error.to_string()))?;
    Ok((Envelope::new(&content.build().bounce, &recipient.email)?, Payload::new(&message.bytes)?))
}

/// A name that no other run has, in this ledger or any other: Message-IDs and tokens are made from it.
pub(super) fn run_key(ledger: &Ledger, run: &Run) -> String {
    format!("{}/{}", ledger.id(), run.id)
}

/// A build that a run sends, as the ledger has it.
pub(super) fn stored_build(run: &Run, text: &str) -> Result<Build, CliError> {
    let build: Build = serde_json::from_str(text).map_err(|error| broken(run, &error.to_string()))?;
    if build.format == Build::FORMAT {
        Ok(build)
    } else {
        Err(broken(run, &format!("its build has format {}", build.format)))
    }
}

/// A run that this version cannot read.
pub(super) fn broken(run: &Run, why: &str) -> CliError {
    CliError::refused(
        "broken-run",
        format!("run {} cannot be read back: {why}", run.id),
        "it was launched by another version of mailshot",
    )
}
