//! `{% if … %}` and its companions on lines of their own.
//!
//! A line that holds nothing but statements stands between paragraphs, not in one: when its branch is not
//! taken, no empty paragraph is left. Markdown counts such a line to whatever stands above it; what closes or
//! opens something outside of that is lifted out again.

use super::html::html;
use super::parts;
use super::tree::{Inline, Node};
use crate::tags::{Split, TagKind, TagTable};

/// What a statement does to the branches around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// `if`: begins branches.
    Open,
    /// `elif`, `else`: goes on with the next branch.
    Middle,
    /// `endif`: ends them.
    Close,
    /// Anything else.
    Other,
}

/// What the tag of this index does, if it is a statement.
pub(super) fn flow(tags: &TagTable, index: usize) -> Option<Flow> {
    let tag = tags.get(index);
    if tag.kind != TagKind::Statement {
        return None;
    }
    let word = tag.source.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    Some(match word {
        "if" | "for" => Flow::Open,
        "elif" | "else" => Flow::Middle,
        _ if word.starts_with("end") => Flow::Close,
        _ => Flow::Other,
    })
}

/// The first statement of `text` that has no partner in it.
pub(super) fn unbalanced(text: &str, tags: &TagTable) -> Option<usize> {
    let mut open = Vec::new();
    for index in indices(text, tags) {
        match flow(tags, index) {
            Some(Flow::Open) => open.push(index),
            Some(Flow::Middle) if open.is_empty() => return Some(index),
            Some(Flow::Close) if open.pop().is_none() => return Some(index),
            _ => {}
        }
    }
    open.first().copied()
}

fn indices<'a>(text: &'a str, tags: &'a TagTable) -> impl Iterator<Item = usize> + 'a {
    tags.split(text).into_iter().filter_map(|piece| match piece {
        Split::Tag(index) => Some(index),
        Split::Text(_) => None,
    })
}

/// A paragraph as paragraphs, and the statements that stand on lines of their own between them. A line that is
/// one picture, and a last line that is one bold link, are paragraphs of their own too: writers leave no blank
/// line between the text and its button.
pub(super) fn paragraphs(content: Vec<Inline>, tags: &TagTable) -> Vec<Node> {
    let mut out = Vec::new();
    let mut current: Vec<Inline> = Vec::new();
    let mut lines = lines(content).into_iter().peekable();
    while let Some(mut line) = lines.next() {
        if let Some(tokens) = only_statements(&line, tags) {
            push_paragraph(&mut out, &mut current);
            match out.last_mut() {
                Some(Node::Statements(before)) => before.push_str(&tokens),
                _ => out.push(Node::Statements(tokens)),
            }
            continue;
        }
        let last = lines.peek().is_none_or(|next| only_statements(next, tags).is_some());
        if stands_alone(&line, last) {
            push_paragraph(&mut out, &mut current);
            push_paragraph(&mut out, &mut line);
        } else {
            current.extend(line);
        }
    }
    push_paragraph(&mut out, &mut current);
    out
}

fn stands_alone(line: &[Inline], last: bool) -> bool {
    let end = line.iter().rposition(|inline| !matches!(inline, Inline::SoftBreak | Inline::HardBreak));
    let Some(end) = end else { return false };
    let content = &line[..=end];
    parts::picture(content).is_some() || (last && parts::button(content).is_some())
}

fn push_paragraph(out: &mut Vec<Node>, current: &mut Vec<Inline>) {
    while matches!(current.last(), Some(Inline::SoftBreak | Inline::HardBreak)) {
        current.pop();
    }
    if !current.is_empty() {
        out.push(Node::Paragraph(std::mem::take(current)));
    }
}

/// The lines of a paragraph, each with its break at the end.
fn lines(content: Vec<Inline>) -> Vec<Vec<Inline>> {
    let mut out = vec![Vec::new()];
    for inline in content {
        let ends = matches!(inline, Inline::SoftBreak | Inline::HardBreak);
        if let Some(line) = out.last_mut() {
            line.push(inline);
        }
        if ends {
            out.push(Vec::new());
        }
    }
    out
}

/// The tokens of a line that holds nothing but statements.
pub(super) fn only_statements(line: &[Inline], tags: &TagTable) -> Option<String> {
    let mut tokens = String::new();
    for inline in line {
        let text = match inline {
            Inline::Text(text) => text,
            Inline::SoftBreak | Inline::HardBreak => continue,
            _ => return None,
        };
        for piece in tags.split(text) {
            match piece {
                Split::Tag(index) if tags.get(index).kind == TagKind::Statement => {
                    tokens.push_str(&tags.token(index));
                }
                Split::Text(text) if text.trim().is_empty() => {}
                _ => return None,
            }
        }
    }
    (!tokens.is_empty()).then_some(tokens)
}

/// Takes the statements off the end of `nodes` that have no partner within.
pub(super) fn lift_tail(nodes: &mut Vec<Node>, tags: &TagTable) -> Option<String> {
    let Some(Node::Statements(tail)) = nodes.last() else { return None };
    let tail = tail.clone();
    let before = html(&nodes[..nodes.len() - 1]);
    let mut depth = 0_usize;
    for index in indices(&before, tags) {
        match flow(tags, index) {
            Some(Flow::Open) => depth += 1,
            Some(Flow::Close) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let mut kept = String::new();
    let mut lifted = String::new();
    for index in indices(&tail, tags) {
        let inside = match flow(tags, index) {
            Some(Flow::Open) => false,
            Some(Flow::Close) if depth > 0 => {
                depth -= 1;
                true
            }
            _ => depth > 0,
        };
        let kept = if inside && lifted.is_empty() { &mut kept } else { &mut lifted };
        kept.push_str(&tags.token(index));
    }
    nodes.pop();
    if !kept.is_empty() {
        nodes.push(Node::Statements(kept));
    }
    (!lifted.is_empty()).then_some(lifted)
}
