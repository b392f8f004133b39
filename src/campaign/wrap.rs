//! Lines of plain text no wider than a screen: words, their widths, and where a line may break.
//!
//! Widths are columns of a terminal (Unicode Standard Annex 11). Scripts that are written without spaces may
//! break between any two of their characters, but not before closing punctuation.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::tags::{Split, TagKind, TagTable};

/// Columns of a line.
pub(super) const WIDTH: usize = 72;
/// However deep a text is nested, its lines may have so many columns.
const NARROWEST: usize = 24;
/// Columns that the value of a merge tag is thought to take.
const VALUE_WIDTH: usize = 10;

/// A run of text that does not break.
#[derive(Debug, Default)]
struct Word {
    text: String,
    width: usize,
    before: Gap,
}

/// What stands before a word.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Nothing; a line may break here.
    #[default]
    None,
    /// White space.
    Space,
    /// A line break that was asked for.
    Break,
}

/// Text on its way into lines.
pub(super) struct Words<'a> {
    tags: &'a TagTable,
    done: Vec<Word>,
    current: Word,
}

impl<'a> Words<'a> {
    pub(super) fn new(tags: &'a TagTable) -> Self {
        Self { tags, done: Vec::new(), current: Word::default() }
    }

    /// Adds text, which breaks at its white space.
    pub(super) fn text(&mut self, text: &str) {
        for piece in self.tags.split(text) {
            match piece {
                Split::Tag(index) => self.tag(index),
                Split::Text(text) => text.chars().for_each(|c| self.character(c)),
            }
        }
    }

    /// Adds what never breaks.
    pub(super) fn unbroken(&mut self, text: &str) {
        self.current.text.push_str(text);
        self.current.width += width(text, self.tags);
    }

    /// Adds a space.
    pub(super) fn space(&mut self) {
        self.end_word();
        if self.current.before == Gap::None {
            self.current.before = Gap::Space;
        }
    }

    /// Begins a new line.
    pub(super) fn line_break(&mut self) {
        self.end_word();
        self.current.before = Gap::Break;
    }

    fn tag(&mut self, index: usize) {
        self.current.text.push_str(&self.tags.token(index));
        self.current.width += tag_width(self.tags, index);
    }

    fn character(&mut self, c: char) {
        let columns = c.width().unwrap_or(0);
        match c {
            ' ' | '\t' | '\n' | '\r' => return self.space(),
            _ if columns < 2 && !after_wide(&self.current.text) => {}
            _ if sticks(c) || opens(&self.current.text) || self.current.text.is_empty() => {}
            _ if columns == 2 || c.is_alphanumeric() => self.end_word(),
            _ => {}
        }
        self.current.text.push(c);
        self.current.width += columns;
    }

    fn end_word(&mut self) {
        if !self.current.text.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
    }

    /// The lines, each at most `columns` wide where that is possible.
    pub(super) fn lines(mut self, columns: usize) -> Vec<String> {
        self.end_word();
        let columns = columns.max(NARROWEST);
        let mut lines: Vec<String> = Vec::new();
        let mut used = 0;
        for word in self.done {
            let gap = usize::from(word.before == Gap::Space);
            match lines.last_mut() {
                Some(line)
                    if word.before != Gap::Break && (used + gap + word.width <= columns || used == 0) =>
                {
                    if gap == 1 && used > 0 {
                        line.push(' ');
                    }
                    line.push_str(&word.text);
                    used += gap + word.width;
                }
                _ => {
                    used = word.width;
                    lines.push(word.text);
                }
            }
        }
        lines
    }
}

/// Columns of `text`; a merge tag counts as what it may print.
pub(super) fn width(text: &str, tags: &TagTable) -> usize {
    tags.split(text)
        .into_iter()
        .map(|piece| match piece {
            Split::Text(text) => text.width(),
            Split::Tag(index) => tag_width(tags, index),
        })
        .sum()
}

fn tag_width(tags: &TagTable, index: usize) -> usize {
    match tags.get(index).kind {
        TagKind::Print => VALUE_WIDTH,
        TagKind::Statement => 0,
    }
}

/// Whether a word ends with a character of a script written without spaces.
fn after_wide(word: &str) -> bool {
    word.chars().next_back().is_some_and(|c| c.width() == Some(2) && !is_emoji(c))
}

/// Emoji are wide, but parts of one must stay together.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Characters that no line begins with.
fn sticks(c: char) -> bool {
    is_emoji(c)
        || c.width() == Some(0)
        || matches!(
            c,
            '、' | '。'
                | '，'
                | '．'
                | '・'
                | '：'
                | '；'
                | '？'
                | '！'
                | '」'
                | '』'
                | '）'
                | '】'
                | '》'
                | '〉'
                | '〕'
                | '］'
                | '｝'
                | 'ー'
                | '々'
                | 'ゝ'
                | 'っ'
                | 'ッ'
                | 'ゃ'
                | 'ゅ'
                | 'ょ'
                | 'ャ'
                | 'ュ'
                | 'ョ'
                | '…'
        )
}

/// Whether a word ends with a character that no line ends with.
fn opens(word: &str) -> bool {
    word.ends_with(['「', '『', '（', '【', '《', '〈', '〔', '［', '｛', '(', '[', '“', '‘'])
}
