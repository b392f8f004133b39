//! The types that an expression's parts have before any row is seen.

use serde_json::Value as Json;

use super::schema::Kind;
use super::value::date_of;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Bool,
    Int,
    /// A number that may have decimals.
    Decimal,
    Date,
    None,
    List(Box<Type>),
    /// `issue`, `campaign`, `list` and what nests in them.
    Group,
    /// Not known before a row is seen: one of several.
    Any,
}

impl Type {
    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Bool => Self::Bool,
            Kind::Int => Self::Int,
            Kind::Date => Self::Date,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }

    /// As a message names it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "a bool",
            Self::Int => "a whole number",
            Self::Decimal => "a number",
            Self::Date => "a date",
            Self::None => "none",
            Self::List(_) => "a list",
            Self::Group => "a group of names",
            Self::Any => "of more than one type",
        }
    }

    /// The type of what is either this or `other`.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (a, Self::None) | (Self::None, a) => a,
            (a, b) if a.is_number() && b.is_number() => Self::Decimal,
            _ => Self::Any,
        }
    }
}

/// A type, and what else is known of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) ty: Type,
    /// The columns of which one's value this is, perhaps in other letters.
    pub(super) columns: Vec<String>,
    /// A text known beforehand: whether it is a date as `YYYY-MM-DD`.
    pub(super) iso_date: Option<bool>,
}

impl Typed {
    pub(super) fn plain(ty: Type) -> Self {
        Self { ty, columns: Vec::new(), iso_date: None }
    }

    pub(super) fn column(name: &str, kind: Kind) -> Self {
        Self { ty: Type::of_kind(kind), columns: vec![name.to_owned()], iso_date: None }
    }

    pub(super) fn literal_text(text: &str) -> Self {
        Self { ty: Type::Text, columns: Vec::new(), iso_date: Some(date_of(text).is_some()) }
    }

    /// A constant of the build.
    pub(super) fn of_json(value: &Json) -> Self {
        match value {
            Json::Null => Self::plain(Type::None),
            Json::Bool(_) => Self::plain(Type::Bool),
            Json::Number(number) if number.is_f64() => Self::plain(Type::Decimal),
            Json::Number(_) => Self::plain(Type::Int),
            Json::String(text) => Self::literal_text(text),
            Json::Array(items) => {
                let item = items.iter().map(|item| Self::of_json(item).ty).reduce(Type::or);
                Self::plain(Type::List(Box::new(item.unwrap_or(Type::Any))))
            }
            Json::Object(_) => Self::plain(Type::Group),
        }
    }

    /// Either this or `other`.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.columns.extend(other.columns);
        Self { ty: self.ty.or(other.ty), columns: self.columns, iso_date: None }
    }

    /// The column that a message names.
    pub(super) fn column_name(&self) -> Option<&str> {
        self.columns.first().map(String::as_str)
    }

    /// Whether it can stand where a date is wanted.
    pub(super) fn is_date(&self) -> bool {
        self.ty == Type::Date || self.iso_date == Some(true)
    }
}

/// Why two values cannot be compared, as the way out; `Ok` if they can.
pub(super) fn comparable(a: &Typed, b: &Typed) -> Result<(), Option<String>> {
    use Type::{Any, Bool, Date, Int, Text};
    match (&a.ty, &b.ty) {
        (Text, Type::None) | (Type::None, Text) => {
            Err(Some("an empty text is not none but empty: write `not …`, or compare with \"\"".to_owned()))
        }
        (Any | Type::None, _) | (_, Any | Type::None) => Ok(()),
        (Type::List(_) | Type::Group, _) | (_, Type::List(_) | Type::Group) => Err(None),
        (x, y) if x.is_number() && y.is_number() => Ok(()),
        (Date, Text) | (Text, Date) => {
            let text = if a.ty == Text { a } else { b };
            match (text.iso_date, text.column_name()) {
                (Some(true), _) => Ok(()),
                (None, Some(column)) => Err(Some(type_it(column, "date"))),
                _ => Err(Some("write dates as \"2026-01-31\"".to_owned())),
            }
        }
        (x, y) if x == y => Ok(()),
        (Text, other) | (other, Text) => {
            let text = if a.ty == Text { a } else { b };
            Err(match (text.column_name(), other) {
                (Some(column), Bool) => Some(type_it(column, "bool")),
                (Some(column), Int) => {
                    Some(format!("{}, or put the number in quotes to compare texts", type_it(column, "int")))
                }
                (None, Int) => Some("write the number without quotes".to_owned()),
                (None, Bool) => Some(ask_it()),
                _ => None,
            })
        }
        (Bool, _) | (_, Bool) => Err(Some(ask_it())),
        _ => Err(None),
    }
}

fn ask_it() -> String {
    "a bool is asked by its name alone: `subscribed`, `not subscribed`".to_owned()
}

/// How a column gets a type.
pub(super) fn type_it(column: &str, kind: &str) -> String {
    format!(
        "give the column its type in mailshot.toml, under [list.columns]: {column} = {{ column = \"<its header>\", type = \"{kind}\" }}"
    )
}
