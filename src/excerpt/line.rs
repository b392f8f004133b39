//! A line and the part of it that a finding is about, cut to fit.

use std::path::{Component, Path};

use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::extent::extent;
use super::visible::visible;
use crate::finding::Place;
use crate::input;

/// No more than this is read of a file for a line of it.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Stands for what was cut off; one column.
const CUT: char = '…';
/// A character without a width of its own counts as this part of a column.
const QUARTERS: usize = 4;
/// No excerpt is narrower than this, however narrow the terminal.
const MIN_COLUMNS: usize = 20;

/// A line of a file, and the part of it that a finding is about. All of it is [`visible`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The number of the line, from 1.
    pub line: u32,
    /// What stands before the marked part; the whole line where no column is known.
    pub before: String,
    /// What the finding is about; empty at the end of a line.
    pub marked: String,
    /// What stands behind it.
    pub after: String,
    /// Whether the column is known: without it nothing is marked.
    pub has_column: bool,
}

impl Excerpt {
    /// The line at `place` of a file of `project`, in at most so many columns. None where the place has no line, the
    /// file no such line, or where its lines are not to be shown.
    pub fn read(project: &Path, place: &Place, columns: usize) -> Option<Self> {
        place.line.filter(|_| is_shown(&place.file))?;
        let bytes = input::read(&project.join(&place.file), MAX_FILE_BYTES).ok()?;
        Self::of(&String::from_utf8_lossy(&bytes), place, columns)
    }

    /// The line at `place` of `text`, in at most so many columns.
    pub fn of(text: &str, place: &Place, columns: usize) -> Option<Self> {
        let number = place.line?;
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let line = split_lines(text).nth(index)?;
        let Some(column) = place.column else { return Some(Self::whole(number, line, columns)) };
        let before = usize::try_from(column).ok()?.saturating_sub(1);
        let start = line.char_indices().nth(before).map_or(line.len(), |(at, _)| at);
        let end = start + extent(&line[..start], &line[start..]);
        Some(Self::cut(number, [&line[..start], &line[start..end], &line[end..]], columns))
    }

    fn whole(line: u32, text: &str, columns: usize) -> Self {
        let columns = columns.max(MIN_COLUMNS);
        let before = fit_start(visible(first_chars(text.trim_end(), columns * QUARTERS + 1)), columns);
        Self { line, before, marked: String::new(), after: String::new(), has_column: false }
    }

    /// The three parts in so many columns: of a long marked part its beginning, of what stands before it the end, and
    /// of the rest what there is room for.
    fn cut(line: u32, parts: [&str; 3], columns: usize) -> Self {
        let columns = columns.max(MIN_COLUMNS);
        let [before, marked, after] = parts;
        // No more than this can fit, so no more of a long line is looked at.
        let most = columns * QUARTERS + 1;
        let before = visible(last_chars(before, most));
        let [marked, after] = [marked, after.trim_end()].map(|part| visible(first_chars(part, most)));
        let marked = fit_start(marked, columns * 2 / 3);
        let left = columns - marked.width();
        let room = if before.width() + after.width().min(left / 3) <= left { left } else { left * 2 / 3 };
        let before = fit_end(before, room);
        let after = fit_start(after, left.saturating_sub(before.width()));
        Self { line, before, marked, after, has_column: true }
    }

    /// The columns before the marked part.
    pub fn indent(&self) -> usize {
        self.before.width()
    }

    /// The columns of the marked part, at the least one.
    pub fn width(&self) -> usize {
        self.marked.width().max(1)
    }
}

/// Whether lines of this file may be shown: what makes an issue, and lies in the project.
fn is_shown(file: &Path) -> bool {
    let inside = file.components().all(|part| matches!(part, Component::Normal(_)));
    let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    inside && (matches!(kind, "mjml" | "html" | "htm" | "css") || file.ends_with("issue.md"))
}

/// The lines of a text, however they end, as all readers of this program count them.
fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.bytes().position(|b| matches!(b, b'\n' | b'\r')) else { return rest.take() };
        let ending = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[end + ending..]);
        Some(&text[..end])
    })
}

/// As much of the beginning as fits.
fn fit_start(text: String, columns: usize) -> String {
    let kept = prefix(text.chars(), columns);
    if kept == text.len() && text.width() <= columns {
        return text;
    }
    let kept = prefix(text.chars(), columns.saturating_sub(1));
    if columns == 0 { String::new() } else { format!("{}{CUT}", &text[..kept]) }
}

