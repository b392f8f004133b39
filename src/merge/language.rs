//! What the merge asks of the expression language: what a tag means, and what it sees of a subscriber.
//!
//! Everything else in this module knows neither the grammar of expressions nor the types of columns.

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

/// What to run for the print tag `expression`: the same, with what `instead` gives in place of each column that
/// is printed (not compared, not asked). An error says why it is no expression.
pub(super) fn printing(
    expression: &str,
    schema: &Schema,
    instead: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut columns = Vec::new();
    walk(&read(expression)?, schema, &mut columns);
    columns.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(expression.len() + 32);
    let mut rest = 0;
    for (range, column) in columns {
        if let Some(instead) = instead(&column) {
            out.push_str(&expression[rest..range.start]);
            out.push_str(&instead);
            rest = range.end;
        }
    }
    out.push_str(&expression[rest..]);
    Ok(out)
}

/// What to run for the condition of a statement. An error says why it is no expression.
pub(super) fn condition(expression: &str) -> Result<&str, String> {
    read(expression).map(|_| expression)
}

/// An expression that is whole by itself can be put in parentheses without changing what it means.
fn read(expression: &str) -> Result<Expr<'_>, String> {
    parse_expr(expression).map_err(|error| {
        let detail = error.detail().unwrap_or("it cannot be read");
        format!("`{expression}` is no expression: {detail}")
    })
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
        for (expression, expected) in [
            ("first_name", "<first_name>"),
            ("first_name|upper", "<first_name>|upper"),
            ("'é' ~ first_name ~ plan", "'é' ~ <first_name> ~ <plan>"),
            ("'pro' if plan == 'pro' else first_name", "'pro' if plan == 'pro' else <first_name>"),
            ("'x' if first_name else 'y'", "'x' if first_name else 'y'"),
            ("issue.number", "issue.number"),
            ("'first_name'", "'first_name'"),
        ] {
            let run = printing(expression, &schema, |column| Some(format!("<{column}>")));
            assert_eq!(run.as_deref(), Ok(expected));
            assert_eq!(printing(expression, &schema, |_| None).as_deref(), Ok(expression));
        }
        assert!(printing("a) ~ (b", &schema, |_| None).is_err());
        assert!(condition("a b").is_err());
    }
}
