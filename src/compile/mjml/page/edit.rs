//! Start tags with other attributes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tree::{Node, Page};
use crate::compile::mjml::html_rules::quotable;

/// New values of attributes, by element; entities as they are to be written.
#[derive(Debug, Default)]
pub(super) struct Edits(BTreeMap<usize, Vec<(String, String)>>);

impl Edits {
    /// Gives an element this attribute. The last word counts.
    pub(super) fn set(&mut self, node: usize, name: &str, value: &str) {
        let attributes = self.0.entry(node).or_default();
        match attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => attributes.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The page with all of them.
    pub(super) fn apply(&self, page: &Page<'_>) -> String {
        let mut out = String::with_capacity(page.html.len() * 5 / 4);
        let mut copied = 0;
        for (node, attributes) in &self.0 {
            let node = &page.nodes[*node];
            out.push_str(&page.html[copied..node.start]);
            write_tag(node, attributes, page.html[node.start..node.end].ends_with("/>"), &mut out);
            copied = node.end;
        }
        out + &page.html[copied..]
    }
}

fn write_tag(node: &Node<'_>, edited: &[(String, String)], closed: bool, out: &mut String) {
    let _ = write!(out, "<{}", node.name);
    for attribute in &node.attributes {
        let edit = edited.iter().find(|(name, _)| name == attribute.name);
        let value = edit.map(|(_, value)| value.as_str()).or(attribute.value);
        let _ = match value {
            Some(value) => write!(out, " {}=\"{}\"", attribute.name, quotable(value)),
            None => write!(out, " {}", attribute.name),
        };
    }
    for (name, value) in edited {
        if !node.attributes.iter().any(|attribute| attribute.name == name) {
            let _ = write!(out, " {name}=\"{}\"", quotable(value));
        }
    }
    out.push_str(if closed { " />" } else { ">" });
}