/// As much of the end as fits.
fn fit_end(text: String, columns: usize) -> String {
    if prefix(text.chars().rev(), columns) == text.len() {
        return text;
    }
    let kept = prefix(text.chars().rev(), columns.saturating_sub(1));
    let end = text[text.len() - kept..].trim_start_matches(|c: char| c.width() == Some(0));
    if columns == 0 { String::new() } else { format!("{CUT}{end}") }
}

fn first_chars(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

fn last_chars(text: &str, most: usize) -> &str {
    text.char_indices().rev().nth(most.saturating_sub(1)).map_or(text, |(start, _)| &text[start..])
}

/// How many bytes of these characters fit. Those without a width of their own count a little: a line of nothing but
/// accents ends, too.
fn prefix(text: impl Iterator<Item = char>, columns: usize) -> usize {
    let mut quarters = columns * QUARTERS;
    let mut bytes = 0;
    for c in text {
        let needed = (c.width().unwrap_or(1) * QUARTERS).max(1);
        if needed > quarters {
            break;
        }
        quarters -= needed;
        bytes += c.len_utf8();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The line with its marked part in `«»`.
    fn marked(text: &str, line: u32, column: u32, columns: usize) -> String {
        let place = Place { file: "a.mjml".into(), line: Some(line), column: Some(column) };
        let excerpt = Excerpt::of(text, &place, columns).unwrap();
        format!("{}«{}»{}", excerpt.before, excerpt.marked, excerpt.after)
    }

    #[test]
    fn lines_are_counted_as_they_were_written() {
        let text = "\u{feff}one\r\n\ttwo {{ x }}\rthree\n";
        assert_eq!(marked(text, 1, 1, 80), "«one»");
        assert_eq!(marked(text, 2, 6, 80), "    two «{{ x }}»");
        assert_eq!(marked(text, 3, 6, 80), "three«»");
        assert_eq!(marked(text, 4, 1, 80), "«»");
        assert_eq!(Excerpt::of(text, &Place::line("a", 5), 80), None);
        assert_eq!(Excerpt::of(text, &Place::line("a", 0), 80), None);
        assert_eq!(Excerpt::of(text, &Place::file("a"), 80), None);
        assert_eq!(Excerpt::of(text, &Place::line("a", 2), 80).unwrap().before, "    two {{ x }}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let long = format!("{}<b>{}", "a".repeat(100_000), "z".repeat(100_000));
        assert_eq!(marked(&long, 1, 100_001, 30), "…aaaaaaaaaaaaaaaaa«<b>»zzzzzzzz…");
        assert_eq!(marked(&long, 1, 1, 30).chars().filter(|c| *c == 'a').count(), 19);
        let wide = format!("{}<b>{}", "字".repeat(90), "字".repeat(90));
        assert_eq!(marked(&wide, 1, 91, 30), "…字字字字字字字字«<b>»字字字字…");
    }

    #[test]
    fn wide_characters_count_as_they_are_shown() {
        let place = Place { file: "a.mjml".into(), line: Some(1), column: Some(4) };
        let excerpt = Excerpt::of("🫠日é<b>", &place, 80).unwrap();
        assert_eq!((excerpt.indent(), excerpt.width()), (5, 3));
    }

    #[test]
    fn settings_and_lists_are_never_shown() {
        for file in
            ["mailshot.toml", "subscribers.csv", "/etc/x.html", "../x.mjml", "mjml/key.pem", "notes.md"]
        {
            assert!(!is_shown(Path::new(file)), "{file}");
        }
        for file in ["mjml/a.mjml", "campaigns/x/issue.md", "mjml/parts/a.css", "a.html"] {
            assert!(is_shown(Path::new(file)), "{file}");
        }
    }

    proptest! {
        #[test]
        fn it_fits_and_holds_nothing_that_moves_the_cursor(text in "(\\PC|[\\x00-\\x1f\u{202e}\u{301}字<\"{}]){0,200}", column in 1_u32..220, columns in 20_usize..120) {
            let place = Place { file: "a.mjml".into(), line: Some(1), column: Some(column) };
            let excerpt = Excerpt::of(&text, &place, columns).unwrap();
            let shown = format!("{}{}{}", excerpt.before, excerpt.marked, excerpt.after);
            prop_assert!(shown.width() <= columns, "{} > {columns}: {shown:?}", shown.width());
            let obeyed = shown.chars().any(|c| c.is_control() || c == '\u{202e}');
            prop_assert!(!obeyed, "{shown:?}");
        }
    }
}
