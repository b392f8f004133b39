//! Merge tags in the tree: where they may stand, and what they become so that they survive.
//!
//! A condition (`{% if … %}`) between the sections of a body or wrapper, or between the pieces of a column, becomes
//! an `mj-raw` of one comment: comments are not moved by a parser, as text between table rows is. In HTML content it
//! becomes a comment too, when it is written. An `mj-raw` of conditions alone is read as if they stood there bare. A
//! condition opens and closes inside one element, or the HTML of one of its branches would be out of balance.

use super::{
    check::is_html,
    document::Document,
    elements::{self, Content},
    html_rules,
    problems::{Problem, Problems},
    source::Pos,
    tree::{Element, Node, Text},
};
use crate::{
    finding::{Finding, shortened},
    tags::{Split, TagKind, TagTable},
};

/// Text is quoted no further than this.
const MAX_SHOWN_CHARS: usize = 30;

/// Finds every tag a place, or says why there is none.
pub(super) fn place(document: &mut Document, tags: &TagTable, problems: &mut Problems) {
    let mut placer = Placer { tags, problems, raw: false };
    for raw in &mut document.start {
        placer.child(raw);
    }
    placer.container(&mut document.head);
    placer.container(&mut document.body);
}

/// Whether a comment is for browsers: `[if mso]>…<![endif]`, `[if !mso]><!`, `<![endif]`.
fn is_conditional(comment: &str) -> bool {
    let comment = comment.trim();
    comment.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("[if")) || comment.ends_with("[endif]")
}

struct Placer<'a> {
    tags: &'a TagTable,
    problems: &'a mut Problems,
    /// Whether this is content of an `mj-raw`.
    raw: bool,
}

/// The conditions that are open in one element.
struct Balance<'a> {
    tags: &'a TagTable,
    /// What they stand in, for messages.
    within: String,
    /// Indices of the `if`s, outermost first.
    open: Vec<usize>,
}

