//! What is wrong with an expression, and where in it.

use std::ops::Range;

use crate::finding::{Finding, Place};

/// An expression that cannot be used, or not on this row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// The way out, in the same style.
    pub help: Option<String>,
    /// The bytes of the source that it is about.
    pub range: Range<usize>,
}

impl ExprError {
    /// An error about these bytes of the source.
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, range }
    }

    /// The same error, with the way out.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error, with the way out if there is one.
    #[must_use]
    pub(super) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// As a finding of this code. The caller knows where the source stands, and so where `range` begins.
    pub fn finding(self, code: &'static str, place: Place) -> Finding {
        let finding = Finding::error(code, self.message).at(place);
        match self.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}
