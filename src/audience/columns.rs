//! The header line → the schema: which header is which column, and of which type.

use std::path::Path;
use std::sync::Arc;

use super::records::Record;
use crate::address::EmailAddress;
use crate::config::{ColumnSetting, List};
use crate::expr::{Column, Kind, RESERVED, Schema};
use crate::finding::{Finding, Place, nearest};

const EMAIL: &str = "email";

/// The columns of a file, in its order.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) schema: Arc<Schema>,
    /// Which of them holds the address.
    pub(super) email: usize,
}

impl Columns {
    /// Reads the header line. A header is called what `[list.columns]` calls it; else by itself, where it is a
    /// name already; else in lower case with `_` for what no name may hold: `First Name` is `first_name`.
    pub(super) fn of(header: &Record, list: &List, file: &Path) -> Result<Self, Vec<Finding>> {
        let headers: Vec<&str> = header.fields.iter().map(|field| field.text.as_str()).collect();
        let place = Place { file: file.to_owned(), line: u32::try_from(header.line).ok(), column: None };
        if headers.iter().any(|header| EmailAddress::parse(header).is_ok()) {
            let finding = Finding::error("no-header", "this line holds an address: it is no header line");
            return Err(vec![
                finding.at(place).help("write the columns' names above it, such as `email,first_name`"),
            ]);
        }
        let mut columns = Vec::with_capacity(headers.len());
        let mut findings = missing(&headers, list);
        for (index, header) in headers.iter().enumerate() {
            let column = match mapped(header, list) {
                Some((name, setting)) => Column { name: name.clone(), kind: setting.kind },
                None => Column { name: name_of(header, index), kind: Kind::Text },
            };
            findings.extend(misnamed(&column, header, &columns, &headers));
            columns.push(column);
        }
        let email = columns.iter().position(|column| column.name == EMAIL);
        match email {
            Some(email) if columns[email].kind != Kind::Text => findings.push(
                Finding::error("email-column-type", "the column `email` holds addresses: its type is text")
                    .help("remove its type under [list.columns] in mailshot.toml"),
            ),
            Some(_) => {}
            None if list.columns.contains_key(EMAIL) => {}
            None => findings.push(no_email(&headers)),
        }
        if let (Some(email), true) = (email, findings.is_empty())
            && let Ok(schema) = Schema::new(columns)
        {
            return Ok(Self { schema: Arc::new(schema), email });
        }
        Err(findings.into_iter().map(|finding| finding.at(place.clone())).collect())
    }
}

/// The entry of `[list.columns]` for this header.
fn mapped<'l>(header: &str, list: &'l List) -> Option<(&'l String, &'l ColumnSetting)> {
    list.columns.iter().find(|(_, setting)| setting.header.trim() == header)
}

/// The entries of `[list.columns]` that no header, or not only one of them, answers.
fn missing(headers: &[&str], list: &List) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, setting) in &list.columns {
        let header = setting.header.trim();
        if !headers.contains(&header) {
            let message =
                format!("there is no column with the header `{header}`, which [list.columns] calls `{name}`");
            findings.push(Finding::error("unknown-column", message).help(
                match nearest(header, headers.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => listed(headers),
                },
            ));
        } else if let Some((first, _)) = mapped(header, list).filter(|(first, _)| *first != name) {
            let message = format!("[list.columns] calls the header `{header}` both `{first}` and `{name}`");
            findings.push(Finding::error("duplicate-column", message).help("remove one of the two"));
        }
    }
    findings
}

/// What keeps a column from having this name.
fn misnamed(column: &Column, header: &str, before: &[Column], headers: &[&str]) -> Option<Finding> {
    let name = &column.name;
    let other_name =
        format!("give it another name under [list.columns] in mailshot.toml: my_{name} = \"{header}\"");
    if RESERVED.contains(&name.as_str()) {
        let message =
            format!("the header `{header}` makes a column `{name}`, a name with a meaning of its own");
        return Some(Finding::error("reserved-column", message).help(other_name));
    }
    let first = headers[before.iter().position(|earlier| earlier.name == *name)?];
    Some(if first == header {
        Finding::error("duplicate-column", format!("two columns have the header `{header}`"))
            .help("rename or remove one of them in the file")
    } else {
        Finding::error(
            "duplicate-column",
            format!("the headers `{first}` and `{header}` both make a column `{name}`"),
        )
        .help(other_name)
    })
}

fn no_email(headers: &[&str]) -> Finding {
    let near = headers.iter().find(|header| {
        let letters: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        letters.contains("mail") || letters == "address"
    });
    let finding =
        Finding::error("no-email-column", format!("there is no column `email`; {}", listed(headers)));
    let header = near.map_or("<header>", |header| header);
    finding.help(format!("name the column under [list.columns] in mailshot.toml: email = \"{header}\""))
}

fn listed(headers: &[&str]) -> String {
    const MOST: usize = 20;
    let shown: Vec<String> = headers.iter().take(MOST).map(|header| format!("`{header}`")).collect();
    let more = if headers.len() > MOST { ", …" } else { "" };
    format!("the headers are {}{more}", shown.join(", "))
}

/// The name that a header has by itself.
fn name_of(header: &str, index: usize) -> String {
    if header.eq_ignore_ascii_case(EMAIL) {
        return EMAIL.to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if header.chars().all(plain) && header.starts_with(|c: char| !c.is_ascii_digit()) {
        return header.to_owned();
    }
    let lower = header.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words.join("_") {
        name if name.is_empty() => format!("column_{}", index + 1),
        name if name.starts_with(|c: char| c.is_ascii_digit()) => format!("_{name}"),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_becomes_a_name() {
        for (header, name) in [
            ("first_name", "first_name"),
            ("FirstName", "FirstName"),
            ("First Name", "first_name"),
            ("  E-Mail  (work) ".trim(), "e_mail_work"),
            ("EMAIL", "email"),
            ("2nd line", "_2nd_line"),
            ("Prénom", "prénom"),
            ("", "column_3"),
            ("#", "column_3"),
        ] {
            assert_eq!(name_of(header, 2), name, "{header}");
        }
    }
}
