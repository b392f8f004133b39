//! Markdown (`CommonMark` with GFM's tables, strikethrough and autolinks) → the tree, through comrak.
//!
//! Every link and picture is looked at here, where its place is known. Nothing that was written vanishes but
//! comments.

use comrak::nodes::{AstNode, ListType, NodeLink, NodeList, NodeValue, TableAlignment};
use comrak::{Arena, Options, parse_document};

use super::mask::Mask;
use super::origin::Origin;
use super::raw::{self, Piece};
use super::statements::{lift_tail, only_statements, paragraphs};
use super::tree::{Align, Image, Inline, Link, List, Node, Raw, Table, plain};
use super::url::{self, Refusal};
use crate::finding::{Finding, Place};
use crate::tags::TagTable;

/// Quotes in lists in quotes deeper than this are refused, and so is emphasis in emphasis.
const MAX_DEPTH: usize = 50;
/// Stands before a title, so that `1. Culture` is no list; a word and a space.
const TITLE_PREFIX: &str = "x ";

type Ast<'a> = &'a AstNode<'a>;

/// Reads Markdown and keeps what is wrong with it.
pub(super) struct Reader<'a> {
    pub(super) origin: &'a Origin<'a>,
    pub(super) mask: &'a Mask,
    pub(super) tags: &'a TagTable,
    pub(super) findings: Vec<Finding>,
    /// Where the lines begin in the protected text.
    starts: Vec<usize>,
    /// The lines that define links.
    definitions: String,
}

/// How the Markdown of an issue is read.
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.block_directive = true;
    options.extension.cjk_friendly_emphasis = true;
    options
}

impl<'a> Reader<'a> {
    /// A reader of the whole text.
    pub(super) fn new(origin: &'a Origin<'a>, mask: &'a Mask, tags: &'a TagTable) -> Self {
        let starts =
            std::iter::once(0).chain(origin.text().match_indices('\n').map(|(at, _)| at + 1)).collect();
        let defines = |line: &&str| line.starts_with('[') && line.contains("]:");
        let definitions = mask.text.lines().filter(defines).flat_map(|line| [line, "\n"]).collect();
        Self { origin, mask, tags, findings: Vec::new(), starts, definitions }
    }

    /// The place of a node.
    pub(super) fn place(&self, node: Ast<'_>) -> Place {
        let start = node.data().sourcepos.start;
        let line = self.starts.get(start.line.saturating_sub(1)).copied().unwrap_or_default();
        self.origin.place(line + start.column.saturating_sub(1))
    }

    /// A title: Markdown within one line, which stands at `offset` of the protected text. The definitions of
    /// links are those of the whole text.
    pub(super) fn title(&mut self, title: &str, offset: usize) -> Vec<Inline> {
        let mut text = format!("{TITLE_PREFIX}{title}\n\n");
        if title.contains('[') {
            text.push_str(&self.definitions);
        }
        let starts = std::mem::replace(&mut self.starts, vec![offset.saturating_sub(TITLE_PREFIX.len())]);
        let arena = Arena::new();
        let root = parse_document(&arena, &text, &options());
        let mut content = root.first_child().map(|line| self.inlines(line, 0)).unwrap_or_default();
        self.starts = starts;
        if let Some(Inline::Text(text)) = content.first_mut() {
            *text = text.strip_prefix(TITLE_PREFIX).unwrap_or(text).to_owned();
        }
        content.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
        content
    }

    /// The node as nodes of the tree: mostly one, more where statements stand on lines of their own.
    pub(super) fn node(&mut self, node: Ast<'_>, depth: usize, out: &mut Vec<Node>) {
        if depth > MAX_DEPTH {
            self.error(node, "too-deep", "this lies too deep", "nest fewer quotes and lists");
            return;
        }
        let value = node.data().value.clone();
        match value {
            NodeValue::Paragraph => {
                let content = self.inlines(node, depth);
                out.extend(paragraphs(content, self.tags));
            }
            NodeValue::Heading(heading) => {
                out.push(Node::Heading { level: heading.level, content: self.inlines(node, depth) });
            }
            NodeValue::List(list) => self.list(node, &list, depth, out),
            NodeValue::BlockQuote => {
                let mut inner = self.nodes(node, depth + 1);
                let tail = lift_tail(&mut inner, self.tags);
                out.push(Node::Quote(inner));
                out.extend(tail.map(Node::Statements));
            }
            // comrak drops what is still open inside of a list when the block around it ends.
            NodeValue::CodeBlock(code) if !code.fenced && code.literal.is_empty() => self.lost(node, "code"),
            NodeValue::HtmlBlock(html) if html.literal.is_empty() => self.lost(node, "HTML"),
            NodeValue::CodeBlock(code) => out.push(Node::Code(self.mask.restore(&code.literal))),
            NodeValue::HtmlBlock(html) => out.extend(self.raw_block(node, &html.literal)),
            NodeValue::Table(table) => self.table(node, &table.alignments, depth, out),
            NodeValue::ThematicBreak => out.push(Node::Rule),
            NodeValue::BlockDirective(_) => self.misplaced_block(node),
            _ => out.extend(self.nodes(node, depth + 1)),
        }
    }

