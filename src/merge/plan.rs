//! A build's template → the source of a minijinja template whose literal text is already what goes out.
//!
//! Every expression is parsed by itself before it is put in parentheses, and every value goes through the
//! filter [`PRINT`] with the number of its [`Site`], so that no expression can change how it is escaped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::error::MergeError;
use super::qp;
use crate::campaign::{Shape, is_markable};
use crate::compile::{Context, Piece, Template};
use crate::expr::{ExprError, Names, Purpose, Schema, Statement, analyse, statement};

/// The filter that escapes and encodes: `(expression)|PRINT(site)`.
pub(super) const PRINT: &str = "mailshot_print";
/// The filter that puts a fallback for an empty value: `(column|FALLBACK("column"))`.
pub(super) const FALLBACK: &str = "mailshot_fallback";
/// The filter around a paragraph of the text part: wraps and encodes what is inside, `filter FILL(shape)`.
pub(super) const FILL: &str = "mailshot_fill";
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
    /// Whether it holds paragraphs that are wrapped after the merge.
    pub(super) has_paragraphs: bool,
}

impl Source {
    /// The place of the tag that holds the byte `offset` of the source, or of the last one before it.
    pub(super) fn place(&self, offset: usize) -> Option<&str> {
        let after = self.places.partition_point(|(range, _)| range.start <= offset);
        self.places[..after].last().map(|(_, place)| place.as_str())
    }
}

/// What the source of a template refers to by number.
#[derive(Debug, Default)]
pub(super) struct Referred {
    /// Where values are printed.
    pub(super) sites: Vec<Site>,
    /// How paragraphs lie on the page.
    pub(super) shapes: Vec<Shape>,
}

/// The source of `template`; what it refers to is added to `referred`.
pub(super) fn source(
    template: &Template,
    part: Part,
    language: Language<'_>,
    referred: &mut Referred,
) -> Result<Source, MergeError> {
    let mut out = Source::default();
    let mut filling = false;
    for piece in &template.0 {
        let start = out.text.len();
        match piece {
            Piece::Paragraph(shape) if part == Part::Text && !filling => {
                let _ = write!(out.text, "{{% filter {FILL}({}) %}}", referred.shapes.len());
                referred.shapes.push(shape.clone());
                (filling, out.has_paragraphs) = (true, true);
            }
            Piece::End if filling => {
                out.text.push_str("{% endfilter %}");
                filling = false;
            }
            Piece::Paragraph(_) | Piece::End => {
                return Err(MergeError::new(format!("a paragraph is torn in the {} part", part.name())));
            }
            Piece::Literal(text) if filling => push_marked(text, &mut out.text),
            Piece::Literal(text) if part.encoded() => qp::encode(text, &mut out.text),
            Piece::Literal(text) => push_plain(text, &mut out.text),
            Piece::Print { expression, context, place } => {
                if !part.admits(*context) {
                    return Err(MergeError::at(
                        place,
                        format!("a value escaped as {context:?} cannot stand in the {} part", part.name()),
                    ));
                }
                let printing =
                    language.printing(expression).map_err(|why| MergeError::at(place, why.message))?;
                // Writing to a string does not fail.
                let _ = write!(out.text, "{{{{ ({printing})|{PRINT}({}) }}}}", referred.sites.len());
                referred.sites.push(Site {
                    expression: expression.clone(),
                    context: *context,
                    encoded: part.encoded() && !filling,
                });
                out.places.push((start..out.text.len(), place.clone()));
            }
            Piece::Statement { statement, place } => {
                let deciding =
                    language.deciding(statement).map_err(|why| MergeError::at(place, why.message))?;
                let _ = write!(out.text, "{{% {deciding} %}}");
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

/// A literal inside of a paragraph: its braces printed, its marks kept.
fn push_marked(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '{' => out.push_str("{{ '{' }}"),
            c if is_markable(c) => out.push(c),
            _ => {}
        }
    }
}

/// What expressions are read against.
#[derive(Clone, Copy)]
pub(super) struct Language<'a> {
    pub(super) schema: &'a Schema,
    pub(super) constants: &'a BTreeMap<String, serde_json::Value>,
    pub(super) fallbacks: &'a BTreeMap<String, String>,
}

impl Language<'_> {
    /// What to run for a print tag, with each printed column that has a fallback asking for it.
    fn printing(self, expression: &str) -> Result<String, ExprError> {
        let analysis = analyse(expression, Purpose::Print, self.schema, Names::Merge(self.constants))?;
        let ask = |column: &str| format!("({column}|{FALLBACK}('{column}'))");
        Ok(analysis.rewritten(expression, |column| self.fallbacks.contains_key(column).then(|| ask(column))))
    }

    /// What to run for a statement: `if …`, `elif …`, `else` and `endif` are all there are.
    fn deciding(self, written: &str) -> Result<String, ExprError> {
        let (keyword, condition) = match statement(written)? {
            Statement::If(condition) => ("if", condition),
            Statement::Elif(condition) => ("elif", condition),
            Statement::Else => return Ok("else".to_owned()),
            Statement::EndIf => return Ok("endif".to_owned()),
        };
        let condition = &written[condition];
        let analysis = analyse(condition, Purpose::Condition, self.schema, Names::Merge(self.constants))?;
        Ok(format!("{keyword} ({})", analysis.rewritten(condition, |_| None)))
    }
}
