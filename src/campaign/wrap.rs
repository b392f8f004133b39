//! Text → lines no wider than a screen.
//!
//! Lines are wrapped hard, at 72 columns: two replies can quote them and they still fit into 80. Not
//! `format=flowed` (RFC 3676): of the programs that show the text part, few flow it; the others would show its
//! stuffed spaces, and flowed text cannot hang a list's lines below each other. A paragraph with merge tags is
//! wrapped after the merge, by this same code, so its lines are right for every subscriber.
//!
//! Widths are columns of a terminal (Unicode Standard Annex 11). Scripts written without spaces may break
//! between any two of their characters, but not before closing punctuation. What is written in one piece
//! (an address, also one that is written out, code) stays whole; any other word that is wider than a line is cut, never within a character
//! that a reader sees as one.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::marked::{BREAK, MARK, Marked, NOTE, WHOLE};

/// Columns of a line.
pub(crate) const WIDTH: usize = 72;
/// However deep a text is nested, its lines may have so many columns.
const NARROWEST: usize = 24;

/// How a paragraph lies on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// What its first line begins with: the marker of a list, a quotation's `> `.
    pub first: String,
    /// What its other lines begin with.
    pub rest: String,
    /// What a heading is underlined with.
    pub underline: Option<char>,
}

/// The lines of marked text, without white space at their ends, and below them its notes; none, if it holds no word.
pub(crate) fn fill(marked: &str, shape: &Shape) -> Vec<String> {
    let columns = WIDTH.saturating_sub(shape.rest.width().max(shape.first.width())).max(NARROWEST);
    let (words, notes) = words(marked, columns);
    let lines = lines(words, columns);
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or_default();
    let underline = shape
        .underline
        .filter(|_| !lines.is_empty())
        .map(|rule| rule.to_string().repeat(widest.clamp(3, columns)));
    let mut prefix = shape.first.as_str();
    let notes = notes.iter().enumerate().map(|(index, url)| format!("[{}] {url}", index + 1));
    let mut out = Vec::with_capacity(lines.len() + 1);
    for line in lines.into_iter().chain(underline).chain(notes) {
        out.push(format!("{prefix}{line}").trim_end().to_owned());
        prefix = &shape.rest;
    }
    out
}

/// Whether marked text holds a word.
pub(super) fn has_words(marked: &Marked) -> bool {
    !words(marked.as_str(), WIDTH).0.is_empty()
}

/// A run of text that does not break.
#[derive(Debug, Default)]
struct Word {
    text: String,
    before: Gap,
    /// Whether it is cut nowhere, however wide it is.
    whole: bool,
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

/// The words, and the addresses of the notes they refer to.
fn words(marked: &str, columns: usize) -> (Vec<Word>, Vec<String>) {
    let mut words =
        Words { done: Vec::new(), current: Word::default(), open_mark: None, notes: Vec::new(), columns };
    let mut whole = false;
    let mut chars = marked.chars();
    while let Some(c) = chars.next() {
        match c {
            MARK => {
                if let Some(mark) = chars.next() {
                    words.mark(mark);
                }
                continue;
            }
            BREAK => words.line_break(),
            _ if c == NOTE[0] => words.note(chars.by_ref().take_while(|c| *c != NOTE[1]).collect()),
            _ if c == WHOLE[0] => (whole, words.current.whole) = (true, true),
            _ if c == WHOLE[1] => whole = false,
            _ if whole => words.current.text.push(c),
            ' ' | '\t' | '\n' | '\r' => words.space(),
            _ => words.character(c),
        }
        words.open_mark = None;
    }
    words.end_word();
    (words.done, words.notes)
}

struct Words {
    done: Vec<Word>,
    current: Word,
    /// A mark that nothing follows yet.
    open_mark: Option<char>,
    /// Addresses, each once.
    notes: Vec<String>,
    columns: usize,
}

impl Words {
    /// The number of a note stays on the line of what it belongs to.
    fn note(&mut self, url: String) {
        let number = self.notes.iter().position(|note| *note == url).unwrap_or_else(|| {
            self.notes.push(url);
            self.notes.len() - 1
        });
        let _ = write!(self.current.text, " [{}]", number + 1);
    }

    fn mark(&mut self, mark: char) {
        let opens = match mark {
            ']' => '[',
            '>' => '<',
            mark => mark,
        };
        if self.open_mark.take() == Some(opens) {
            self.current.text.pop();
        } else {
            self.current.text.push(mark);
            self.open_mark = Some(mark);
        }
    }

    fn space(&mut self) {
        self.end_word();
        if self.current.before == Gap::None {
            self.current.before = Gap::Space;
        }
    }

    fn line_break(&mut self) {
        self.end_word();
        self.current.before = Gap::Break;
    }

    fn character(&mut self, c: char) {
        let columns = c.width().unwrap_or(0);
        match c {
            _ if columns < 2 && !after_wide(&self.current.text) => {}
            _ if sticks(c) || opens(&self.current.text) || self.current.text.is_empty() => {}
            _ if columns == 2 || c.is_alphanumeric() => self.end_word(),
            _ => {}
        }
        self.current.text.push(c);
    }

    fn end_word(&mut self) {
        if self.current.text.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.current);
        let whole = word.whole || word.text.contains("://");
        if !whole && word.text.width() > self.columns {
            self.cut(&word);
        } else {
            self.done.push(word);
        }
    }

    /// Adds a word that is wider than a line as pieces that are not.
    fn cut(&mut self, word: &Word) {
        let mut before = word.before;
        let mut rest = word.text.as_str();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cut_at(rest, self.columns));
            self.done.push(Word { text: piece.to_owned(), before, whole: false });
            (before, rest) = (Gap::None, after);
        }
    }
}

