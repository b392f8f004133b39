//! Tree → canonical MJML, in which mrml finds nothing to get wrong.
//!
//! HTML content is never shown to mrml: it is held back, and a stand-in of noncharacters takes its place.
//! Attribute values are encoded so that Rust's `{:?}`, by which mrml writes them, has nothing to escape.

use std::fmt::Write as _;

use super::{
    document::Document,
    elements::{self, Content},
    html_rules,
    source::HOLD,
    tree::{Attribute, Element, Node},
    values::Checked,
};
use crate::tags::{Split, TagKind, TagTable};

/// What mrml gets, and what is kept from it.
#[derive(Debug, Default)]
pub(super) struct Canonical {
    pub(super) mjml: String,
    /// Content by the number of its stand-in.
    pub(super) held: Vec<String>,
    /// The style sheets that are to be inlined.
    pub(super) inline_css: String,
    /// For every merge tag that was written: its index, and what it stands in.
    pub(super) tags: Vec<(usize, String)>,
}

/// The canonical MJML of a checked document.
pub(super) fn write(document: &Document, tags: &TagTable) -> Canonical {
    let mut writer = Writer { tags, out: Canonical::default() };
    writer.out.mjml.push_str("<mjml");
    for attribute in &document.attributes {
        if matches!(attribute.name.as_str(), "lang" | "dir" | "owa") {
            writer.attribute("mjml", attribute);
        }
    }
    writer.out.mjml.push('>');
    writer.head(&document.head);
    writer.element(&document.body);
    writer.out.mjml.push_str("</mjml>");
    writer.out
}

/// The stand-in of held content.
pub(super) fn stand_in(number: usize) -> String {
    format!("{}{number}{}", HOLD[0], HOLD[1])
}

struct Writer<'a> {
    tags: &'a TagTable,
    out: Canonical,
}

