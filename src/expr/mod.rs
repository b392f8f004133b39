//! Expressions over typed columns: `where`, `segment`, a block's `if`, and what stands in merge tags.
//!
//! They are written as in Jinja and run by minijinja, but every name and type is checked when they are read:
//! an unknown column, a text compared with a number, a filter that does not exist is an error before the first
//! row. What is read is a small, closed language without calls, loops or includes, bounded in time and space.

mod analysis;
mod check;
mod error;
mod expression;
mod filters;
mod language;
mod names;
mod operators;
mod schema;
mod statement;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod value;

pub use analysis::Analysis;
pub use check::{Purpose, analyse};
pub use error::ExprError;
pub use expression::Expression;
pub use language::add_filters;
pub use names::Names;
pub use schema::{Column, Kind, RESERVED, Row, Schema, SchemaError};
pub use statement::{Statement, statement};
pub use value::{json_value, looks_boolean, reads_as, row_value};
