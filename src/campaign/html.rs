//! A body as HTML, well-formed as XML is: void elements closed, every attribute quoted, text escaped. Raw
//! HTML stands in it as it was written. Tokens of merge tags are words, so nothing here touches them.

use std::fmt::Write;

use super::tree::{Align, Image, Inline, Link, List, Node, Table};

/// The HTML of `nodes`, each ended by LF.
pub fn html(nodes: &[Node]) -> String {
    let mut out = String::new();
    push_nodes(nodes, &mut out);
    out
}

/// The HTML of text within a line.
pub fn inline_html(content: &[Inline]) -> String {
    let mut out = String::new();
    push_inlines(content, &mut out);
    out
}

/// The HTML of a list's item; in a tight list paragraphs are plain lines.
pub(super) fn item_html(nodes: &[Node], tight: bool) -> String {
    let mut out = String::new();
    push_item(nodes, tight, &mut out);
    out
}

fn push_nodes(nodes: &[Node], out: &mut String) {
    for node in nodes {
        push_node(node, out);
        out.push('\n');
    }
}

fn push_node(node: &Node, out: &mut String) {
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
        Node::Html(raw) => out.push_str(raw.trim_end()),
        Node::Statements(tokens) => out.push_str(tokens),
    }
}

fn element(name: &str, content: &[Inline], out: &mut String) {
    let _ = write!(out, "<{name}>");
    push_inlines(content, out);
    let _ = write!(out, "</{name}>");
}

fn push_list(list: &List, out: &mut String) {
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

fn push_item(item: &[Node], tight: bool, out: &mut String) {
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

fn push_table(table: &Table, out: &mut String) {
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

fn push_row(name: &str, cells: &[Vec<Inline>], columns: &[Align], out: &mut String) {
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

fn push_inlines(content: &[Inline], out: &mut String) {
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
            Inline::Html(raw) => out.push_str(raw),
        }
    }
}

fn push_link(link: &Link, out: &mut String) {
    out.push_str("<a");
    attribute("href", &link.url, out);
    if !link.title.is_empty() {
        attribute("title", &link.title, out);
    }
    out.push('>');
    push_inlines(&link.content, out);
    out.push_str("</a>");
}

fn push_image(image: &Image, out: &mut String) {
    out.push_str("<img");
    attribute("src", &image.src, out);
    attribute("alt", &image.alt, out);
    if !image.title.is_empty() {
        attribute("title", &image.title, out);
    }
    out.push_str(" />");
}

fn attribute(name: &str, value: &str, out: &mut String) {
    let _ = write!(out, " {name}=\"");
    escape(value, out);
    out.push('"');
}

/// Escapes for text and for double-quoted attributes alike. Characters that XML cannot hold are dropped.
pub(super) fn escape(text: &str, out: &mut String) {
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
