//! From a position in the protected text back to where it was written.
//!
//! A token is not as long as its merge tag, and a tag may span lines, so positions after it differ.

use std::path::Path;

use super::load::Source;
use crate::finding::{Finding, Place};
use crate::tags::TagTable;

/// A source with its merge tags protected, and the way back.
pub(super) struct Origin<'a> {
    file: &'a Path,
    written: Lines<'a>,
    protected: String,
    /// Where a protected offset and a written one correspond, rising in both: each token and what follows it.
    anchors: Vec<(usize, usize)>,
}

impl<'a> Origin<'a> {
    /// Protects the merge tags of `source`.
    pub(super) fn protect(source: &'a Source, tags: &mut TagTable) -> Result<Self, Finding> {
        let written = Lines::new(&source.text);
        let first = tags.len();
        let protected = tags.protect(&source.text, |offset| written.place(&source.file, offset))?;
        let anchors = anchors(&written, &protected, tags, first);
        Ok(Self { file: &source.file, written, protected, anchors })
    }

    /// The protected text.
    pub(super) fn text(&self) -> &str {
        &self.protected
    }

    /// Where byte `offset` of the protected text was written.
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = self.anchors.partition_point(|(protected, _)| *protected <= offset);
        let written = match before.checked_sub(1).map(|index| self.anchors[index]) {
            Some((protected, written)) => {
                let next = self.anchors.get(before).map_or(usize::MAX, |(_, written)| *written);
                (written + (offset - protected)).min(next)
            }
            None => offset,
        };
        self.written.place(self.file, written)
    }
}

/// A token begins where its tag does, and the text goes on behind both. Between tokens nothing differs, so
/// the end of a tag follows from the beginning of the next one, or of the end.
fn anchors(written: &Lines<'_>, protected: &str, tags: &TagTable, first: usize) -> Vec<(usize, usize)> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some((range, index)) = tags.find(protected, from) {
        from = range.end;
        if index >= first {
            tokens.push((range, written.offset(&tags.get(index).place)));
        }
    }
    let mut out = Vec::with_capacity(tokens.len() * 2);
    for (index, (range, start)) in tokens.iter().enumerate() {
        let (next, next_written) = tokens
            .get(index + 1)
            .map_or((protected.len(), written.text.len()), |(next, written)| (next.start, *written));
        out.push((range.start, *start));
        out.push((range.end, next_written.saturating_sub(next - range.end)));
    }
    out
}

/// A text and where its lines begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn place(&self, file: &Path, offset: usize) -> Place {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset);
        let column = self.text[self.starts[line - 1]..offset].chars().count() + 1;
        Place { file: file.to_owned(), line: u32::try_from(line).ok(), column: u32::try_from(column).ok() }
    }

    fn offset(&self, place: &Place) -> usize {
        let number = |n: Option<u32>| n.map_or(0, |n| n.saturating_sub(1) as usize);
        let start = self.starts.get(number(place.line)).copied().unwrap_or(self.text.len());
        let column = number(place.column);
        start + self.text[start..].chars().take(column).map(char::len_utf8).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn places(text: &str, needles: &[&str]) -> Vec<String> {
        let source =
            Source { slug: "x".into(), dir: PathBuf::new(), file: "i.md".into(), text: text.to_owned() };
        let mut tags = TagTable::new([text]);
        let origin = Origin::protect(&source, &mut tags).unwrap();
        needles.iter().map(|n| origin.place(origin.text().find(n).unwrap()).to_string()).collect()
    }

    #[test]
    fn places_are_those_of_the_file_however_long_the_tags_are() {
        let text =
            "é one {{ a }} two {{ first_name|default('somebody') }} three\n{{\n\nx\n}} four\nfive {{b}}";
        assert_eq!(
            places(text, &["one", "two", "three", "four", "five"]),
            ["i.md:1:3", "i.md:1:15", "i.md:1:56", "i.md:5:4", "i.md:6:1"]
        );
    }

    #[test]
    fn a_place_inside_a_token_stays_inside_its_tag() {
        let source = Source {
            slug: "x".into(),
            dir: PathBuf::new(),
            file: "i.md".into(),
            text: "{{a}}{{b}}".to_owned(),
        };
        let mut tags = TagTable::new(["{{a}}{{b}}"]);
        let origin = Origin::protect(&source, &mut tags).unwrap();
        assert_eq!(origin.place(tags.token(0).len() - 1).to_string(), "i.md:1:6");
        assert_eq!(origin.place(tags.token(0).len() + 1).to_string(), "i.md:1:7");
        assert_eq!(origin.place(9999).to_string(), "i.md:1:11");
    }
}
