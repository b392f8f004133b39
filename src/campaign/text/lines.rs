//! Lines of the text part and the statements between them.
//!
//! A statement stands before the line that follows it, in front of any prefix: a branch that is not taken
//! takes whole lines with it. A paragraph is one entry here. It is wrapped at the end, when all that stands before
//! its lines is known; one with merge tags even after the merge.

use super::piece::TextPiece;
use crate::campaign::marked::Marked;
use crate::campaign::statements::unbalanced;
use crate::campaign::wrap::{Shape, fill, has_words};
use crate::tags::{Split, TagTable};

/// What stands on the page.
enum Content {
    /// A line as it is.
    Line(String),
    /// Text that is wrapped when it is known what stands before each of its lines.
    Paragraph(Shape, Marked),
}

/// Lines, each with the tokens of statements that stand before it.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<(String, Content)>,
    pending: String,
}

impl Lines {
    /// Adds a line.
    pub(super) fn push(&mut self, line: String) {
        self.add(Content::Line(line));
    }

    fn add(&mut self, content: Content) {
        self.lines.push((std::mem::take(&mut self.pending), content));
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.push(String::new());
    }

    /// Adds tokens of statements, which go before the next line.
    pub(super) fn statement(&mut self, tokens: &str) {
        self.pending.push_str(tokens);
    }

    /// Adds a paragraph, or a heading above its rule; nothing, if it holds no word.
    pub(super) fn paragraph(&mut self, marked: Marked, underline: Option<char>) {
        if has_words(&marked) {
            let shape = Shape { underline, ..Shape::default() };
            self.add(Content::Paragraph(shape, marked));
        }
    }

    /// Adds paragraphs that stand close together.
    pub(super) fn paragraphs(&mut self, all: Vec<Marked>) {
        for marked in all {
            self.paragraph(marked, None);
        }
    }

    /// Adds other lines, the first behind `first`, the others behind `rest`.
    pub(super) fn append(&mut self, other: Lines, first: &str, rest: &str) {
        let mut prefix = first;
        for (statements, content) in other.lines {
            self.statement(&statements);
            self.add(match content {
                Content::Line(line) => Content::Line(format!("{prefix}{line}").trim_end().to_owned()),
                Content::Paragraph(shape, marked) => {
                    let shape = Shape {
                        first: format!("{prefix}{}", shape.first),
                        rest: format!("{rest}{}", shape.rest),
                        ..shape
                    };
                    Content::Paragraph(shape, marked)
                }
            });
            prefix = rest;
        }
        self.statement(&other.pending);
    }

    /// Without the blank lines at the end.
    pub(super) fn trimmed(mut self) -> Self {
        let blank = |(statements, content): &(String, Content)| {
            statements.is_empty() && matches!(content, Content::Line(line) if line.is_empty())
        };
        while self.lines.last().is_some_and(blank) {
            self.lines.pop();
        }
        self
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether no line is there.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All of it.
    pub(super) fn finish(self, tags: &TagTable) -> Vec<TextPiece> {
        let mut out = Pieces { done: Vec::new(), tags };
        for (statements, content) in self.lines {
            out.split(&statements);
            match content {
                Content::Line(line) => {
                    out.split(&line);
                    out.literal("\n");
                }
                Content::Paragraph(shape, marked) => out.paragraph(shape, marked.as_str()),
            }
        }
        out.split(&self.pending);
        out.done
    }
}

struct Pieces<'a> {
    done: Vec<TextPiece>,
    tags: &'a TagTable,
}

impl Pieces<'_> {
    fn literal(&mut self, text: &str) {
        match self.done.last_mut() {
            Some(TextPiece::Literal(before)) => before.push_str(text),
            _ => self.done.push(TextPiece::Literal(text.to_owned())),
        }
    }

    /// A paragraph: lines where they are known by now, else what they are made of.
    fn paragraph(&mut self, shape: Shape, marked: &str) {
        // Statements that end in another paragraph cannot stand inside one of the merge.
        if self.tags.find(marked, 0).is_some() && unbalanced(marked, self.tags).is_none() {
            self.done.push(TextPiece::Paragraph(shape));
            self.split(marked);
            self.done.push(TextPiece::End);
            return;
        }
        for line in fill(marked, &shape) {
            self.split(&line);
            self.literal("\n");
        }
    }

    fn split(&mut self, text: &str) {
        for piece in self.tags.split(text) {
            match piece {
                Split::Text(text) => self.literal(text),
                Split::Tag(index) => self.done.push(TextPiece::Tag(index)),
            }
        }
    }
}
