//! HTML of the writer's own, as every parser reads it alike: all tags closed, all values quoted, conditions as
//! comments.

use std::fmt::Write as _;

use super::super::{
    html_rules,
    tree::{Element, Node},
};
use crate::tags::{Split, TagKind, TagTable};

/// The HTML of these nodes.
pub(in super::super) fn html(tags: &TagTable, nodes: &[Node]) -> String {
    let mut out = String::new();
    write_nodes(tags, nodes, &mut out);
    out
}

fn write_nodes(tags: &TagTable, nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => write_text(tags, &text.text, out),
            Node::Comment(comment) => {
                let _ = write!(out, "<!--{}-->", comment.text);
            }
            Node::Element(element) => write_element(tags, element, out),
        }
    }
}

fn write_element(tags: &TagTable, element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for attribute in &element.attributes {
        out.push(' ');
        out.push_str(&attribute.name);
        if let Some(value) = &attribute.value {
            let _ = write!(out, "=\"{}\"", html_rules::quotable(value));
        }
    }
    if html_rules::is_void(&element.name) {
        out.push_str(" />");
        return;
    }
    out.push('>');
    if html_rules::is_raw_text(&element.name) {
        for node in &element.children {
            if let Node::Text(text) = node {
                out.push_str(&text.text);
            }
        }
    } else {
        write_nodes(tags, &element.children, out);
    }
    let _ = write!(out, "</{}>", element.name);
}

fn write_text(tags: &TagTable, text: &str, out: &mut String) {
    for piece in tags.split(text) {
        match piece {
            Split::Text(words) => out.push_str(&words.replace('<', "&lt;")),
            Split::Tag(index) if tags.get(index).kind == TagKind::Statement => {
                let _ = write!(out, "<!--{}-->", tags.token(index));
            }
            Split::Tag(index) => out.push_str(&tags.token(index)),
        }
    }
}
