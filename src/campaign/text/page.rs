//! The finished page, taken apart: what the layout says, and what it makes of each block.
//!
//! The layout is drawn once more for this, with words of no language around each block ([`Marks`]); they stand in
//! the HTML where the blocks do, whatever the layout does with them.

use std::collections::BTreeSet;

use super::reading;
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

    fn push(&mut self, block: Option<usize>, nodes: Vec<Node>) {
        if !nodes.is_empty() {
            self.parts.push(match block {
                Some(index) => PagePart::Block(index, nodes),
                None => PagePart::Layout(nodes),
            });
        }
    }
}

/// Every word of `nodes` in lower case, and every address.
pub(super) fn words(nodes: &[Node], tags: &TagTable) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    in_nodes(nodes, tags, &mut out);
    out
}

fn in_nodes(nodes: &[Node], tags: &TagTable, out: &mut BTreeSet<String>) {
    for node in nodes {
        match node {
            Node::Paragraph(content) | Node::Heading { content, .. } => in_inlines(content, tags, out),
            Node::List(list) => list.items.iter().for_each(|item| in_nodes(item, tags, out)),
            Node::Quote(inner) => in_nodes(inner, tags, out),
            Node::Code(code) => in_text(code, out),
            Node::Table(table) => {
                for cell in table.head.iter().chain(table.rows.iter().flatten()) {
                    in_inlines(cell, tags, out);
                }
            }
            Node::Html(html) => in_nodes(&reading::nodes(html, tags), tags, out),
            Node::Rule | Node::Statements(_) => {}
        }
    }
}

fn in_inlines(content: &[Inline], tags: &TagTable, out: &mut BTreeSet<String>) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) => in_text(text, out),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                in_inlines(inner, tags, out);
            }
            Inline::Link(link) => {
                out.insert(link.url.clone());
                in_inlines(&link.content, tags, out);
            }
            Inline::Image(image) => in_text(&image.alt, out),
            Inline::Html(html) => in_nodes(&reading::nodes(html, tags), tags, out),
            Inline::SoftBreak | Inline::HardBreak => {}
        }
    }
}

/// The words of a text.
pub(super) fn in_text(text: &str, out: &mut BTreeSet<String>) {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    out.extend(words.map(str::to_lowercase));
}
