//! Text of the text part before it is wrapped: words, and marks that say what stays whole, what is a link.
//!
//! The marks are control characters, which no text and no value holds: so a paragraph can be merged first and wrapped
//! then, and no subscriber's data is ever taken for a mark.

/// Begins and ends what stays whole. These are control characters: no text and no value holds one.
pub(super) const WHOLE: [char; 2] = ['\u{e}', '\u{f}'];
/// Begins and ends the address of a link, which is noted below.
pub(super) const NOTE: [char; 2] = ['\u{11}', '\u{12}'];
/// A line break that was asked for.
pub(super) const BREAK: char = '\u{b}';
/// Stands before a mark (`*`, `[`); marks with nothing between them vanish.
pub(super) const MARK: char = '\u{10}';

/// Text with the marks that [`fill`](super::wrap::fill) reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marked(String);

impl Marked {
    /// Adds text, which breaks at its white space. What a reader does not see is left out.
    pub(crate) fn text(&mut self, text: &str) {
        let seen = |c: &char| *c != '\u{ad}' && (matches!(c, '\n' | '\t') || !c.is_control());
        self.0.extend(text.chars().filter(seen));
    }

    /// Adds what stays in one piece.
    pub(crate) fn whole(&mut self, text: &str) {
        self.0.push(WHOLE[0]);
        self.0.extend(text.chars().filter(|c| !c.is_control()));
        self.0.push(WHOLE[1]);
    }

    /// Adds the number of a note that gives this address.
    pub(crate) fn note(&mut self, url: &str) {
        self.0.push(NOTE[0]);
        self.0.extend(url.chars().filter(|c| !c.is_control()));
        self.0.push(NOTE[1]);
    }

    /// Adds a mark, such as the `*` before and behind what is bold.
    pub(crate) fn mark(&mut self, mark: char) {
        self.0.extend([MARK, mark]);
    }

    /// Adds a space.
    pub(crate) fn space(&mut self) {
        self.0.push(' ');
    }

    /// Begins a new line.
    pub(crate) fn line_break(&mut self) {
        self.0.push(BREAK);
    }

    /// Adds what is marked already.
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// The text with its marks.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `c` may stand in marked text: it is one of the marks, or no control character.
pub(crate) fn is_markable(c: char) -> bool {
    !c.is_control() || WHOLE.contains(&c) || NOTE.contains(&c) || matches!(c, '\n' | '\t' | BREAK | MARK)
}
