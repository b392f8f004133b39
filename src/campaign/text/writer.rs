//! Nodes of the tree → lines.

use std::collections::BTreeMap;

use super::lines::Lines;
use super::piece::UrlPlace;
use super::reading;
use crate::campaign::marked::Marked;
use crate::campaign::parts::{self, Entry};
use crate::campaign::tree::{Inline, List, Node};
use crate::tags::TagTable;

/// A line between what belongs apart.
pub(super) const SEPARATOR: &str = "* * *";

/// Writes nodes, and keeps which merge tags stand in addresses.
pub(super) struct Writer<'a> {
    pub(super) tags: &'a TagTable,
    pub(super) urls: BTreeMap<usize, UrlPlace>,
    /// Columns that stand before what is written now.
    pub(super) indent: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(tags: &'a TagTable) -> Self {
        Self { tags, urls: BTreeMap::new(), indent: 0 }
    }

    /// Writes nodes, each with a blank line behind it unless they stand close together.
    pub(super) fn nodes(&mut self, nodes: &[Node], tight: bool) -> Lines {
        let mut out = Lines::default();
        for (index, node) in nodes.iter().enumerate() {
            let before = out.len();
            self.node(node, &mut out);
            if out.len() > before && !tight && !goes_on(&nodes[index..]) {
                out.blank();
            }
        }
        out
    }

    /// Writes nodes that stand behind `indent` columns.
    fn indented(&mut self, nodes: &[Node], indent: usize, tight: bool) -> Lines {
        self.indent += indent;
        let lines = self.nodes(nodes, tight).trimmed();
        self.indent -= indent;
        lines
    }

    fn node(&mut self, node: &Node, out: &mut Lines) {
        match node {
            Node::Paragraph(content) => match self.lone_links(content) {
                Some(links) => out.paragraphs(links),
                None => out.paragraph(self.marked(content), None),
            },
            Node::Heading { level, content } => {
                self.heading(content, if *level <= 2 { '=' } else { '-' }, out);
            }
            Node::List(list) => match parts::entries(list) {
                Some(entries) if !entries.iter().any(|entry| entry.runs_on) => {
                    self.entries(list, entries, out);
                }
                _ => self.list(list, out),
            },
            Node::Quote(inner) => out.append(self.indented(inner, 2, false), "> ", "> "),
            Node::Code(code) => {
                for line in code.trim_end_matches('\n').split('\n') {
                    let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
                    out.push(format!("    {line}").trim_end().to_owned());
                }
            }
            Node::Table(table) => self.table(table, out),
            Node::Rule => out.push(SEPARATOR.to_owned()),
            Node::Html(html) => {
                let read = self.nodes(&reading::nodes(html, self.tags), false);
                out.append(read.trimmed(), "", "");
            }
            Node::Statements(tokens) => out.statement(tokens),
        }
    }

    /// A heading above its rule; where it leads, below.
    pub(super) fn heading(&mut self, content: &[Inline], rule: char, out: &mut Lines) {
        let (heading, urls) = self.parted(content);
        out.paragraph(heading, Some(rule));
        out.paragraphs(urls);
    }

    fn list(&mut self, list: &List, out: &mut Lines) {
        for (index, item) in list.items.iter().enumerate() {
            let marker = list.marker(index);
            let lines = self.indented(item, marker.len(), list.tight);
            push_item(&marker, lines, out);
            if !list.tight && index + 1 < list.items.len() {
                out.blank();
            }
        }
    }

    /// The entries of links and events: the title and what belongs to it, its address, then the rest.
    fn entries(&mut self, list: &List, entries: Vec<Entry>, out: &mut Lines) {
        let airy = entries.iter().any(|entry| entry.link.is_some() || !entry.body.is_empty());
        for (index, entry) in entries.into_iter().enumerate() {
            let marker = list.marker(index);
            if index > 0 && airy {
                out.blank();
            }
            let (title, mut urls) = self.parted(&entry.title);
            let mut line = Marked::default();
            match &entry.link {
                Some(link) if link.bare => urls.insert(0, self.address(&link.url)),
                Some(link) => {
                    line = title;
                    urls.insert(0, self.address(&link.url));
                }
                None => line = title,
            }
            for part in &entry.meta {
                line.text(" · ");
                let (part, more) = self.parted(part);
                line.append(&part);
                urls.extend(more);
            }
            let mut item = Lines::default();
            item.paragraph(line, None);
            item.paragraphs(urls);
            item.append(self.indented(&entry.body, marker.len(), list.tight), "", "");
            push_item(&marker, item.trimmed(), out);
        }
    }
}

/// Whether a list that is written close together goes on behind a condition.
fn goes_on(nodes: &[Node]) -> bool {
    let [Node::List(list), Node::Statements(_), Node::List(next), ..] = nodes else { return false };
    list.tight && next.tight && list.start.is_some() == next.start.is_some()
}

/// Adds an item of a list behind its marker.
fn push_item(marker: &str, mut item: Lines, out: &mut Lines) {
    if item.is_empty() {
        item.blank();
    }
    out.append(item, marker, &" ".repeat(marker.len()));
}
