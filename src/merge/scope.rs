//! The names that merge tags see: the columns, `unsubscribe_url`, and the build's constants.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Object;

use crate::expr::{Row, json_value, row_value};

/// The constants of a build, converted once.
pub(super) type Constants = Arc<BTreeMap<String, Value>>;

/// The constants of a build for expressions.
pub(super) fn constants(json: &BTreeMap<String, serde_json::Value>) -> Constants {
    Arc::new(json.iter().map(|(name, value)| (name.clone(), json_value(value))).collect())
}

/// The root of one merge. Constants come before columns: a column cannot shadow a reserved name.
#[derive(Debug)]
pub(super) struct Scope {
    row: Value,
    unsubscribe_url: Value,
    constants: Constants,
}

impl Scope {
    /// The names of one subscriber.
    pub(super) fn value(row: &Arc<Row>, unsubscribe_url: &str, constants: &Constants) -> Value {
        Value::from_object(Self {
            row: row_value(row),
            unsubscribe_url: Value::from(unsubscribe_url),
            constants: Arc::clone(constants),
        })
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == "unsubscribe_url" {
            return Some(self.unsubscribe_url.clone());
        }
        if let Some(value) = self.constants.get(key) {
            return Some(value.clone());
        }
        self.row.get_attr(key).ok().filter(|value| !value.is_undefined())
    }
}
