//! The texts that a compilation reads, and the way from a byte of them back to what the operator wrote.
//!
//! A text that a template phase has produced carries position markers: before a piece of text that was written as it
//! stands, or right after a `<` or `</`, may stand `\u{FDD0}<decimal index>\u{FDD1}`. They are taken out when the text
//! is added, together with every other noncharacter of that block: what holds content back (`held`) uses two of them,
//! and no text can name its stand-ins.

use std::path::{Path, PathBuf};

use crate::finding::{Finding, Place};
use crate::tags::TagTable;

/// Opens and closes a position marker.
const MARK: [char; 2] = ['\u{FDD0}', '\u{FDD1}'];

/// Where included files come from, and what the tokens and markers in all texts stand for.
pub trait Sources {
    /// The text of `file` (the root and the path under it, joined), its merge tags protected, its positions marked
    /// like those of the layout. A finding without a line is told at the include.
    fn read(&mut self, file: &Path) -> Result<String, Finding>;

    /// The merge tags of everything read so far.
    fn tags(&self) -> &TagTable;

    /// Where that was written which stands so many bytes behind the marker of this index (or before it). Indices count
    /// over all texts of the compilation.
    fn place(&self, index: usize, distance: isize) -> Option<Place>;
}

/// A byte of one of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pos {
    source: usize,
    offset: usize,
}

impl Pos {
    /// The position of a piece that begins `by` bytes later.
    pub(super) fn plus(self, by: usize) -> Self {
        Self { offset: self.offset + by, ..self }
    }
}

/// One text without its markers.
#[derive(Debug)]
struct Source {
    file: PathBuf,
    text: String,
    /// Offset in `text` and index of each marker, ascending.
    marks: Vec<(usize, usize)>,
}

/// All texts of one compilation.
#[derive(Debug, Default)]
pub(super) struct Texts(Vec<Source>);

impl Texts {
    /// Adds the text of `file`: line breaks become LF, markers are taken out and remembered.
    pub(super) fn add(&mut self, file: &Path, marked: &str) -> usize {
        let mut text = String::with_capacity(marked.len());
        let mut marks = Vec::new();
        let mut rest = marked.strip_prefix('\u{FEFF}').unwrap_or(marked);
        while let Some(found) = rest.find(|c| is_noncharacter(c) || matches!(c, '\r' | '\0')) {
            text.push_str(&rest[..found]);
            rest = &rest[found..];
            if let Some((index, after)) = read_mark(rest) {
                marks.push((text.len(), index));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('\r') {
                if !after.starts_with('\n') {
                    text.push('\n');
                }
                rest = after;
            } else {
                rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
            }
        }
        text.push_str(rest);
        self.0.push(Source { file: file.to_owned(), text, marks });
        self.0.len() - 1
    }

    /// The text of this number, without markers.
    pub(super) fn text(&self, source: usize) -> &str {
        &self.0[source].text
    }

    /// The position of byte `offset` of this text.
    pub(super) fn pos(source: usize, offset: usize) -> Pos {
        Pos { source, offset }
    }

    /// Where `part` stands in the value of the attribute whose name begins at `pos`; where the value begins, if it
    /// does not stand there as a word of its own.
    pub(super) fn in_value(&self, pos: Pos, part: &str) -> Pos {
        let rest = self.0[pos.source].text.get(pos.offset..).unwrap_or_default();
        let name = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(0);
        let Some(value) = rest[name..].trim_start().strip_prefix('=').map(str::trim_start) else {
            return pos;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.map_or(value, |_| &value[1..]);
        let start = rest.len() - inner.len();
        let end = inner.find(|c: char| quote.map_or(c.is_ascii_whitespace() || c == '>', |quote| c == quote));
        let value = &inner[..end.unwrap_or(inner.len())];
        let mut words =
            value.split_whitespace().map(|word| (word.as_ptr().addr() - value.as_ptr().addr(), word));
        let offset = words.find(|(_, word)| *word == part).map_or(0, |(offset, _)| offset);
        pos.plus(start + offset)
    }

    /// Where that was written: as far from the last marker as it stands behind it here, or else (no marker) the line
    /// and column in the text itself.
    pub(super) fn place(&self, pos: Pos, sources: &dyn Sources) -> Place {
        let source = &self.0[pos.source];
        // The marker of the tag at `pos` itself stands behind its `<` or `</`.
        let tag = pos.offset
            + source.text.get(pos.offset..).map_or(0, |rest| {
                if rest.starts_with("</") { 2 } else { usize::from(rest.starts_with('<')) }
            });
        let before = source.marks.partition_point(|(offset, _)| *offset <= tag);
        source.marks[..before]
            .last()
            .and_then(|(offset, index)| sources.place(*index, distance(*offset, pos.offset)))
            .unwrap_or_else(|| Place::offset(&source.file, &source.text, pos.offset))
    }
}

/// How many bytes `to` lies behind `from`.
fn distance(from: usize, to: usize) -> isize {
    let bytes = |n: usize| isize::try_from(n).unwrap_or(isize::MAX);
    bytes(to).saturating_sub(bytes(from))
}

/// U+FDD0 to U+FDEF are no characters: no text that a person wrote holds one.
fn is_noncharacter(c: char) -> bool {
    ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

/// The index of the marker that `text` begins with, and what follows it.
fn read_mark(text: &str) -> Option<(usize, &str)> {
    let (digits, after) = text.strip_prefix(MARK[0])?.split_once(MARK[1])?;
    let index = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((index, after))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Files;
    use super::*;

    #[test]
    fn a_marker_gives_its_tag_and_what_follows_the_place_where_it_was_written() {
        let mut texts = Texts::default();
        let source =
            texts.add(Path::new("a.mjml"), "<b>\r\n\u{FDD2}x</\u{FDD0}0\u{FDD1}b> <i\u{FDD0}77\u{FDD1}>");
        assert_eq!(texts.text(source), "<b>\nx</b> <i>");
        let files = Files::default().marked([Place::line("issue.md", 9)]);
        let place = |offset| texts.place(Texts::pos(source, offset), &files).to_string();
        assert_eq!(place(0), "a.mjml:1:1");
        assert_eq!(place(4), "a.mjml:2:1");
        assert_eq!(place(5), "issue.md:9");
        assert_eq!(place(10), "issue.md:9");
        assert_eq!(place(12), "a.mjml:2:9", "an index that nobody knows falls back to the text");
    }
}
