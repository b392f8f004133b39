//! HTML → the tree: what a person reads of it, and in what order.
//!
//! Made for what MJML gives and for the raw HTML of an issue. What nobody sees (comments, styles, elements that
//! are hidden or meant to be silent) is left out; elements that are there for the layout alone leave no trace;
//! anything else is a paragraph, a heading, a list, a quotation, a table, code. It never fails: what is not
//! balanced is closed as browsers do.

use super::cells;
use crate::campaign::entities::unescape;
use crate::campaign::raw::{self, Piece, Tag};
use crate::campaign::statements::{only_statements, unbalanced};
use crate::campaign::tree::{Inline, Link, List, Node, plain};
use crate::finding::Place;
use crate::tags::{Split, TagKind, TagTable};

/// Elements that have neither content nor an end.
const VOID: [&str; 12] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];
/// Elements whose content nobody sees.
const UNSEEN: [&str; 6] = ["head", "style", "script", "template", "title", "noscript"];
/// Elements that say nothing themselves and stand within lines.
const SILENT: [&str; 14] =
    ["span", "font", "small", "big", "sub", "sup", "u", "label", "abbr", "cite", "mark", "time", "q", "bdi"];
/// Elements that begin only where one of these of before ends.
const ENDS: [(&str, &[&str]); 7] = [
    ("li", &["li"]),
    ("dt", &["dt", "dd"]),
    ("dd", &["dt", "dd"]),
    ("tr", &["tr", "td", "th"]),
    ("td", &["td", "th"]),
    ("th", &["td", "th"]),
    ("p", &["p"]),
];
/// What ends here is not ended from inside of these.
const SHIELDS: [&str; 4] = ["table", "ul", "ol", "blockquote"];
/// Deeper nesting is read as if it were not there.
const MAX_DEPTH: usize = 400;

/// The nodes of a piece of HTML.
pub(super) fn nodes(html: &str, tags: &TagTable) -> Vec<Node> {
    let mut reader = Reader { tags, open: vec![Open::new("", Kind::Group)], unseen: Vec::new() };
    for piece in raw::pieces(html) {
        match piece {
            Piece::Text(text) if reader.unseen.is_empty() => reader.text(text),
            Piece::Comment { raw, .. } if reader.unseen.is_empty() => reader.comment(raw),
            Piece::Tag(tag) => reader.tag(&tag),
            Piece::Text(_) | Piece::Comment { .. } | Piece::Broken(_) => {}
        }
    }
    reader.finish()
}

/// HTML that stands within lines.
pub(super) fn inlines(html: &str, tags: &TagTable) -> Vec<Inline> {
    in_line(nodes(html, tags))
}

/// Nodes as what stands within lines: a break between any two.
pub(super) fn in_line(nodes: Vec<Node>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::new();
    for node in nodes {
        let inner = match node {
            Node::Paragraph(content) | Node::Heading { content, .. } => content,
            Node::Quote(inner) => in_line(inner),
            Node::List(list) => list.items.into_iter().flat_map(in_line_item).collect(),
            Node::Table(table) => {
                let rows = std::iter::once(table.head).chain(table.rows);
                rows.flat_map(cells::row).chain([Inline::HardBreak]).collect()
            }
            Node::Code(code) => vec![Inline::Code(code)],
            Node::Statements(tokens) => {
                out.push(Inline::Text(tokens));
                continue;
            }
            Node::Rule | Node::Html(_) => continue,
        };
        if out.iter().any(|inline| !is_blank(inline)) {
            out.push(Inline::HardBreak);
        }
        out.extend(inner);
    }
    out
}

fn in_line_item(item: Vec<Node>) -> Vec<Inline> {
    in_line(item).into_iter().chain([Inline::HardBreak]).collect()
}

/// What an open element becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Its content, set apart from what stands around it.
    Group,
    Heading(u8),
    Quote,
    List(Option<usize>),
    Item,
    Code,
    Table {
        presentation: bool,
    },
    Row {
        head: bool,
    },
    Cell,
    Emphasis,
    Strong,
    Strikethrough,
    InlineCode,
    Link(String),
}

impl Kind {
    fn is_inline(&self) -> bool {
        matches!(self, Self::Emphasis | Self::Strong | Self::Strikethrough | Self::InlineCode | Self::Link(_))
    }
}

