//! A body as HTML, well-formed as XML is: void elements closed, every attribute quoted, text escaped. Raw
//! HTML stands in it as it was written. Tokens of merge tags are words, so nothing here touches them.
//!
//! Only raw HTML can be wrong. So that whoever finds it wrong can name its line, HTML for templates has the place of
//! each raw tag in it ([`placed`]), behind the tag's `<` or `</`.

use std::fmt::{self, Write};

use super::tree::{Align, Image, Inline, Link, List, Node, Raw, Table};
use crate::finding::Place;

/// Stand around the line and column of a raw tag. Both are Unicode noncharacters, which nothing written holds.
pub const PLACE: [char; 2] = ['\u{FDD4}', '\u{FDD5}'];

/// HTML that is written.
#[derive(Default)]
struct Out {
    text: String,
    /// Whether raw tags have their places in it.
    placed: bool,
}

impl Out {
    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
    }

    fn raw(&mut self, raw: &Raw, end: usize) {
        let mut at = 0;
        let tags = if self.placed { raw.tags.as_slice() } else { &[] };
        for (tag, place) in tags.iter().filter(|(tag, _)| *tag < end) {
            let name = tag + if raw[*tag..].starts_with("</") { 2 } else { 1 };
            self.push_str(&raw[at..name]);
            self.place(place);
            at = name;
        }
        self.push_str(&raw[at..end]);
    }

    fn place(&mut self, place: &Place) {
        if let (Some(line), Some(column)) = (place.line, place.column) {
            let _ = write!(self, "{}{line}.{column}{}", PLACE[0], PLACE[1]);
        }
    }
}

impl Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.write_str(text)
    }
}

/// Runs `write` on HTML in which raw tags have their places, for a template.
fn placed(write: impl FnOnce(&mut Out)) -> String {
    let mut out = Out { placed: true, ..Out::default() };
    write(&mut out);
    out.text
}

/// The HTML of `nodes` for a template.
pub(super) fn placed_html(nodes: &[Node]) -> String {
    placed(|out| push_nodes(nodes, out))
}

/// The HTML of text within a line for a template.
pub(super) fn placed_inline(content: &[Inline]) -> String {
    placed(|out| push_inlines(content, out))
}

/// The HTML of a list's item for a template; in a tight list paragraphs are plain lines.
pub(super) fn placed_item(nodes: &[Node], tight: bool) -> String {
    placed(|out| push_item(nodes, tight, out))
}

/// The HTML of `nodes`, each ended by LF.
pub fn html(nodes: &[Node]) -> String {
    let mut out = Out::default();
    push_nodes(nodes, &mut out);
    out.text
}

/// The HTML of text within a line.
pub fn inline_html(content: &[Inline]) -> String {
    let mut out = Out::default();
    push_inlines(content, &mut out);
    out.text
}

fn push_nodes(nodes: &[Node], out: &mut Out) {
    for node in nodes {
        push_node(node, out);
        out.push('\n');
    }
}

fn push_node(node: &Node, out: &mut Out) {
    match node {
        Node::Paragraph(content) => element("p", content, out),
        Node::Heading { level, content } => element(&format!("h{level}"), content, out),
        Node::List(list) => push_list(list, out),
        Node::Quote(inner) => {
            out.push_str("<blockquote>\n");
            push_nodes(inner, out);
            out.push_str("</blockquote>");
        }
        Node::Code(code) => {
            out.push_str("<pre><code>");
            escape(code, out);
            out.push_str("</code></pre>");
        }
        Node::Table(table) => push_table(table, out),
        Node::Rule => out.push_str("<hr />"),
        Node::Html(raw) => out.raw(raw, raw.trim_end().len()),
        Node::Statements(tokens) => out.push_str(tokens),
    }
}

fn element(name: &str, content: &[Inline], out: &mut Out) {
    let _ = write!(out, "<{name}>");
    push_inlines(content, out);
    let _ = write!(out, "</{name}>");
}

fn push_list(list: &List, out: &mut Out) {
    let name = if list.start.is_some() { "ol" } else { "ul" };
    match list.start {
        Some(start) if start != 1 => {
            let _ = writeln!(out, "<ol start=\"{start}\">");
        }
        _ => {
            let _ = writeln!(out, "<{name}>");
        }
    }
    for item in &list.items {
        out.push_str("<li>");
        push_item(item, list.tight, out);
        out.push_str("</li>\n");
    }
    let _ = write!(out, "</{name}>");
}

fn push_item(item: &[Node], tight: bool, out: &mut Out) {
    for (index, node) in item.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match node {
            Node::Paragraph(content) if tight => push_inlines(content, out),
            other => push_node(other, out),
        }
    }
}

fn push_table(table: &Table, out: &mut Out) {
    out.push_str("<table>\n");
    if table.head.iter().any(|cell| !cell.is_empty()) {
        out.push_str("<thead>\n");
        push_row("th", &table.head, &table.columns, out);
        out.push_str("</thead>\n");
    }
    if !table.rows.is_empty() {
        out.push_str("<tbody>\n");
        for row in &table.rows {
            push_row("td", row, &table.columns, out);
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table>");
}

fn push_row(name: &str, cells: &[Vec<Inline>], columns: &[Align], out: &mut Out) {
    out.push_str("<tr>");
    for (cell, align) in cells.iter().zip(columns) {
        let align = match align {
            Align::None => "",
            Align::Left => " align=\"left\"",
            Align::Center => " align=\"center\"",
            Align::Right => " align=\"right\"",
        };
        let _ = write!(out, "<{name}{align}>");
        push_inlines(cell, out);
        let _ = write!(out, "</{name}>");
    }
    out.push_str("</tr>\n");
}

fn push_inlines(content: &[Inline], out: &mut Out) {
    for inline in content {
        match inline {
            Inline::Text(text) => escape(text, out),
            Inline::Emphasis(inner) => element("em", inner, out),
            Inline::Strong(inner) => element("strong", inner, out),
            Inline::Strikethrough(inner) => element("s", inner, out),
            Inline::Code(code) => {
                out.push_str("<code>");
                escape(code, out);
                out.push_str("</code>");
            }
            Inline::Link(link) => push_link(link, out),
            Inline::Image(image) => push_image(image, out),
            Inline::SoftBreak => out.push('\n'),
            Inline::HardBreak => out.push_str("<br />\n"),
            Inline::Html(raw) => out.raw(raw, raw.len()),
        }
    }
}

fn push_link(link: &Link, out: &mut Out) {
    out.push_str("<a");
    attribute("href", &link.url, out);
    if !link.title.is_empty() {
        attribute("title", &link.title, out);
    }
    out.push('>');
    push_inlines(&link.content, out);
    out.push_str("</a>");
}

fn push_image(image: &Image, out: &mut Out) {
    out.push_str("<img");
    attribute("src", &image.src, out);
    attribute("alt", &image.alt, out);
    if !image.title.is_empty() {
        attribute("title", &image.title, out);
    }
    out.push_str(" />");
}

fn attribute(name: &str, value: &str, out: &mut Out) {
    let _ = write!(out, " {name}=\"");
    escape(value, out);
    out.push('"');
}

/// Escapes for text and for double-quoted attributes alike. Characters that XML cannot hold are dropped.
fn escape(text: &str, out: &mut Out) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{fdd0}'..='\u{fdef}') => {}
            c => out.push(c),
        }
    }
}
