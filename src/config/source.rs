//! The text of `mailshot.toml` and places in it.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use crate::finding::{Finding, Place};

/// The file's name; messages call it so, for it lies at the top of the project.
pub const FILE: &str = "mailshot.toml";
/// A larger file is refused.
const MAX_BYTES: usize = 256 * 1024;

/// What was read, and from where.
pub(super) struct Source {
    text: String,
}

impl Source {
    /// Reads the file of the project.
    pub(super) fn read(project: &Path) -> Result<Self, Finding> {
        let bytes = std::fs::read(project.join(FILE)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Finding::error("no-project", format!("there is no {FILE} in {}", project.display()))
                    .help("`mailshot init` makes a project")
            }
            _ => Finding::unreadable(Path::new(FILE), &error),
        })?;
        if bytes.len() > MAX_BYTES {
            return Err(Finding::error("file-too-large", format!("is larger than {} KiB", MAX_BYTES / 1024))
                .at(Place::file(FILE))
                .help("it holds settings only"));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            Finding::error("not-utf8", "is not UTF-8")
                .at(Place::offset(FILE, &text, valid))
                .help("save the file as UTF-8")
        })?;
        Ok(Self::new(text))
    }

    /// This text, as if it were the file's.
    pub(super) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text) }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a span begins.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        Place::offset(FILE, &self.text, span.start)
    }
}
