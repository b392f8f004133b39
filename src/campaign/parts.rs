//! The shapes that have a meaning of their own: a picture, a button, the entries of a list.

use super::tree::{Image, Inline, Link, List, Node};

/// What stands between the parts of an entry's first line.
const SEPARATOR: char = '·';

/// An entry of a list of links or events.
pub(super) struct Entry {
    /// The link or bold phrase it begins with.
    pub(super) title: Vec<Inline>,
    /// The link, if it is one.
    pub(super) link: Option<Link>,
    /// What follows on that line, between ` · `.
    pub(super) meta: Vec<Vec<Inline>>,
    /// Whether text follows right after the title: a sentence with a bold beginning, more than an entry.
    pub(super) runs_on: bool,
    /// The rest.
    pub(super) body: Vec<Node>,
}

/// The content of a paragraph.
pub(super) fn paragraph(node: &Node) -> Option<&[Inline]> {
    match node {
        Node::Paragraph(content) => Some(content),
        _ => None,
    }
}

/// The picture, and its link, of content that is nothing else.
pub(super) fn picture(content: &[Inline]) -> Option<(&Image, Option<&Link>)> {
    match content {
        [Inline::Image(image)] => Some((image, None)),
        [Inline::Link(link)] => match link.content.as_slice() {
            [Inline::Image(image)] => Some((image, Some(link))),
            _ => None,
        },
        _ => None,
    }
}

/// The link of content that is one bold link.
pub(super) fn button(content: &[Inline]) -> Option<Link> {
    let [inline] = content else { return None };
    let (title, link) = bold_or_link(inline)?;
    let bold = matches!(inline, Inline::Strong(_))
        || matches!(inline, Inline::Link(link) if matches!(link.content.as_slice(), [Inline::Strong(_)]));
    Some(Link { content: title, ..link.filter(|_| bold)? })
}

/// The entries of a list whose every item begins with a link or a bold phrase.
pub(super) fn entries(list: &List) -> Option<Vec<Entry>> {
    list.items.iter().map(|item| entry(item)).collect()
}

fn entry(item: &[Node]) -> Option<Entry> {
    let (Node::Paragraph(content), others) = item.split_first()? else { return None };
    let (first, rest) = content.split_first()?;
    let (title, link) = bold_or_link(first)?;
    let end = rest.iter().position(|inline| matches!(inline, Inline::SoftBreak | Inline::HardBreak));
    let (beside, below) = rest.split_at(end.unwrap_or(rest.len()));
    let mut parts = split(beside).into_iter();
    let mut body: Vec<Inline> = parts.next().unwrap_or_default();
    let runs_on = !body.is_empty();
    if !below.is_empty() {
        body.extend_from_slice(if runs_on { below } else { &below[1..] });
    }
    let body = if body.is_empty() { None } else { Some(Node::Paragraph(body)) };
    Some(Entry {
        title,
        link,
        meta: parts.filter(|part| !part.is_empty()).collect(),
        runs_on,
        body: body.into_iter().chain(others.iter().cloned()).collect(),
    })
}

/// What a link or a bold phrase says, and the link.
fn bold_or_link(inline: &Inline) -> Option<(Vec<Inline>, Option<Link>)> {
    match inline {
        Inline::Link(link) => match link.content.as_slice() {
            [Inline::Strong(inner)] => Some((inner.clone(), Some(link.clone()))),
            content => Some((content.to_vec(), Some(link.clone()))),
        },
        Inline::Strong(inner) => match inner.as_slice() {
            [Inline::Link(link)] => Some((link.content.clone(), Some(link.clone()))),
            _ => Some((inner.clone(), None)),
        },
        _ => None,
    }
}

/// The parts of a line between separators that have white space around them; at least one, maybe empty.
fn split(line: &[Inline]) -> Vec<Vec<Inline>> {
    let mut parts = vec![Vec::new()];
    for inline in line {
        let Inline::Text(text) = inline else {
            push(&mut parts, inline.clone());
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, after)) = separator(rest) {
            push_text(&mut parts, before.trim_end());
            parts.push(Vec::new());
            rest = after.trim_start();
        }
        push_text(&mut parts, rest);
    }
    for part in &mut parts {
        trim(part);
    }
    parts
}

fn separator(text: &str) -> Option<(&str, &str)> {
    text.match_indices(SEPARATOR).map(|(at, separator)| (&text[..at], &text[at + separator.len()..])).find(
        |(before, after)| {
            before.ends_with(char::is_whitespace)
                && (after.is_empty() || after.starts_with(char::is_whitespace))
        },
    )
}

fn push(parts: &mut [Vec<Inline>], inline: Inline) {
    if let Some(part) = parts.last_mut() {
        part.push(inline);
    }
}

fn push_text(parts: &mut [Vec<Inline>], text: &str) {
    if !text.is_empty() {
        push(parts, Inline::Text(text.to_owned()));
    }
}

/// Takes white space off the ends.
fn trim(part: &mut Vec<Inline>) {
    if let Some(Inline::Text(text)) = part.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text(text)) = part.last_mut() {
        *text = text.trim_end().to_owned();
    }
    part.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
}
