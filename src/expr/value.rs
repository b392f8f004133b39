//! The text of a column → the value that an expression sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::Value;
use minijinja::value::Object;

use super::schema::{Kind, Row};

/// Whether `text` reads as `kind`. An empty value reads as every kind: it is the absence of one.
pub fn reads_as(kind: Kind, text: &str) -> bool {
    text.is_empty()
        || match kind {
            Kind::Text => true,
            Kind::Bool => bool_of(text).is_some(),
            Kind::Int => text.parse::<i64>().is_ok(),
            Kind::Date => date_of(text).is_some(),
        }
}

/// Whether a text reads as one of true/false, yes/no, 1/0. To ask such a column "true or false" while it is
/// typed as text would take `no` for true.
pub fn looks_boolean(text: &str) -> bool {
    bool_of(text).is_some()
}

/// The value that expressions see: an empty `bool`, `int` or `date` is `none`, an empty text is `""`. A date
/// is its ISO text, whose order is the order of the days.
pub(super) fn value_of(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text => Value::from(text),
        _ if text.is_empty() => Value::from(()),
        Kind::Bool => bool_of(text).map_or_else(|| Value::from(()), Value::from),
        Kind::Int => text.parse::<i64>().map_or_else(|_| Value::from(()), Value::from),
        Kind::Date => Value::from(text),
    }
}

fn bool_of(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("yes") || is("1") {
        Some(true)
    } else if is("false") || is("no") || is("0") {
        Some(false)
    } else {
        None
    }
}

/// A date written `YYYY-MM-DD`, in exactly these ten characters: only so does the order of the texts equal the
/// order of the days.
pub(super) fn date_of(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok()).flatten()
}

/// A row as expressions and merge tags see it: an object whose attributes are the columns' typed values.
pub fn row_value(row: &Arc<Row>) -> Value {
    Value::from_object(RowObject(Arc::clone(row)))
}

#[derive(Debug)]
struct RowObject(Arc<Row>);

impl Object for RowObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let schema = self.0.schema();
        let index = schema.position(key)?;
        Some(value_of(schema.columns()[index].kind, &self.0.values()[index]))
    }
}

/// JSON as a value of expressions.
pub fn json_value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::from(integer),
            (None, float) => Value::from(float.unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(json_value).collect::<Vec<_>>()),
        Json::Object(fields) => Value::from(
            fields.iter().map(|(key, value)| (key.clone(), json_value(value))).collect::<BTreeMap<_, _>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Column, Schema};

    #[test]
    fn what_reads_as_what() {
        for (kind, text, expected) in [
            (Kind::Bool, "TRUE", true),
            (Kind::Bool, "No", true),
            (Kind::Bool, "0", true),
            (Kind::Bool, "", true),
            (Kind::Bool, "maybe", false),
            (Kind::Bool, "2", false),
            (Kind::Int, "-12", true),
            (Kind::Int, "1,000", false),
            (Kind::Int, "1.5", false),
            (Kind::Int, "99999999999999999999", false),
            (Kind::Date, "2026-01-31", true),
            (Kind::Date, "2026-02-30", false),
            (Kind::Date, "2026-1-31", false),
            (Kind::Date, "31/01/2026", false),
            (Kind::Date, "+002026-01-31", false),
        ] {
            assert_eq!(reads_as(kind, text), expected, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn a_row_gives_typed_values_and_none_for_empty_ones() {
        let columns = [("email", Kind::Text), ("vip", Kind::Bool), ("age", Kind::Int), ("since", Kind::Date)];
        let columns = columns.map(|(name, kind)| Column { name: name.to_owned(), kind });
        let schema = Arc::new(Schema::new(columns.to_vec()).unwrap());
        let row = |values: [&str; 4]| {
            row_value(&Arc::new(Row::new(Arc::clone(&schema), values.map(str::to_owned).to_vec())))
        };
        let full = row(["a@b.example", "Yes", "041", "2026-01-31"]);
        assert_eq!(full.get_attr("vip").unwrap(), Value::from(true));
        assert_eq!(full.get_attr("age").unwrap(), Value::from(41));
        assert_eq!(full.get_attr("since").unwrap().to_string(), "2026-01-31");
        assert!(full.get_attr("other").unwrap().is_undefined());
        let empty = row(["", "", "", ""]);
        assert_eq!(empty.get_attr("email").unwrap(), Value::from(""));
        assert!(["vip", "age", "since"].iter().all(|name| empty.get_attr(name).unwrap().is_none()));
    }
}
