//! What stands within lines → paragraphs, and the statements around them.

use crate::campaign::statements::{only_statements, unbalanced};
use crate::campaign::tree::{Inline, Node, plain};
use crate::tags::{Split, TagKind, TagTable};

/// A paragraph, and around it the statements that end elsewhere.
pub(super) fn paragraphs(mut content: Vec<Inline>, tags: &TagTable) -> Vec<Node> {
    if content.iter().all(is_blank) {
        return Vec::new();
    }
    if let Some(tokens) = only_statements(&content, tags) {
        return vec![Node::Statements(tokens)];
    }
    let (mut before, mut after) = (String::new(), String::new());
    while is_unbalanced(&content, tags) {
        if !take_first(&mut content, &mut before, tags) && !take_last(&mut content, &mut after, tags) {
            break;
        }
    }
    let statements = |tokens: String| (!tokens.is_empty()).then_some(Node::Statements(tokens));
    let content = trimmed(content);
    let paragraph = (!content.is_empty()).then_some(Node::Paragraph(content));
    [statements(before), paragraph, statements(after)].into_iter().flatten().collect()
}

fn is_unbalanced(content: &[Inline], tags: &TagTable) -> bool {
    unbalanced(&plain(content), tags).is_some()
}

/// Takes a statement off the beginning; whether there was one.
fn take_first(content: &mut [Inline], before: &mut String, tags: &TagTable) -> bool {
    let Some(Inline::Text(text)) = content.first_mut() else { return false };
    let Some((range, index)) = tags.find(text, 0) else { return false };
    if tags.get(index).kind != TagKind::Statement || !text[..range.start].trim().is_empty() {
        return false;
    }
    before.push_str(&tags.token(index));
    *text = text[range.end..].trim_start().to_owned();
    true
}

/// Takes a statement off the end; whether there was one.
fn take_last(content: &mut [Inline], after: &mut String, tags: &TagTable) -> bool {
    let Some(Inline::Text(text)) = content.last_mut() else { return false };
    let Some(Split::Tag(index)) = tags.split(text.trim_end()).pop() else { return false };
    if tags.get(index).kind != TagKind::Statement {
        return false;
    }
    let token = tags.token(index);
    after.insert_str(0, &token);
    let kept = text.trim_end();
    *text = kept[..kept.len() - token.len()].trim_end().to_owned();
    true
}

/// Without breaks and white space at its ends.
pub(super) fn trimmed(mut content: Vec<Inline>) -> Vec<Inline> {
    while content.last().is_some_and(is_blank) {
        content.pop();
    }
    let first = content.iter().position(|inline| !is_blank(inline)).unwrap_or(content.len());
    content.drain(..first);
    content
}

/// Whether a reader sees nothing of it: white space, or characters without any width that fill a preview.
pub(super) fn is_blank(inline: &Inline) -> bool {
    match inline {
        Inline::Text(text) => text.chars().all(|c| {
            c.is_whitespace()
                || matches!(c, '\u{34f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        }),
        Inline::SoftBreak | Inline::HardBreak => true,
        _ => false,
    }
}
