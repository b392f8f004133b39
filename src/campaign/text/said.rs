//! Which words, addresses and merge tags a text says, to find out what another that is made of it says more or less.

use std::collections::BTreeSet;

use super::reading;
use crate::campaign::parse::Block;
use crate::campaign::tree::{Inline, Node};
use crate::tags::{Split, TagKind, TagTable};

/// All that stands between the `:::` lines of a block, and behind its type.
pub(super) fn said_by_block(block: &Block, tags: &TagTable) -> BTreeSet<String> {
    let mut said = words(&block.body, tags);
    if let Some(title) = &block.title {
        in_inlines(title, tags, &mut said);
    }
    said
}

/// Every word of `nodes` in lower case, every address, and the token of every merge tag.
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
            Node::Code(code) => in_text(code, tags, out),
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
            Inline::Text(text) | Inline::Code(text) => in_text(text, tags, out),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                in_inlines(inner, tags, out);
            }
            Inline::Link(link) => {
                out.insert(link.url.clone());
                in_inlines(&link.content, tags, out);
            }
            Inline::Image(image) => in_text(&image.alt, tags, out),
            Inline::Html(html) => in_nodes(&reading::nodes(html, tags), tags, out),
            Inline::SoftBreak | Inline::HardBreak => {}
        }
    }
}

/// The words of a text, its merge tags apart from them.
pub(super) fn in_text(text: &str, tags: &TagTable, out: &mut BTreeSet<String>) {
    for piece in tags.split(text) {
        match piece {
            Split::Text(text) => {
                let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
                out.extend(words.map(str::to_lowercase));
            }
            Split::Tag(index) if tags.get(index).kind == TagKind::Print => {
                out.insert(tags.token(index));
            }
            Split::Tag(_) => {}
        }
    }
}
