//! Nodes of the tree as what stands within lines, for places that hold nothing else.

use super::paragraphs::is_blank;
use crate::campaign::tree::{Inline, Node};

/// Nodes as what stands within lines: a break between any two.
pub(super) fn in_line(nodes: Vec<Node>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::new();
    for node in nodes {
        let inner = match node {
            Node::Paragraph(content) | Node::Heading { content, .. } => content,
            Node::Quote(inner) => in_line(inner),
            Node::List(list) => list.items.into_iter().flat_map(item).collect(),
            Node::Table(table) => {
                let rows = std::iter::once(table.head).chain(table.rows);
                rows.flat_map(row).chain([Inline::HardBreak]).collect()
            }
            Node::Code(code) => vec![Inline::Code(code)],
            Node::Statements(tokens) => {
                out.push(Inline::Text(tokens));
                continue;
            }
            Node::Rule | Node::Html(_) => continue,
        };
        if out.iter().any(|inline| !is_blank(inline)) {
            out.push(Inline::HardBreak);
        }
        out.extend(inner);
    }
    out
}

fn item(item: Vec<Node>) -> Vec<Inline> {
    in_line(item).into_iter().chain([Inline::HardBreak]).collect()
}

/// A row on one line.
fn row(cells: Vec<Vec<Inline>>) -> Vec<Inline> {
    let mut out = Vec::new();
    for cell in cells {
        if !out.is_empty() {
            out.push(Inline::Text(" | ".to_owned()));
        }
        out.extend(cell);
    }
    out
}