impl Placer<'_> {
    /// An element that holds MJML elements, and all below it.
    fn container(&mut self, element: &mut Element) {
        self.attributes(element);
        let mut balance = Balance::new(self.tags, format!("`<{}>`", element.name));
        let mut out = Vec::with_capacity(element.children.len());
        // Behind HTML that stands where it cannot, which is told.
        let mut in_text = false;
        for node in std::mem::take(&mut element.children) {
            in_text = match &node {
                Node::Element(child) => is_html(child),
                Node::Text(_) | Node::Comment(_) => in_text,
            };
            match node {
                Node::Element(raw) if self.holds_conditions(&raw) => {
                    for text in statements(raw) {
                        self.loose_text(&element.name, &text, false, &mut balance, &mut out);
                    }
                }
                Node::Element(mut child) => {
                    self.child(&mut child);
                    out.push(Node::Element(child));
                }
                Node::Text(text) => {
                    self.loose_text(&element.name, &text, in_text, &mut balance, &mut out);
                }
                Node::Comment(comment) => match self.comment(&comment) {
                    Some(Node::Text(statement)) => {
                        self.loose_text(&element.name, &statement, false, &mut balance, &mut out);
                    }
                    Some(kept) if holds(&element.name, "mj-raw") => {
                        out.push(Node::Element(Element::new("mj-raw", comment.pos, vec![kept])));
                    }
                    Some(_) | None => {}
                },
            }
        }
        element.children = out;
        balance.end(self.problems);
    }

    fn child(&mut self, child: &mut Element) {
        match elements::find(&child.name).map(|spec| spec.content) {
            Some(Content::Elements) => self.container(child),
            Some(Content::Html | Content::Text) => {
                self.raw = child.name == "mj-raw";
                self.content(child);
                self.raw = false;
            }
            Some(Content::Css | Content::Nothing) => self.attributes(child),
            // An `mj-class`, which may hold elements.
            None => {
                self.attributes(child);
                child.elements().for_each(|element| self.attributes(element));
            }
        }
    }

    /// Whether it is an `mj-raw` of conditions alone: as MJML itself wants them written between elements.
    fn holds_conditions(&self, element: &Element) -> bool {
        let is_condition = |text: &str| {
            let pieces = self.tags.split(text);
            pieces.iter().all(|piece| match piece {
                Split::Text(words) => words.trim().is_empty(),
                Split::Tag(index) => self.tags.get(*index).kind == TagKind::Statement,
            })
        };
        let all_are = element.children.iter().all(|node| match node {
            Node::Text(text) => is_condition(&text.text),
            Node::Comment(comment) => self.tags.touches(&comment.text) && is_condition(&comment.text),
            Node::Element(_) => false,
        });
        element.name == "mj-raw" && all_are && element.children.iter().any(|node| !node.is_blank())
    }

    /// Text between MJML elements: white space and conditions, nothing else. Words may be `told` of already.
    fn loose_text(
        &mut self,
        parent: &str,
        text: &Text,
        told: bool,
        balance: &mut Balance<'_>,
        out: &mut Vec<Node>,
    ) {
        for piece in self.tags.split(&text.text) {
            match piece {
                Split::Text(_) if told => {}
                Split::Text(words) => self.stray_text(parent, words, text),
                Split::Tag(index) => match self.tags.get(index).kind {
                    TagKind::Print => self.refuse_print(parent, index),
                    TagKind::Statement if takes_conditions(parent) => {
                        balance.see(index, self.problems);
                        let token = Text { text: self.tags.token(index), pos: text.pos };
                        let raw = Element::new("mj-raw", text.pos, vec![Node::Text(token)]);
                        out.push(Node::Element(raw));
                    }
                    TagKind::Statement => self.refuse_statement(parent, index),
                },
            }
        }
    }

    fn stray_text(&mut self, parent: &str, words: &str, text: &Text) {
        let words = words.trim();
        if words.is_empty() {
            return;
        }
        let offset = text.text.find(words).unwrap_or(0);
        let after =
            words.strip_prefix('<').map(|rest| rest.trim_start().trim_start_matches('/').trim_start());
        if after.is_some_and(|after| after.starts_with("mj")) {
            let problem = Problem::error("stray-text", text.pos.plus(offset), "this `<` begins no tag");
            self.problems.push(problem.help("no space may stand between `<` and the name"));
            return;
        }
        let shown = shortened(words, MAX_SHOWN_CHARS);
        let message = format!("text stands directly in `<{parent}>`: \"{shown}\"");
        let help = match parent {
            "mj-column" | "mj-hero" => "put it into an `<mj-text>`",
            "mj-body" | "mj-wrapper" | "mj-section" | "mj-group" => {
                "put it into an `<mj-text>` in an `<mj-column>`"
            }
            _ => "remove it",
        };
        self.problems.push(Problem::error("stray-text", text.pos.plus(offset), message).help(help));
    }

    fn refuse_print(&mut self, parent: &str, index: usize) {
        let tag = self.tags.get(index);
        let message = format!("`{}` stands directly in `<{parent}>`, where no text can stand", tag.written());
        let help = if parent.starts_with("mj-") && parent != "mj-table" {
            "put it into an `<mj-text>`"
        } else {
            "put it into a `<td>`"
        };
        let finding = Finding::error("stray-tag", message).help(help).at(tag.place.clone());
        self.problems.push(Problem::placed(finding));
    }

    fn refuse_statement(&mut self, parent: &str, index: usize) {
        let tag = self.tags.get(index);
        let (message, help) = match parent {
            "mj-section" | "mj-group" => (
                format!(
                    "`{}` stands around a column: a column more or less changes the width of the others",
                    tag.written()
                ),
                "put the condition around the whole `<mj-section>`, once for each case, or inside an `<mj-column>`",
            ),
            "mj-head" | "mj-attributes" => (
                format!("`{}` stands in `<{parent}>`, which is read once per issue", tag.written()),
                "a merge tag decides once per subscriber: put it into the body",
            ),
            _ => (
                format!("`{}` stands directly in `<{parent}>`", tag.written()),
                "put the condition around the whole element, or inside its text",
            ),
        };
        let finding = Finding::error("misplaced-condition", message).help(help).at(tag.place.clone());
        self.problems.push(Problem::placed(finding));
    }

    /// A comment as it lives on: conditional comments do, those of an `mj-raw`, and a condition that somebody put
    /// into a comment so that other programs leave it alone. Other comments are for those who write templates, not
    /// for readers.
    fn comment(&mut self, comment: &Text) -> Option<Node> {
        if is_conditional(&comment.text) {
            self.value(&comment.text, "this conditional comment");
            return Some(Node::Comment(comment.clone()));
        }
        match self.tags.split(comment.text.trim()).as_slice() {
            [Split::Tag(index)] if self.tags.get(*index).kind == TagKind::Statement => {
                Some(Node::Text(Text { text: self.tags.token(*index), pos: comment.pos }))
            }
            // A comment around a tag alone is taken off it in the end.
            [Split::Tag(_)] => None,
            _ if self.raw => {
                self.value(&comment.text, "this comment");
                Some(Node::Comment(comment.clone()))
            }
            _ => None,
        }
    }

    /// An element whose content is HTML, or an HTML element, and all below it.
    fn content(&mut self, element: &mut Element) {
        self.attributes(element);
        let raw_text = html_rules::is_raw_text(&element.name);
        let mut balance = Balance::new(self.tags, format!("`<{}>`", element.name));
        let mut out = Vec::with_capacity(element.children.len());
        for node in std::mem::take(&mut element.children) {
            let kept = match node {
                Node::Comment(comment) => self.comment(&comment),
                Node::Element(mut child) => {
                    self.content(&mut child);
                    Some(Node::Element(child))
                }
                Node::Text(text) => Some(Node::Text(text)),
            };
            if let Some(Node::Text(text)) = &kept {
                self.text(&element.name, text, &mut balance);
                if matches!(element.name.as_str(), "style" | "script") && self.tags.touches(&text.text) {
                    self.refuse_in_code(&format!("`<{}>`", element.name), element.pos);
                }
            }
            out.extend(
                kept.filter(|node| raw_text || !matches!(node, Node::Text(text) if text.text.is_empty())),
            );
        }
        element.children = out;
        balance.end(self.problems);
    }

    fn text(&mut self, parent: &str, text: &Text, balance: &mut Balance<'_>) {
        let in_table = html_rules::holds_no_text(parent) || parent == "mj-table";
        for piece in self.tags.split(&text.text) {
            match piece {
                Split::Tag(index) if self.tags.get(index).kind == TagKind::Statement => {
                    balance.see(index, self.problems);
                }
                Split::Tag(index) if in_table => self.refuse_print(parent, index),
                Split::Text(words) if in_table && !words.trim().is_empty() => {
                    let offset = text.text.find(words.trim()).unwrap_or(0);
                    let message =
                        format!("text stands directly in `<{parent}>`: it is shown above the table");
                    let problem = Problem::error("stray-text", text.pos.plus(offset), message);
                    self.problems.push(problem.help("put it into a `<td>`"));
                }
                Split::Tag(_) | Split::Text(_) => {}
            }
        }
    }

    fn refuse_in_code(&mut self, within: &str, pos: Pos) {
        let message = format!("a merge tag cannot stand in {within}");
        let help = "nothing can keep a subscriber's data from breaking out of it";
        self.problems.push(Problem::error("tag-in-style", pos, message).help(help));
    }

    fn attributes(&mut self, element: &Element) {
        for attribute in &element.attributes {
            if self.tags.touches(&attribute.name) && !element.name.starts_with("mj") {
                let message = "a merge tag cannot stand between the attributes of an element";
                let problem = Problem::error("tag-in-markup", attribute.pos, message);
                self.problems.push(problem.help("put it inside the quotes of an attribute's value"));
            }
            if let Some(value) = &attribute.value {
                if html_rules::is_handler(&attribute.name) && self.tags.touches(value) {
                    self.refuse_in_code(&format!("`{}`", attribute.name), attribute.pos);
                }
                self.value(value, &format!("the attribute `{}`", attribute.name));
            }
        }
        if self.tags.touches(&element.name) {
            let message = "a merge tag cannot name an element";
            self.problems.push(Problem::error("tag-in-markup", element.pos, message));
        }
    }

    /// Text that is one piece for conditions: an attribute's value, a comment.
    fn value(&mut self, value: &str, within: &str) {
        let mut balance = Balance::new(self.tags, within.to_owned());
        for piece in self.tags.split(value) {
            if let Split::Tag(index) = piece {
                balance.see(index, self.problems);
            }
        }
        balance.end(self.problems);
    }
}

