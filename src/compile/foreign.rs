//! Merge tags as other programs write them. Here they are plain text, and ten thousand readers would see them.

use std::path::Path;

use crate::expr::Schema;
use crate::finding::{Finding, Place};

/// How other programs write a tag; the longer before those they begin with.
const TAGS: [(&str, &str, Meant); 10] = [
    ("*|", "|*", Meant::ByAnyName),
    ("%recipient.", "%", Meant::ByAnyName),
    ("<%", "%>", Meant::ByAnyName),
    ("${", "}", Meant::ByColumn),
    ("#{", "}", Meant::ByColumn),
    ("%%", "%%", Meant::ByColumn),
    ("{ {", "} }", Meant::ByAnyName),
    ("{", "}", Meant::ByColumn),
    ("[", "]", Meant::ByColumn),
    ("%", "%", Meant::ByColumn),
];
/// What fills in layouts and blocks, and does nothing in an issue.
const OF_TEMPLATES: [(&str, &str, Meant); 2] =
    [("[[", "]]", Meant::ByAnyName), ("[%", "%]", Meant::ByAnyName)];
/// No longer text is taken for a tag.
const MAX_BYTES: usize = 60;
/// More of them in one file are not told.
const MAX_FINDINGS: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// Nothing else is written like this.
    ByAnyName,
    /// It may be anything, unless a column has this name.
    ByColumn,
}

/// Warnings of what looks like a merge tag in `text` and is none. `file` is an issue, or else a layout or block.
pub(super) fn foreign(file: &Path, text: &str, is_issue: bool, schema: &Schema) -> Vec<Finding> {
    let kinds = || OF_TEMPLATES.iter().filter(|_| is_issue).chain(&TAGS);
    let mut findings = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['*', '%', '<', '$', '#', '{', '[']) {
        at += next;
        let rest = &text[at..];
        // Ours, or an end that looks like a beginning.
        if rest.starts_with("{{") || rest.starts_with("{%") || rest.starts_with("[[") && !is_issue {
            at += 2;
            continue;
        }
        let found = kinds().find_map(|(open, close, meant)| tag(rest, open, close, *meant, schema));
        let Some((written, column)) = found else {
            at += 1;
            continue;
        };
        at += written.len();
        if findings.len() < MAX_FINDINGS {
            findings.push(told(written, column).at(Place::offset(file, text, at - written.len())));
        }
    }
    findings
}

/// The tag that `rest` begins with, and the column it means.
fn tag<'a, 's>(
    rest: &'a str,
    open: &str,
    close: &str,
    meant: Meant,
    schema: &'s Schema,
) -> Option<(&'a str, Option<&'s str>)> {
    let inner = rest.strip_prefix(open)?;
    let end = inner.find(close).filter(|end| *end <= MAX_BYTES)?;
    let (inner, behind) = (&inner[..end], &inner[end + close.len()..]);
    if inner.contains('\n') || !inner.contains(char::is_alphanumeric) {
        return None;
    }
    let column = column(inner, schema);
    // `[email](mailto:…)` is a link.
    let is_link = open == "[" && behind.starts_with(['(', '[', ':']);
    let is_tag = meant == Meant::ByAnyName || column.is_some() && !is_link;
    is_tag.then(|| (&rest[..open.len() + end + close.len()], column))
}

/// The column of this name, however it is written: `FIRST NAME` is `first_name`.
fn column<'s>(name: &str, schema: &'s Schema) -> Option<&'s str> {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = plain(name);
    schema.columns().iter().map(|column| column.name.as_str()).find(|column| plain(column) == name)
}

fn told(written: &str, column: Option<&str>) -> Finding {
    let message = format!("`{written}` is no merge tag here: readers would see it as it stands");
    let help = match column {
        Some(column) => format!("write `{{{{ {column} }}}}`"),
        None => "a merge tag is a column's name in two braces: `{{ first_name }}`".to_owned(),
    };
    Finding::warning("foreign-tag", message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Column, Kind};

    fn told(text: &str, is_issue: bool) -> Vec<String> {
        let columns = ["email", "first_name", "plan"];
        let column = |name: &str| Column { name: name.to_owned(), kind: Kind::Text };
        let schema = Schema::new(columns.map(column).to_vec()).unwrap();
        let findings = foreign(Path::new("a"), text, is_issue, &schema);
        findings.into_iter().map(|finding| finding.message.split('`').nth(1).unwrap().to_owned()).collect()
    }

    #[test]
    fn tags_of_other_programs_are_found() {
        for tag in [
            "*|FNAME|*",
            "%recipient.name%",
            "<%= name %>",
            "${first_name}",
            "#{plan}",
            "%%First Name%%",
            "{ { name } }",
            "{first_name}",
            "[First-Name]",
            "%EMAIL%",
            "[[ first_name ]]",
            "[% if plan %]",
        ] {
            assert_eq!(told(&format!("Hello {tag}, at 100%!"), true), [tag]);
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        for text in [
            "{{ first_name }} {{email}} {% if plan %} a {% endif %}",
            "[email](mailto:a@b.example) [plan]: https://x.example/ [plan][1]",
            "a { color: red } .b { width: 50%; height: 50% } @media print { a { top: 0 } }",
            "100% of *it* [x] {y} $5 #1 <b>email</b> **plan**",
        ] {
            assert_eq!(told(text, true), [""; 0], "{text}");
        }
        assert_eq!(told("[[ block.title ]] [% if plan %] [[ plan ]] a[href] {}", false), [""; 0]);
    }
}
