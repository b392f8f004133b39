//! The text part: the same tree, written for people who read mail as plain text.

use std::collections::BTreeMap;

use super::lines::Lines;
use super::parse::{Block, Campaign};
use super::parts;
use super::raw::{self, Piece};
use super::tree::{Image, Inline, Link, List, Node, Table};
use super::wrap::{WIDTH, Words, width};
use crate::tags::{TagKind, TagTable};

/// What stands before and behind the issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The lines it begins with; the first is underlined.
    pub masthead: Vec<String>,
    /// The list's name.
    pub list_name: String,
    /// The postal address.
    pub address: String,
    /// The token of the address by which a reader leaves the list.
    pub unsubscribe_url: String,
    /// The issue on the web.
    pub view_url: Option<String>,
}

/// Where in a URL a merge tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlPlace {
    /// At its start: the value is a whole URL.
    Start,
    /// Further in: the value is a part of one.
    Inside,
}

/// The text part of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPart {
    /// Lines of at most 72 columns (but for addresses and long words), ended by LF; merge tags are tokens.
    pub text: String,
    /// The merge tags that stand in a URL; all others stand in plain text.
    pub urls: BTreeMap<usize, UrlPlace>,
}

const SEPARATOR: &str = "* * *";

/// Writes the text part. Conditions stand around what they decide about, blank lines included: whichever way
/// they go, no hole is left.
pub fn text(campaign: &Campaign, frame: &Frame, tags: &TagTable) -> TextPart {
    let mut writer = Writer { tags, urls: BTreeMap::new() };
    let mut out = writer.masthead(frame);
    for (index, block) in campaign.blocks.iter().enumerate() {
        let mut lines = writer.block(block);
        if !is_separator(block)
            && block.kind != "prose"
            && campaign.blocks.get(index + 1).is_some_and(begins_with_text)
        {
            lines.push(SEPARATOR.to_owned());
            lines.blank();
        }
        if let Some(condition) = &block.condition {
            out.statement(&condition.open);
        }
        out.append(lines, "", "");
        if let Some(condition) = &block.condition {
            out.statement(&condition.close);
        }
    }
    out.append(writer.footer(frame), "", "");
    TextPart { text: out.finish(), urls: writer.urls }
}

/// Whether a block says nothing, so that all it does is to stand between others.
fn is_separator(block: &Block) -> bool {
    block.title.is_none() && block.body.is_empty()
}

/// Whether a reader could take this block for the end of the one before.
fn begins_with_text(block: &Block) -> bool {
    block.kind == "prose" && !matches!(block.body.first(), Some(Node::Heading { .. } | Node::Rule))
}

struct Writer<'a> {
    tags: &'a TagTable,
    urls: BTreeMap<usize, UrlPlace>,
}

