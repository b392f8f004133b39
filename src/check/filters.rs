//! Which rows are mailed: `[list] where` and the campaign's `segment`.

use crate::config::Config;
use crate::expr::{ExprError, Expression, Row, Schema};
use crate::finding::{Finding, Written};

/// The conditions a row must meet.
pub struct Filters {
    list: Option<Expression>,
    segment: Option<Expression>,
}

/// What the conditions say of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is mailed.
    Mailed,
    /// `[list] where` does not hold.
    Filtered,
    /// The campaign's `segment` does not hold.
    OutsideSegment,
}

impl Filters {
    /// The conditions of a list and a campaign.
    pub fn parse(config: &Config, segment: Option<&Written>, schema: &Schema) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut parse = |written: &Written, what: &str| {
            Expression::parse(&written.text, schema)
                .map_err(|error| {
                    let finding = error.finding("condition", written.place.clone());
                    findings.push(Finding { message: format!("`{what}`: {}", finding.message), ..finding });
                })
                .ok()
        };
        let list = config.list.filter.as_ref().and_then(|written| parse(written, "where"));
        let segment = segment.and_then(|written| parse(written, "segment"));
        if findings.is_empty() { Ok(Self { list, segment }) } else { Err(findings) }
    }

    /// Whether this row is mailed.
    pub fn admit(&self, row: &Row) -> Result<Admission, ExprError> {
        for (condition, otherwise) in
            [(&self.list, Admission::Filtered), (&self.segment, Admission::OutsideSegment)]
        {
            if let Some(condition) = condition
                && !condition.holds(row)?
            {
                return Ok(otherwise);
            }
        }
        Ok(Admission::Mailed)
    }
}
