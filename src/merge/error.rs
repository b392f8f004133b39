//! Why a message could not be merged.

use crate::finding::{Finding, Place};

/// A merge tag that gave nothing that may be sent, and where it was written. The message speaks of the tag and
/// never quotes a value, so that it may go into a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", .place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct MergeError {
    /// `file:line:column` of the tag, where one tag is to blame.
    pub place: Option<String>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
}

impl MergeError {
    /// As a finding at the tag's place.
    pub fn finding(&self) -> Finding {
        let finding = Finding::error("merge", self.message.clone());
        match &self.place {
            Some(place) => finding.at(Place::from(place.as_str())),
            None => finding,
        }
    }

    /// An error without a place.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into() }
    }

    /// An error of the tag written at `place`.
    pub(super) fn at(place: &str, message: impl Into<String>) -> Self {
        Self { place: (!place.is_empty()).then(|| place.to_owned()), message: message.into() }
    }
}
