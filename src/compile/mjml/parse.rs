//! Tokens → tree. Tags are balanced here: MJML's strictly, HTML's as leniently as HTML allows, so that what
//! comes out is well formed. The first tag out of balance ends it, for what follows would be noise.

use super::{
    advice,
    elements::{self, Content},
    html_rules,
    lexer::{Lexer, RawAttribute, Token},
    problems::{Problem, Problems},
    source::{Pos, Texts},
    tree::{Attribute, Element, Node, Text},
};
use crate::finding::nearest;

/// Deeper nesting of MJML elements is refused: mrml overflows its stack a few hundred levels down.
pub(super) const MAX_MJML_DEPTH: usize = 64;
/// Deeper nesting of HTML elements in one piece of content is refused.
const MAX_HTML_DEPTH: usize = 200;
/// More elements than this in one document are refused.
const MAX_ELEMENTS: usize = 10_000;

/// What a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// MJML elements.
    Mjml,
    /// HTML.
    Html,
}

/// What is left of the limits that hold for a whole document.
#[derive(Debug)]
pub(super) struct Budget {
    elements: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { elements: MAX_ELEMENTS }
    }
}

/// The tree of the text of this number. Warnings go to `problems`.
pub(super) fn parse(
    texts: &Texts,
    source: usize,
    mode: Mode,
    budget: &mut Budget,
    problems: &mut Problems,
) -> Result<Vec<Node>, Problem> {
    let builder = Builder { source, mode, budget, problems, stack: Vec::new(), roots: Vec::new() };
    builder.run(texts.text(source))
}

/// An element that is not closed yet.
struct Open {
    element: Element,
    /// What its content is.
    mode: Mode,
}

struct Builder<'a> {
    source: usize,
    mode: Mode,
    budget: &'a mut Budget,
    problems: &'a mut Problems,
    stack: Vec<Open>,
    roots: Vec<Node>,
}

