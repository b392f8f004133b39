//! How long an issue takes to read.

use super::parse::Campaign;
use super::raw;
use super::tree::{Inline, Node, plain};

/// Words a minute of an adult who reads in silence.
const WORDS_PER_MINUTE: usize = 230;
/// Han characters and kana that say about as much as a word.
const CHARACTERS_PER_WORD: usize = 2;

/// How many words the issue has. Scripts without spaces are counted by their characters.
pub fn words(campaign: &Campaign) -> usize {
    campaign
        .blocks
        .iter()
        .map(|block| block.title.as_deref().map_or(0, in_inlines) + in_nodes(&block.body))
        .sum()
}

/// How many minutes it takes to read the issue, at least one.
pub fn reading_minutes(campaign: &Campaign) -> usize {
    words(campaign).div_ceil(WORDS_PER_MINUTE).max(1)
}

fn in_nodes(nodes: &[Node]) -> usize {
    nodes.iter().map(in_node).sum()
}

fn in_node(node: &Node) -> usize {
    match node {
        Node::Paragraph(content) | Node::Heading { content, .. } => in_inlines(content),
        Node::List(list) => list.items.iter().map(|item| in_nodes(item)).sum(),
        Node::Quote(inner) => in_nodes(inner),
        Node::Code(code) => in_text(code),
        Node::Table(table) => {
            table.head.iter().chain(table.rows.iter().flatten()).map(|cell| in_inlines(cell)).sum()
        }
        Node::Html(html) => raw::pieces(html)
            .iter()
            .map(|piece| if let raw::Piece::Text(text) = piece { in_text(text) } else { 0 })
            .sum(),
        Node::Rule | Node::Statements(_) => 0,
    }
}

fn in_inlines(content: &[Inline]) -> usize {
    in_text(&plain(content))
}

fn in_text(text: &str) -> usize {
    let (mut words, mut characters, mut in_word) = (0, 0, false);
    for c in text.chars() {
        if is_ideographic(c) {
            characters += 1;
            in_word = false;
        } else if c.is_alphanumeric() {
            words += usize::from(!in_word);
            in_word = true;
        } else if c.is_whitespace() || matches!(c, '—' | '/' | '…') {
            in_word = false;
        }
    }
    words + usize::div_ceil(characters, CHARACTERS_PER_WORD)
}

/// Han and kana.
fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_a_reader_counts() {
        assert_eq!(in_text("She said \"no\" — it's a well-known 3.5 % … case."), 8);
        assert_eq!(in_text("今日は良い天気です"), 5);
        assert_eq!(in_text("Hello 世界!"), 2);
        assert_eq!(in_text(" \n—"), 0);
    }
}
