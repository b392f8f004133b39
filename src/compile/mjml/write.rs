//! Tree → canonical MJML, in which mrml finds nothing to get wrong.
//!
//! mrml draws the page, wrappers and sections. What stands in them is drawn here and never shown to mrml: it is held
//! back, and a stand-in of noncharacters takes its place.
//! Attribute values are encoded so that Rust's `{:?}`, by which mrml writes them, has nothing to escape.

use std::fmt::Write as _;

use super::{
    document::Document,
    draw::{self, Artist, Width},
    elements,
    held::Held,
    html_attributes,
    mend::{self, Grid},
    page,
    tree::{Attribute, Element, Node},
    values::{Checked, Kind},
};
use crate::tags::{Split, TagTable};

/// What mrml gets, and what is kept from it.
pub(super) struct Canonical {
    pub(super) mjml: String,
    pub(super) held: Held,
    /// The style sheets that are to be inlined.
    pub(super) inline_css: String,
    /// For every merge tag that was written: its index, and what it stands in.
    pub(super) tags: Vec<(usize, String)>,
    /// The document's own web fonts: name and address.
    pub(super) fonts: Vec<(String, String)>,
    /// What the elements that are not mrml's need in the head: media queries and style sheets.
    pub(super) head: String,
    /// What stands before the doctype.
    pub(super) start: String,
    /// Whether the first element of the body is the preview.
    pub(super) preview: bool,
    pub(super) html_attributes: Vec<page::Attributes>,
    /// The wrappers and sections, in the order of the document.
    pub(super) grid: Vec<Grid>,
}

/// The width of a body that says nothing of it.
const BODY_WIDTH: Width = 600.0;

/// The canonical MJML of a checked document.
pub(super) fn write(document: &Document, tags: &TagTable) -> Canonical {
    let breakpoint = document.head.elements().filter(|element| element.name == "mj-breakpoint");
    let breakpoint = breakpoint.filter_map(|element| element.attribute("width")).last();
    let desktop =
        document.attributes.iter().any(|a| a.name == "owa" && a.value.as_deref() == Some("desktop"));
    let mut writer = Writer {
        tags,
        artist: Artist::new(tags, breakpoint.unwrap_or("480px")),
        out: Canonical {
            mjml: String::new(),
            held: Held::default(),
            inline_css: String::new(),
            tags: Vec::new(),
            fonts: Vec::new(),
            head: String::new(),
            start: String::new(),
            preview: false,
            html_attributes: html_attributes::gather(&document.head),
            grid: Vec::new(),
        },
    };
    for raw in &document.start {
        let html = draw::html(tags, &raw.children);
        writer.note(&html, "`<mj-raw>`");
        writer.out.start.extend([html.trim(), "\n"]);
    }
    writer.out.mjml.push_str("<mjml");
    for attribute in &document.attributes {
        if matches!(attribute.name.as_str(), "lang" | "dir") {
            writer.attribute("mjml", attribute);
        }
    }
    writer.out.mjml.push('>');
    writer.head(&document.head);
    let width = document.body.attribute("width").map_or(BODY_WIDTH, draw::pixels);
    writer.container(&document.body, width, None, true);
    writer.out.mjml.push_str("</mjml>");
    writer.out.head = writer.artist.head.media_queries(desktop) + &writer.artist.head.style_sheet();
    writer.out
}

struct Writer<'a> {
    tags: &'a TagTable,
    artist: Artist<'a>,
    out: Canonical,
}