impl<'a> Balance<'a> {
    fn new(tags: &'a TagTable, within: String) -> Self {
        Self { tags, within, open: Vec::new() }
    }

    /// The next tag in this element. Words other than these four are not of conditions, and not judged here.
    fn see(&mut self, index: usize, problems: &mut Problems) {
        let tag = self.tags.get(index);
        let word = tag.source.split(|c: char| !c.is_ascii_alphabetic()).next();
        let closed = match word {
            _ if tag.kind == TagKind::Print => return,
            Some("if") => {
                self.open.push(index);
                return;
            }
            Some("elif" | "else") => self.open.last().copied(),
            Some("endif") => self.open.pop(),
            _ => return,
        };
        if closed.is_none() {
            let message = format!("`{}` has no `{{% if … %}}` in {}", tag.written(), self.within);
            let help = "a condition begins and ends in the same element";
            let finding = Finding::error("crossed-condition", message).help(help).at(tag.place.clone());
            problems.push(Problem::placed(finding));
        }
    }

    /// The element ends here.
    fn end(self, problems: &mut Problems) {
        for index in self.open {
            let tag = self.tags.get(index);
            let message = format!("`{}` is not closed in {}, where it began", tag.written(), self.within);
            let help = "put its `{% endif %}` into the same element, or both around the whole of it";
            let finding = Finding::error("crossed-condition", message).help(help).at(tag.place.clone());
            problems.push(Problem::placed(finding));
        }
    }
}

/// The texts of an element that holds nothing but conditions.
fn statements(raw: Element) -> impl Iterator<Item = Text> {
    raw.children.into_iter().filter_map(|node| match node {
        Node::Text(text) | Node::Comment(text) => Some(text),
        Node::Element(_) => None,
    })
}

/// Where a condition may stand between elements: each of them is a whole, and comes or goes as one.
fn takes_conditions(parent: &str) -> bool {
    matches!(parent, "mj-body" | "mj-wrapper" | "mj-column" | "mj-hero")
}

fn holds(parent: &str, child: &str) -> bool {
    elements::find(parent).is_some_and(|spec| spec.children.contains(&child))
}
