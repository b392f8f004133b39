//! Subscriber file × `where` × `segment` → the recipients of a run, staged in a temporary table.
//!
//! Every row is rendered, so that what cannot be merged is known before the launch and not in the middle of it.
//! Memory does not grow with the list: duplicates are found by the staging table's unique index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::filters::{Admission, Filters};
use super::rows::RowCheck;
use crate::address::EmailAddress;
use crate::audience::{Reader, Subscriber};
use crate::compile::Build;
use crate::config::Config;
use crate::expr::{Row, Schema};
use crate::finding::{Finding, Place, Written};
use crate::ledger::{Added, Staging};

/// After this many errors the rest of the list is not looked at.
const MAX_ERRORS: usize = 1000;

/// What selecting needs.
pub struct Selector<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where the subscriber file lies.
    pub path: &'a Path,
    /// What findings call it.
    pub file: &'a Path,
    /// The build to render each row with.
    pub build: &'a Build,
    /// The campaign's `segment`.
    pub segment: Option<&'a Written>,
    /// Text columns that a condition of the issue asks "true or false".
    pub truthy: &'a BTreeSet<String>,
}

/// A recipient as the selection comes to it: not a duplicate, and a message can be made for it.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a> {
    /// Its number among the recipients, from 1.
    pub n: u64,
    /// Its line in the subscriber file.
    pub line: u64,
    /// Its address.
    pub email: &'a EmailAddress,
    /// Its values.
    pub row: &'a Arc<Row>,
}

/// The recipients, and all that was noticed about the list.
pub struct Selection {
    /// The list's columns.
    pub schema: Arc<Schema>,
    /// The recipients in file order.
    pub staging: Staging,
    /// Rows that hold a valid address.
    pub rows: u64,
    /// Rows for which `[list] where` does not hold.
    pub filtered: u64,
    /// Rows for which the campaign's `segment` does not hold.
    pub outside_segment: u64,
    /// Rows whose address stands in an earlier row.
    pub duplicates: u64,
    /// Rows without a valid address.
    pub invalid: u64,
    /// By column: recipients for whom its `[merge]` value is printed.
    pub fallbacks: BTreeMap<String, u64>,
    /// Whatever is wrong, with its line.
    pub findings: Vec<Finding>,
}

impl Selection {
    /// Whether something is wrong that stops a send.
    fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

impl Selector<'_> {
    /// Reads the whole list.
    pub fn select(&self) -> Result<Selection, Vec<Finding>> {
        self.select_with(|_| {})
    }

    /// Reads the whole list and shows each recipient for whom a message can be made to `take`.
    pub fn select_with(&self, mut take: impl FnMut(Selected<'_>)) -> Result<Selection, Vec<Finding>> {
        let reader = Reader::open(self.path, self.file, &self.config.list)?;
        let schema = Arc::clone(reader.schema());
        let filters = Filters::parse(self.config, self.segment, &schema)?;
        let check = RowCheck::new(self.build, &schema, self.truthy).map_err(|finding| vec![finding])?;
        let mut selection = Selection {
            schema,
            staging: Staging::new().map_err(|error| vec![Finding::error("staging", error.to_string())])?,
            rows: 0,
            filtered: 0,
            outside_segment: 0,
            duplicates: 0,
            invalid: 0,
            fallbacks: BTreeMap::new(),
            findings: Vec::new(),
        };
        let mut errors = 0;
        for entry in reader {
            let noticed = match entry {
                Ok(subscriber) => self.consider(subscriber, &filters, &check, &mut selection, &mut take),
                Err(finding) => {
                    selection.invalid += u64::from(finding.code == "invalid-address");
                    Some(finding)
                }
            };
            if let Some(finding) = noticed {
                errors += usize::from(finding.is_error());
                selection.findings.push(finding);
                if errors >= MAX_ERRORS {
                    break;
                }
            }
        }
        if selection.staging.is_empty() && !selection.has_errors() {
            let finding = Finding::error("no-recipients", "no row of the list is to get this issue")
                .at(Place::file(self.file));
            selection.findings.push(finding.help("look at `[list] where` and the campaign's `segment`"));
        }
        Ok(selection)
    }

    /// Takes one subscriber into the selection or says why not.
    fn consider(
        &self,
        subscriber: Subscriber,
        filters: &Filters,
        check: &RowCheck<'_>,
        selection: &mut Selection,
        take: &mut impl FnMut(Selected<'_>),
    ) -> Option<Finding> {
        let Subscriber { line, email, row } = subscriber;
        let place = Place::line(self.file, u32::try_from(line).unwrap_or(u32::MAX));
        selection.rows += 1;
        match filters.admit(&row) {
            Ok(Admission::Mailed) => {}
            Ok(Admission::Filtered) => {
                selection.filtered += 1;
                return None;
            }
            Ok(Admission::OutsideSegment) => {
                selection.outside_segment += 1;
                return None;
            }
            Err(error) => return Some(error.finding("condition", place)),
        }
        let added = selection.staging.add(line, email.as_str(), &email.key(), email.domain(), row.values());
        let n = match added {
            Ok(Added::New(n)) => n,
            Ok(Added::Duplicate { first_line }) => {
                selection.duplicates += 1;
                let message = format!("the same address as in line {first_line}; it gets one message");
                return Some(Finding::warning("duplicate", message).at(place));
            }
            Err(error) => return Some(Finding::error("staging", error.to_string())),
        };
        for column in self.build.fallbacks.keys() {
            if row.text(column).is_some_and(str::is_empty) {
                *selection.fallbacks.entry(column.clone()).or_default() += 1;
            }
        }
        let row = Arc::new(row);
        let wrong = check.judge(&row, Some(&place));
        if wrong.is_none() {
            take(Selected { n, line, email: &email, row: &row });
        }
        wrong
    }
}
