//! Every name in every merge tag, against the list's columns and the build's constants: one that is not defined is an
//! error with its place, never an empty hole.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Build, Piece};
use super::sources::files_of;
use crate::campaign::Campaign;
use crate::config::Config;
use crate::expr::{self, Analysis, ExprError, Names, Purpose, Schema, Statement};
use crate::finding::{Finding, Place, in_order, nearest};
use crate::tags::{TagKind, TagTable};

/// More findings than this help nobody.
const MAX_FINDINGS: usize = 100;

/// Checks the tags of a build. Gives the text columns that conditions ask "true or false".
pub(super) fn check(build: &Build, schema: &Schema, errors: &mut Vec<Finding>) -> BTreeSet<String> {
    let mut truthy = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let templates = [&build.subject, &build.preheader, &build.html, &build.text];
    for piece in templates.iter().flat_map(|template| &template.0) {
        let (kind, source, place) = match piece {
            Piece::Literal(_) | Piece::Paragraph(_) | Piece::End => continue,
            Piece::Print { expression, place, .. } => (TagKind::Print, expression, place),
            Piece::Statement { statement, place } => (TagKind::Statement, statement, place),
        };
        if !seen.insert((source, place)) {
            continue;
        }
        match analyse(kind, source, schema, Names::Merge(&build.constants)) {
            Ok(analysis) => truthy.extend(analysis.truthy_text),
            Err(error) => found.push(error.finding("merge-tag", Place::from(place.as_str()))),
        }
    }
    errors.extend(limited(found));
    truthy
}

/// What else is wrong where the issue cannot be drawn: with the tags of the files it would have been drawn from, so
/// that all of it can be mended at once.
pub(super) fn with_those_of_files(
    mut errors: Vec<Finding>,
    campaign: &Campaign,
    tags: &TagTable,
    constants: &BTreeMap<String, serde_json::Value>,
    schema: &Schema,
) -> Vec<Finding> {
    let files = files_of(campaign);
    let mut found: Vec<Finding> = Vec::new();
    for tag in (0..tags.len()).map(|index| tags.get(index)).filter(|tag| files.contains(&tag.place.file)) {
        if let Err(error) = analyse(tag.kind, &tag.source, schema, Names::Merge(constants)) {
            let finding = error.finding("merge-tag", tag.place.clone());
            if found.last() != Some(&finding) {
                found.push(finding);
            }
        }
    }
    errors.extend(limited(found));
    in_order(errors)
}

fn limited(mut found: Vec<Finding>) -> Vec<Finding> {
    if found.len() > MAX_FINDINGS {
        let message = format!("{} more merge tags are wrong", found.len() - MAX_FINDINGS);
        found.truncate(MAX_FINDINGS);
        found.push(Finding::error("more-findings", message).help("mend these first"));
    }
    found
}

fn analyse(kind: TagKind, source: &str, schema: &Schema, names: Names<'_>) -> Result<Analysis, ExprError> {
    if kind == TagKind::Print {
        return expr::analyse(source, Purpose::Print, schema, names);
    }
    match expr::statement(source)? {
        Statement::If(condition) | Statement::Elif(condition) => {
            expr::analyse(&source[condition], Purpose::Condition, schema, names)
        }
        Statement::Else | Statement::EndIf => Ok(Analysis::default()),
    }
}

/// A fallback for a column that the list does not have would never print.
pub(super) fn check_fallbacks(
    build: &Build,
    schema: &Schema,
    campaign: &Campaign,
    config: &Config,
) -> Vec<Finding> {
    let unknown = build.fallbacks.keys().filter(|column| schema.position(column).is_none());
    unknown
        .map(|column| {
            let known = schema.columns().iter().map(|column| column.name.as_str());
            let own = campaign.front.places.get(&format!("merge.{column}"));
            let place = own.or_else(|| config.merge_places.get(column)).cloned();
            let message = format!("`{column}` in `[merge]` is no column of the list");
            let finding = Finding { place, ..Finding::error("unknown-column", message) };
            match nearest(column, known) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("remove it: it would never be printed"),
            }
        })
        .collect()
}
