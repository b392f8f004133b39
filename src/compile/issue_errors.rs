//! What the issue phase could not do, in the operator's words, at the line and column of the template.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::issue_syntax;
use super::marking::Marked;
use crate::finding::{Finding, Place, nearest};

/// The filters of the issue phase, of those that somebody may look for.
const FILTERS: [&str; 33] = [
    "abs",
    "batch",
    "bool",
    "capitalize",
    "date",
    "default",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "sum",
    "title",
    "trim",
    "unique",
];
/// The tests of the issue phase, likewise.
const TESTS: [&str; 13] = [
    "boolean",
    "defined",
    "divisibleby",
    "even",
    "in",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "string",
    "undefined",
    "startingwith",
];
/// The parts of a block's fields: of a picture, a button, an item.
const PARTS: [&str; 7] = ["alt", "body", "meta", "src", "text", "title", "url"];

/// What explaining needs to know.
pub(super) struct Templates<'a> {
    /// The templates as the issue phase sees them.
    pub marked: &'a BTreeMap<PathBuf, Marked>,
    /// What every template sees.
    pub values: &'a BTreeMap<String, Value>,
    /// Where the values of `issue.*` were written, by their names.
    pub written: &'a BTreeMap<String, Place>,
    /// The columns of the list, to explain a tag of the wrong kind.
    pub columns: &'a [String],
    /// How the templates are read.
    pub syntax: &'a SyntaxConfig,
}

