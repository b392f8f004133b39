//! HTML as lines to compare: its DOM, with everything aside in which two right renderings may differ: white space,
//! the order of attributes and of classes, generated ids, how a number is written. What stands in a conditional
//! comment is read too, for Outlook shows it.

use std::collections::HashMap;
use std::fmt::Write as _;

use scraper::Html;
use scraper::node::{Element, Node};

/// The lines of this page.
pub(crate) fn lines(html: &str) -> Vec<String> {
    let mut out = Lines { lines: Vec::new(), ids: HashMap::new() };
    out.walk(&Html::parse_document(&joined(&uncommented(html))), 0);
    out.lines
}

/// Without comments that no program reads: mjml sends on what a template's author noted for themselves, mailshot does
/// not. Of those that hold a condition of the merge, so that mjml leaves it alone, the condition stays.
pub(crate) fn uncommented(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = match after.split_once("-->") {
            Some((comment, after)) if !is_for_browsers(comment) => {
                if is_statement(comment.trim()) {
                    out.push_str(comment.trim());
                }
                after
            }
            _ => {
                out.push_str("<!--");
                after
            }
        };
    }
    out + rest
}

fn is_for_browsers(comment: &str) -> bool {
    comment.trim().starts_with("[if") || comment.ends_with("[endif]") || comment.trim() == "<!"
}

fn is_statement(comment: &str) -> bool {
    comment.starts_with("{%") && comment.find("%}") == Some(comment.len().saturating_sub(2))
}

/// Conditional comments of one condition with nothing between them are one.
fn joined(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<![endif]-->") {
        let after = &rest[at + "<![endif]-->".len()..];
        if let Some(next) = after.trim_start().strip_prefix("<!--[if mso | IE]>") {
            out.push_str(&rest[..at]);
            rest = next;
        } else {
            out.push_str(&rest[..rest.len() - after.len()]);
            rest = after;
        }
    }
    out + rest
}

struct Lines {
    lines: Vec<String>,
    /// Generated ids, by the order of their first appearance.
    ids: HashMap<String, usize>,
}

impl Lines {
    fn walk(&mut self, html: &Html, depth: usize) {
        // Without recursion: the corpus nests deeply.
        let mut stack: Vec<_> = html.tree.root().children().rev().map(|node| (node, depth)).collect();
        while let Some((node, depth)) = stack.pop() {
            match node.value() {
                Node::Element(element) => self.element(element, depth),
                Node::Text(text) => {
                    let parent = node.parent().and_then(|parent| parent.value().as_element());
                    let css = parent.is_some_and(|parent| parent.name() == "style");
                    self.text(text, css, depth);
                }
                Node::Comment(comment) => self.comment(comment, depth),
                Node::Document | Node::Fragment | Node::Doctype(_) | Node::ProcessingInstruction(_) => {}
            }
            stack.extend(node.children().rev().map(|child| (child, depth + 1)));
        }
    }

    fn push(&mut self, depth: usize, line: &str) {
        self.lines.push(format!("{:depth$}{line}", ""));
    }

    fn element(&mut self, element: &Element, depth: usize) {
        let mut attributes: Vec<_> = element.attrs().collect();
        attributes.sort_unstable();
        let mut line = format!("<{}", element.name());
        for (name, value) in attributes {
            let value = match name {
                "style" => zeros(&declarations(value)),
                "class" => classes(&self.known(value)),
                "width" | "height" => zeros(value),
                _ => words(value),
            };
            let value = self.known(&numbers(&value));
            // An empty class or style says nothing.
            if !(value.is_empty() && matches!(name, "class" | "style")) {
                let _ = write!(line, " {name}={value:?}");
            }
        }
        self.push(depth, &line);
    }

    fn text(&mut self, text: &str, css: bool, depth: usize) {
        let text = if css { sheet(text) } else { apart(&words(text)) };
        if !text.is_empty() {
            let text = self.known(&if css { numbers(&text) } else { text });
            self.push(depth, &text);
        }
    }

