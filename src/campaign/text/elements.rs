//! The elements of HTML, as far as they say something to who reads.

use crate::campaign::raw::Tag;

/// Elements that have neither content nor an end.
pub(super) const VOID: [&str; 12] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];
/// Elements whose content nobody sees.
pub(super) const UNSEEN: [&str; 6] = ["head", "style", "script", "template", "title", "noscript"];
/// Elements that say nothing themselves and stand within lines.
pub(super) const SILENT: [&str; 18] = [
    "span", "font", "small", "big", "sub", "sup", "u", "ins", "label", "abbr", "cite", "dfn", "var", "mark",
    "time", "q", "bdi", "bdo",
];
/// Elements that begin only where one of these of before ends.
pub(super) const ENDS: [(&str, &[&str]); 7] = [
    ("li", &["li"]),
    ("dt", &["dt", "dd"]),
    ("dd", &["dt", "dd"]),
    ("tr", &["tr", "td", "th"]),
    ("td", &["td", "th"]),
    ("th", &["td", "th"]),
    ("p", &["p"]),
];
/// What ends here is not ended from inside of these.
pub(super) const SHIELDS: [&str; 4] = ["table", "ul", "ol", "blockquote"];
/// A cell that takes more columns than this takes this many.
const MAX_SPAN: usize = 50;

/// What an open element becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its content, set apart from what stands around it.
    Group,
    Heading(u8),
    Quote,
    List(Option<usize>),
    Item,
    Code,
    Table {
        presentation: bool,
    },
    Row {
        head: bool,
    },
    Cell {
        /// How many columns it takes.
        columns: usize,
    },
    Emphasis,
    Strong,
    Strikethrough,
    InlineCode,
    Link(String),
}

impl Kind {
    pub(super) fn is_inline(&self) -> bool {
        matches!(self, Self::Emphasis | Self::Strong | Self::Strikethrough | Self::InlineCode | Self::Link(_))
    }
}

/// What the element becomes that this tag opens.
pub(super) fn kind(tag: &Tag<'_>) -> Kind {
    match tag.name.as_str() {
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" | "h5" | "h6" => Kind::Heading(4),
        "blockquote" => Kind::Quote,
        "ul" | "menu" => Kind::List(None),
        "ol" => {
            Kind::List(Some(tag.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1)))
        }
        "li" => Kind::Item,
        "pre" => Kind::Code,
        "table" => {
            let role = tag.attribute("role").unwrap_or_default();
            Kind::Table { presentation: matches!(role.trim(), "presentation" | "none") }
        }
        "tr" => Kind::Row { head: false },
        "td" | "th" => Kind::Cell { columns: span(tag, "colspan") },
        "em" | "i" => Kind::Emphasis,
        "strong" | "b" => Kind::Strong,
        "s" | "del" | "strike" => Kind::Strikethrough,
        "code" | "kbd" | "samp" | "tt" => Kind::InlineCode,
        "a" => match tag.attribute("href") {
            Some(href) => Kind::Link(href.trim().to_owned()),
            None => Kind::Group,
        },
        _ => Kind::Group,
    }
}

/// How many columns or rows a cell takes.
pub(super) fn span(tag: &Tag<'_>, attribute: &str) -> usize {
    let span = tag.attribute(attribute).and_then(|span| span.trim().parse().ok());
    span.unwrap_or(1).clamp(1, MAX_SPAN)
}

/// Whether the reader is not to see or hear this element.
pub(super) fn is_hidden(tag: &Tag<'_>) -> bool {
    let style: String = tag
        .attribute("style")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    tag.attribute("hidden").is_some()
        || tag.attribute("aria-hidden").is_some_and(|value| value.trim() == "true")
        || style
            .split(';')
            .any(|rule| matches!(rule, "display:none" | "display:none!important" | "visibility:hidden"))
}
