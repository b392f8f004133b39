//! What an expression sees of a subscriber, and which columns it prints.
//!
//! The two functions stand between the merge and the expression language: everything else here knows neither
//! the types of columns nor the grammar of expressions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, Expr};
use minijinja::machinery::parse_expr;
use minijinja::value::Object;

use crate::expr::{Kind, Row, Schema};

/// A row as the object whose attributes are the columns' values.
pub(super) fn row_value(row: &Arc<Row>) -> Value {
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
        let text = self.0.values()[index].as_str();
        Some(match schema.columns()[index].kind {
            Kind::Text | Kind::Date => Value::from(text),
            _ if text.is_empty() => Value::from(()),
            Kind::Bool => Value::from(matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1")),
            Kind::Int => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        })
    }
}

/// The byte ranges of `expression` in which a column of `schema` is printed (not compared, not asked), with the
/// column's name. Empty where the expression cannot be parsed.
pub(super) fn printed(expression: &str, schema: &Schema) -> Vec<(Range<usize>, String)> {
    let mut out = Vec::new();
    if let Ok(expr) = parse_expr(expression) {
        walk(&expr, schema, &mut out);
    }
    out.sort_by_key(|(range, _)| range.start);
    out
}

fn walk(expr: &Expr<'_>, schema: &Schema, out: &mut Vec<(Range<usize>, String)>) {
    match expr {
        Expr::Var(var) if schema.position(var.id).is_some() => {
            let span = var.span();
            out.push((span.start_offset as usize..span.end_offset as usize, var.id.to_owned()));
        }
        Expr::Filter(filter) => {
            if let Some(expr) = &filter.expr {
                walk(expr, schema, out);
            }
        }
        Expr::BinOp(op) if matches!(op.op, BinOpKind::Concat) => {
            walk(&op.left, schema, out);
            walk(&op.right, schema, out);
        }
        Expr::IfExpr(choice) => {
            walk(&choice.true_expr, schema, out);
            if let Some(expr) = &choice.false_expr {
                walk(expr, schema, out);
            }
        }
        _ => {}
    }
}

/// JSON as a value of expressions.
pub(super) fn json_value(json: &serde_json::Value) -> Value {
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
    use crate::expr::Column;

    #[test]
    fn only_what_is_printed_takes_a_fallback() {
        let schema = Schema::new(
            ["email", "first_name", "plan"]
                .map(|name| Column { name: name.to_owned(), kind: Kind::Text })
                .to_vec(),
        )
        .unwrap();
        for (expression, names) in [
            ("first_name", vec!["first_name"]),
            ("first_name|upper", vec!["first_name"]),
            ("'é' ~ first_name ~ plan", vec!["first_name", "plan"]),
            ("'pro' if plan == 'pro' else first_name", vec!["first_name"]),
            ("'x' if first_name else 'y'", vec![]),
            ("issue.number", vec![]),
            ("'first_name'", vec![]),
        ] {
            let found = printed(expression, &schema);
            assert_eq!(
                found.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
                names,
                "{expression}"
            );
            for (range, name) in found {
                assert_eq!(expression[range], name);
            }
        }
    }
}