/// Where to cut `text`, so that what is before is at most `columns` wide: between two characters as readers see
/// them (the clusters of Unicode Standard Annex 29, a little coarser).
fn cut_at(text: &str, columns: usize) -> usize {
    let mut cut = 0;
    let mut flags = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let flag = ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
        let joined = last.is_none_or(|last| joins(last, c)) || (flag && flags % 2 == 1);
        flags = if flag { flags + 1 } else { 0 };
        if !joined {
            if text[..at].width() > columns && cut > 0 {
                return cut;
            }
            cut = at;
        }
        last = Some(c);
    }
    if cut == 0 || text.width() <= columns { text.len() } else { cut }
}

/// Whether no cut may be made between these two.
fn joins(before: char, c: char) -> bool {
    c.width().unwrap_or(0) == 0
        || before == '\u{200d}'
        || matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
        // A virama joins the consonants around it.
        || (before.width() == Some(0) && matches!(c, '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'))
}

/// The lines, each at most `columns` wide where that is possible.
fn lines(words: Vec<Word>, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in words {
        let gap = usize::from(word.before == Gap::Space);
        let width = word.text.width();
        // No line begins with what would look like a marker of a list or a quotation; it may stand out a little.
        let columns = if is_marker(&word.text) { columns + gap + width } else { columns };
        match lines.last_mut() {
            Some(line) if word.before != Gap::Break && used + gap + width <= columns => {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(&word.text);
                used += gap + width;
            }
            _ => {
                used = width;
                lines.push(word.text);
            }
        }
    }
    lines
}

/// Whether a line that begins with this word looks like an item or a quotation.
fn is_marker(word: &str) -> bool {
    matches!(word, "-" | "*" | "+" | ">" | "|" | "·" | "–" | "—" | "#" | "--")
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
        || "、。，．・：；？！」』）】》〉〕］｝ー々ゝっッゃゅょャュョ…".contains(c)
}

/// Whether a word ends with a character that no line ends with.
fn opens(word: &str) -> bool {
    word.ends_with(['「', '『', '（', '【', '《', '〈', '〔', '［', '｛', '(', '[', '<', '“', '‘'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> Vec<String> {
        fill(text, &Shape::default())
    }

    #[test]
    fn a_word_wider_than_a_line_is_cut_between_what_readers_see_as_characters() {
        for (character, width) in [
            ("x", 1),
            ("é", 1),
            ("e\u{301}", 1),
            ("漢", 2),
            ("👩\u{200d}👩\u{200d}👧", 2),
            ("🇬🇧", 2),
            ("👍🏽", 2),
            ("क्ष", 2),
        ] {
            let lines = filled(&character.repeat(300));
            assert!(lines.len() > 300 * width / 80, "{character}: {lines:?}");
            for line in &lines {
                assert!(line.width() <= WIDTH, "{character}: {} columns", line.width());
                assert_eq!(line.replace(character, ""), "", "{character} is cut: {line}");
            }
        }
    }

    #[test]
    fn what_is_whole_is_never_cut() {
        let url = format!("https://a.example/{}漢字", "long/".repeat(30));
        let mut marked = Marked::default();
        marked.text("Read");
        marked.space();
        marked.mark('<');
        marked.whole(&url);
        marked.mark('>');
        marked.text(", all of it.");
        assert_eq!(filled(marked.as_str()), ["Read", &format!("<{url}>,"), "all of it."]);
        let written = format!("https://a.example/{}", "long/".repeat(30));
        assert_eq!(filled(&format!("Read ({written}), all.")), ["Read", &format!("({written}),"), "all."]);
    }

    #[test]
    fn addresses_are_noted_below_each_once() {
        let mut marked = Marked::default();
        for (text, url) in [
            ("One", "https://a.example/1"),
            (", two", "https://a.example/2"),
            (", one", "https://a.example/1"),
        ] {
            marked.text(text);
            marked.note(url);
        }
        marked.text(".");
        let shape = Shape { first: "- ".into(), rest: "  ".into(), underline: None };
        let lines =
            ["- One [1], two [2], one [1].", "  [1] https://a.example/1", "  [2] https://a.example/2"];
        assert_eq!(fill(marked.as_str(), &shape), lines);
    }

    #[test]
    fn marks_around_nothing_vanish() {
        let mut marked = Marked::default();
        marked.text("a ");
        for mark in ['*', '*', '[', ']', '*', '_', '_', '<', '>'] {
            marked.mark(mark);
        }
        marked.text("b");
        assert_eq!(filled(marked.as_str()), ["a *b"]);
    }

    #[test]
    fn no_line_begins_like_an_item_or_a_quotation() {
        let text = format!("{} - b {} > c", "a".repeat(71), "a".repeat(70));
        assert_eq!(filled(&text).len(), 3);
        assert!(filled(&text).iter().all(|line| !line.starts_with(['-', '>'])), "{:?}", filled(&text));
    }

    #[test]
    fn a_shape_gives_its_prefixes_and_its_rule() {
        let shape = Shape { first: "1. ".into(), rest: "   ".into(), underline: Some('-') };
        assert_eq!(fill("One\u{b}longer", &shape), ["1. One", "   longer", "   ------"]);
        assert_eq!(fill(" \n", &shape), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_no_word_is_lost(text in "([a-z]{1,9}|[ ]|漢|。|👩\u{200d}💻|\u{b}|[a-z]{90}|é|ك){0,60}") {
            let lines = filled(&text);
            for line in &lines {
                prop_assert!(line.width() <= WIDTH, "{}: {line}", line.width());
                prop_assert!(!line.is_empty() && line.trim() == line);
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
