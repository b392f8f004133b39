//! Which ways the conditions of a build go for a row.
//!
//! The merge itself is asked: the build's `if`, `elif` and `else` are kept, all text is left out, and in each branch
//! stands its number. What is printed for a row are the branches it takes, nested ones and all, exactly as in the
//! message.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::{Build, Piece, Template};
use crate::expr::{Names, Purpose, Row, Schema, Statement, analyse, statement};
use crate::finding::shortened;
use crate::merge::{MergeError, Merger};

/// More branches than this are not looked for.
const MAX_BRANCHES: usize = 200;
/// A condition is shown no longer than this.
const MAX_SHOWN_CHARS: usize = 80;

/// One way that a condition can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    /// `plan == "pro" is true`
    pub(super) label: String,
    /// `file:line:column` of the tag.
    pub(super) place: String,
}

/// All branches of a build whose conditions ask about the subscriber.
#[derive(Debug)]
pub(super) struct Branches {
    all: Vec<Branch>,
    probe: Merger,
}

impl Branches {
    /// The branches of `build` for rows of `schema`.
    pub(super) fn of(build: &Build, schema: &Schema) -> Result<Self, MergeError> {
        let mut collector =
            Collector { build, schema, all: Vec::new(), numbers: BTreeMap::new(), open: Vec::new() };
        let mut pieces = Vec::new();
        for template in [&build.subject, &build.preheader, &build.html, &build.text] {
            for piece in &template.0 {
                if let Piece::Statement { statement, place } = piece {
                    collector.statement(statement, place, &mut pieces)?;
                }
            }
        }
        // Of what a merge makes, the preheader is the one that is not encoded.
        let probe = Build {
            subject: Template::default(),
            preheader: Template(pieces),
            html: Template::default(),
            text: Template::default(),
            pictures: Vec::new(),
            ..build.clone()
        };
        Ok(Self { all: collector.all, probe: Merger::new(&probe, schema)? })
    }

    /// All of them. One that stands in several places is one.
    pub(super) fn all(&self) -> &[Branch] {
        &self.all
    }

    /// The indexes of those that `row` takes.
    pub(super) fn taken(&self, row: &Arc<Row>) -> Result<Vec<usize>, MergeError> {
        let numbers = self.probe.preheader(row, "")?;
        Ok(numbers.split_whitespace().filter_map(|number| number.parse().ok()).collect())
    }
}

/// An `if` that has not ended: its conditions so far, and whether an `else` came.
struct Open {
    conditions: Vec<String>,
    otherwise: bool,
    /// Whether any of the conditions asks about the subscriber.
    asks: bool,
    /// The branch that is being read.
    label: String,
}

struct Collector<'a> {
    build: &'a Build,
    schema: &'a Schema,
    all: Vec<Branch>,
    numbers: BTreeMap<String, usize>,
    open: Vec<Open>,
}

impl Collector<'_> {
    /// Adds a statement to the probe, with the number of the branch that it opens.
    fn statement(&mut self, written: &str, place: &str, out: &mut Vec<Piece>) -> Result<(), MergeError> {
        let read = statement(written)
            .map_err(|error| MergeError { place: Some(place.to_owned()), message: error.message })?;
        let keep =
            |statement: &str| Piece::Statement { statement: statement.to_owned(), place: place.to_owned() };
        match read {
            Statement::If(condition) => {
                let condition = &written[condition];
                self.open.push(Open {
                    conditions: vec![condition.to_owned()],
                    otherwise: false,
                    asks: self.asks(condition),
                    label: String::new(),
                });
                out.push(keep(written));
                out.extend(self.enter(place));
            }
            Statement::Elif(condition) => {
                let condition = &written[condition];
                let asks = self.asks(condition);
                if let Some(open) = self.open.last_mut() {
                    open.conditions.push(condition.to_owned());
                    open.asks |= asks;
                }
                out.push(keep(written));
                out.extend(self.enter(place));
            }
            Statement::Else => {
                out.push(keep(written));
                out.extend(self.otherwise(place));
            }
            Statement::EndIf => {
                if self.open.last().is_some_and(|open| !open.otherwise) {
                    out.push(keep("else"));
                    out.extend(self.otherwise(place));
                }
                self.open.pop();
                out.push(keep(written));
            }
        }
        Ok(())
    }

    /// Whether a condition asks about the subscriber: the same for all of them, it is no choice.
    fn asks(&self, condition: &str) -> bool {
        depends(condition, Purpose::Condition, self.build, self.schema)
    }

    /// The branch in which the last condition holds.
    fn enter(&mut self, place: &str) -> Option<Piece> {
        let open = self.open.last_mut()?;
        let (last, before) = open.conditions.split_last()?;
        open.label = match before {
            [] => format!("{} is true", shown(last)),
            before => format!("{} is true, {}", shown(last), false_ones(before)),
        };
        self.number(place)
    }

    /// The branch in which no condition holds.
    fn otherwise(&mut self, place: &str) -> Option<Piece> {
        let open = self.open.last_mut()?;
        open.otherwise = true;
        open.label = false_ones(&open.conditions);
        self.number(place)
    }

    fn number(&mut self, place: &str) -> Option<Piece> {
        if !self.open.last()?.asks {
            return None;
        }
        let labels: Vec<&str> =
            self.open.iter().rev().filter(|open| open.asks).map(|open| open.label.as_str()).collect();
        let label = labels.join(", where ");
        let next = self.all.len();
        let number = match self.numbers.get(&label) {
            Some(number) => *number,
            None if next >= MAX_BRANCHES => return None,
            None => {
                self.all.push(Branch { label: label.clone(), place: place.to_owned() });
                self.numbers.insert(label, next);
                next
            }
        };
        Some(Piece::Literal(format!("{number}\n")))
    }
}

/// Whether what a tag of `build` prints or decides depends on the subscriber.
pub(super) fn depends(expression: &str, purpose: Purpose, build: &Build, schema: &Schema) -> bool {
    analyse(expression, purpose, schema, Names::Merge(&build.constants))
        .is_ok_and(|analysis| !analysis.columns_used.is_empty())
}

/// `a is false`, `a and b are false`
fn false_ones(conditions: &[String]) -> String {
    let shown: Vec<String> = conditions.iter().map(|condition| shown(condition)).collect();
    match &shown[..] {
        [only] => format!("{only} is false"),
        many => format!("{} are false", many.join(" and ")),
    }
}

fn shown(condition: &str) -> String {
    shortened(&condition.split_whitespace().collect::<Vec<_>>().join(" "), MAX_SHOWN_CHARS)
}
