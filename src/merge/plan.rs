//! A build's template → the source of a minijinja template whose literal text is already what goes out.
//!
//! Every expression is parsed by itself before it is put in parentheses, and every value goes through the
//! filter [`PRINT`] with the number of its [`Site`], so that no expression can change how it is escaped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use minijinja::machinery::parse_expr;

use super::error::MergeError;
use super::qp;
use super::values::printed;
use crate::compile::{Context, Piece, Template};
use crate::expr::Schema;

/// The filter that escapes and encodes: `(expression)|PRINT(site)`.
pub(super) const PRINT: &str = "mailshot_print";
/// The filter that puts a fallback for an empty value: `(column|FALLBACK("column"))`.
pub(super) const FALLBACK: &str = "mailshot_fallback";
/// minijinja wants a comment delimiter; `{# #}` is ordinary text in a campaign. A control character stands in
/// no literal: they are encoded or dropped.
pub(super) const COMMENT: (&str, &str) = ("\u{1}", "\u{2}");

/// Which of the four templates of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Merged to characters.
    Subject,
    /// Merged to characters.
    Preheader,
    /// Merged to quoted-printable.
    Html,
    /// Merged to quoted-printable.
    Text,
}

impl Part {
    /// The template's name in the environment.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Preheader => "preheader",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// Whether it is merged straight to its transfer encoding.
    pub(super) fn encoded(self) -> bool {
        matches!(self, Self::Html | Self::Text)
    }

    /// Whether values escaped for `context` are safe in this part.
    fn admits(self, context: Context) -> bool {
        match self {
            Self::Subject => context == Context::Header,
            Self::Preheader | Self::Text => {
                matches!(context, Context::Text | Context::TextUrl | Context::TextUrlPart)
            }
            Self::Html => matches!(
                context,
                Context::Html | Context::HtmlAttribute | Context::HtmlUrl | Context::HtmlUrlPart
            ),
        }
    }
}

/// Where one value is printed.
#[derive(Debug)]
pub(super) struct Site {
    /// What was written between the braces.
    pub(super) expression: String,
    /// How it is escaped.
    pub(super) context: Context,
    /// Whether it is then encoded as quoted-printable.
    pub(super) encoded: bool,
}

/// The source of one template.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// For minijinja.
    pub(super) text: String,
    /// Which bytes of it were written at which place, in order.
    pub(super) places: Vec<(Range<usize>, String)>,
}

impl Source {
    /// The place of the tag that holds the byte `offset` of the source, or of the last one before it.
    pub(super) fn place(&self, offset: usize) -> Option<&str> {
        let after = self.places.partition_point(|(range, _)| range.start <= offset);
        self.places[..after].last().map(|(_, place)| place.as_str())
    }
}

/// The source of `template`; its values' sites are added to `sites`.
pub(super) fn source(
    template: &Template,
    part: Part,
    schema: &Schema,
    fallbacks: &BTreeMap<String, String>,
    sites: &mut Vec<Site>,
) -> Result<Source, MergeError> {
    let mut out = Source::default();
    for piece in &template.0 {
        let start = out.text.len();
        match piece {
            Piece::Literal(text) if part.encoded() => qp::encode(text, &mut out.text),
            Piece::Literal(text) => push_plain(text, &mut out.text),
            Piece::Print { expression, context, place } => {
                if !part.admits(*context) {
                    return Err(MergeError::at(
                        place,
                        format!("a value escaped as {context:?} cannot stand in the {} part", part.name()),
                    ));
                }
                check_expression(expression, place)?;
                let printing = with_fallbacks(expression, schema, fallbacks);
                // Writing to a string does not fail.
                let _ = write!(out.text, "{{{{ ({printing})|{PRINT}({}) }}}}", sites.len());
                sites.push(Site {
                    expression: expression.clone(),
                    context: *context,
                    encoded: part.encoded(),
                });
                out.places.push((start..out.text.len(), place.clone()));
            }
            Piece::Statement { statement, place } => {
                check_statement(statement, place)?;
                let _ = write!(out.text, "{{% {statement} %}}");
                out.places.push((start..out.text.len(), place.clone()));
            }
        }
    }
    Ok(out)
}

/// A literal of a template that is merged to characters: its braces printed, control characters dropped.
fn push_plain(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '{' => out.push_str("{{ '{' }}"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

/// An expression that is whole by itself can be put in parentheses without changing what it means.
fn check_expression(expression: &str, place: &str) -> Result<(), MergeError> {
    parse_expr(expression).map(|_| ()).map_err(|error| {
        let detail = error.detail().unwrap_or("it cannot be read").to_owned();
        MergeError::at(place, format!("`{expression}` is no expression: {detail}"))
    })
}

/// `if …`, `elif …`, `else` and `endif` are all the statements there are.
fn check_statement(statement: &str, place: &str) -> Result<(), MergeError> {
    let (keyword, rest) = statement.trim().split_once(char::is_whitespace).unwrap_or((statement.trim(), ""));
    match (keyword, rest.trim()) {
        ("if" | "elif", condition) if !condition.is_empty() => check_expression(condition, place),
        ("else" | "endif", "") => Ok(()),
        _ => Err(MergeError::at(
            place,
            format!("`{{% {statement} %}}` is none of the merge statements: if, elif, else, endif"),
        )),
    }
}

/// `expression` with each printed column that has a fallback asking for it.
fn with_fallbacks(expression: &str, schema: &Schema, fallbacks: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(expression.len() + 32);
    let mut rest = 0;
    for (range, column) in printed(expression, schema) {
        if fallbacks.contains_key(&column) {
            out.push_str(&expression[rest..range.start]);
            let _ = write!(out, "({column}|{FALLBACK}('{column}'))");
            rest = range.end;
        }
    }
    out.push_str(&expression[rest..]);
    out
}
