//! The tree of an issue: what Markdown means, owned, with the places that messages need.
//!
//! Text holds the tokens of merge tags as words. Nothing in it is escaped; who writes it out escapes it.

use std::ops::Deref;

use crate::finding::Place;

/// A piece that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading of level 1 to 6.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A list.
    List(List),
    /// A quotation.
    Quote(Vec<Node>),
    /// Code, as it was written, ended by LF.
    Code(String),
    /// A table.
    Table(Table),
    /// A thematic break.
    Rule,
    /// Raw HTML without comments.
    Html(Raw),
    /// Tokens of `{% … %}` that stand on lines of their own: not a paragraph, for it would leave a hole.
    Statements(String),
}

/// A list of bullets or numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The first number of a numbered list; `None` for bullets.
    pub start: Option<usize>,
    /// No blank line between the items: their paragraphs are plain lines.
    pub tight: bool,
    /// What each item holds.
    pub items: Vec<Vec<Node>>,
}

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// As the reader's program likes.
    None,
    /// To the left.
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
}

/// A table: a row of headings and rows of cells, all as wide as `columns`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// One for each column.
    pub columns: Vec<Align>,
    /// The headings.
    pub head: Vec<Vec<Inline>>,
    /// The rows below.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

/// A piece within a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// `*…*`
    Emphasis(Vec<Inline>),
    /// `**…**`
    Strong(Vec<Inline>),
    /// `~~…~~`
    Strikethrough(Vec<Inline>),
    /// Code within a line.
    Code(String),
    /// A link.
    Link(Link),
    /// A picture.
    Image(Image),
    /// The end of a line as it was written.
    SoftBreak,
    /// A line break that was asked for.
    HardBreak,
    /// One raw HTML tag.
    Html(Raw),
}

/// Raw HTML as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw {
    /// The HTML.
    pub html: String,
    /// The byte each of its tags begins at, rising, and where it was written.
    pub tags: Vec<(usize, Place)>,
}

impl Deref for Raw {
    type Target = str;

    fn deref(&self) -> &str {
        &self.html
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// What a pointer over it shows; mostly empty.
    pub title: String,
    /// What the reader sees.
    pub content: Vec<Inline>,
    /// Whether the reader sees nothing but the address.
    pub bare: bool,
    /// Where it was written.
    pub place: Place,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// An http(s) URL, or a file beside `issue.md`.
    pub src: String,
    /// The words that stand for it.
    pub alt: String,
    /// What a pointer over it shows; mostly empty.
    pub title: String,
    /// Where it was written.
    pub place: Place,
}

impl List {
    /// The number or bullet of the item of this index, with the space after it.
    pub(crate) fn marker(&self, index: usize) -> String {
        self.start.map_or_else(|| "- ".to_owned(), |start| format!("{}. ", start.saturating_add(index)))
    }
}

/// The text of `content` without any markup; what a picture shows is its alternative text.
pub(crate) fn plain(content: &[Inline]) -> String {
    let mut out = String::new();
    push_plain(content, &mut out);
    out
}

fn push_plain(content: &[Inline], out: &mut String) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                push_plain(inner, out);
            }
            Inline::Link(link) => push_plain(&link.content, out),
            Inline::Image(image) => out.push_str(&image.alt),
            Inline::SoftBreak | Inline::HardBreak => out.push(' '),
            Inline::Html(_) => {}
        }
    }
}

/// Runs `change` over every link below `nodes`.
pub(crate) fn each_link(nodes: &mut [Node], change: &mut impl FnMut(&mut Link)) {
    for node in nodes {
        match node {
            Node::Paragraph(content) | Node::Heading { content, .. } => each_inline_link(content, change),
            Node::List(list) => list.items.iter_mut().for_each(|item| each_link(item, change)),
            Node::Quote(inner) => each_link(inner, change),
            Node::Table(table) => {
                for cell in table.head.iter_mut().chain(table.rows.iter_mut().flatten()) {
                    each_inline_link(cell, change);
                }
            }
            Node::Code(_) | Node::Rule | Node::Html(_) | Node::Statements(_) => {}
        }
    }
}

/// Every picture below `nodes`.
pub(crate) fn each_image<'a>(nodes: &'a [Node], take: &mut impl FnMut(&'a Image)) {
    for node in nodes {
        match node {
            Node::Paragraph(content) | Node::Heading { content, .. } => each_inline_image(content, take),
            Node::List(list) => list.items.iter().for_each(|item| each_image(item, take)),
            Node::Quote(inner) => each_image(inner, take),
            Node::Table(table) => {
                for cell in table.head.iter().chain(table.rows.iter().flatten()) {
                    each_inline_image(cell, take);
                }
            }
            Node::Code(_) | Node::Rule | Node::Html(_) | Node::Statements(_) => {}
        }
    }
}

/// Every picture within `content`.
pub(crate) fn each_inline_image<'a>(content: &'a [Inline], take: &mut impl FnMut(&'a Image)) {
    for inline in content {
        match inline {
            Inline::Image(image) => take(image),
            Inline::Link(Link { content: inner, .. })
            | Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner) => each_inline_image(inner, take),
            _ => {}
        }
    }
}

/// Runs `change` over every link within `content`.
pub(crate) fn each_inline_link(content: &mut [Inline], change: &mut impl FnMut(&mut Link)) {
    for inline in content {
        match inline {
            Inline::Link(link) => change(link),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                each_inline_link(inner, change);
            }
            _ => {}
        }
    }
}
