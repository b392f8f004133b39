//! One recipient's message from a build: token, merge, composition. Sending, testing, previewing and checking
//! all go this way, so what is looked at is what is sent.

use std::sync::Arc;

use jiff::Timestamp;

use super::compose::{Composer, Message, Recipient};
use super::error::ComposeError;
use super::token::{TokenError, Tokens};
use super::unsubscribe::unsubscribe_url;
use crate::compile::Build;
use crate::expr::{Row, Schema};
use crate::finding::Finding;
use crate::merge::{MergeError, Merged, Merger};

/// Why a message could not be made. Never holds the subscriber's data.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A merge tag gave nothing that may be sent.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A header could not be made.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The unsubscribe token could not be made.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ContentError {
    /// As a finding, at the merge tag's place where one is to blame.
    pub fn finding(&self) -> Finding {
        match self {
            Self::Merge(error) => error.finding(),
            error => Finding::error("message", error.to_string()),
        }
    }
}

/// Makes the messages of one run, test or preview.
pub struct Content {
    build: Build,
    schema: Arc<Schema>,
    merger: Merger,
    composer: Composer,
    tokens: Arc<Tokens>,
    run_key: String,
}

/// What one subscriber gets, not yet addressed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Subject and bodies.
    pub merged: Merged,
    name: Option<String>,
    token: String,
}

impl Content {
    /// Prepares a build. `run_key` is the same whenever a run is resumed, and no other run's: Message-IDs and
    /// tokens are made from it.
    pub fn new(
        build: Build,
        schema: Arc<Schema>,
        tokens: impl Into<Arc<Tokens>>,
        run_key: String,
    ) -> Result<Self, ContentError> {
        let merger = Merger::new(&build, &schema)?;
        let composer = Composer::new(&build, &run_key)?;
        Ok(Self { build, schema, merger, composer, tokens: tokens.into(), run_key })
    }

    /// The build.
    pub fn build(&self) -> &Build {
        &self.build
    }

    /// The row of a recipient's stored values.
    pub fn row(&self, values: Vec<String>) -> Arc<Row> {
        Arc::new(Row::new(Arc::clone(&self.schema), values))
    }

    /// Merges a subscriber. `email` is the address as it is mailed.
    pub fn draft(&self, email: &str, row: &Arc<Row>) -> Result<Draft, ContentError> {
        let token = self.tokens.seal(&self.build.list_id, email, &self.run_key)?;
        let merged = self.merger.merge(row, &unsubscribe_url(&self.build, &token))?;
        Ok(Draft { merged, token, name: display_name(row) })
    }

    /// Where the unsubscribe links of a draft lead.
    pub fn unsubscribe_url(&self, draft: &Draft) -> String {
        unsubscribe_url(&self.build, &draft.token)
    }

    /// The preheader of a subscriber, as an inbox shows it.
    pub fn preheader(&self, row: &Arc<Row>, draft: &Draft) -> Result<String, ContentError> {
        Ok(self.merger.preheader(row, &self.unsubscribe_url(draft))?)
    }

    /// The whole message to the subscriber.
    pub fn message(&self, draft: &Draft, email: &str, when: Timestamp) -> Result<Message, ContentError> {
        let to = Recipient { email, name: draft.name.as_deref(), token: &draft.token };
        Ok(self.composer.compose(&draft.merged, &to, when)?)
    }

    /// The whole message to somebody else, who is to look at it: `mark` before its subject.
    pub fn marked(
        &self,
        draft: Draft,
        mark: &str,
        to: &str,
        when: Timestamp,
    ) -> Result<Message, ContentError> {
        let to = Recipient { email: to, name: None, token: &draft.token };
        Ok(self.composer.compose(&draft.merged.marked(mark), &to, when)?)
    }
}

/// The columns that [`display_name`] is made of.
pub(crate) const NAMES: [&str; 3] = ["name", "first_name", "last_name"];

/// What stands beside the address in To: the columns `name`, or `first_name` and `last_name`, where there are any.
pub(crate) fn display_name(row: &Row) -> Option<String> {
    let text = |column: &str| row.text(column).filter(|text| !text.is_empty());
    let [name, first, last] = NAMES;
    if let Some(name) = text(name) {
        return Some(name.to_owned());
    }
    let parts: Vec<&str> = [first, last].into_iter().filter_map(text).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
