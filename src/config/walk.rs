//! Holds what was typed against the table of known keys.
//!
//! Whatever does not fit is a finding at the place where it was written, and is taken out, so that the other
//! findings can still be made: the operator sees all of them at once. What is left always fits the mirror.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::known::{Key, ROOT, Shape, join};
use super::source::Source;
use super::suggest::{printable, suggest};
use crate::finding::Finding;

/// What the walk found.
#[derive(Default)]
pub(super) struct Walked {
    /// What does not fit.
    pub(super) findings: Vec<Finding>,
    /// `table.key` of what was taken out, or was probably meant by it: not to be called missing as well.
    pub(super) spoilt: BTreeSet<String>,
    /// Where each table was opened, by its path.
    pub(super) tables: BTreeMap<String, Range<usize>>,
}

/// Takes out of `document` whatever is unknown or of the wrong kind.
pub(super) fn walk(document: &mut DeTable<'_>, source: &Source) -> Walked {
    let mut walker = Walker { source, walked: Walked::default() };
    walker.table("", document, ROOT);
    walker.walked
}

struct Walker<'a> {
    source: &'a Source,
    walked: Walked,
}

/// One `key = value`, and what the table of known keys says about it.
struct Entry<'a> {
    /// With the names of the tables it stands in.
    path: String,
    name: &'a str,
    span: Range<usize>,
    shape: Shape,
    example: &'static str,
}

