//! Start tags.

use std::fmt::Write as _;

use crate::compile::mjml::html_rules::quotable;

/// `<name attributes>`: what has no value is left out.
pub(super) struct Tag {
    out: String,
    style: String,
}

impl Tag {
    /// A tag without attributes.
    pub(super) fn new(name: &str) -> Self {
        Self { out: format!("<{name}"), style: String::new() }
    }

    /// The table by which MJML lays out: without borders or space of its own.
    pub(super) fn table() -> Self {
        let table = Self::new("table").attr("border", "0").attr("cellpadding", "0");
        table.attr("cellspacing", "0").attr("role", "presentation")
    }

    /// With this attribute, if it has a value.
    pub(super) fn attr<'v>(mut self, name: &str, value: impl Into<Option<&'v str>>) -> Self {
        if let Some(value) = value.into() {
            let _ = write!(self.out, " {name}=\"{}\"", quotable(value));
        }
        self
    }

    /// With this declaration in its style, if it has a value.
    pub(super) fn style<'v>(mut self, property: &str, value: impl Into<Option<&'v str>>) -> Self {
        if let Some(value) = value.into() {
            let _ = write!(self.style, "{property}:{};", quotable(value));
        }
        self
    }

    /// With the declarations that `element` has attributes of the same name for.
    pub(super) fn styles_of(self, element: &super::Element, properties: &[&str]) -> Self {
        properties.iter().fold(self, |tag, property| tag.style(property, element.attribute(property)))
    }

    /// With those of these attributes that `element` has.
    pub(super) fn attributes_of(self, element: &super::Element, names: &[&str]) -> Self {
        names.iter().fold(self, |tag, name| tag.attr(name, element.attribute(name)))
    }

    /// The start tag.
    pub(super) fn open(self) -> String {
        self.end(">")
    }

    /// The tag of an element that holds nothing and is XML.
    pub(super) fn open_closed(self) -> String {
        self.end(" />")
    }

    fn end(mut self, end: &str) -> String {
        if !self.style.is_empty() {
            let _ = write!(self.out, " style=\"{}\"", self.style);
        }
        self.out + end
    }
}