    fn lost(&mut self, node: Ast<'_>, what: &str) {
        let message = format!("this {what} runs into the `:::` that ends the block");
        self.error(node, "unclosed-html", &message, "leave a blank line before the `:::`");
    }

    fn nodes(&mut self, parent: Ast<'_>, depth: usize) -> Vec<Node> {
        let mut out = Vec::new();
        for node in parent.children() {
            self.node(node, depth, &mut out);
        }
        out
    }

    /// A list; where a statement between two items has its partner outside, it becomes two lists.
    fn list(&mut self, node: Ast<'_>, list: &NodeList, depth: usize, out: &mut Vec<Node>) {
        let first = (list.list_type == ListType::Ordered).then_some(list.start);
        let mut before = 0;
        let mut items = Vec::new();
        let part = |items: &mut Vec<Vec<Node>>, before: &mut usize| {
            let items = std::mem::take(items);
            let start = first.map(|first| first.saturating_add(*before));
            *before += items.len();
            Node::List(List { start, tight: list.tight, items })
        };
        for item in node.children() {
            let mut nodes = self.nodes(item, depth + 1);
            let tail = lift_tail(&mut nodes, self.tags);
            items.push(nodes);
            if let Some(tokens) = tail {
                out.push(part(&mut items, &mut before));
                out.push(Node::Statements(tokens));
            }
        }
        if !items.is_empty() {
            out.push(part(&mut items, &mut before));
        }
    }

    fn table(&mut self, node: Ast<'_>, columns: &[TableAlignment], depth: usize, out: &mut Vec<Node>) {
        let columns: Vec<Align> = columns.iter().copied().map(align).collect();
        let mut head = Vec::new();
        let mut rows = Vec::new();
        let mut tail = String::new();
        for row in node.children() {
            let cells: Vec<_> = row.children().map(|cell| self.inlines(cell, depth + 1)).collect();
            if matches!(row.data().value, NodeValue::TableRow(true)) {
                head = cells;
                continue;
            }
            let alone = cells.iter().skip(1).all(Vec::is_empty);
            match cells.first().and_then(|cell| only_statements(cell, self.tags)).filter(|_| alone) {
                Some(tokens) if row.next_sibling().is_none() => tail = tokens,
                Some(_) => self.error(
                    row,
                    "misplaced-tag",
                    "a condition cannot stand between the rows of a table",
                    "put it into a cell, or around the whole table with blank lines between",
                ),
                None => rows.push(cells),
            }
        }
        out.push(Node::Table(Table { columns, head, rows }));
        if !tail.is_empty() {
            out.push(Node::Statements(tail));
        }
    }

