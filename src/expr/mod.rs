//! Expressions over typed columns: `where`, `segment`, a block's `if`, and what stands in merge tags.

mod schema;

pub use schema::{Column, Kind, Row, Schema, SchemaError};
