//! A condition over the columns, compiled once and asked of every row.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::Object;
use minijinja::{Environment, Value};

use super::check::{Purpose, analyse};
use super::error::ExprError;
use super::names::Names;
use super::schema::{Row, Schema};
use super::types::type_it;
use super::value::{looks_boolean, value_of};

/// Compiled expressions borrow what they run in.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(super::language::environment);

/// `where` or `segment`: whether a subscriber is meant.
#[derive(Debug)]
pub struct Expression {
    source: String,
    /// The columns it reads: what a row is asked for.
    columns: Arc<[String]>,
    /// Those of them that are text and are asked "true or false".
    truthy_text: Vec<String>,
    compiled: minijinja::Expression<'static, 'static>,
}

impl Expression {
    /// Reads a condition over the columns of `schema`.
    pub fn parse(source: &str, schema: &Schema) -> Result<Self, ExprError> {
        let analysis = analyse(source, Purpose::Condition, schema, Names::Conditions)?;
        let compiled = ENVIRONMENT
            .compile_expression_owned(analysis.rewritten(source, |_| None))
            .map_err(|error| ExprError::new(0..source.len(), error.to_string()))?;
        Ok(Self {
            source: source.to_owned(),
            columns: analysis.columns_used.into(),
            truthy_text: analysis.truthy_text,
            compiled,
        })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it holds for this row, which must have the columns it was parsed with. An error if the row's
    /// values are not what the expression takes them for, above all a text that says `no` and is asked "true or
    /// false": to go on would be to mail those who are not meant.
    pub fn holds(&self, row: &Row) -> Result<bool, ExprError> {
        for column in &self.truthy_text {
            let text = row.text(column).unwrap_or_default();
            if looks_boolean(text) {
                let message =
                    format!("`{column}` is text, but is asked true or false, and here it is `{text}`");
                return Err(ExprError::new(self.whole(), message).help(type_it(column, "bool")));
            }
        }
        let values = self.columns.iter().map(|name| {
            row.schema()
                .position(name)
                .map_or(Value::UNDEFINED, |at| value_of(row.schema().columns()[at].kind, &row.values()[at]))
        });
        let scope = Scope { names: Arc::clone(&self.columns), values: values.collect() };
        match self.compiled.eval(Value::from_object(scope)) {
            Ok(value) => Ok(value.is_true()),
            Err(error) => Err(self.failed(row, &error)),
        }
    }

    fn failed(&self, row: &Row, error: &minijinja::Error) -> ExprError {
        let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let message = format!("`{}` cannot be worked out: {detail}", super::syntax::shortened(&self.source));
        let empty = self.columns.iter().find(|name| row.text(name).is_some_and(str::is_empty));
        let help =
            empty.map(|name| format!("`{name}` is empty here; say what then counts: `{name}|default(0)`"));
        ExprError::new(self.whole(), message).maybe_help(help)
    }

    fn whole(&self) -> Range<usize> {
        0..self.source.len()
    }
}

/// The values of the columns that are asked for, and no others: a row may be wide.
#[derive(Debug)]
struct Scope {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.names.iter().position(|name| name == key).map(|at| self.values[at].clone())
    }
}
