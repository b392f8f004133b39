//! Whom a preview shows: those that were named, those that are worth looking at, or everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::PreviewArgs;
use super::error::CliError;
use super::project::{Loaded, Project};
use crate::address::EmailAddress;
use crate::check::Selection;
use crate::expr::Row;
use crate::finding::Finding;
use crate::ledger::StagedRow;
use crate::preview::{Sample, Sampler};

/// What is said of rows that were passed over.
pub(super) fn not_shown(unmergeable: usize) -> Option<String> {
    (unmergeable > 0).then(|| format!("not shown, for no message can be made of them: {unmergeable} rows"))
}

/// Whom a preview shows, and what was noticed on the way.
pub(super) struct Choice {
    samples: Vec<Sample>,
    /// All recipients, where the whole list was read.
    selection: Option<Selection>,
    /// What is wrong with the list.
    pub findings: Vec<Finding>,
    /// What it came to, a sentence each.
    pub notes: Vec<String>,
}

/// The subscribers that were named, or else those that are worth looking at.
pub(super) fn choose(project: &Project, loaded: &Loaded, args: &PreviewArgs) -> Result<Choice, CliError> {
    if !args.as_email.is_empty() {
        let samples = named(project, loaded, &args.as_email)?;
        let note =
            format!("only these were looked at; `mailshot check {}` looks at the whole list", args.slug());
        return Ok(Choice { samples, selection: None, findings: Vec::new(), notes: vec![note] });
    }
    let build = &loaded.compiled.build;
    let spread = if args.all { 0 } else { args.sample };
    let mut sampler =
        Sampler::new(build, &loaded.schema, spread).map_err(|error| CliError::from(error.finding()))?;
    let mut selection = project.select_with(loaded, |recipient| sampler.offer(recipient))?;
    let chosen = sampler.finish(build, &loaded.schema);
    let mut findings = std::mem::take(&mut selection.findings);
    if chosen.samples.is_empty() {
        // Nobody can be shown, so why that is so is all there is to say.
        findings.retain(Finding::is_error);
        return Err(findings.into());
    }
    let mut notes = vec![summary(&selection)];
    notes.extend(chosen.unseen);
    Ok(Choice { samples: chosen.samples, selection: Some(selection), findings, notes })
}

/// The subscribers of these addresses.
fn named(project: &Project, loaded: &Loaded, emails: &[String]) -> Result<Vec<Sample>, CliError> {
    let subscribers = super::test::choose(project, loaded, emails)?;
    let samples = (1..).zip(subscribers).map(|(n, subscriber)| Sample {
        n,
        line: subscriber.line,
        email: subscriber.email,
        row: Arc::new(subscriber.row),
        why: Vec::new(),
    });
    Ok(samples.collect())
}

impl Choice {
    /// Calls `take` with every sample: the chosen ones, or all recipients.
    pub(super) fn each(
        &self,
        loaded: &Loaded,
        all: bool,
        mut take: impl FnMut(&Sample) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Some(selection) = self.selection.as_ref().filter(|_| all) else {
            return self.samples.iter().try_for_each(take);
        };
        let mut why: BTreeMap<u64, &Vec<String>> =
            self.samples.iter().map(|sample| (sample.n, &sample.why)).collect();
        for row in selection.staging.rows() {
            let StagedRow { n, line, email, values, .. } = row?;
            // What was staged was an address.
            let Ok(email) = EmailAddress::parse(&email) else { continue };
            let row = Arc::new(Row::new(Arc::clone(&loaded.schema), values));
            let why = why.remove(&n).cloned().unwrap_or_default();
            take(&Sample { n, line, email, row, why })?;
        }
        Ok(())
    }
}

/// What became of the rows of the list.
fn summary(selection: &Selection) -> String {
    let recipients = selection.staging.len();
    let rows = selection.rows + selection.invalid;
    let (row, get) = (if rows == 1 { "row" } else { "rows" }, if recipients == 1 { "gets" } else { "get" });
    let of = format!("{recipients} of {rows} {row} {get} this issue");
    let left_out: Vec<String> = [
        (selection.filtered, "by `[list] where`"),
        (selection.outside_segment, "by the campaign's `segment`"),
        (selection.duplicates, "for an address that came before"),
        (selection.invalid, "for an invalid address"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if left_out.is_empty() { of } else { format!("{of}; left out: {}", left_out.join(", ")) }
}
