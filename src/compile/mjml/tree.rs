//! The tree of an MJML document. MJML elements and the HTML inside them share one shape.

use super::source::Pos;

/// A piece of the document.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Element(Element),
    Text(Text),
    /// What stands between `<!--` and `-->`.
    Comment(Text),
}

/// `<name attributes>children</name>`
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// In lower case.
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Node>,
    /// Of the `<`.
    pub(super) pos: Pos,
}

/// `name="value"`; the value as it was written, its entities included.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) pos: Pos,
}

/// Text as it was written, its entities included.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) pos: Pos,
}

impl Text {
    /// Where its words begin.
    pub(super) fn start(&self) -> Pos {
        self.pos.plus(self.text.len() - self.text.trim_start().len())
    }
}

impl Element {
    /// An element without attributes.
    pub(super) fn new(name: &str, pos: Pos, children: Vec<Node>) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), children, pos }
    }

    /// The value of an attribute that has one.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name)?.value.as_deref()
    }

    /// The child elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(Node::element)
    }
}

impl Node {
    /// The element, if it is one.
    pub(super) fn element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            Self::Text(_) | Self::Comment(_) => None,
        }
    }

    /// Its text, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(&text.text),
            Self::Element(_) | Self::Comment(_) => None,
        }
    }

    /// Whether it is text of white space only.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.text.trim().is_empty())
    }
}