impl Walker<'_> {
    fn table(&mut self, path: &str, table: &mut DeTable<'_>, keys: &'static [Key]) {
        for (name, mut value) in std::mem::take(table) {
            let Some(key) = keys.iter().find(|key| key.name == name.get_ref()) else {
                self.unknown(path, &name, &value, keys);
                continue;
            };
            let Key { shape, example, .. } = *key;
            let entry =
                Entry { path: join(path, key.name), name: key.name, span: name.span(), shape, example };
            if self.value(&entry, &mut value) {
                table.insert(name, value);
            }
        }
    }

    /// A table whose names the operator chose.
    fn named(&mut self, path: &str, table: &mut DeTable<'_>, shape: &'static Shape) {
        if let Some((span, called)) = unnamed(path, table, shape) {
            let message = format!("`[{path}]` has no name");
            self.report(span, "unknown-key", message, format!("write `[{path}.{called}]` above it"));
            self.spoil(path);
            table.clear();
            return;
        }
        for (name, mut value) in std::mem::take(table) {
            let shown = printable(name.get_ref());
            let entry = Entry {
                path: join(path, &shown),
                name: &shown,
                span: name.span(),
                shape: *shape,
                example: "",
            };
            if self.value(&entry, &mut value) {
                table.insert(name, value);
            }
        }
    }

    /// Whether the value fits; if it is a table, what is wrong inside it is taken out of it.
    fn value(&mut self, entry: &Entry<'_>, value: &mut Spanned<DeValue<'_>>) -> bool {
        let span = value.span();
        match (entry.shape, value.get_mut()) {
            (Shape::Later(_) | Shape::Secret(_), written) => return self.refused(entry, written),
            (Shape::Table(keys) | Shape::TableOrFirst(keys), DeValue::Table(table)) => {
                self.walked.tables.insert(entry.path.clone(), entry.span.clone());
                self.table(&entry.path, table, keys);
            }
            (Shape::Named(shape), DeValue::Table(table)) => self.named(&entry.path, table, shape),
            (Shape::TableOrFirst(keys), written @ DeValue::String(_)) => {
                let lone = std::mem::replace(written, DeValue::Boolean(false));
                let first = keys.first().map_or("", |key| key.name);
                let mut table = DeTable::new();
                table.insert(Spanned::new(span.clone(), first.into()), Spanned::new(span, lone));
                *written = DeValue::Table(table);
            }
            (Shape::Texts, written @ DeValue::String(_)) => {
                let lone = std::mem::replace(written, DeValue::Boolean(false));
                let mut list = DeArray::new();
                list.push(Spanned::new(span, lone));
                *written = DeValue::Array(list);
            }
            (Shape::Texts, DeValue::Array(items)) => {
                if let Some(stray) = items.iter().find(|item| !item.get_ref().is_str()) {
                    return self.wrong_kind(stray.span(), entry, stray.get_ref());
                }
            }
            (Shape::Integer | Shape::Number, DeValue::Integer(number)) => {
                if i64::from_str_radix(number.as_str(), number.radix()).is_err() {
                    let message = format!("`{}` is out of bounds", entry.name);
                    self.report(
                        span,
                        "invalid-value",
                        message,
                        format!("write `{} = {}`", entry.name, entry.example),
                    );
                    self.spoil(&entry.path);
                    return false;
                }
            }
            (Shape::Text, DeValue::String(_))
            | (Shape::Number, DeValue::Float(_))
            | (Shape::Flag, DeValue::Boolean(_)) => {}
            (_, other) => return self.wrong_kind(span, entry, other),
        }
        true
    }

    /// Says why this key cannot be had, and takes it out.
    fn refused(&mut self, entry: &Entry<'_>, written: &DeValue<'_>) -> bool {
        let called = if written.is_table() { format!("[{}]", entry.path) } else { entry.name.to_owned() };
        let (code, message, instead) = match entry.shape {
            Shape::Secret(instead) => {
                ("secret-in-config", format!("`{called}` must not stand in this file"), instead)
            }
            Shape::Later(instead) => {
                ("not-supported", format!("`{called}` is not supported by this version"), instead)
            }
            _ => return true,
        };
        self.report(entry.span.clone(), code, message, instead);
        self.spoil(&entry.path);
        false
    }

    /// Says what kind of value it must be, and takes it out.
    fn wrong_kind(&mut self, span: Range<usize>, entry: &Entry<'_>, written: &DeValue<'_>) -> bool {
        let name = entry.name;
        let message = format!("`{name}` must be {}, not {}", kind(entry.shape), name_of(written));
        let help = match (entry.shape, entry.example) {
            (Shape::Named(Shape::Table(_)), _) => format!("write `[{}.NAME]` and its keys below", entry.path),
            (Shape::Table(_) | Shape::Named(_), _) => format!("write `[{}]` and its keys below", entry.path),
            // `gmail.com = …` is the table `gmail` with a `com` in it.
            (Shape::Texts, "") if written.is_table() => "write a name with a dot in it in quotes".to_owned(),
            (_, "") => format!("write `{name} = \"…\"`"),
            (_, example) => format!("write `{name} = {example}`"),
        };
        self.report(span, "wrong-type", message, help);
        self.spoil(&entry.path);
        false
    }

    fn unknown(
        &mut self,
        path: &str,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        keys: &'static [Key],
    ) {
        let suggestion = suggest(path, name.get_ref(), value.get_ref().is_table(), keys);
        if let Some(meant) = suggestion.meant {
            self.spoil(&meant);
        }
        self.report(name.span(), "unknown-key", suggestion.message, suggestion.help);
    }

    fn spoil(&mut self, path: &str) {
        self.walked.spoilt.insert(path.to_owned());
    }

    fn report(&mut self, span: Range<usize>, code: &'static str, message: String, help: impl Into<String>) {
        self.walked.findings.push(Finding::error(code, message).at(self.source.place(&span)).help(help));
    }
}

/// The place of the first key of a `[relay]` that was meant to be a `[relay.NAME]`, and a name to propose.
fn unnamed(path: &str, table: &DeTable<'_>, shape: &Shape) -> Option<(Range<usize>, &'static str)> {
    let Shape::Table(keys) = shape else { return None };
    let known = |name: &str| keys.iter().any(|key| key.name == name && !key.is_table());
    let stray = table.iter().find(|(name, value)| known(name.get_ref()) && !value.get_ref().is_table());
    stray.map(|(name, _)| (name.span(), if path.ends_with("relay") { "main" } else { "NAME" }))
}

fn kind(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "text in quotes",
        Shape::Integer => "a whole number",
        Shape::Number => "a number",
        Shape::Flag => "true or false",
        Shape::Texts => "text in quotes or a list of such",
        Shape::TableOrFirst(_) => "text in quotes or a table",
        Shape::Table(_) | Shape::Named(_) | Shape::Later(_) | Shape::Secret(_) => "a table",
    }
}

fn name_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
