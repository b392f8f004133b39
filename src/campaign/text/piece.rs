//! What the text part consists of: pieces in which the merge finds its tags.

use std::collections::BTreeMap;

use crate::campaign::wrap::Shape;

/// Where in a URL a merge tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlPlace {
    /// At its start: the value is a whole URL.
    Start,
    /// Further in: the value is a part of one.
    Inside,
}

/// A piece of the text part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPiece {
    /// Text as it stands: whole lines, ended by LF, or marked text inside of a paragraph.
    Literal(String),
    /// The merge tag of this index.
    Tag(usize),
    /// What follows, up to the end, becomes lines of this shape after the merge.
    Paragraph(Shape),
    /// The end of a paragraph.
    End,
}

/// The text part of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPart {
    /// In order.
    pub pieces: Vec<TextPiece>,
    /// The merge tags that stand in a URL; all others stand in plain text.
    pub urls: BTreeMap<usize, UrlPlace>,
}
