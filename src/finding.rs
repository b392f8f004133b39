//! What is wrong with something the operator wrote, where, and the way out.
//!
//! Everything that reads input answers with findings: `check` lists them, every other command prints the
//! errors among them and stops with exit code 3.

use std::cell::Cell;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A longer name is nearly none that is known.
const MAX_TYPED_BYTES: usize = 200;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; nothing stops.
    Warning,
    /// Nothing is sent before this is mended.
    Error,
}

/// A position in a file the operator wrote. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As the operator would name it: relative to the project where it lies inside.
    pub file: PathBuf,
    /// From 1.
    pub line: Option<u32>,
    /// From 1, in characters.
    pub column: Option<u32>,
}

impl Place {
    /// The file as a whole.
    pub fn file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// A line of a file.
    pub fn line(file: impl Into<PathBuf>, line: u32) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }

    /// The place of byte `offset` of `text`, the content of `file`.
    pub fn offset(file: impl Into<PathBuf>, text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let before = String::from_utf8_lossy(before);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { file: file.into(), line: u32::try_from(line).ok(), column: u32::try_from(column).ok() }
    }
}

/// A value the operator wrote, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value.
    pub text: String,
    /// Where it begins.
    pub place: Place,
}

/// Finds the places of many offsets of one text. [`Place::offset`] counts from the top each time; this goes on from
/// the last one, so that all tags of a long template are found in one pass.
#[derive(Debug)]
pub struct Locator<'a> {
    file: &'a Path,
    text: &'a str,
    /// The last offset, with its line and column.
    last: Cell<(usize, u32, u32)>,
}

impl<'a> Locator<'a> {
    /// For `text`, the content of `file`.
    pub fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, last: Cell::new((0, 1, 1)) }
    }

    /// The place of byte `offset`, which stands at a character's beginning. Fast where offsets rise.
    pub fn place(&self, offset: usize) -> Place {
        let (from, mut line, mut column) = match self.last.get() {
            last if last.0 <= offset => last,
            _ => (0, 1, 1),
        };
        let passed = self.text.get(from..offset.min(self.text.len())).unwrap_or_default();
        for c in passed.chars() {
            if c == '\n' {
                (line, column) = (line.saturating_add(1), 1);
            } else {
                column = column.saturating_add(1);
            }
        }
        self.last.set((from + passed.len(), line, column));
        Place { file: self.file.to_owned(), line: Some(line), column: Some(column) }
    }
}

/// The reverse of `Display`: `file:line:column`, of which the numbers may be absent.
impl From<&str> for Place {
    fn from(text: &str) -> Self {
        let numbers: Vec<u32> = text.rsplit(':').map_while(|part| part.parse().ok()).take(2).collect();
        let file = text.rsplitn(numbers.len() + 1, ':').last().unwrap_or(text);
        match numbers[..] {
            [column, line] => Self { file: file.into(), line: Some(line), column: Some(column) },
            [line] => Self::line(file, line),
            _ => Self::file(file),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// One thing that is wrong. `Display` gives `file:line:column: message (help)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops a send.
    pub severity: Severity,
    /// A stable kebab-case name of the kind of finding, for scripts.
    pub code: &'static str,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// The way out, in the same style.
    pub help: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, place: None, message: message.into(), help: None }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// The same finding, at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same finding, with the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether this stops a send.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The file could not be read.
    pub fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        Self::error("unreadable-file", message).at(Place::file(file))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Finding {}

/// What `check --json` writes for one finding (contract).
impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Finding", 7)?;
        out.serialize_field("severity", &self.severity)?;
        out.serialize_field("code", self.code)?;
        out.serialize_field("file", &self.place.as_ref().map(|p| p.file.display().to_string()))?;
        out.serialize_field("line", &self.place.as_ref().and_then(|p| p.line))?;
        out.serialize_field("column", &self.place.as_ref().and_then(|p| p.column))?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("help", &self.help)?;
        out.end()
    }
}

/// The findings as they are told: errors first, each file's together, in the order of its lines.
pub fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut files: Vec<PathBuf> = Vec::new();
    for place in findings.iter().filter_map(|finding| finding.place.as_ref()) {
        if !files.contains(&place.file) {
            files.push(place.file.clone());
        }
    }
    findings.sort_by_cached_key(|finding| {
        let place = finding.place.as_ref();
        let file = place.and_then(|place| files.iter().position(|file| *file == place.file));
        (!finding.is_error(), file, place.map(|place| (place.line, place.column)))
    });
    findings
}

/// The nearest of `known` to what was typed, if one is near enough to be meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing that is known is so long; comparing takes as long as both lengths multiplied.
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len().max(typed.len()) / 3).max(1))
        .min()
        .map(|(_, name)| name)
}

/// `text` up to so many characters, with a `…` if there are more.
pub fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_was_shown() {
        for shown in ["a/b.md", "a/b.md:3", "a/b.md:3:14", "c:/x.md:3:14", "a:7x:2"] {
            assert_eq!(Place::from(shown).to_string(), shown);
        }
        assert_eq!(Place::from("a/b.md:3:14").line, Some(3));
    }

    #[test]
    fn a_locator_says_what_counting_from_the_top_says() {
        let (file, text) = (Path::new("a.md"), "ü\n\nab🫠c\r\nd");
        let locator = Locator::new(file, text);
        let offsets = || text.char_indices().map(|(at, _)| at).chain([text.len(), text.len() + 5]);
        for at in offsets().chain(offsets().step_by(3)).chain([4, 0, 4]) {
            assert_eq!(locator.place(at), Place::offset(file, text, at), "{at}");
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("frist_name", ["email", "first_name"]), Some("first_name"));
        assert_eq!(nearest("zebra", ["email", "first_name"]), None);
    }
}
