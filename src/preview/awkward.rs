//! The subscribers whose messages are worth looking at: the longest value and an empty one of each column that the
//! message prints, right-to-left text, and each way that each condition can go.
//!
//! One pass over the list. What is kept is at most one row for each such reason, and one row often answers several.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::branches::Branches;
use super::gallery::Sample;
use super::spread::Spread;
use crate::check::Selected;
use crate::compile::{Build, Piece};
use crate::expr::{Kind, Names, Purpose, Schema, analyse};
use crate::merge::MergeError;
use crate::message::NAMES;

/// No more columns than this are looked at.
const MAX_COLUMNS: usize = 50;

/// Chooses the samples of a preview while the list goes by.
#[derive(Debug)]
pub struct Sampler {
    wanted: Vec<Wanted>,
    branches: Branches,
    /// The first of the wanted that are branches.
    first_branch: usize,
    /// What is kept of the list, by number.
    kept: BTreeMap<u64, Sample>,
    spread: Spread<Sample>,
}

/// A reason to show somebody, and who answers it by now.
#[derive(Debug)]
struct Wanted {
    reason: Reason,
    by: Option<u64>,
}

#[derive(Debug)]
enum Reason {
    /// The widest value of the column so far, in columns of a terminal.
    Longest { column: usize, width: usize },
    /// The first empty value of the column.
    Empty { column: usize },
    /// The first value of the column that is written from right to left.
    RightToLeft { column: usize },
    /// The first row that takes the branch.
    Branch { label: String, place: String },
}

/// The samples, and what none of them shows.
#[derive(Debug)]
pub struct Chosen {
    /// In the order of the list.
    pub samples: Vec<Sample>,
    /// A sentence for each branch that nobody takes.
    pub unseen: Vec<String>,
}

impl Sampler {
    /// For `build` and rows of `schema`; `spread` samples more, at least one, are taken evenly from the whole list.
    pub fn new(build: &Build, schema: &Schema, spread: usize) -> Result<Self, MergeError> {
        let mut reasons = Vec::new();
        for column in columns(build, schema).into_iter().take(MAX_COLUMNS) {
            if schema.columns()[column].kind == Kind::Text {
                reasons.push(Reason::Longest { column, width: 0 });
                reasons.push(Reason::RightToLeft { column });
            }
            reasons.push(Reason::Empty { column });
        }
        let branches = Branches::of(build, schema)?;
        let first_branch = reasons.len();
        for branch in branches.all() {
            reasons.push(Reason::Branch { label: branch.label.clone(), place: branch.place.clone() });
        }
        let wanted = reasons.into_iter().map(|reason| Wanted { reason, by: None }).collect();
        Ok(Self { wanted, branches, first_branch, kept: BTreeMap::new(), spread: Spread::new(spread.max(1)) })
    }

    /// The next recipient of the list.
    pub fn offer(&mut self, recipient: Selected<'_>) {
        let sample = || Sample {
            n: recipient.n,
            line: recipient.line,
            email: recipient.email.clone(),
            row: Arc::clone(recipient.row),
            why: Vec::new(),
        };
        self.spread.offer(sample);
        let mut answers = Vec::new();
        for (index, wanted) in self.wanted.iter_mut().enumerate() {
            if wanted.answered(recipient.row.values()) {
                answers.push(index);
            }
        }
        if self.wanted[self.first_branch..].iter().any(|wanted| wanted.by.is_none()) {
            let taken = self.branches.taken(recipient.row).unwrap_or_default();
            let branches = taken.into_iter().map(|branch| self.first_branch + branch);
            answers.extend(branches.filter(|index| self.wanted[*index].by.is_none()));
        }
        for index in answers {
            let former = self.wanted[index].by.replace(recipient.n);
            self.kept.entry(recipient.n).or_insert_with(sample);
            if let Some(former) = former
                && self.wanted.iter().all(|wanted| wanted.by != Some(former))
            {
                self.kept.remove(&former);
            }
        }
    }

    /// The samples: those with a reason, which each of them tells, and those spread over the list.
    pub fn finish(mut self, build: &Build, schema: &Schema) -> Chosen {
        for sample in self.spread.finish() {
            self.kept.entry(sample.n).or_insert(sample);
        }
        let mut unseen = Vec::new();
        for wanted in &self.wanted {
            match (wanted.by.and_then(|n| self.kept.get_mut(&n)), &wanted.reason) {
                (Some(sample), reason) => {
                    let why = reason.told(sample, build, schema);
                    sample.why.push(why);
                }
                (None, Reason::Branch { label, place }) => {
                    unseen.push(format!("nobody on the list sees what is written where {label} ({place})"));
                }
                (None, _) => {}
            }
        }
        Chosen { samples: self.kept.into_values().collect(), unseen }
    }
}

impl Wanted {
    /// Whether a row with these values answers it, or answers it better than the last that did.
    fn answered(&mut self, values: &[String]) -> bool {
        let value = |column: usize| values.get(column).map_or("", String::as_str);
        match &mut self.reason {
            Reason::Longest { column, width } => {
                let found = value(*column).width();
                let longer = found > *width;
                *width = found.max(*width);
                longer
            }
            Reason::Empty { column } => self.by.is_none() && value(*column).is_empty(),
            Reason::RightToLeft { column } => {
                self.by.is_none() && value(*column).chars().any(is_right_to_left)
            }
            Reason::Branch { .. } => false,
        }
    }
}

impl Reason {
    /// As the page says it.
    fn told(&self, sample: &Sample, build: &Build, schema: &Schema) -> String {
        let name = |column: usize| schema.columns().get(column).map_or("", |column| column.name.as_str());
        match self {
            Self::Longest { column, .. } => {
                let chars = sample.row.values().get(*column).map_or(0, |value| value.chars().count());
                let characters = if chars == 1 { "character" } else { "characters" };
                format!("longest {}: {chars} {characters}", name(*column))
            }
            Self::Empty { column } => match build.fallbacks.get(name(*column)) {
                Some(fallback) => format!("empty {}: “{fallback}” stands for it", name(*column)),
                None => format!("empty {}", name(*column)),
            },
            Self::RightToLeft { column } => format!("right-to-left {}", name(*column)),
            Self::Branch { label, .. } => label.clone(),
        }
    }
}

/// The columns whose values are printed somewhere in the message, To included.
fn columns(build: &Build, schema: &Schema) -> Vec<usize> {
    let mut used: Vec<usize> = NAMES.iter().filter_map(|name| schema.position(name)).collect();
    let templates = [&build.subject, &build.preheader, &build.html, &build.text];
    for piece in templates.iter().flat_map(|template| &template.0) {
        if let Piece::Print { expression, .. } = piece
            && let Ok(analysis) = analyse(expression, Purpose::Print, schema, Names::Merge(&build.constants))
        {
            used.extend(analysis.columns_used.iter().filter_map(|name| schema.position(name)));
        }
    }
    used.sort_unstable();
    used.dedup();
    used
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their kin (Unicode's blocks of the bidirectional classes R and AL).
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
