//! The names an expression may use, and what is said about one that it may not.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value as Json;

use super::error::ExprError;
use super::schema::Schema;
use super::types::{Type, Typed};
use crate::finding::nearest;

/// Which names there are, besides the list's columns.
#[derive(Debug, Clone, Copy)]
pub enum Names<'a> {
    /// In `where` and `segment`: the columns only, for whether somebody is written to cannot depend on the issue.
    Conditions,
    /// In merge tags and a block's `if`: also `unsubscribe_url`, and the build's constants, which are these:
    /// `issue`, `campaign`, `list` (objects) and `view_url` (text, absent where none is configured).
    Merge(&'a BTreeMap<String, Json>),
}

/// Names of the issue phase that a writer may take for merge tags.
const ISSUE_PHASE: [&str; 10] =
    ["block", "blocks", "body", "button", "image", "item", "items", "preheader", "reading_minutes", "title"];

/// Words that other template languages know as functions.
const FUNCTIONS: [&str; 6] = ["range", "dict", "namespace", "debug", "now", "super"];

impl Names<'_> {
    /// What the name `id`, written at `range`, stands for. The whole of it may be a path that begins with it.
    pub(super) fn resolve(
        self,
        id: &str,
        whole: &str,
        range: Range<usize>,
        schema: &Schema,
    ) -> Result<Typed, ExprError> {
        if let Some(kind) = schema.kind(id) {
            return Ok(Typed::column(id, kind));
        }
        match (self, id) {
            (Self::Merge(_), "unsubscribe_url") => Ok(Typed::plain(Type::Text)),
            (Self::Merge(constants), _) => match constants.get(id) {
                Some(value) => Ok(Typed::of_json(value)),
                None if id == "view_url" => {
                    Err(ExprError::new(range, "`view_url` has no value: the list has no web page for issues")
                        .help("set `view` under [list] in mailshot.toml"))
                }
                None => Err(self.unknown(id, whole, range, schema)),
            },
            (Self::Conditions, _) => Err(self.unknown(id, whole, range, schema)),
        }
    }

    /// The value of the constant that this path leads to, from its first name on.
    pub(super) fn constant(self, path: &[&str], range: Range<usize>) -> Result<Typed, ExprError> {
        let (Self::Merge(constants), Some((root, rest))) = (self, path.split_first()) else {
            return Err(ExprError::new(range, "only the columns have names here"));
        };
        let mut value = constants.get(*root);
        for (depth, name) in rest.iter().enumerate() {
            let parent = path[..=depth].join(".");
            let Some(Json::Object(fields)) = value else {
                return Err(ExprError::new(range, format!("`{parent}` has no parts")));
            };
            value = fields.get(*name);
            if value.is_none() {
                let known = fields.keys().map(String::as_str);
                let help = nearest(name, known.clone()).map_or_else(
                    || format!("it has: {}", some_of(known)),
                    |near| format!("did you mean `{parent}.{near}`?"),
                );
                return Err(ExprError::new(range, format!("`{parent}` has no `{name}`")).help(help));
            }
        }
        value.map(Typed::of_json).ok_or_else(|| ExprError::new(range, format!("there is no `{root}`")))
    }

    fn unknown(self, id: &str, whole: &str, range: Range<usize>, schema: &Schema) -> ExprError {
        let error = |message: String| ExprError::new(range.clone(), message);
        if matches!(self, Self::Conditions) && super::schema::RESERVED.contains(&id) {
            return error(format!("`{id}` belongs to the issue; here only the list's columns can be asked"));
        }
        let columns = schema.columns().iter().map(|column| column.name.as_str());
        let unknown = || error(format!("`{id}` is no column of the list"));
        if let Some(group) = self.group_with(id) {
            return unknown().help(format!("did you mean `{group}.{id}`?"));
        }
        if ISSUE_PHASE.contains(&id) {
            return error(format!("`{id}` is not known per subscriber")).help(format!(
                "it belongs to the issue, which is filled in once: write `[[ {whole} ]]` in the mjml/ files"
            ));
        }
        if FUNCTIONS.contains(&id) {
            return error(format!("there is no function `{id}`"));
        }
        let constants: Vec<&str> = match self {
            Self::Conditions => Vec::new(),
            Self::Merge(constants) => {
                constants.keys().map(String::as_str).chain(["unsubscribe_url"]).collect()
            }
        };
        let help = match nearest(id, columns.clone().chain(constants)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the columns are: {}", some_of(columns)),
        };
        unknown().help(help)
    }

    /// The group of constants that has a part of this name.
    fn group_with(&self, id: &str) -> Option<&str> {
        let Self::Merge(constants) = self else { return None };
        let has = |value: &Json| value.as_object().is_some_and(|fields| fields.contains_key(id));
        constants.iter().find(|(_, value)| has(value)).map(|(group, _)| group.as_str())
    }
}

/// The first names of a list that may be long.
fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST { format!("{shown}, …") } else { shown }
}
