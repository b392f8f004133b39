//! Raw HTML in an issue: which of it may stand, and what a person reads of it.
//!
//! Comments are the writer's own notes and do not leave the house, but for Outlook's conditional ones. What
//! mail programs throw away or what belongs into the layout is refused. Whether tags are balanced is for the
//! MJML front end to say.

use super::entities::unescape;
use super::tree::{Image, Raw};
use crate::finding::Place;

/// Elements that no mail program lets through, or that change more than their place.
const REFUSED: [&str; 13] = [
    "script", "style", "iframe", "object", "embed", "applet", "form", "input", "base", "link", "meta",
    "title", "frame",
];
/// A piece of raw HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What stands between tags.
    Text(&'a str),
    /// A tag.
    Tag(Tag<'a>),
    /// A comment; `conditional` as Outlook reads it.
    Comment { raw: &'a str, conditional: bool },
    /// A comment, a tag or a declaration that cannot be.
    Broken(&'a str),
}

/// A tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// As it was written.
    pub(super) raw: &'a str,
    /// In lower case.
    pub(super) name: String,
    /// `</…>`
    pub(super) closing: bool,
    /// Names in lower case, values without quotes; entities as written.
    pub(super) attributes: Vec<(String, &'a str)>,
}

impl<'a> Piece<'a> {
    /// As it was written.
    pub(super) fn raw(&self) -> &'a str {
        match self {
            Self::Text(raw) | Self::Broken(raw) | Self::Comment { raw, .. } => raw,
            Self::Tag(tag) => tag.raw,
        }
    }
}

impl Tag<'_> {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| unescape(value))
    }

    /// Why this tag cannot stand in an issue.
    pub(super) fn refused(&self) -> Option<String> {
        if self.name.starts_with("mj-") || self.name == "mjml" {
            return Some(format!("`<{}>` is MJML, which belongs into the files under mjml/", self.name));
        }
        if REFUSED.contains(&self.name.as_str()) {
            return Some(format!("`<{}>` cannot stand in an issue: mail programs drop it", self.name));
        }
        let handler = self.attributes.iter().find(|(name, _)| name.starts_with("on"))?;
        Some(format!("`{}` cannot stand in an issue: mail programs run no scripts", handler.0))
    }
}

/// The pieces of `html`, in order; together they are `html`.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if start > 0 {
            out.push(Piece::Text(&rest[..start]));
        }
        rest = &rest[start..];
        let (piece, length) = markup(rest);
        out.push(piece);
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// The markup that begins with the `<` of `html`, and its length.
fn markup(html: &str) -> (Piece<'_>, usize) {
    if let Some(inner) = html.strip_prefix("<!--") {
        return match inner.find("-->") {
            Some(end) => {
                let length = "<!--".len() + end + "-->".len();
                let inner = inner[..end].trim_start();
                let conditional = inner.starts_with("[if") || inner.starts_with("<![endif]");
                (Piece::Comment { raw: &html[..length], conditional }, length)
            }
            None => (Piece::Broken(html), html.len()),
        };
    }
    let name = html[1..].trim_start_matches('/');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return if name.starts_with(['!', '?']) {
            let length = html.find('>').map_or(html.len(), |end| end + 1);
            (Piece::Broken(&html[..length]), length)
        } else {
            (Piece::Text(&html[..1]), 1)
        };
    }
    match tag_length(html) {
        Some(length) => (Piece::Tag(tag(&html[..length])), length),
        None => (Piece::Broken(html), html.len()),
    }
}

/// Up to and with the `>` outside of quotes.
fn tag_length(html: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn tag(raw: &str) -> Tag<'_> {
    let inner = raw.trim_start_matches('<').trim_end_matches('>');
    let closing = inner.starts_with('/');
    let inner = inner.trim_start_matches('/').trim_end_matches('/');
    let end = inner.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inner.len());
    let name = inner[..end].to_ascii_lowercase();
    Tag { raw, name, closing, attributes: attributes(&inner[end..]) }
}

fn attributes(text: &str) -> Vec<(String, &str)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start());
        }
        if !name.is_empty() {
            out.push((name, value));
        }
        rest = rest.trim_start();
    }
    out
}

fn attribute_value(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let inner = &text[1..];
        let end = inner.find(quote).unwrap_or(inner.len());
        return (&inner[..end], inner.get(end + 1..).unwrap_or_default());
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// Raw HTML without the writer's own comments. `place` says where a byte of it was written.
pub(super) fn without_comments(html: &str, place: impl Fn(usize) -> Place) -> Raw {
    let mut out = Raw::default();
    let mut at = 0;
    for piece in pieces(html) {
        match piece {
            Piece::Comment { conditional: false, .. } => {}
            Piece::Tag(_) => {
                out.tags.push((out.html.len(), place(at)));
                out.html.push_str(piece.raw());
            }
            _ => out.html.push_str(piece.raw()),
        }
        at += piece.raw().len();
    }
    out
}

/// The picture of an `<img>` tag.
pub(super) fn image(tag: &Tag<'_>, place: &Place) -> Image {
    let get = |name| tag.attribute(name).unwrap_or_default();
    Image { src: get("src"), alt: get("alt"), title: get("title"), place: place.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_browsers_read_them() {
        let html = "a<A HREF='x>y' title=z q>b</a ><br/> 1 < 2 <!-- note --><!--[if mso]>x<![endif]-->";
        let pieces = pieces(html);
        let Piece::Tag(a) = &pieces[1] else { panic!("{pieces:?}") };
        assert_eq!((a.name.as_str(), a.closing), ("a", false));
        assert_eq!(a.attributes, [("href".into(), "x>y"), ("title".into(), "z"), ("q".into(), "")]);
        assert_eq!(
            without_comments(html, |_| Place::file("")).html,
            "a<A HREF='x>y' title=z q>b</a ><br/> 1 < 2 <!--[if mso]>x<![endif]-->"
        );
    }

    #[test]
    fn what_mail_programs_drop_is_refused() {
        let refused = |html| match &pieces(html)[0] {
            Piece::Tag(tag) => tag.refused(),
            other => panic!("{other:?}"),
        };
        for html in ["<script src=x>", "</SCRIPT>", "<mj-text>", "<p onclick='x()'>", "<iframe/>"] {
            assert!(refused(html).is_some(), "{html}");
        }
        assert!(refused("<span style='color:red'>").is_none());
    }

    #[test]
    fn nothing_is_lost_between_the_pieces() {
        for html in ["<", "<!--", "<a href=\"", "</", "<!x", "<?php", "a<<b>", "<é>"] {
            let joined: String = pieces(html).iter().map(Piece::raw).collect();
            assert_eq!(joined, html);
        }
    }
}
