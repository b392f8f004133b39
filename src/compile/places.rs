//! From text that no person wrote back to what was written: marks in it, and what they point to.
//!
//! The MJML front end sees the output of the issue phase. So that its findings can name the file, line and column the
//! operator wrote, marks stand in the templates before the issue phase runs: [`OPEN`], the index of a place,
//! [`CLOSE`]. Both are Unicode noncharacters, which no text may hold; the front end takes them out and remembers
//! where they stood.

use std::path::PathBuf;
use std::sync::Arc;

use crate::campaign::PLACE;
use crate::finding::Place;

/// Begins a mark.
pub(super) const OPEN: char = '\u{FDD0}';
/// Ends a mark.
pub(super) const CLOSE: char = '\u{FDD1}';

/// The places that marks point to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The files that were marked, as they were written.
    files: Vec<(PathBuf, Arc<str>)>,
    marks: Vec<Mark>,
}

/// What stands behind a mark.
#[derive(Debug, Clone)]
enum Mark {
    /// Text that was written at this byte of a file; it goes on like that for so many bytes. What follows came out of
    /// the template's tag that stands there.
    Written { file: usize, offset: usize, length: usize },
    /// A value that a template prints by its name, as `block.label`.
    Printed { file: usize, offset: usize, name: String },
    /// Something that was written here.
    Here(Place),
}

impl Places {
    /// Adds a file. What is returned stands for it in the marks.
    pub(super) fn add_file(&mut self, file: PathBuf, text: Arc<str>) -> usize {
        self.files.push((file, text));
        self.files.len() - 1
    }

    /// The mark before text that is written so in a file.
    pub(super) fn written(&mut self, file: usize, offset: usize, length: usize) -> String {
        self.mark(Mark::Written { file, offset, length })
    }

    /// The mark before a value that is printed by its name.
    pub(super) fn printed(&mut self, file: usize, offset: usize, name: String) -> String {
        self.mark(Mark::Printed { file, offset, name })
    }

    /// The mark of a place.
    pub(super) fn here(&mut self, place: Place) -> String {
        self.mark(Mark::Here(place))
    }

    fn mark(&mut self, mark: Mark) -> String {
        self.marks.push(mark);
        format!("{OPEN}{}{CLOSE}", self.marks.len() - 1)
    }

    /// What was written so many bytes behind the mark of this index, or before it.
    pub(super) fn find(&self, index: usize, distance: isize) -> Option<Place> {
        match self.marks.get(index)? {
            Mark::Here(place) => Some(place.clone()),
            Mark::Printed { file, offset, .. } => self.place(*file, *offset),
            Mark::Written { file, offset, length } => {
                let distance = distance.min(isize::try_from(*length).unwrap_or(isize::MAX));
                self.place(*file, offset.saturating_add_signed(distance))
            }
        }
    }

    fn place(&self, file: usize, offset: usize) -> Option<Place> {
        let (file, text) = self.files.get(file)?;
        Some(Place::offset(file, text, offset))
    }

    /// `drawn`, in which the mark of each printed value of which `place` knows where it was written points there.
    pub(super) fn trace(&mut self, drawn: &str, place: impl Fn(&str) -> Option<Place>) -> String {
        let mut out = String::with_capacity(drawn.len());
        let mut rest = drawn;
        while let Some((before, index, after)) = next_mark(rest) {
            let known = match self.marks.get(index) {
                Some(Mark::Printed { name, .. }) => place(name),
                _ => None,
            };
            match known {
                Some(place) => {
                    out.push_str(before);
                    out.push_str(&self.here(place));
                }
                None => out.push_str(&rest[..rest.len() - after.len()]),
            }
            rest = after;
        }
        out + rest
    }

    /// `html` with the mark of `place` behind every tag's `<` or `</`, but for those that have one of their own.
    pub(super) fn mark_tags(&mut self, html: &str, place: &Place) -> String {
        let mark = self.here(place.clone());
        let mut out = String::with_capacity(html.len());
        for (index, part) in html.split_inclusive('<').enumerate() {
            let name = part.strip_prefix('/').unwrap_or(part);
            out.push_str(&part[..part.len() - name.len()]);
            match read_place(name) {
                Some((line, column, name)) => {
                    let own = Place { line: Some(line), column: Some(column), ..place.clone() };
                    out.push_str(&self.here(own));
                    out.push_str(name);
                }
                None if index > 0 && name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    out.push_str(&mark);
                    out.push_str(name);
                }
                None => out.push_str(name),
            }
        }
        out
    }
}

/// The line and column that stand before a tag's name, and the name and what follows.
fn read_place(text: &str) -> Option<(u32, u32, &str)> {
    let (place, rest) = text.strip_prefix(PLACE[0])?.split_once(PLACE[1])?;
    let (line, column) = place.split_once('.')?;
    Some((line.parse().ok()?, column.parse().ok()?, rest))
}

/// What stands before the first mark of `text`, its index, and what stands behind it.
fn next_mark(text: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (index, after) = rest.split_once(CLOSE)?;
    Some((before, index.parse().ok()?, after))
}