impl Writer<'_> {
    fn head(&mut self, head: &Element) {
        self.out.mjml.push_str("<mj-head>");
        let mut sheets = Vec::new();
        for (at, element) in head.elements().enumerate() {
            // Of these there is one, and in MJML the last counts.
            let once = matches!(element.name.as_str(), "mj-title" | "mj-preview");
            if once && head.elements().skip(at + 1).any(|later| later.name == element.name) {
                continue;
            }
            match element.name.as_str() {
                "mj-breakpoint" | "mj-html-attributes" => {}
                "mj-font" => {
                    let value = |name| element.attribute(name).unwrap_or_default().to_owned();
                    self.out.fonts.push((value("name"), value("href")));
                }
                "mj-style" if element.attribute("inline") == Some("inline") => {
                    self.out.inline_css.push_str(&css(element));
                    self.out.inline_css.push('\n');
                }
                "mj-style" => sheets.push(css(element)),
                "mj-raw" => self.raw(element),
                "mj-preview" => {
                    let html = draw::html(self.tags, &element.children);
                    if !html.trim().is_empty() {
                        self.out.preview = true;
                        self.out.mjml.push_str("<mj-preview>");
                        self.hold(html.trim().to_owned(), "mj-preview");
                        self.out.mjml.push_str("</mj-preview>");
                    }
                }
                name => {
                    let _ = write!(self.out.mjml, "<{name}>");
                    self.plain(element);
                    let _ = write!(self.out.mjml, "</{name}>");
                }
            }
        }
        if !sheets.is_empty() {
            self.out.mjml.push_str("<mj-style>");
            self.hold(sheets.join("\n"), "mj-style");
            self.out.mjml.push_str("</mj-style>");
        }
        self.out.mjml.push_str("</mj-head>");
    }

    /// An element that mrml draws: the body, a wrapper or a section. What stands in a section is drawn here.
    /// `gap` is that of the wrapper around it; the `first` element there has none before it.
    fn container(&mut self, element: &Element, width: Width, gap: Option<&str>, first: bool) {
        let name = element.name.as_str();
        if name != "mj-body" {
            self.out.grid.push(Grid::new(element, gap, first));
        }
        let _ = write!(self.out.mjml, "<{name}");
        for attribute in &element.attributes {
            self.attribute(name, attribute);
        }
        self.out.mjml.push('>');
        let inside = if name == "mj-body" { width } else { draw::inside(element, width) };
        if name == "mj-section" {
            let html = self.artist.section(element, inside);
            element.children.iter().for_each(|child| self.note_all(child, name));
            self.drawn(html);
        } else {
            let gap = element.attribute("gap").filter(|gap| name == "mj-wrapper" && !gap.is_empty());
            let children = element.children.iter().filter_map(|node| Some((node, node.element()?)));
            for (at, (node, child)) in children.enumerate() {
                match child.name.as_str() {
                    "mj-raw" => self.raw(child),
                    "mj-hero" => {
                        let html = self.artist.hero(child, inside);
                        self.note_all(node, name);
                        // In a wrapper every element is a row for Outlook.
                        let in_row = name == "mj-wrapper";
                        self.drawn(if in_row { draw::outlook_row(child, width, &html) } else { html });
                    }
                    _ => self.container(child, inside, gap, at == 0),
                }
            }
        }
        let _ = write!(self.out.mjml, "</{name}>");
    }

    fn raw(&mut self, element: &Element) {
        self.out.mjml.push_str("<mj-raw>");
        self.hold(draw::html(self.tags, &element.children), "mj-raw");
        self.out.mjml.push_str("</mj-raw>");
    }

    /// Keeps what was drawn.
    fn drawn(&mut self, html: String) {
        if !html.is_empty() {
            let _ = write!(self.out.mjml, "<mj-raw>{}</mj-raw>", self.out.held.hold(html));
        }
    }

    /// Notes every merge tag in a piece of this element and below, and where it stands.
    fn note_all(&mut self, node: &Node, parent: &str) {
        match node {
            Node::Element(element) => {
                let spec = elements::find(&element.name);
                // What an element is given without knowing it need not be in the page.
                let drawn =
                    |attribute: &&Attribute| spec.is_none_or(|spec| spec.kind(&attribute.name).is_some());
                for attribute in element.attributes.iter().filter(drawn) {
                    let within = format!("attribute `{}` of `<{}>`", attribute.name, element.name);
                    self.note(attribute.value.as_deref().unwrap_or_default(), &within);
                }
                element.children.iter().for_each(|child| self.note_all(child, &element.name));
            }
            Node::Text(text) | Node::Comment(text) => self.note(&text.text, &format!("`<{parent}>`")),
        }
    }

    /// Text of the head. The title lands in an attribute as well, the preview does not.
    fn plain(&mut self, element: &Element) {
        let text: String = element.children.iter().filter_map(Node::text).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.note(&text, &format!("`<{}>`", element.name));
        encode(&text, &mut self.out.mjml);
    }

    fn attribute(&mut self, element: &str, attribute: &Attribute) {
        let Some(value) = &attribute.value else { return };
        let known = elements::find(element).and_then(|spec| spec.kind(&attribute.name));
        // A class may give it, for the row of Outlook around a section of a wrapper.
        let Some(kind) = known.or((attribute.name == "align").then_some(Kind::Text)) else { return };
        let value = match kind.check(value) {
            Checked::Good(written) | Checked::Doubtful { value: written, .. } => written,
            Checked::Bad { .. } => value.clone(),
        };
        let value = match attribute.name.as_str() {
            "border" | "border-left" | "border-right" => mend::disguised_border(&value),
            name if name.starts_with("padding") => mend::disguised(&value),
            _ => value,
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
        self.out.mjml.push_str(&self.out.held.hold(content));
    }

    fn note(&mut self, text: &str, within: &str) {
        for piece in self.tags.split(text) {
            if let Split::Tag(index) = piece {
                self.out.tags.push((index, within.to_owned()));
            }
        }
    }
}

/// A style sheet without the wrappings of former times.
fn css(element: &Element) -> String {
    let css: String = element.children.iter().filter_map(Node::text).collect();
    let mut css = css.trim();
    for (open, close) in [("<![CDATA[", "]]>"), ("<!--", "-->")] {
        css = css.strip_prefix(open).and_then(|css| css.strip_suffix(close)).unwrap_or(css).trim();
    }
    page::plain(css)
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