impl Templates<'_> {
    /// A template error as a finding.
    pub(super) fn explain(&self, error: &Error) -> Finding {
        let error = innermost(error);
        let file = error.name().map(Path::new);
        let marked = file.and_then(|file| self.marked.get(file));
        if let (ErrorKind::SyntaxError, Some(file), Some(marked)) = (error.kind(), file, marked) {
            return issue_syntax::explain(error, file, marked, self.syntax);
        }
        let range = error.range().zip(marked);
        let about =
            range.as_ref().and_then(|(range, marked)| marked.text.get(range.clone())).unwrap_or_default();
        let (skipped, named) = match error.kind() {
            ErrorKind::UndefinedError => self.undefined_in(about),
            _ => (about.len() - about.trim_start().len(), about.trim()),
        };
        let place = match (file, range) {
            (Some(file), Some((range, marked))) => Some(marked.place(file, range.start + skipped)),
            (Some(file), None) => Some(match error.line().and_then(|line| u32::try_from(line).ok()) {
                Some(line) => Place::line(file, line),
                None => Place::file(file),
            }),
            (None, _) => None,
        };
        let mut finding = self.words(error, named);
        finding.place = self.written_as(error.detail().unwrap_or_default()).or(place);
        finding
    }

    /// Where the value was written that is no date.
    fn written_as(&self, detail: &str) -> Option<Place> {
        let (value, _) = detail.strip_prefix('`')?.split_once("` is not a date")?;
        let found = self.written.iter().find(|(name, _)| {
            let (root, path) = name.split_once('.').unwrap_or((name, ""));
            let root = self.values.get(root).cloned();
            let found = path.split('.').fold(root, |at, step| at?.get_attr(step).ok());
            found.is_some_and(|found| found.as_str() == Some(value))
        });
        found.map(|(_, place)| place.clone())
    }

    fn words(&self, error: &Error, named: &str) -> Finding {
        let detail = error.detail().unwrap_or_default();
        let template = |message: &str| Finding::error("template", message);
        match error.kind() {
            ErrorKind::UndefinedError if !named.is_empty() => self.undefined(named),
            ErrorKind::UnknownFilter => unknown("filter", detail, &FILTERS),
            ErrorKind::UnknownTest => unknown("test", detail, &TESTS),
            ErrorKind::UnknownFunction => {
                let name = detail.split_whitespace().next().unwrap_or_default();
                let help = format!(
                    "a filter is written `[[ value|{name} ]]`; a macro of another file must be imported"
                );
                template(&format!("there is no function `{name}`")).help(help)
            }
            ErrorKind::OutOfFuel => template("this template does too much work")
                .help("look for a loop over a very long range, or loops within loops"),
            ErrorKind::TemplateNotFound => {
                let known = self.marked.keys().filter_map(|file| file.to_str());
                let name = ['"', '\''].iter().find_map(|quote| detail.split(*quote).nth(1)).unwrap_or(detail);
                let help = nearest(name, known).map_or_else(
                    || "a template is named by its path from the project's folder".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                template(&format!("there is no template `{name}`")).help(help)
            }
            // Our own filters say the way out behind a colon.
            ErrorKind::InvalidOperation if detail.starts_with('`') => match detail.rsplit_once(": ") {
                Some((message, help)) => template(message).help(help),
                None => template(detail),
            },
            _ if detail.is_empty() => template(&error.kind().to_string()),
            _ => template(detail),
        }
    }

    /// What is said about a name that means nothing.
    pub(super) fn undefined(&self, named: &str) -> Finding {
        let root = named.split(['.', '|', ' ', '[', '(']).next().unwrap_or(named);
        let finding = Finding::error("undefined-name", format!("`{named}` is not defined"));
        if self.columns.iter().any(|column| column == root) || matches!(root, "email" | "unsubscribe_url") {
            return Finding::error("wrong-tag-kind", format!("`{root}` is per subscriber"))
                .help(format!("write `{{{{ {root} }}}}`, or `{{% if {root} … %}}` to decide"));
        }
        let known = || self.values.keys().map(String::as_str).chain(["block", "blocks"]);
        if let Some(near) = nearest(root, known()).filter(|near| *near != root) {
            return finding.help(format!("did you mean `{}`?", named.replacen(root, near, 1)));
        }
        // The root is something; what it lacks is the last part of the path.
        let is_known = self.values.contains_key(root) || matches!(root, "block" | "item");
        let Some((parent, last)) = named.rsplit_once('.').filter(|_| is_known) else {
            let known: Vec<&str> = known().collect();
            return finding.help(format!("names of the issue phase are {}", known.join(", ")));
        };
        let fields = self.fields(parent);
        match nearest(last, fields.iter().map(String::as_str)).filter(|near| *near != last) {
            Some(near) => finding.help(format!("did you mean `{parent}.{near}`?")),
            None if fields.is_empty() => finding.help("a condition makes it optional: `[% if … %]`"),
            None => finding.help(format!(
                "`{parent}` may have: {}; `[% if {named} %]` makes it optional",
                fields.join(", ")
            )),
        }
    }

    /// What the value at this path has; of what only a block knows, the parts that there may be.
    fn fields(&self, path: &str) -> Vec<String> {
        let mut steps = path.split('.');
        let root = steps.next().and_then(|name| self.values.get(name)).cloned();
        let value = steps.fold(root, |value, step| value?.get_attr(step).ok());
        match value.filter(|value| value.kind() == ValueKind::Map) {
            Some(map) => map.try_iter().into_iter().flatten().map(|key| key.to_string()).collect(),
            None => PARTS.map(str::to_owned).to_vec(),
        }
    }
}

/// An included template's error is wrapped in that of the including one.
fn innermost(error: &Error) -> &Error {
    let mut inner = error;
    while let Some(source) =
        std::error::Error::source(inner).and_then(|source| source.downcast_ref::<Error>())
    {
        inner = source;
    }
    inner
}

fn unknown(what: &str, detail: &str, known: &[&str]) -> Finding {
    // As in `filter foo is unknown`.
    let name = detail.split_whitespace().nth(1).unwrap_or(detail);
    let finding = Finding::error("template", format!("there is no {what} `{name}`"));
    match (nearest(name, known.iter().copied()), name) {
        (_, "truncate" | "replace" | "split" | "reverse" | "urlencode" | "indent") => {
            finding.help("it could cut a merge tag in two; write the text as it is to be")
        }
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, _) => finding.help(format!("there are: {}", known.join(", "))),
    }
}