    /// A comment; of a conditional one, what stands in it tag by tag, for it need not be balanced.
    fn comment(&mut self, comment: &str, depth: usize) {
        let Some((condition, inside)) = comment.split_once("]>").filter(|_| comment.starts_with("[if"))
        else {
            let words = words(comment);
            return self.push(depth, &format!("<!--{words}-->"));
        };
        self.push(depth, &format!("<!--{condition}]"));
        let inside = inside.trim_end_matches("<![endif]").trim_end_matches("<!");
        for (at, piece) in inside.split('<').enumerate() {
            let (tag, text) =
                if at == 0 { ("", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
            let name = tag.split([' ', '/', '\n']).next().unwrap_or_default();
            if tag.starts_with(['/', '?', '!']) || name.contains(':') {
                let tag = self.known(&numbers(&vml(tag)));
                self.push(depth + 1, &format!("<{tag}"));
            } else if !tag.is_empty() {
                let fragment = Html::parse_fragment(&in_its_place(tag));
                let element = fragment.tree.nodes().rev().find_map(|node| match node.value() {
                    Node::Element(element) if element.name() == name => Some(element.clone()),
                    _ => None,
                });
                match element {
                    Some(element) => self.element(&element, depth + 1),
                    None => self.push(depth + 1, &format!("<{}", words(tag))),
                }
            }
            let text = words(text);
            if !text.is_empty() {
                self.push(depth + 1, &text);
            }
        }
    }

    /// `text` with generated ids replaced by numbers: MJML makes 16 hexadecimal digits, mrml eight letters.
    fn known(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for word in pieces(text) {
            if is_generated(word) {
                let next = self.ids.len();
                let number = *self.ids.entry(word.to_owned()).or_insert(next);
                let _ = write!(out, "ID{number}");
            } else {
                out.push_str(word);
            }
        }
        out
    }
}

/// What the parser needs around a part of a table to keep it.
fn in_its_place(tag: &str) -> String {
    match tag.split([' ', '/', '\n']).next().unwrap_or_default() {
        "tr" | "tbody" | "thead" => format!("<table><{tag}>"),
        "td" | "th" => format!("<table><tr><{tag}>"),
        _ => format!("<{tag}>"),
    }
}

/// Runs of letters and digits, and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).flat_map(|piece| {
        let end = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len();
        [&piece[..end], &piece[end..]]
    })
}

fn is_generated(word: &str) -> bool {
    matches!(word.len(), 8 | 16)
        && word.bytes().all(|b| b.is_ascii_hexdigit())
        && word.bytes().any(|b| b.is_ascii_digit())
}

fn words(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text of conditions alone without the space between them: it stands between rows, where no space is shown.
fn apart(text: &str) -> String {
    if text.split_inclusive("%}").all(|piece| is_statement(piece.trim())) {
        return text.replace("%} {%", "%}{%");
    }
    text.to_owned()
}

/// A length of nothing has no unit that matters.
fn zeros(style: &str) -> String {
    let words = style.split_inclusive([' ', ':', ';', '"']).map(|word| {
        let end = word.trim_end_matches([' ', ':', ';', '"']).len();
        let (bare, after) = word.split_at(end);
        [if bare == "0px" { "0" } else { bare }, after].concat()
    });
    words.collect()
}

fn classes(text: &str) -> String {
    let mut classes: Vec<_> = text.split_ascii_whitespace().collect();
    classes.sort_unstable();
    classes.join(" ")
}

/// Declarations in their order, which matters; the last `;` does not, nor does space.
fn declarations(style: &str) -> String {
    let parts = style.split(';').map(|part| match part.split_once(':') {
        Some((name, value)) => format!("{}:{}", name.trim(), words(value)),
        None => words(part),
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(";")
}

/// A style sheet without the space that means nothing.
fn sheet(css: &str) -> String {
    let mut out = words(css);
    for mark in ["{", "}", ":", ";", ",", "+", ">", "~", "!"] {
        out = out.replace(&format!(" {mark}"), mark).replace(&format!("{mark} "), mark);
    }
    out.replace(";}", "}")
}

fn vml(tag: &str) -> String {
    let tag = zeros(&tag.replace(";\"", "\""));
    let mut parts: Vec<_> = tag.trim_end_matches('/').split_ascii_whitespace().collect();
    if let Some((_, attributes)) = parts.split_first_mut() {
        attributes.sort_unstable();
    }
    parts.join(" ")
}

/// Numbers with three decimals at most: one side computes with 32 bits, the other with 64. In a class name the point
/// is written as `-`.
fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let after = &rest[whole..];
        let fraction = after.strip_prefix(['.', '-']).unwrap_or_default();
        let digits = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        if digits > 3 {
            let number: f64 = format!("{}.{}", &rest[..whole], &fraction[..digits]).parse().unwrap();
            let _ = write!(out, "{}", (number * 1000.0).round() / 1000.0);
            rest = &fraction[digits..];
        } else {
            out.push_str(&rest[..whole]);
            rest = after;
        }
    }
    out + rest
}
