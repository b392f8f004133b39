//! The line that a finding is about.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::finding::Place;

/// Files are read so far.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Of a long line, so many characters are shown on either side of the place.
const AROUND: usize = 80;

/// A line of a file, or the part of it around a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Excerpt {
    /// What stands there.
    pub(super) text: String,
    /// How many characters stand before the place; none where the finding names no column.
    pub(super) before: Option<usize>,
}

impl Excerpt {
    /// The line of `place`, a file of the project, as it is now.
    pub(super) fn of(project: &Path, place: &Place) -> Option<Self> {
        let line = usize::try_from(place.line?.checked_sub(1)?).ok()?;
        let mut bytes = Vec::new();
        File::open(project.join(&place.file)).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let line: Vec<char> = text.lines().nth(line)?.chars().map(shown).collect();
        let at = place.column.and_then(|column| usize::try_from(column).ok()).map(|column| column.max(1) - 1);
        let at = at.filter(|at| *at <= line.len());
        let start = at.map_or(0, |at| at.saturating_sub(AROUND));
        let end = line.len().min(at.unwrap_or(0) + AROUND);
        let cut = |wanted: bool| if wanted { "…" } else { "" };
        let text: String = line[start..end].iter().collect();
        Some(Self {
            text: format!("{}{text}{}", cut(start > 0), cut(end < line.len())),
            before: at.map(|at| at - start + usize::from(start > 0)),
        })
    }
}

/// Each character one column wide, none of them invisible.
fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_and_what_stands_before_the_place() {
        let project = tempfile::tempdir().unwrap();
        let long = format!("{}<mj-txt>{}", "a".repeat(200), "b".repeat(200));
        std::fs::write(project.path().join("a.mjml"), format!("\u{feff}one\r\n\t<mj-txt>\n{long}")).unwrap();
        let of = |line, column| {
            Excerpt::of(project.path(), &Place { file: "a.mjml".into(), line: Some(line), column })
        };
        assert_eq!(of(2, Some(2)), Some(Excerpt { text: " <mj-txt>".to_owned(), before: Some(1) }));
        assert_eq!(of(1, None), Some(Excerpt { text: "one".to_owned(), before: None }));
        assert_eq!(of(1, Some(9)).unwrap().before, None);
        assert_eq!((of(4, None), of(0, None)), (None, None));
        let cut = of(3, Some(201)).unwrap();
        assert_eq!(cut.text.chars().count(), 1 + AROUND + AROUND + 1);
        assert!(cut.text.chars().skip(cut.before.unwrap()).collect::<String>().starts_with("<mj-txt>b"));
    }
}
