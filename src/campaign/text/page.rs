//! The finished page, taken apart: what the layout says, and what it makes of each block.
//!
//! The layout is drawn once more for this, with words of no language around each block ([`Marks`]); they stand in
//! the HTML where the blocks do, whatever the layout does with them.

use super::reading;
use super::said::{said_by_block, words};
use crate::campaign::parse::Block;
use crate::campaign::tree::{Inline, Node};
use crate::tags::TagTable;

/// The words around blocks.
#[derive(Debug, Clone)]
pub struct Marks {
    word: String,
}

/// Ends the number of a block.
const OPENS: char = 'o';
const CLOSES: char = 'c';

impl Marks {
    /// Words that stand in no text that has these tags.
    pub fn new(tags: &TagTable) -> Self {
        Self { word: tags.word("block") }
    }

    /// What stands before the block of this index.
    pub fn before(&self, index: usize) -> String {
        format!("{}{index}{OPENS}", self.word)
    }

    /// What stands behind it.
    pub fn behind(&self, index: usize) -> String {
        format!("{}{index}{CLOSES}", self.word)
    }
}

/// A page as text is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub(super) parts: Vec<PagePart>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PagePart {
    /// What the layout says.
    Layout(Vec<Node>),
    /// What is drawn of the block of this index.
    Block(usize, Vec<Node>),
}

impl Page {
    /// Takes apart the HTML of a layout whose blocks stand between `marks`.
    pub fn read(html: &str, marks: &Marks, tags: &TagTable) -> Self {
        let mut page = Self { parts: Vec::new() };
        let mut inside = None;
        for (number, piece) in html.split(&marks.word).enumerate() {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let mut html = piece;
            if number > 0 && piece[digits..].starts_with([OPENS, CLOSES]) {
                let index = piece[..digits].parse().ok();
                inside = index.filter(|_| piece[digits..].starts_with(OPENS));
                html = &piece[digits + 1..];
            }
            page.push(inside, reading::nodes(html, tags));
        }
        page
    }

    /// What the block of this index says and the page does not: words in lower case, addresses and merge tags as tokens.
    /// None where the page says nothing of the block at all.
    pub fn unsaid(&self, index: usize, block: &Block, tags: &TagTable) -> Option<Vec<String>> {
        let written = said_by_block(block, tags);
        let drawn = self.parts.iter().filter_map(|part| match part {
            PagePart::Block(of, nodes) if *of == index => Some(words(nodes, tags)),
            _ => None,
        });
        let drawn: Vec<_> = drawn.collect();
        if drawn.is_empty() && !written.is_empty() {
            return None;
        }
        Some(written.into_iter().filter(|word| !drawn.iter().any(|drawn| drawn.contains(word))).collect())
    }

    /// Whether any block says anything on it.
    pub fn has_blocks(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, PagePart::Block(..)))
    }

    /// Whether the words of this text are on the page.
    pub fn says(&self, text: &str, tags: &TagTable) -> bool {
        let said = self.parts.iter().map(|part| match part {
            PagePart::Layout(nodes) | PagePart::Block(_, nodes) => words(nodes, tags),
        });
        let said: Vec<_> = said.collect();
        let paragraph = [Node::Paragraph(vec![Inline::Text(text.to_owned())])];
        words(&paragraph, tags).iter().all(|word| said.iter().any(|said| said.contains(word)))
    }

    fn push(&mut self, block: Option<usize>, nodes: Vec<Node>) {
        if !nodes.is_empty() {
            self.parts.push(match block {
                Some(index) => PagePart::Block(index, nodes),
                None => PagePart::Layout(nodes),
            });
        }
    }
}