struct Open {
    name: String,
    kind: Kind,
    nodes: Vec<Node>,
    inlines: Vec<Inline>,
    /// The items of a list or the rows of a table.
    parts: Vec<Part>,
}

/// A part of a list or a table.
pub(super) enum Part {
    Item(Vec<Node>),
    Row {
        head: bool,
        cells: Vec<Vec<Node>>,
    },
    /// What stands between: statements, mostly.
    Other(Vec<Node>),
}

impl Open {
    fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, nodes: Vec::new(), inlines: Vec::new(), parts: Vec::new() }
    }
}

struct Reader<'a> {
    tags: &'a TagTable,
    open: Vec<Open>,
    /// The open elements of which nobody sees anything, outermost first.
    unseen: Vec<String>,
}

impl Reader<'_> {
    fn text(&mut self, text: &str) {
        let text = unescape(text);
        let code = self.open.iter().any(|open| open.kind == Kind::Code);
        let text = if code { text } else { collapse(&text) };
        self.push(Inline::Text(text));
    }

    /// A comment: of interest only where it holds the token of a statement.
    fn comment(&mut self, raw: &str) {
        let inner = raw.trim_start_matches("<!--").trim_end_matches("-->").trim();
        if let [Split::Tag(index)] = self.tags.split(inner)[..]
            && self.tags.get(index).kind == TagKind::Statement
        {
            self.push(Inline::Text(inner.to_owned()));
        }
    }

    fn push(&mut self, inline: Inline) {
        if let Some(open) = self.open.last_mut() {
            match (open.inlines.last_mut(), inline) {
                (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
                (_, inline) => open.inlines.push(inline),
            }
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        let void = VOID.contains(&name) || tag.raw.ends_with("/>");
        if !self.unseen.is_empty() {
            match tag.closing {
                true => {
                    if let Some(at) = self.unseen.iter().rposition(|open| open == name) {
                        self.unseen.truncate(at);
                    }
                }
                false if !void => self.unseen.push(name.to_owned()),
                false => {}
            }
            return;
        }
        if tag.closing {
            return self.close(name);
        }
        if UNSEEN.contains(&name) || is_hidden(tag) {
            if !void {
                self.unseen.push(name.to_owned());
            }
            return;
        }
        match name {
            "br" => self.push(Inline::HardBreak),
            "img" => {
                let mut image = raw::image(tag, &Place::file(""));
                collapse(&image.alt).trim().clone_into(&mut image.alt);
                self.push(Inline::Image(image));
            }
            "hr" => {
                self.end_lines();
                self.nodes().push(Node::Rule);
            }
            _ if void || SILENT.contains(&name) => {}
            _ => self.open(tag),
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if let Some((_, ended)) = ENDS.iter().find(|(start, _)| *start == name) {
            let reach = self.open.iter().rposition(|open| SHIELDS.contains(&open.name.as_str())).unwrap_or(0);
            if let Some(at) =
                self.open.iter().skip(reach).position(|open| ended.contains(&open.name.as_str()))
            {
                self.close_to(reach + at);
            }
        }
        let kind = kind(tag);
        if self.open.len() >= MAX_DEPTH {
            return;
        }
        if !kind.is_inline() {
            if self.open.last().is_some_and(|open| open.kind.is_inline()) {
                // A block inside of a link or of emphasis: what counts is that it begins a line.
                return self.push(Inline::HardBreak);
            }
            self.end_lines();
        }
        self.open.push(Open::new(name, kind));
    }

    fn close(&mut self, name: &str) {
        match self.open.iter().rposition(|open| open.name == name).filter(|at| *at > 0) {
            Some(at) => self.close_to(at),
            None if !SILENT.contains(&name) && self.open.last().is_some_and(|open| open.kind.is_inline()) => {
                self.push(Inline::HardBreak);
            }
            None => {}
        }
    }

    /// Closes the open elements from this one on.
    fn close_to(&mut self, at: usize) {
        while self.open.len() > at.max(1) {
            if self.open.last().is_some_and(|open| !open.kind.is_inline()) {
                self.end_lines();
            }
            if let Some(open) = self.open.pop() {
                self.closed(open);
            }
        }
    }

    fn closed(&mut self, open: Open) {
        let Open { name, kind, nodes, inlines, parts } = open;
        match kind {
            Kind::Emphasis => self.push(Inline::Emphasis(inlines)),
            Kind::Strong => self.push(Inline::Strong(inlines)),
            Kind::Strikethrough => self.push(Inline::Strikethrough(inlines)),
            Kind::InlineCode => self.push(Inline::Code(plain(&inlines))),
            Kind::Link(url) => {
                let bare = plain(&inlines).trim() == url;
                let place = Place::file("");
                self.push(Inline::Link(Link {
                    url,
                    title: String::new(),
                    content: trimmed(inlines),
                    bare,
                    place,
                }));
            }
            Kind::Group => self.nodes().extend(nodes),
            Kind::Heading(level) => {
                let content = in_line(nodes);
                if !content.is_empty() {
                    self.nodes().push(Node::Heading { level, content });
                }
            }
            Kind::Quote => self.nodes().push(Node::Quote(nodes)),
            Kind::Code => {
                let code = plain(&in_line(nodes));
                self.nodes().push(Node::Code(format!("{}\n", code.trim_end())));
            }
            Kind::Item => self.part(Part::Item(nodes)),
            Kind::Cell => match self.open.last_mut() {
                Some(row) if matches!(row.kind, Kind::Row { .. }) => {
                    row.kind = Kind::Row { head: name == "th" };
                    row.parts.push(Part::Item(nodes));
                }
                _ => self.nodes().extend(nodes),
            },
            Kind::Row { head } => {
                let mut other = nodes;
                let mut cells = Vec::new();
                for part in parts {
                    match part {
                        Part::Item(cell) => cells.push(cell),
                        Part::Other(nodes) => other.extend(nodes),
                        Part::Row { .. } => {}
                    }
                }
                self.part(Part::Row { head, cells });
                if !other.is_empty() {
                    self.part(Part::Other(other));
                }
            }
            Kind::List(start) => {
                let list = list(start, parts, nodes);
                self.nodes().extend(list);
            }
            Kind::Table { presentation } => {
                let table = cells::table(parts, nodes, presentation);
                self.nodes().extend(table);
            }
        }
    }

    /// Adds a part to the list or the table it belongs to.
    fn part(&mut self, part: Part) {
        let home = self.open.iter_mut().rev().find(|open| {
            matches!(
                (&open.kind, &part),
                (Kind::List(_), Part::Item(_)) | (Kind::Table { .. }, Part::Row { .. })
            )
        });
        match (home, part) {
            (Some(home), part) => {
                let between = std::mem::take(&mut home.nodes);
                if !between.is_empty() {
                    home.parts.push(Part::Other(between));
                }
                home.parts.push(part);
            }
            (None, Part::Item(nodes) | Part::Other(nodes)) => self.nodes().extend(nodes),
            (None, Part::Row { cells, .. }) => self.nodes().extend(cells.into_iter().flatten()),
        }
    }

    /// The nodes of the innermost element that holds any.
    fn nodes(&mut self) -> &mut Vec<Node> {
        let at = self.open.iter().rposition(|open| !open.kind.is_inline()).unwrap_or(0);
        &mut self.open[at].nodes
    }

    /// Makes a paragraph of what stands within lines so far.
    fn end_lines(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        let content = trimmed(std::mem::take(&mut open.inlines));
        for node in paragraphs(content, self.tags) {
            open.nodes.push(node);
        }
    }

    fn finish(mut self) -> Vec<Node> {
        self.close_to(1);
        self.end_lines();
        self.open.pop().map(|open| open.nodes).unwrap_or_default()
    }
}

fn kind(tag: &Tag<'_>) -> Kind {
    match tag.name.as_str() {
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" | "h5" | "h6" => Kind::Heading(4),
        "blockquote" => Kind::Quote,
        "ul" | "menu" => Kind::List(None),
        "ol" => {
            Kind::List(Some(tag.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1)))
        }
        "li" => Kind::Item,
        "pre" => Kind::Code,
        "table" => {
            let role = tag.attribute("role").unwrap_or_default();
            Kind::Table { presentation: matches!(role.trim(), "presentation" | "none") }
        }
        "tr" => Kind::Row { head: false },
        "td" | "th" => Kind::Cell,
        "em" | "i" => Kind::Emphasis,
        "strong" | "b" => Kind::Strong,
        "s" | "del" | "strike" => Kind::Strikethrough,
        "code" | "kbd" | "samp" | "tt" => Kind::InlineCode,
        "a" => match tag.attribute("href") {
            Some(href) => Kind::Link(href.trim().to_owned()),
            None => Kind::Group,
        },
        _ => Kind::Group,
    }
}

/// Whether the reader is not to see or hear this element.
fn is_hidden(tag: &Tag<'_>) -> bool {
    let style: String = tag
        .attribute("style")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    tag.attribute("hidden").is_some()
        || tag.attribute("aria-hidden").is_some_and(|value| value.trim() == "true")
        || style
            .split(';')
            .any(|rule| matches!(rule, "display:none" | "display:none!important" | "visibility:hidden"))
}

/// The items of a list; where something stands between two of them, it becomes two lists.
fn list(start: Option<usize>, parts: Vec<Part>, rest: Vec<Node>) -> Vec<Node> {
    let mut out = Vec::new();
    let mut items: Vec<Vec<Node>> = Vec::new();
    let mut before = 0;
    let mut end = |items: &mut Vec<Vec<Node>>, out: &mut Vec<Node>| {
        let items = std::mem::take(items);
        let tight = items
            .iter()
            .all(|item| item.len() <= 1 || !matches!(item[..], [Node::Paragraph(_), Node::Paragraph(_), ..]));
        let start = start.map(|start| start.saturating_add(before));
        before += items.len();
        if !items.is_empty() {
            out.push(Node::List(List { start, tight, items }));
        }
    };
    for part in parts {
        match part {
            Part::Item(item) => items.push(item),
            Part::Other(nodes) => {
                end(&mut items, &mut out);
                out.extend(nodes);
            }
            Part::Row { cells, .. } => items.extend(cells),
        }
    }
    end(&mut items, &mut out);
    out.extend(rest);
    out
}

/// A paragraph, and around it the statements that end elsewhere.
fn paragraphs(mut content: Vec<Inline>, tags: &TagTable) -> Vec<Node> {
    if content.iter().all(is_blank) {
        return Vec::new();
    }
    if let Some(tokens) = only_statements(&content, tags) {
        return vec![Node::Statements(tokens)];
    }
    let (mut before, mut after) = (String::new(), String::new());
    while is_unbalanced(&content, tags) {
        if !take_first(&mut content, &mut before, tags) && !take_last(&mut content, &mut after, tags) {
            break;
        }
    }
    let statements = |tokens: String| (!tokens.is_empty()).then_some(Node::Statements(tokens));
    let content = trimmed(content);
    let paragraph = (!content.is_empty()).then_some(Node::Paragraph(content));
    [statements(before), paragraph, statements(after)].into_iter().flatten().collect()
}

fn is_unbalanced(content: &[Inline], tags: &TagTable) -> bool {
    unbalanced(&plain(content), tags).is_some()
}

/// Takes a statement off the beginning; whether there was one.
fn take_first(content: &mut [Inline], before: &mut String, tags: &TagTable) -> bool {
    let Some(Inline::Text(text)) = content.first_mut() else { return false };
    let Some((range, index)) = tags.find(text, 0) else { return false };
    if tags.get(index).kind != TagKind::Statement || !text[..range.start].trim().is_empty() {
        return false;
    }
    before.push_str(&tags.token(index));
    *text = text[range.end..].trim_start().to_owned();
    true
}

/// Takes a statement off the end; whether there was one.
fn take_last(content: &mut [Inline], after: &mut String, tags: &TagTable) -> bool {
    let Some(Inline::Text(text)) = content.last_mut() else { return false };
    let Some(Split::Tag(index)) = tags.split(text.trim_end()).pop() else { return false };
    if tags.get(index).kind != TagKind::Statement {
        return false;
    }
    let token = tags.token(index);
    after.insert_str(0, &token);
    let kept = text.trim_end();
    *text = kept[..kept.len() - token.len()].trim_end().to_owned();
    true
}

/// Without breaks and white space at its ends.
fn trimmed(mut content: Vec<Inline>) -> Vec<Inline> {
    while content.last().is_some_and(is_blank) {
        content.pop();
    }
    let first = content.iter().position(|inline| !is_blank(inline)).unwrap_or(content.len());
    content.drain(..first);
    content
}

/// Whether a reader sees nothing of it: white space, or characters without any width that fill a preview.
fn is_blank(inline: &Inline) -> bool {
    match inline {
        Inline::Text(text) => text.chars().all(|c| {
            c.is_whitespace()
                || matches!(c, '\u{34f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        }),
        Inline::SoftBreak | Inline::HardBreak => true,
        _ => false,
    }
}

/// Runs of white space as one space; no-break spaces stay.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_whitespace() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}
