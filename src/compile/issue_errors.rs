//! What the issue phase could not do, in the operator's words, at the line and column of the template.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use minijinja::machinery::{Span, Token, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

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
const STATEMENTS: [&str; 22] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "macro",
    "endmacro",
    "include",
    "import",
    "from",
    "with",
    "endwith",
    "filter",
    "endfilter",
    "call",
    "endcall",
    "raw",
    "endraw",
    "do",
];
/// Words of a tag that are no names.
const KEYWORDS: [&str; 17] = [
    "and", "elif", "else", "false", "for", "if", "in", "is", "none", "not", "or", "set", "true", "True",
    "False", "None", "with",
];
/// The parts of a block's fields: of a picture, a button, an item.
const PARTS: [&str; 7] = ["alt", "body", "meta", "src", "text", "title", "url"];

/// What explaining needs to know.
pub(super) struct Templates<'a> {
    /// The templates as the issue phase sees them.
    pub marked: &'a BTreeMap<PathBuf, Marked>,
    /// What every template sees.
    pub values: &'a BTreeMap<String, Value>,
    /// The columns of the list, to explain a tag of the wrong kind.
    pub columns: &'a [String],
    pub syntax: &'a SyntaxConfig,
}

impl Templates<'_> {
    /// A template error as a finding.
    pub(super) fn explain(&self, error: &Error) -> Finding {
        let error = innermost(error);
        let file = error.name().map(Path::new);
        let marked = file.and_then(|file| self.marked.get(file));
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
        finding.place = place;
        match (file, marked, error.kind()) {
            (Some(file), Some(marked), ErrorKind::SyntaxError) => {
                self.statements(finding, error, file, marked)
            }
            _ => finding,
        }
    }

    /// The name in a part of a template that is not defined: where it begins, and the name with its parts.
    fn undefined_in<'t>(&self, part: &'t str) -> (usize, &'t str) {
        let mut found = None;
        let mut quote = None;
        let mut at = 0;
        while let Some(c) = part[at..].chars().next() {
            let length = part[at..]
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
                .unwrap_or(part.len() - at);
            let word = &part[at..at + length];
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if (c.is_alphabetic() || c == '_') && !KEYWORDS.contains(&word) => {
                    let root = word.split('.').next().unwrap_or(word);
                    if !self.values.contains_key(root) {
                        return (at, word);
                    }
                    found = found.or(Some((at, word)));
                }
                _ => {}
            }
            at += if quote.is_none() { length.max(c.len_utf8()) } else { c.len_utf8() };
        }
        found.unwrap_or((part.len() - part.trim_start().len(), part.trim()))
    }

    fn words(&self, error: &Error, named: &str) -> Finding {
        let detail = error.detail().unwrap_or_default();
        let template = |message: &str| Finding::error("template", message);
        match error.kind() {
            ErrorKind::UndefinedError if !named.is_empty() => self.undefined(named),
            ErrorKind::SyntaxError => syntax(detail),
            ErrorKind::UnknownFilter => unknown("filter", detail, &FILTERS),
            ErrorKind::UnknownTest => unknown("test", detail, &TESTS),
            ErrorKind::UnknownFunction => {
                let name = name_in(detail);
                template(&format!("there is no function `{name}`"))
                    .help(format!("a filter is written `[[ value|{name} ]]`; a macro of another file must be imported"))
            }
            ErrorKind::OutOfFuel => template("this template does too much work")
                .help("look for a loop over a very long range, or loops within loops"),
            ErrorKind::TemplateNotFound => template(&format!("there is no template `{}`", name_in(detail)))
                .help("a template is named by its path from the project's folder, such as \"mjml/blocks/prose.mjml\""),
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
        let Some((parent, last)) = named.rsplit_once('.') else {
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

    /// A name that a template only asks about, in `[% if isue %]`: it is silently false. Reported where it is clearly
    /// a slip: a column, or nearly a name there is, that the template itself sets nowhere.
    pub(super) fn asked_in_vain(&self, file: &Path, undeclared: &HashSet<String>) -> Option<Finding> {
        let marked = self.marked.get(file)?;
        let tokens: Vec<(Token<'_>, Span)> =
            tokenize(&marked.text, false, self.syntax.clone()).map_while(Result::ok).collect();
        let token = |index: usize| tokens.get(index).map(|(token, _)| token);
        let sets = |index: usize| {
            matches!(token(index + 1), Some(Token::Assign | Token::Comma))
                || matches!(
                    token(index.wrapping_sub(1)),
                    Some(Token::Comma | Token::Ident("set" | "for" | "as"))
                )
        };
        let names = || {
            tokens.iter().enumerate().filter_map(|(index, (token, span))| match token {
                Token::Ident(name) if undeclared.contains(*name) => Some((index, *name, span)),
                _ => None,
            })
        };
        let (index, name, span) = names().find(|(index, name, _)| {
            let is_part = matches!(token(index.wrapping_sub(1)), Some(Token::Dot | Token::Pipe));
            !is_part && self.is_slip(name) && !names().any(|(other, set, _)| set == *name && sets(other))
        })?;
        let parts = tokens[index + 1..].chunks(2).map_while(|pair| match pair {
            [(Token::Dot, _), (Token::Ident(part), _)] => Some(*part),
            _ => None,
        });
        let path = std::iter::once(name).chain(parts).collect::<Vec<_>>().join(".");
        Some(self.undefined(&path).at(marked.place(file, span.start_offset as usize)))
    }

    fn is_slip(&self, name: &str) -> bool {
        let known = || self.values.keys().map(String::as_str).chain(["block", "blocks"]);
        let is_column = self.columns.iter().any(|column| column == name);
        !known().any(|known| known == name) && (is_column || nearest(name, known()).is_some())
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

    /// Points at the statement that is not ended, where that is what is wrong.
    fn statements(&self, finding: Finding, error: &Error, file: &Path, marked: &Marked) -> Finding {
        let detail = error.detail().unwrap_or_default();
        if detail.ends_with("expected end of variable block") {
            let until = error.range().map_or(usize::MAX, |range| range.start);
            return match self.last_print(marked, until) {
                Some(offset) => finding.at(marked.place(file, offset)),
                None => finding,
            };
        }
        let at_end = detail.starts_with("unexpected end of input, expected end of block");
        let stray = detail.strip_prefix("unknown statement ");
        let until = error.range().map_or(marked.text.len(), |range| range.start);
        let open = self.open_statement(marked, if at_end { marked.text.len() } else { until });
        match (open, stray) {
            (Some((word, offset)), None) if at_end => {
                Finding::error("template", format!("this `[% {word} … %]` is never ended"))
                    .at(marked.place(file, offset))
                    .help(format!("write `[% end{word} %]` where it ends"))
            }
            (Some((word, offset)), Some(stray)) if stray.starts_with("end") => {
                let line = marked.place(file, offset).line.unwrap_or_default();
                let message = format!(
                    "`[% {stray} %]` stands where `[% {word} … %]` (line {line}) is still to be ended"
                );
                Finding { message, ..finding }.help(format!("write `[% end{word} %]` before it"))
            }
            (None, Some(stray)) if stray.starts_with("end") => {
                let begin = stray.trim_start_matches("end");
                let message = format!("`[% {stray} %]` ends nothing");
                Finding { message, ..finding }
                    .help(format!("remove it, or write `[% {begin} … %]` where it begins"))
            }
            _ => finding,
        }
    }

    /// Where the last `[[` before byte `until` stands.
    fn last_print(&self, marked: &Marked, until: usize) -> Option<usize> {
        let tokens = tokenize(&marked.text, false, self.syntax.clone()).map_while(Result::ok);
        let starts = tokens.filter(|(token, _)| matches!(token, Token::VariableStart));
        starts.map(|(_, span)| span.start_offset as usize).take_while(|start| *start <= until).last()
    }

    /// The innermost statement that is open at byte `until`, and where its tag begins.
    fn open_statement(&self, marked: &Marked, until: usize) -> Option<(&'static str, usize)> {
        let mut open: Vec<(&'static str, usize)> = Vec::new();
        let mut tag: Vec<(Token<'_>, usize)> = Vec::new();
        for (token, span) in tokenize(&marked.text, false, self.syntax.clone()).map_while(Result::ok) {
            let start = span.start_offset as usize;
            if start >= until {
                break;
            }
            match token {
                Token::BlockStart => tag = vec![(token, start)],
                Token::BlockEnd => {
                    let [(_, begin), (Token::Ident(word), _), rest @ ..] = tag.as_slice() else { continue };
                    let assigns = rest.iter().any(|(token, _)| matches!(token, Token::Assign));
                    let opens = ["if", "for", "macro", "with", "filter", "call", "set"];
                    if let Some(word) = opens.into_iter().find(|opens| opens == word) {
                        if word != "set" || !assigns {
                            open.push((word, *begin));
                        }
                    } else if word.starts_with("end") {
                        open.pop();
                    }
                }
                token => tag.push((token, start)),
            }
        }
        open.pop()
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
    let name = name_in(detail);
    let finding = Finding::error("template", format!("there is no {what} `{name}`"));
    match (nearest(name, known.iter().copied()), name) {
        (_, "truncate" | "replace" | "split" | "reverse" | "urlencode" | "indent") => {
            finding.help("it could cut a merge tag in two; write the text as it is to be")
        }
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, _) => finding.help(format!("there are: {}", known.join(", "))),
    }
}

/// The name in a detail such as `filter foo is unknown` or `template "x" does not exist`.
fn name_in(detail: &str) -> &str {
    let quoted = detail.split('"').nth(1);
    quoted.or_else(|| detail.split_whitespace().nth(1)).unwrap_or(detail)
}

/// What the parser of templates says, with the way out.
fn syntax(detail: &str) -> Finding {
    let error = |message: &str| Finding::error("template", message);
    if let Some(word) = detail.strip_prefix("unknown statement ") {
        let finding = error(&format!("there is no statement `{word}`"));
        return match (word, nearest(word, STATEMENTS)) {
            ("elseif" | "elsif", _) => finding.help("write `elif`"),
            (_, Some(near)) => finding.help(format!("did you mean `{near}`?")),
            (_, None) => finding.help("`[[ … ]]` prints a value, `[% … %]` is a statement, `[# … #]` a note"),
        };
    }
    if detail.ends_with("expected end of variable block")
        || detail.ends_with("expected end of print statement")
    {
        return error("this `[[` is not closed with `]]` where it should be").help(
            "it prints one value: `[[ issue.number ]]`, with filters `[[ issue.date|date(\"%d %B\") ]]`",
        );
    }
    if detail == "unexpected end of comment" {
        return error("this `[#` is never closed").help("end the note with `#]`");
    }
    if detail == "unexpected end of string" {
        return error("the quote that opens here is not closed").help("close it before `]]` or `%]`");
    }
    error(detail).help("`[[ … ]]` prints a value, `[% … %]` is a statement, `[# … #]` a note")
}
