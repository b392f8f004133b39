//! Whether a build can be merged with a row, found before anything is sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::compile::Build;
use crate::expr::{Row, Schema, looks_boolean};
use crate::finding::{Finding, Place};
use crate::merge::Merger;
use crate::message::unsubscribe_url;

/// Renders rows with one build.
pub struct RowCheck<'a> {
    build: &'a Build,
    merger: Merger,
    truthy: &'a BTreeSet<String>,
}

impl<'a> RowCheck<'a> {
    /// For rows of these columns; `truthy` names the text columns that a condition of the issue asks "true or false".
    pub fn new(build: &'a Build, schema: &Schema, truthy: &'a BTreeSet<String>) -> Result<Self, Finding> {
        let merger = Merger::new(build, schema).map_err(|error| error.finding())?;
        Ok(Self { build, merger, truthy })
    }

    /// What is wrong with a row, if anything is; `place` is where the row stands.
    pub fn judge(&self, row: &Arc<Row>, place: Option<&Place>) -> Option<Finding> {
        let at = |finding: Finding| match place {
            Some(place) => finding.at(place.clone()),
            None => finding,
        };
        for column in self.truthy {
            let value = row.text(column).unwrap_or_default();
            if looks_boolean(value) {
                let message = format!(
                    "`{column}` holds `{value}`, but is text: any text but the empty one counts as true"
                );
                return Some(at(Finding::error("untyped-column", message)).help(format!(
                    "in mailshot.toml, [list.columns]: {column} = {{ column = \"{column}\", type = \"bool\" }}"
                )));
            }
        }
        let url = unsubscribe_url(self.build, "check");
        self.merger.merge(row, &url).err().map(|error| {
            let finding = error.finding();
            let written = finding.place.map(|place| format!(" (at {place})")).unwrap_or_default();
            at(Finding::error("unmergeable-row", format!("{}{written}", finding.message)))
        })
    }
}
