//! What drawn elements need in the page's head.

use std::fmt::Write as _;

use super::boxes::{Length, pixels};

/// Media queries and style sheets, in the order of their first use.
#[derive(Debug)]
pub(in super::super) struct Head {
    /// The width from which a screen is wide.
    breakpoint: String,
    /// Classes that set a column's width on wide screens.
    queries: Vec<(String, Length)>,
    /// Style sheets of one element each.
    own: Vec<String>,
    /// Style sheets of all elements of a name.
    common: Vec<(&'static str, String)>,
}

impl Head {
    /// Nothing yet.
    pub(super) fn new(breakpoint: &str) -> Self {
        let breakpoint = breakpoint.to_owned();
        Self { breakpoint, queries: Vec::new(), own: Vec::new(), common: Vec::new() }
    }

    /// A class of this width. One name stands for one width; the last says which.
    pub(super) fn column_class(&mut self, name: &str, width: Length) {
        match self.queries.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = width,
            None => self.queries.push((name.to_owned(), width)),
        }
    }

    /// A style sheet that all elements of this name share; it is told the width up to which a screen is narrow.
    pub(super) fn style_once(&mut self, name: &'static str, css: impl FnOnce(&str) -> String) {
        if !self.common.iter().any(|(known, _)| *known == name) {
            let narrow = format!("{}px", pixels(&self.breakpoint) - 1.0);
            self.common.push((name, css(&narrow)));
        }
    }

    /// A style sheet for one element alone.
    pub(super) fn style(&mut self, css: String) {
        self.own.push(css);
    }

    /// The media queries; `desktop` forces Outlook on the web to show columns.
    pub(in super::super) fn media_queries(&self, desktop: bool) -> String {
        if self.queries.is_empty() {
            return String::new();
        }
        let rules = |before: &str| {
            let rules = self.queries.iter().map(|(class, width)| {
                let width = match width {
                    Length::Pixels(width) => format!("{width}px"),
                    Length::Percent(share) => format!("{share}%"),
                };
                format!("{before}.{class} {{ width:{width} !important; max-width: {width}; }}\n")
            });
            rules.collect::<String>()
        };
        let breakpoint = &self.breakpoint;
        let mut out = String::new();
        let _ = write!(
            out,
            "<style type=\"text/css\">@media only screen and (min-width:{breakpoint}) {{\n{}}}</style>\
             <style media=\"screen and (min-width:{breakpoint})\">\n{}</style>",
            rules(""),
            rules(".moz-text-html ")
        );
        if desktop {
            let _ = write!(out, "<style type=\"text/css\">\n{}</style>", rules("[owa] "));
        }
        out
    }

    /// The style sheets of the drawn elements, as one.
    pub(in super::super) fn style_sheet(&self) -> String {
        let sheets = self.own.iter().chain(self.common.iter().map(|(_, css)| css));
        let sheets: Vec<_> = sheets.map(String::as_str).collect();
        if sheets.is_empty() {
            String::new()
        } else {
            format!("<style type=\"text/css\">{}</style>", sheets.join("\n"))
        }
    }
}