impl Builder<'_> {
    fn run(mut self, text: &str) -> Result<Vec<Node>, Problem> {
        let mut lexer = Lexer::new(text);
        while let Some(token) = lexer.next() {
            let (offset, token) = token.map_err(|(offset, kind)| {
                Problem::error("broken-tag", Texts::pos(self.source, offset), kind.to_string())
                    .help(kind.help())
            })?;
            let pos = Texts::pos(self.source, offset);
            match token {
                Token::Text(text) => self.add(Node::Text(Text { text: text.to_owned(), pos })),
                Token::Comment(text) => self.add(Node::Comment(Text { text: text.to_owned(), pos })),
                Token::Close { name } => self.close(&name.to_ascii_lowercase(), pos)?,
                Token::Open { name, attributes, closed } => {
                    let written = name;
                    let name = name.to_ascii_lowercase();
                    if name.starts_with("mj") && name != written {
                        self.upper_case(written, &name, pos);
                    }
                    let raw = html_rules::is_raw_text(&name) && !closed;
                    self.open(&name, attributes, closed, pos)?;
                    if raw {
                        let (offset, text) = lexer.raw_text(&name);
                        let pos = Texts::pos(self.source, offset);
                        self.add(Node::Text(Text { text: text.to_owned(), pos }));
                    }
                }
            }
        }
        while let Some(open) = self.stack.last() {
            if is_unknown(&open.element.name) {
                return Err(self.unknown(&open.element));
            }
            if !html_rules::end_is_optional(&open.element.name) {
                return Err(unclosed(&open.element, "at the end of the file"));
            }
            self.pop();
        }
        Ok(self.roots)
    }

    fn upper_case(&mut self, written: &str, name: &str, pos: Pos) {
        let message = format!("`<{written}>` is taken for `<{name}>`: MJML is written in lower case");
        let problem = Problem::warning("upper-case", pos, message);
        self.problems
            .push(problem.help(format!("write `<{name}>` and `</{name}>`; no other program knows it so")));
    }

    fn mode(&self) -> Mode {
        self.stack.last().map_or(self.mode, |open| open.mode)
    }

    fn add(&mut self, node: Node) {
        match self.stack.last_mut() {
            Some(open) => open.element.children.push(node),
            None => self.roots.push(node),
        }
    }

    fn pop(&mut self) {
        if let Some(open) = self.stack.pop() {
            self.add(Node::Element(open.element));
        }
    }

    fn open(
        &mut self,
        name: &str,
        raw: Vec<RawAttribute<'_>>,
        closed: bool,
        pos: Pos,
    ) -> Result<(), Problem> {
        let is_mjml = name.starts_with("mj-") || name == "mjml";
        if self.mode() == Mode::Html {
            if is_mjml {
                return Err(self.mjml_in_html(name, pos));
            }
            self.close_implied(name, pos);
        }
        self.spend(pos)?;
        let attributes = self.attributes(name, raw);
        let element = Element { attributes, ..Element::new(name, pos, Vec::new()) };
        if closed || html_rules::is_void(name) && !is_mjml {
            self.add(Node::Element(element));
            return Ok(());
        }
        let container = elements::find(name).is_none_or(|spec| spec.content == Content::Elements);
        let mode = if is_mjml && container { Mode::Mjml } else { Mode::Html };
        self.stack.push(Open { element, mode });
        self.check_depth(pos)
    }

    fn attributes(&mut self, tag: &str, raw: Vec<RawAttribute<'_>>) -> Vec<Attribute> {
        let is_html = !tag.starts_with("mj");
        let mut attributes: Vec<Attribute> = Vec::with_capacity(raw.len());
        for RawAttribute { name, value, curly, offset } in raw {
            let pos = Texts::pos(self.source, offset);
            if curly {
                let message = format!("the quotes around the value of `{name}` are typographic ones");
                let problem = Problem::error("curly-quotes", pos, message).in_value("");
                self.problems.push(problem.help("word processors make them: write straight ones, `\"`"));
            }
            let name = if is_html { name.to_ascii_lowercase() } else { name.to_owned() };
            if attributes.iter().any(|attribute| attribute.name == name) {
                let message = format!("`{name}` is given twice on this `<{tag}>`: the first counts");
                self.problems
                    .push(Problem::warning("duplicate-attribute", pos, message).help("remove one of them"));
                continue;
            }
            attributes.push(Attribute { name, value: value.map(str::to_owned), pos });
        }
        attributes
    }

    fn spend(&mut self, pos: Pos) -> Result<(), Problem> {
        let Some(left) = self.budget.elements.checked_sub(1) else {
            let message = format!("more than {MAX_ELEMENTS} elements in one email");
            return Err(Problem::error("too-many-elements", pos, message));
        };
        self.budget.elements = left;
        Ok(())
    }

    fn check_depth(&self, pos: Pos) -> Result<(), Problem> {
        let html = self.stack.iter().rev().take_while(|open| open.mode == Mode::Html).count();
        let limit = if html > 0 { MAX_HTML_DEPTH } else { MAX_MJML_DEPTH };
        let mjml = self.stack.len() - html;
        if html <= MAX_HTML_DEPTH && mjml <= MAX_MJML_DEPTH {
            return Ok(());
        }
        let message = format!("elements are nested more than {limit} deep");
        Err(Problem::error("too-deep", pos, message).help("an end tag is probably missing before this one"))
    }

    /// Ends the elements whose end tag may be left out before the HTML start tag `start`.
    fn close_implied(&mut self, start: &str, pos: Pos) {
        while self.stack.last().is_some_and(|open| html_rules::ends(&open.element.name, start)) {
            self.pop();
        }
        if !html_rules::ends("p", start) {
            return;
        }
        let in_scope = self
            .stack
            .iter()
            .rev()
            .take_while(|open| open.mode == Mode::Html && !html_rules::shields_p(&open.element.name));
        if let Some(p) = in_scope.map(|open| &open.element).find(|element| element.name == "p") {
            let message =
                format!("a `<{start}>` cannot stand inside this `<p>`: mail programs end the paragraph");
            let problem = Problem::warning("block-in-paragraph", pos, message).opener(p.pos);
            self.problems.push(problem.help(format!("close the `<p>` before the `<{start}>`")));
        }
    }

    fn close(&mut self, name: &str, pos: Pos) -> Result<(), Problem> {
        if self.mode() == Mode::Html && html_rules::is_void(name) {
            self.close_void(name, pos);
            return Ok(());
        }
        // An end tag of HTML reaches no further than the MJML element around it.
        let reach = match self.mode() {
            Mode::Mjml => 1,
            Mode::Html => self.stack.iter().rev().take_while(|open| open.mode == Mode::Html).count(),
        };
        let reach = if name.starts_with("mj") { self.stack.len() } else { reach };
        let from = self.stack.len().saturating_sub(reach);
        let Some(found) = self.stack[from..].iter().rposition(|open| open.element.name == name) else {
            return Err(self.stray(name, pos));
        };
        let keep = from + found;
        if let Some(open) =
            self.stack[keep + 1..].iter().rfind(|o| !html_rules::end_is_optional(&o.element.name))
        {
            if is_unknown(&open.element.name) {
                return Err(self.unknown(&open.element));
            }
            return Err(unclosed(&open.element, &format!("before `</{name}>`")).opener(pos));
        }
        while self.stack.len() > keep {
            self.pop();
        }
        Ok(())
    }

    /// `</br>` is a line break to every browser, unless it closes a `<br>`; other void elements' end tags say nothing.
    fn close_void(&mut self, name: &str, pos: Pos) {
        let siblings = self.stack.last().map_or(&self.roots, |open| &open.element.children);
        let closes = siblings.last().and_then(Node::element).is_some_and(|last| last.name == name);
        if name == "br" && !closes {
            self.add(Node::Element(Element::new("br", pos, Vec::new())));
        }
    }

    fn stray(&self, name: &str, pos: Pos) -> Problem {
        let message = format!("`</{name}>` closes nothing");
        if name == "p" {
            let help =
                "a block such as `<div>`, `<ul>` or `<table>` ends the paragraph: write `</p>` before it";
            return Problem::error("unbalanced-tag", pos, message).help(help);
        }
        match self.stack.last() {
            Some(open) if is_unknown(&open.element.name) => self.unknown(&open.element),
            Some(open)
                if open.mode == Mode::Mjml && nearest(name, [open.element.name.as_str()]).is_some() =>
            {
                let inner = &open.element;
                let message = format!("`</{name}>` does not close `<{}>`", inner.name);
                Problem::error("unbalanced-tag", pos, message)
                    .opener(inner.pos)
                    .help(format!("write `</{}>`", inner.name))
            }
            // Of an element that may begin here, the beginning is missing.
            Some(open)
                if elements::find(&open.element.name).is_some_and(|spec| spec.children.contains(&name)) =>
            {
                Problem::error("unbalanced-tag", pos, message)
                    .help(format!("remove it, or write `<{name}>` where it begins"))
            }
            Some(open) if open.element.name.strip_prefix("mj-") == Some(name) => {
                let inner = &open.element;
                Problem::error(
                    "unbalanced-tag",
                    pos,
                    format!("`</{name}>` does not close `<{}>`", inner.name),
                )
                .opener(inner.pos)
                .help(format!("write `</{}>`", inner.name))
            }
            Some(open) if open.element.name.starts_with("mj") && !name.starts_with("mj") => {
                Problem::error("unbalanced-tag", pos, message)
                    .help(format!("remove it, or write `<{name}>` where it begins"))
            }
            Some(open) => {
                let inner = &open.element;
                Problem::error(
                    "unbalanced-tag",
                    pos,
                    format!("{message}: what is open here is `<{}>`", inner.name),
                )
                .opener(inner.pos)
                .help(format!("remove it, or write `</{}>`", inner.name))
            }
            None => Problem::error("unbalanced-tag", pos, message).help("remove it"),
        }
    }

    /// An element that MJML does not know, found where its end tag is missed.
    fn unknown(&self, element: &Element) -> Problem {
        let parent = self.stack.iter().rev().skip_while(|open| open.element.pos != element.pos).nth(1);
        advice::unknown(element, parent.map_or("mjml", |open| open.element.name.as_str()))
    }

    fn mjml_in_html(&self, name: &str, pos: Pos) -> Problem {
        // The element whose content this is; an HTML include has none.
        let around = self.stack.iter().rposition(|open| open.element.name.starts_with("mj"));
        // HTML in its place: of a whole page, as of other tools.
        let html = self.stack.get(around.map_or(0, |at| at + 1)).map(|open| &open.element);
        let outer = around.map_or(Some(self.mode), |at| self.stack.get(at).map(|open| open.mode));
        if let (Some(Mode::Mjml), Some(html)) = (outer, html.filter(|html| is_page(&html.name))) {
            return Problem::error("no-mjml", html.pos, format!("`<{}>` is HTML, not MJML", html.name))
                .help("a layout is `<mjml>`, in it `<mj-head>` if need be, and `<mj-body>`");
        }
        let Some(Open { element, mode }) = around.and_then(|at| self.stack.get(at)) else {
            let help = if name == "mjml" {
                "a layout begins with `<mjml>`, and MJML writes the HTML around it: remove the tags before it"
            } else {
                "include the file as MJML (without `type`), or keep MJML elements out of it"
            };
            return Problem::error("misplaced-element", pos, format!("`<{name}>` cannot stand in HTML"))
                .help(help);
        };
        if let (Mode::Mjml, Some(Open { element: html, .. })) =
            (mode, around.and_then(|at| self.stack.get(at + 1)))
        {
            let message = format!("`<{name}>` cannot stand inside `<{}>`, which is HTML", html.name);
            return Problem::error("misplaced-element", pos, message).opener(html.pos).help(format!(
                "close it with `</{}>` before this tag; HTML stands in an `<mj-text>`",
                html.name
            ));
        }
        if holds_nothing(&element.name) {
            return unclosed(element, &format!("before `<{name}>`")).opener(pos);
        }
        let message = format!("`<{name}>` cannot stand inside `<{}>`, which holds HTML", element.name);
        let help = if element.name == name {
            format!("write `</{name}>` if it ends here, or before this tag if another one begins")
        } else {
            format!("close it with `</{}>` before this tag", element.name)
        };
        Problem::error("misplaced-element", pos, message).opener(element.pos).help(help)
    }
}

/// Whether it is an element that an HTML page is made of.
fn is_page(name: &str) -> bool {
    matches!(name, "html" | "head" | "body")
}

fn unclosed(element: &Element, until: &str) -> Problem {
    let name = &element.name;
    let message = format!("`<{name}>` is not closed {until}");
    let help = if holds_nothing(name) {
        format!("end the tag with `/>`: `<{name} … />` holds nothing")
    } else if name.starts_with("mj") {
        format!("add `</{name}>` where it ends")
    } else {
        format!("add `</{name}>`, or write `&lt;` if this `<` is meant as text")
    };
    Problem::error("unbalanced-tag", element.pos, message).help(help)
}

/// Whether nothing may stand in it.
fn holds_nothing(name: &str) -> bool {
    elements::find(name)
        .map_or(matches!(name, "mj-class" | "mj-all" | "mj-include"), |spec| spec.content == Content::Nothing)
}

/// Whether it is named like an element of MJML, which has none of this name.
fn is_unknown(name: &str) -> bool {
    let special =
        ["mj-include", "mj-all", "mj-class", "mj-html-attributes", "mj-selector", "mj-html-attribute"];
    name.starts_with("mj-") && !special.contains(&name) && elements::find(name).is_none()
}