impl Writer<'_> {
    fn head(&mut self, head: &Element) {
        self.out.mjml.push_str("<mj-head>");
        for (at, element) in head.elements().enumerate() {
            // Of these there is one, and in MJML the last counts.
            let once = matches!(element.name.as_str(), "mj-title" | "mj-preview" | "mj-breakpoint");
            if once && head.elements().skip(at + 1).any(|later| later.name == element.name) {
                continue;
            }
            match element.name.as_str() {
                "mj-style" if element.attribute("inline") == Some("inline") => {
                    self.out.inline_css.push_str(&css(element));
                    self.out.inline_css.push('\n');
                }
                "mj-style" => {
                    self.out.mjml.push_str("<mj-style>");
                    self.hold(css(element), "");
                    self.out.mjml.push_str("</mj-style>");
                }
                _ => self.element(element),
            }
        }
        self.out.mjml.push_str("</mj-head>");
    }

    fn element(&mut self, element: &Element) {
        let name = &element.name;
        self.out.mjml.push('<');
        self.out.mjml.push_str(name);
        for attribute in element.attributes.iter().filter(|_| name != "mj-raw") {
            self.attribute(name, attribute);
        }
        let pictured = matches!(name.as_str(), "mj-image" | "mj-social-element" | "mj-carousel-image");
        if pictured && element.attribute("alt").is_none() {
            self.out.mjml.push_str(" alt=\"\"");
        }
        self.out.mjml.push('>');
        match elements::find(name).map(|spec| spec.content) {
            Some(Content::Elements) => element.elements().for_each(|child| self.element(child)),
            Some(Content::Html) => {
                let mut html = String::new();
                self.html(&element.children, &mut html);
                self.hold(if name == "mj-raw" { html } else { html.trim().to_owned() }, name);
            }
            // The title lands in an attribute as well, the preview does not.
            Some(Content::Text) => {
                let text: String = element.children.iter().filter_map(text).collect();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.note(&text, &format!("`<{name}>`"));
                encode(&text, &mut self.out.mjml);
            }
            Some(Content::Css | Content::Nothing) | None => {}
        }
        let _ = write!(self.out.mjml, "</{name}>");
    }

    fn attribute(&mut self, element: &str, attribute: &Attribute) {
        let Some(value) = &attribute.value else { return };
        let Some(kind) = elements::find(element).and_then(|spec| spec.kind(&attribute.name)) else { return };
        let value = match kind.check(value) {
            Checked::Good(written) | Checked::Doubtful { value: written, .. } => written,
            Checked::Bad { .. } => value.clone(),
        };
        // mrml takes any value for a yes.
        if attribute.name == "full-width" && value != "full-width" {
            return;
        }
        self.note(&value, &format!("attribute `{}` of `<{element}>`", attribute.name));
        let _ = write!(self.out.mjml, " {}=\"", attribute.name);
        if attribute.name == "background-url" {
            // It is also written as url('…').
            encode(&value.trim().replace('\'', "%27"), &mut self.out.mjml);
        } else {
            encode(&value, &mut self.out.mjml);
        }
        self.out.mjml.push('"');
    }

    /// Keeps `content` from mrml; nothing stands in for nothing, which elements tell apart.
    fn hold(&mut self, content: String, within: &str) {
        if content.is_empty() {
            return;
        }
        self.note(&content, &format!("`<{within}>`"));
        self.out.mjml.push_str(&stand_in(self.out.held.len()));
        self.out.held.push(content);
    }

    fn note(&mut self, text: &str, within: &str) {
        for piece in self.tags.split(text) {
            if let Split::Tag(index) = piece {
                self.out.tags.push((index, within.to_owned()));
            }
        }
    }

    /// HTML as every parser reads it alike: all tags closed, all values quoted, conditions as comments.
    fn html(&self, nodes: &[Node], out: &mut String) {
        for node in nodes {
            match node {
                Node::Text(text) => self.html_text(&text.text, out),
                Node::Comment(comment) => {
                    let _ = write!(out, "<!--{}-->", comment.text);
                }
                Node::Element(element) => self.html_element(element, out),
            }
        }
    }

    fn html_element(&self, element: &Element, out: &mut String) {
        out.push('<');
        out.push_str(&element.name);
        for attribute in &element.attributes {
            out.push(' ');
            out.push_str(&attribute.name);
            if let Some(value) = &attribute.value {
                out.push_str("=\"");
                for c in value.chars() {
                    match c {
                        '"' => out.push_str("&quot;"),
                        '<' => out.push_str("&lt;"),
                        '>' => out.push_str("&gt;"),
                        other => out.push(other),
                    }
                }
                out.push('"');
            }
        }
        if html_rules::is_void(&element.name) {
            out.push_str(" />");
            return;
        }
        out.push('>');
        if html_rules::is_raw_text(&element.name) {
            element.children.iter().filter_map(text).for_each(|text| out.push_str(text));
        } else {
            self.html(&element.children, out);
        }
        let _ = write!(out, "</{}>", element.name);
    }

    fn html_text(&self, text: &str, out: &mut String) {
        for piece in self.tags.split(text) {
            match piece {
                Split::Text(words) => out.push_str(&words.replace('<', "&lt;")),
                Split::Tag(index) if self.tags.get(index).kind == TagKind::Statement => {
                    let _ = write!(out, "<!--{}-->", self.tags.token(index));
                }
                Split::Tag(index) => out.push_str(&self.tags.token(index)),
            }
        }
    }
}

fn text(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) => Some(&text.text),
        Node::Element(_) | Node::Comment(_) => None,
    }
}

/// A style sheet without the wrappings of former times.
fn css(element: &Element) -> String {
    let css: String = element.children.iter().filter_map(text).collect();
    let mut css = css.trim();
    for (open, close) in [("<![CDATA[", "]]>"), ("<!--", "-->")] {
        css = css.strip_prefix(open).and_then(|css| css.strip_suffix(close)).unwrap_or(css).trim();
    }
    // What the issue phase printed into it was escaped for XML, and CSS knows no entities.
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(css.to_owned(), |css, (entity, character)| css.replace(entity, character))
}

/// A value inside double quotes such that `{:?}` changes nothing in it.
fn encode(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // The one character that escape_debug escapes and the `{:?}` of a string does not.
            '\'' => out.push(c),
            _ if c.escape_debug().len() > 1 => {
                let _ = write!(out, "&#x{:x};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
}
