//! Links that are given twice, one below the other: the icon of a social network and its name.

use super::paragraphs::is_blank;
use crate::campaign::tree::{Inline, Link, Node, plain};

/// Without linked pictures beside whose words, if they have any, the same link stands in words.
pub(super) fn without_repeats(nodes: Vec<Node>) -> Vec<Node> {
    let repeats = |picture: &Node, words: Option<&Node>| {
        let (Some(picture), Some(words)) = (lone_link(picture), words.and_then(lone_link)) else {
            return false;
        };
        let (Some(alt), None) = (alt(picture), alt(words)) else { return false };
        picture.url == words.url && (alt.is_empty() || plain(&words.content).contains(&alt))
    };
    let before = |at: usize| at.checked_sub(1).and_then(|at| nodes.get(at));
    let repeated = |(at, node)| repeats(node, before(at)) || repeats(node, nodes.get(at + 1));
    let repeated: Vec<bool> = nodes.iter().enumerate().map(repeated).collect();
    nodes.into_iter().zip(repeated).filter(|(_, repeated)| !repeated).map(|(node, _)| node).collect()
}

/// The link that is all a paragraph holds.
fn lone_link(node: &Node) -> Option<&Link> {
    let Node::Paragraph(content) = node else { return None };
    let mut seen = content.iter().filter(|inline| !is_blank(inline));
    match (seen.next(), seen.next()) {
        (Some(Inline::Link(link)), None) => Some(link),
        _ => None,
    }
}

/// The words of a link that is nothing but pictures.
fn alt(link: &Link) -> Option<String> {
    let mut words = Vec::new();
    for inline in link.content.iter().filter(|inline| !is_blank(inline)) {
        let Inline::Image(image) = inline else { return None };
        words.push(image.alt.as_str());
    }
    Some(words.join(" ").trim().to_owned())
}