    fn inlines(&mut self, parent: Ast<'_>, depth: usize) -> Vec<Inline> {
        let mut out = Vec::new();
        if depth > MAX_DEPTH {
            self.error(parent, "too-deep", "this lies too deep", "nest less emphasis");
            return out;
        }
        for node in parent.children() {
            if let Some(inline) = self.inline(node, depth) {
                match (out.last_mut(), inline) {
                    (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
                    (_, inline) => out.push(inline),
                }
            }
        }
        if out.iter().any(|inline| matches!(inline, Inline::Text(text) if text.contains("]["))) {
            let finding =
                Finding::warning("unresolved-reference", "`[…][…]` has no definition, so it is plain text");
            self.findings.push(
                finding.at(self.place(parent)).help("define it on a line of its own: `[name]: https://…`"),
            );
        }
        out
    }

    fn inline(&mut self, node: Ast<'_>, depth: usize) -> Option<Inline> {
        let value = node.data().value.clone();
        Some(match value {
            NodeValue::Text(text) => Inline::Text(text.into_owned()),
            NodeValue::SoftBreak => Inline::SoftBreak,
            NodeValue::LineBreak => Inline::HardBreak,
            NodeValue::Code(code) => Inline::Code(code.literal),
            NodeValue::HtmlInline(html) => {
                let html = self.raw(node, &html);
                return (!html.is_empty()).then_some(Inline::Html(html));
            }
            NodeValue::Strong => Inline::Strong(self.inlines(node, depth + 1)),
            NodeValue::Strikethrough => Inline::Strikethrough(self.inlines(node, depth + 1)),
            NodeValue::Link(link) => self.link(node, &link, depth),
            NodeValue::Image(image) => self.image(node, &image, depth),
            // Emphasis; what else there is, is not switched on.
            _ => Inline::Emphasis(self.inlines(node, depth + 1)),
        })
    }

    fn link(&mut self, node: Ast<'_>, link: &NodeLink, depth: usize) -> Inline {
        let place = self.place(node);
        let content = self.inlines(node, depth + 1);
        let url = url::encode(&link.url);
        self.refuse(url::check_link(&url, self.tags), &place);
        let shown = plain(&content);
        if content.is_empty() {
            self.findings.push(
                Finding::warning("empty-link-text", "this link has no text, so nobody can see it")
                    .at(place.clone())
                    .help("write the text between the brackets"),
            );
        }
        let bare = [link.url.as_str(), url.as_str()].into_iter().any(|url| {
            url == shown
                || ["mailto:", "http://", "tel:"]
                    .into_iter()
                    .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| rest == shown))
        });
        Inline::Link(Link { url, title: link.title.clone(), content, bare, place })
    }

    fn image(&mut self, node: Ast<'_>, image: &NodeLink, depth: usize) -> Inline {
        let place = self.place(node);
        let alt = plain(&self.inlines(node, depth + 1)).trim().to_owned();
        let src = url::encode(&image.url);
        self.picture(&src, &alt, &place);
        Inline::Image(Image { src, alt, title: image.title.clone(), place })
    }

    fn picture(&mut self, src: &str, alt: &str, place: &Place) {
        self.refuse(url::check_picture(src, self.tags), place);
        if alt.is_empty() {
            self.findings.push(
                Finding::warning("no-alt", "this picture has no alternative text")
                    .at(place.clone())
                    .help("say in its brackets what it shows; many readers see no pictures"),
            );
        }
    }

    fn raw_block(&mut self, node: Ast<'_>, html: &str) -> Option<Node> {
        if self.mask.touches(html) {
            self.error(
                node,
                "misplaced-block",
                "a block begins inside of raw HTML",
                "leave a blank line between the HTML and the `:::`",
            );
            return None;
        }
        let html = self.raw(node, html);
        (!html.trim().is_empty()).then_some(Node::Html(html))
    }

    /// Raw HTML without comments, looked at.
    fn raw(&mut self, node: Ast<'_>, html: &str) -> Raw {
        let mut at = 0;
        for piece in raw::pieces(html) {
            let place = self.raw_place(node, html, at);
            at += piece.raw().len();
            match piece {
                Piece::Tag(tag) => {
                    if let Some(why) = tag.refused() {
                        self.findings.push(Finding::error("refused-html", why).at(place.clone()));
                    }
                    if tag.name == "img" {
                        let image = raw::image(&tag, &place);
                        self.picture(&image.src, &image.alt, &place);
                    }
                    if let Some(href) = tag.attribute("href") {
                        self.refuse(url::check_link(href.trim(), self.tags), &place);
                    }
                }
                Piece::Broken(_) => {
                    self.findings.push(
                        Finding::error("broken-html", "this HTML never ends")
                            .at(place)
                            .help("close the tag or the comment"),
                    );
                }
                Piece::Text(_) | Piece::Comment { .. } => {}
            }
        }
        raw::without_comments(html, |at| self.raw_place(node, html, at))
    }

    /// The place of byte `at` of raw HTML. What quotes and lists put before its lines is not in `html`.
    fn raw_place(&self, node: Ast<'_>, html: &str, at: usize) -> Place {
        let start = node.data().sourcepos.start;
        let before = html.get(..at).unwrap_or(html);
        let lines = before.matches('\n').count();
        if lines == 0 {
            let line = self.starts.get(start.line.saturating_sub(1)).copied().unwrap_or_default();
            return self.origin.place(line + start.column.saturating_sub(1) + at);
        }
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
        let offset = self.starts.get(start.line.saturating_sub(1) + lines).copied().unwrap_or_default();
        let written = self.origin.text()[offset..].lines().next().unwrap_or_default();
        let line = html[at - column..].lines().next().unwrap_or_default();
        self.origin.place(offset + written.rfind(line).unwrap_or_default() + column)
    }

    fn refuse(&mut self, checked: Result<(), Refusal>, place: &Place) {
        if let Err(Refusal { code, message, help }) = checked {
            self.findings.push(Finding::error(code, message).at(place.clone()).help(help));
        }
    }

    fn misplaced_block(&mut self, node: Ast<'_>) {
        let outer = node.ancestors().skip(1).find(|outer| {
            matches!(
                outer.data().value,
                NodeValue::BlockDirective(_) | NodeValue::BlockQuote | NodeValue::Item(_)
            )
        });
        match outer {
            Some(outer) if matches!(outer.data().value, NodeValue::BlockDirective(_)) => {
                let line = self.place(outer).line.unwrap_or_default();
                let message = format!("this block begins before the one of line {line} is closed");
                self.error(node, "unclosed-block", &message, "put a line `:::` where that block ends");
            }
            _ => self.error(
                node,
                "misplaced-block",
                "a block cannot stand inside a quote or a list",
                "begin its line with `:::` and leave a blank line before it",
            ),
        }
    }

    /// Keeps an error at the place of `node`.
    pub(super) fn error(&mut self, node: Ast<'_>, code: &'static str, message: &str, help: &str) {
        self.findings.push(Finding::error(code, message).at(self.place(node)).help(help));
    }
}

fn align(align: TableAlignment) -> Align {
    match align {
        TableAlignment::None => Align::None,
        TableAlignment::Left => Align::Left,
        TableAlignment::Center => Align::Center,
        TableAlignment::Right => Align::Right,
    }
}
