//! The filters and tests that expressions may use, and what runs them.
//!
//! The set is small on purpose: every one of them works on every row, or is refused when the expression is
//! read. [`add_filters`] makes an environment of minijinja behave as [`super::analyse`] has promised.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::value::date_of;

/// What a filter takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// Text to text.
    Text,
    /// A number to a number of the same type.
    Number,
    /// A number to a number that may have decimals.
    Decimal,
    /// A date to text.
    Date,
    /// Text or a list to its length.
    Length,
    /// The first or last: character of a text, item of a list.
    Item,
    /// Text to a list of texts.
    Split,
    /// A list to text.
    Join,
    /// Anything, or the argument where it is empty.
    Default,
}

/// The filters: name, what it takes and gives, how many arguments at least and at most.
pub(super) const FILTERS: [(&str, Signature, usize, usize); 17] = [
    ("abs", Signature::Number, 0, 0),
    ("capitalize", Signature::Text, 0, 0),
    ("count", Signature::Length, 0, 0),
    ("d", Signature::Default, 1, 1),
    ("date", Signature::Date, 0, 1),
    ("default", Signature::Default, 1, 1),
    ("first", Signature::Item, 0, 0),
    ("join", Signature::Join, 0, 1),
    ("last", Signature::Item, 0, 0),
    ("length", Signature::Length, 0, 0),
    ("lower", Signature::Text, 0, 0),
    ("replace", Signature::Text, 2, 2),
    ("round", Signature::Decimal, 0, 1),
    ("split", Signature::Split, 0, 1),
    ("title", Signature::Text, 0, 0),
    ("trim", Signature::Text, 0, 1),
    ("upper", Signature::Text, 0, 0),
];

/// What the filter of this name takes and gives, and how many arguments at least and at most.
pub(super) fn filter(name: &str) -> Option<(Signature, usize, usize)> {
    FILTERS.iter().find(|entry| entry.0 == name).map(|&(_, signature, least, most)| (signature, least, most))
}

/// What a test asks of its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestSignature {
    /// A whole number, without an argument.
    Int,
    /// A whole number, with one.
    IntByInt,
    /// A text and a text.
    Text,
    /// Something that can be absent.
    None,
}

/// The tests: `x is …`.
pub(super) const TESTS: [(&str, TestSignature); 6] = [
    ("divisibleby", TestSignature::IntByInt),
    ("endingwith", TestSignature::Text),
    ("even", TestSignature::Int),
    ("none", TestSignature::None),
    ("odd", TestSignature::Int),
    ("startingwith", TestSignature::Text),
];

/// The most that one expression may compute, in minijinja's units: an instruction, 64 bytes made.
const FUEL: u64 = 50_000;

/// What `where` and `segment` are run in.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    add_filters(&mut environment);
    environment
}

/// Gives `environment` the filters whose meaning here is not minijinja's own:
/// `default` stands in for what is empty (a column is never undefined); `date`; `first` and `last` of an empty
/// text are empty; `date`, `round` and `abs` let a `[merge]` fallback through as it is.
pub fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("date", date);
    environment.add_filter("first", |value: &Value| item(minijinja::filters::first(value)));
    environment.add_filter("last", |value: Value| item(minijinja::filters::last(value)));
    environment.add_filter("abs", |value: Value| match value.kind() {
        ValueKind::Number => minijinja::filters::abs(value),
        _ => Ok(value),
    });
    environment.add_filter("round", |value: Value, precision: Option<i32>| match value.kind() {
        ValueKind::Number => minijinja::filters::round(
            value,
            precision,
            None,
            Kwargs::from_iter(Vec::<(String, Value)>::new()),
        ),
        _ => Ok(value),
    });
}

/// Minijinja's own would let an empty text and none pass.
fn default(value: Value, other: Value) -> Value {
    let empty = value.is_undefined() || value.is_none() || value.as_str() == Some("");
    if empty { other } else { value }
}

fn item(found: Result<Value, Error>) -> Result<Value, Error> {
    found.map(|value| if value.is_undefined() { Value::from("") } else { value })
}

/// How a date is written where the tag does not say.
const DATE_FORMAT: &str = "%-d %B %Y";

/// The text of a date, by a format of `strftime`. What is no date (a fallback) stays as it is.
fn date(value: Value, format: Option<&str>) -> Result<Value, Error> {
    let Some(date) = value.as_str().and_then(date_of) else {
        return Ok(value);
    };
    jiff::fmt::strtime::format(format.unwrap_or(DATE_FORMAT), date)
        .map(Value::from)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}

/// Whether `date` can write a date in this format; why not, if not.
pub(super) fn date_format_error(format: &str) -> Option<String> {
    let day = jiff::civil::date(2026, 1, 31);
    jiff::fmt::strtime::format(format, day).err().map(|error| error.to_string())
}
