//! HTML → the tree: what a person reads of it, and in what order.
//!
//! Made for what MJML gives and for the raw HTML of an issue. What nobody sees (comments, styles, elements that
//! are hidden or meant to be silent) is left out; elements that are there for the layout alone leave no trace;
//! anything else is a paragraph, a heading, a list, a quotation, a table, code. It never fails: what is not
//! balanced is closed as browsers do.

use super::containers::{Part, list, table};
use super::elements::{ENDS, Kind, SHIELDS, SILENT, UNSEEN, VOID, is_hidden, kind, span};
use super::in_line::in_line;
use super::paragraphs::{paragraphs, trimmed};
use super::repeats::without_repeats;
use crate::campaign::entities::unescape;
use crate::campaign::raw::{self, Piece, Tag};
use crate::campaign::tree::{Inline, Link, Node, plain};
use crate::finding::Place;
use crate::tags::{Split, TagKind, TagTable};

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

struct Open {
    name: String,
    kind: Kind,
    nodes: Vec<Node>,
    inlines: Vec<Inline>,
    /// The items of a list or the rows of a table.
    parts: Vec<Part>,
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
        if span(tag, "rowspan") > 1 {
            // Its columns cannot be told by counting cells.
            let table = self.open.iter_mut().rev().find(|open| matches!(open.kind, Kind::Table { .. }));
            if let Some(table) = table {
                table.kind = Kind::Table { presentation: true };
            }
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
            Kind::Cell { columns } => match self.open.last_mut() {
                Some(row) if matches!(row.kind, Kind::Row { .. }) => {
                    row.kind = Kind::Row { head: name == "th" };
                    row.parts.push(Part::Item(nodes));
                    row.parts.extend((1..columns).map(|_| Part::Item(Vec::new())));
                }
                _ => self.nodes().extend(nodes),
            },
            Kind::Row { head } => self.row(head, parts, nodes),
            Kind::List(start) => {
                let list = list(start, parts, nodes);
                self.nodes().extend(list);
            }
            Kind::Table { presentation } => {
                let table = table(parts, nodes, presentation);
                self.nodes().extend(table);
            }
        }
    }

    /// Adds a row to its table; what stands between its cells, such as statements, behind it.
    fn row(&mut self, head: bool, parts: Vec<Part>, mut other: Vec<Node>) {
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
        without_repeats(self.open.pop().map(|open| open.nodes).unwrap_or_default())
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