impl Writer<'_> {
    fn masthead(&mut self, frame: &Frame) -> Lines {
        let mut out = Lines::default();
        for (index, line) in frame.masthead.iter().enumerate() {
            let mut words = Words::new(self.tags);
            words.text(line);
            let lines = words.lines(WIDTH);
            let rule = (index == 0).then(|| self.underline(&lines, '='));
            out.all(lines);
            out.all(rule.into_iter().collect());
        }
        if !frame.masthead.is_empty() {
            out.blank();
        }
        out
    }

    fn footer(&mut self, frame: &Frame) -> Lines {
        let mut out = Lines::default();
        out.push("-".repeat(WIDTH));
        for line in [&frame.list_name, &frame.address] {
            for line in line.lines() {
                let mut words = Words::new(self.tags);
                words.text(line);
                out.all(words.lines(WIDTH));
            }
        }
        let unsubscribe = ("Unsubscribe:", Some(&frame.unsubscribe_url));
        for (label, url) in [unsubscribe, ("View in browser:", frame.view_url.as_ref())] {
            if let Some(url) = url.filter(|url| !url.is_empty()) {
                out.push(format!("{label} {url}"));
                self.record(url);
            }
        }
        out
    }

    fn block(&mut self, block: &Block) -> Lines {
        let mut out = Lines::default();
        if let Some(label) = block.attributes.get("label").filter(|label| !label.trim().is_empty()) {
            let mut words = Words::new(self.tags);
            words.text(&format!("[{}]", label.trim()));
            out.all(words.lines(WIDTH));
            out.blank();
        }
        if let Some(title) = &block.title {
            out.append(self.heading(title, '='), "", "");
        }
        out.append(self.nodes(&block.body, WIDTH, false), "", "");
        if is_separator(block) {
            out.push(SEPARATOR.to_owned());
            out.blank();
        }
        out
    }

    /// Writes nodes, each with a blank line behind it unless they stand close together.
    fn nodes(&mut self, nodes: &[Node], columns: usize, tight: bool) -> Lines {
        let mut out = Lines::default();
        for node in nodes {
            let before = out.len();
            self.node(node, columns, &mut out);
            if out.len() > before && !tight {
                out.blank();
            }
        }
        out
    }

    fn node(&mut self, node: &Node, columns: usize, out: &mut Lines) {
        match node {
            Node::Paragraph(content) => match parts::button(content) {
                Some(link) => out.all(self.button(&link, columns)),
                None => out.all(self.paragraph(content, columns)),
            },
            Node::Heading { level, content } => {
                let lines = self.heading(content, if *level <= 2 { '=' } else { '-' });
                out.append(lines.trimmed(), "", "");
            }
            Node::List(list) => match parts::entries(list) {
                Some(entries) if !entries.iter().any(|entry| entry.runs_on) => {
                    self.entries(list, entries, columns, out);
                }
                _ => self.list(list, columns, out),
            },
            Node::Quote(inner) => {
                let inner = self.nodes(inner, columns.saturating_sub(2), false);
                out.append(inner.trimmed(), "> ", "> ");
            }
            Node::Code(code) => {
                for line in code.trim_end_matches('\n').split('\n') {
                    out.push(format!("    {line}").trim_end().to_owned());
                }
            }
            Node::Table(table) => self.table(table, columns, out),
            Node::Rule => out.push(SEPARATOR.to_owned()),
            Node::Html(html) => {
                let place = crate::finding::Place::file("");
                out.all(self.paragraph(&raw::inlines(html, &place), columns));
            }
            Node::Statements(tokens) => out.statement(tokens),
        }
    }

    fn paragraph(&mut self, content: &[Inline], columns: usize) -> Vec<String> {
        let mut words = Words::new(self.tags);
        self.inlines(content, &mut words, &mut Vec::new());
        words.lines(columns)
    }

    fn button(&mut self, link: &Link, columns: usize) -> Vec<String> {
        let mut words = Words::new(self.tags);
        self.inlines(&link.content, &mut words, &mut Vec::new());
        words.unbroken(":");
        words.space();
        self.url(&link.url, &mut words);
        words.lines(columns)
    }

    fn heading(&mut self, content: &[Inline], rule: char) -> Lines {
        let mut words = Words::new(self.tags);
        self.inlines(content, &mut words, &mut Vec::new());
        let mut out = Lines::default();
        let lines = words.lines(WIDTH);
        if !lines.is_empty() {
            let underline = self.underline(&lines, rule);
            out.all(lines);
            out.push(underline);
            out.blank();
        }
        out
    }

    fn underline(&self, lines: &[String], rule: char) -> String {
        let widest = lines.iter().map(|line| width(line, self.tags)).max().unwrap_or_default();
        rule.to_string().repeat(widest.clamp(3, WIDTH))
    }

    fn list(&mut self, list: &List, columns: usize, out: &mut Lines) {
        for (index, item) in list.items.iter().enumerate() {
            let marker = list.marker(index);
            let item = self.nodes(item, columns.saturating_sub(marker.len()), list.tight).trimmed();
            out.item(&marker, item);
            if !list.tight && index + 1 < list.items.len() {
                out.blank();
            }
        }
    }

    /// The entries of links and events: the title with its link, what belongs to it, then the rest.
    fn entries(&mut self, list: &List, entries: Vec<parts::Entry>, columns: usize, out: &mut Lines) {
        let airy = entries.iter().any(|entry| !entry.body.is_empty());
        for (index, entry) in entries.into_iter().enumerate() {
            let marker = list.marker(index);
            let columns = columns.saturating_sub(marker.len());
            if index > 0 && airy {
                out.blank();
            }
            let mut words = Words::new(self.tags);
            match entry.link {
                Some(link) => self.link(&Link { content: entry.title, ..link }, &mut words, &mut Vec::new()),
                None => self.inlines(&entry.title, &mut words, &mut Vec::new()),
            }
            for part in &entry.meta {
                words.space();
                words.text("· ");
                self.inlines(part, &mut words, &mut Vec::new());
            }
            let mut item = Lines::default();
            item.all(words.lines(columns));
            let body = self.nodes(&entry.body, columns, list.tight);
            item.append(body, "", "");
            out.item(&marker, item.trimmed());
        }
    }

    fn table(&mut self, table: &Table, columns: usize, out: &mut Lines) {
        let head = table.head.iter().any(|cell| !cell.is_empty()).then_some(&table.head);
        for (index, row) in head.into_iter().chain(&table.rows).enumerate() {
            let mut words = Words::new(self.tags);
            for (column, cell) in row.iter().enumerate() {
                if column > 0 {
                    words.space();
                    words.text("| ");
                }
                self.inlines(cell, &mut words, &mut Vec::new());
            }
            let mut lines = Lines::default();
            lines.all(words.lines(columns.saturating_sub(2)));
            let underline = (index == 0 && head.is_some()).then(|| self.underline(&lines.texts(), '-'));
            out.append(lines, "", "  ");
            out.all(underline.into_iter().collect());
        }
    }

    /// Writes what stands within lines; `open` holds the addresses of raw `<a>` tags that are not closed yet.
    fn inlines(&mut self, content: &[Inline], words: &mut Words<'_>, open: &mut Vec<String>) {
        for inline in content {
            match inline {
                Inline::Text(text) => words.text(text),
                Inline::Emphasis(inner) => self.marked('_', inner, words, open),
                Inline::Strong(inner) => self.marked('*', inner, words, open),
                Inline::Strikethrough(inner) => self.marked('~', inner, words, open),
                Inline::Code(code) => words.text(&format!("`{code}`")),
                Inline::Link(link) => self.link(link, words, open),
                Inline::Image(image) => picture(image, words),
                Inline::SoftBreak => words.space(),
                Inline::HardBreak => words.line_break(),
                Inline::Html(html) => self.raw(html, words, open),
            }
        }
    }

    fn marked(&mut self, mark: char, inner: &[Inline], words: &mut Words<'_>, open: &mut Vec<String>) {
        words.unbroken(&mark.to_string());
        self.inlines(inner, words, open);
        words.unbroken(&mark.to_string());
    }

    fn link(&mut self, link: &Link, words: &mut Words<'_>, open: &mut Vec<String>) {
        if link.bare && !link.url.starts_with("mailto:") && !link.url.starts_with("tel:") {
            self.url(&link.url, words);
            return;
        }
        let silent = matches!(link.content.as_slice(), [Inline::Image(image)] if image.alt.is_empty());
        if silent || link.content.is_empty() {
            self.url(&link.url, words);
            return;
        }
        self.inlines(&link.content, words, open);
        if !link.bare {
            self.in_parentheses(&link.url, words);
        }
    }

    fn in_parentheses(&mut self, url: &str, words: &mut Words<'_>) {
        if url.starts_with('#') || url.is_empty() {
            return;
        }
        words.space();
        words.unbroken("(");
        self.url(url, words);
        words.unbroken(")");
    }

    /// Writes an address; of `mailto:` and `tel:` what a person dials.
    fn url(&mut self, url: &str, words: &mut Words<'_>) {
        let dialled = ["mailto:", "tel:"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
        if let Some(dialled) = dialled {
            words.unbroken(dialled.split('?').next().unwrap_or_default());
            return;
        }
        words.unbroken(url);
        self.record(url);
    }

    /// Notes the merge tags of a URL.
    fn record(&mut self, url: &str) {
        let mut from = 0;
        while let Some((range, index)) = self.tags.find(url, from) {
            from = range.end;
            if self.tags.get(index).kind == TagKind::Print {
                let place = if range.start == 0 { UrlPlace::Start } else { UrlPlace::Inside };
                self.urls.insert(index, place);
            }
        }
    }

    fn raw(&mut self, html: &str, words: &mut Words<'_>, open: &mut Vec<String>) {
        for piece in raw::pieces(html) {
            let Piece::Tag(tag) = piece else { continue };
            match tag.name.as_str() {
                "br" => words.line_break(),
                "img" => picture(&raw::image(&tag, &crate::finding::Place::file("")), words),
                "a" if tag.closing => {
                    if let Some(url) = open.pop() {
                        self.in_parentheses(&url, words);
                    }
                }
                "a" => open.push(tag.attribute("href").unwrap_or_default()),
                _ => {}
            }
        }
    }
}

fn picture(image: &Image, words: &mut Words<'_>) {
    if !image.alt.is_empty() {
        words.text(&format!("[Picture: {}]", image.alt));
    }
}
