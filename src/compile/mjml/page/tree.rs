//! HTML as a tree of its elements. Comments are not looked into: what is for Outlook alone is nobody else's element.

use crate::compile::mjml::{
    html_rules,
    lexer::{Lexer, RawAttribute, Token},
};

/// Why a page is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum PageError {
    #[error("the page that was drawn cannot be read")]
    Unreadable,
    #[error("the inlined style sheets have too many rules for a page of so many elements")]
    TooMuch,
}

/// More questions "does this selector mean this element" than this are not asked.
const MAX_QUESTIONS: usize = 10_000_000;

/// An element of the page; others are named by their index.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<RawAttribute<'a>>,
    pub(super) parent: Option<usize>,
    pub(super) previous: Option<usize>,
    pub(super) next: Option<usize>,
    pub(super) first_child: Option<usize>,
    /// Whether neither text nor an element stands in it.
    pub(super) empty: bool,
    /// The bytes of its start tag.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The byte after its end tag.
    pub(super) closed: usize,
}

impl<'a> Node<'a> {
    /// The value of an attribute, its entities as they were written.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|attribute| attribute.name == name)?.value
    }
}

/// The elements of a page or of a part of one, in the order of their start tags.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) html: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
}

impl<'a> Page<'a> {
    /// The elements of `html`.
    pub(super) fn parse(html: &'a str) -> Result<Self, PageError> {
        let mut builder = Builder { page: Self { html, nodes: Vec::new() }, open: Vec::new(), last: None };
        let mut lexer = Lexer::new(html);
        while let Some(token) = lexer.next() {
            let (start, token) = token.map_err(|_| PageError::Unreadable)?;
            match token {
                Token::Open { name, attributes, .. } => {
                    builder.open(name, attributes, start, lexer.offset());
                    if html_rules::is_raw_text(name) {
                        lexer.raw_text(name);
                    }
                }
                Token::Close { name } => builder.close(name, lexer.offset()),
                Token::Text(_) => builder.fill(),
                Token::Comment(_) => {}
            }
        }
        for node in builder.open {
            builder.page.nodes[node].closed = html.len();
        }
        Ok(builder.page)
    }

    /// Whether so many selectors are too many.
    pub(super) fn bear(&self, selectors: usize) -> Result<(), PageError> {
        match selectors.saturating_mul(self.nodes.len()) {
            ..=MAX_QUESTIONS => Ok(()),
            _ => Err(PageError::TooMuch),
        }
    }
}

struct Builder<'a> {
    page: Page<'a>,
    open: Vec<usize>,
    /// The element before, of those that stand side by side here.
    last: Option<usize>,
}

impl<'a> Builder<'a> {
    fn fill(&mut self) {
        if let Some(parent) = self.open.last() {
            self.page.nodes[*parent].empty = false;
        }
    }

    fn open(&mut self, name: &'a str, attributes: Vec<RawAttribute<'a>>, start: usize, end: usize) {
        let index = self.page.nodes.len();
        let parent = self.open.last().copied();
        self.fill();
        match (self.last, parent) {
            (Some(last), _) => self.page.nodes[last].next = Some(index),
            (None, Some(parent)) => self.page.nodes[parent].first_child = Some(index),
            (None, None) => {}
        }
        self.page.nodes.push(Node {
            name,
            attributes,
            parent,
            previous: self.last,
            next: None,
            first_child: None,
            empty: true,
            start,
            end,
            closed: end,
        });
        if html_rules::is_void(name) {
            self.last = Some(index);
        } else {
            self.open.push(index);
            self.last = None;
        }
    }

    /// An end tag that closes nothing says nothing.
    fn close(&mut self, name: &str, end: usize) {
        let Some(found) = self.open.iter().rposition(|node| self.page.nodes[*node].name == name) else {
            return;
        };
        self.last = Some(self.open[found]);
        for node in self.open.drain(found..) {
            self.page.nodes[node].closed = end;
        }
    }
}
