//! The columns of a subscriber file and one row of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Names that mean something else in an expression; no column may have one.
pub const RESERVED: [&str; 5] = ["unsubscribe_url", "view_url", "issue", "campaign", "list"];

/// How the text of a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// As it stands, trimmed.
    #[default]
    Text,
    /// true/false, yes/no, 1/0.
    Bool,
    /// A whole number.
    Int,
    /// A date, `YYYY-MM-DD`.
    Date,
}

/// A column: its name in expressions and its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// A name as expressions write it.
    pub name: String,
    /// How its values are read.
    pub kind: Kind,
}

/// A schema that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Two columns of one name.
    #[error("two columns are named `{0}`")]
    Duplicate(String),
    /// A column that would shadow a reserved name.
    #[error("`{0}` is a reserved name")]
    Reserved(String),
    /// There is no address.
    #[error("there is no `email` column")]
    NoEmail,
}

/// The columns of a list, in file order, with one named `email`. Stored with a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Column>", into = "Vec<Column>")]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// The schema of these columns.
    pub fn new(columns: Vec<Column>) -> Result<Self, SchemaError> {
        for (index, column) in columns.iter().enumerate() {
            if RESERVED.contains(&column.name.as_str()) {
                return Err(SchemaError::Reserved(column.name.clone()));
            }
            if columns[..index].iter().any(|other| other.name == column.name) {
                return Err(SchemaError::Duplicate(column.name.clone()));
            }
        }
        if !columns.iter().any(|column| column.name == "email") {
            return Err(SchemaError::NoEmail);
        }
        Ok(Self { columns })
    }

    /// The columns in file order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where the column of this name stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The kind of the column of this name.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.position(name).map(|index| self.columns[index].kind)
    }
}

impl TryFrom<Vec<Column>> for Schema {
    type Error = SchemaError;

    fn try_from(columns: Vec<Column>) -> Result<Self, SchemaError> {
        Self::new(columns)
    }
}

impl From<Schema> for Vec<Column> {
    fn from(schema: Schema) -> Self {
        schema.columns
    }
}

/// One subscriber's values: trimmed text, one for each column of the schema, already known to read as the
/// column's kind.
#[derive(Debug, Clone)]
pub struct Row {
    schema: Arc<Schema>,
    values: Vec<String>,
}

impl Row {
    /// A row of `schema`; missing values are empty, surplus ones dropped.
    pub fn new(schema: Arc<Schema>, mut values: Vec<String>) -> Self {
        values.resize(schema.columns().len(), String::new());
        Self { schema, values }
    }

    /// The row's schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The text of every column, in the schema's order.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The text of the column of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.schema.position(name).map(|index| self.values[index].as_str())
    }
}
