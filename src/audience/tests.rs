//! Files as operators have them, and what they are told.

use std::collections::BTreeMap;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::config::{ColumnSetting, List};
use crate::expr::Kind;

fn list(columns: &[(&str, &str, Kind)]) -> List {
    let columns = columns
        .iter()
        .map(|&(name, header, kind)| (name.to_owned(), ColumnSetting { header: header.to_owned(), kind }));
    List {
        id: "weekly.example".to_owned(),
        name: "Weekly".to_owned(),
        address: String::new(),
        subscribers: PathBuf::new(),
        unsubscribe: String::new(),
        unsubscribe_mailto: None,
        view: None,
        secret_env: None,
        filter: None,
        columns: columns.collect::<BTreeMap<_, _>>(),
    }
}

fn open(text: impl AsRef<[u8]>, list: &List) -> Result<Reader, Vec<String>> {
    // A small buffer: lines and characters are cut wherever it ends.
    let input = BufReader::with_capacity(7, Cursor::new(text.as_ref().to_vec()));
    Reader::new(input, Path::new("list.csv"), list)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

/// `line: address values` or the finding.
fn entries(text: impl AsRef<[u8]>, list: &List) -> Vec<String> {
    let reader = open(text, list).unwrap_or_else(|findings| panic!("{findings:?}"));
    reader
        .map(|entry| match entry {
            Ok(subscriber) => {
                format!("{}: {} {:?}", subscriber.line, subscriber.email, subscriber.row.values())
            }
            Err(finding) => format!("{}{finding}", if finding.is_error() { "" } else { "warning " }),
        })
        .collect()
}

fn refused(text: impl AsRef<[u8]>, list: &List) -> Vec<String> {
    open(text, list).map(|_| ()).unwrap_err()
}

const NO_SUBSCRIBERS: &str = "list.csv: there are no subscribers in this file (it needs a line of headers, such as `email,first_name`, and a row for each subscriber)";

#[test]
fn a_plain_list() {
    let text = "email,First Name\nann@example.org, Ann \n\nbob@example.org,\"Bob \"\"B\"\" Lee, Jr\"\n";
    let reader = open(text, &list(&[])).unwrap();
    let names: Vec<&str> = reader.schema().columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["email", "first_name"]);
    assert_eq!(
        entries(text, &list(&[])),
        [
            r#"2: ann@example.org ["ann@example.org", "Ann"]"#,
            r#"4: bob@example.org ["bob@example.org", "Bob \"B\" Lee, Jr"]"#,
        ]
    );
}

#[test]
fn what_spreadsheets_write() {
    let expected = [r#"2: info@xn--bcher-kva.example ["Zoë", "info@bücher.example"]"#];
    for text in [
        "\u{feff}Name;EMAIL\r\nZoë;info@bücher.example\r\n;\r\n",
        "\"Name\"\t\"Email\"\nZoë\tinfo@bücher.example",
        "Name,email\nZoë,info@bücher.example\n,,\n",
    ] {
        assert_eq!(entries(text, &list(&[])), expected, "{text:?}");
    }
    let blank_first = "   \r\r\nName;email\r\r\nZoë;info@bücher.example";
    assert_eq!(entries(blank_first, &list(&[])), [expected[0].replace("2:", "3:")]);
    let with_separator = "sep=;\r\nName;email\r\nZoë;info@bücher.example\r\n";
    assert_eq!(
        entries(with_separator, &list(&[])),
        [r#"3: info@xn--bcher-kva.example ["Zoë", "info@bücher.example"]"#]
    );
    assert_eq!(
        refused("sep=x\nNamexemail\n", &list(&[])),
        ["list.csv:1: `x` separates no fields (`sep=` may name a comma, a semicolon, a tab or a bar)"]
    );
}

#[test]
fn columns_are_named_and_typed_by_the_configuration() {
    let list = list(&[
        ("email", "Email Address", Kind::Text),
        ("subscribed", "subscribed_to_emails", Kind::Bool),
        ("opens", "opens", Kind::Int),
        ("since", "since", Kind::Date),
    ]);
    let header = "Email Address,subscribed_to_emails,opens,since\n";
    let reader = open(format!("{header}ann@example.org,Yes,3,2026-01-31\n"), &list).unwrap();
    assert_eq!(reader.schema().kind("subscribed"), Some(Kind::Bool));
    assert_eq!(
        entries(
            format!(
                "{header}a@b.example,,,\na@b.example,maybe,1,\na@b.example,no,1.5,\na@b.example,1,,31/1/26\na@b.example,c@d.example,,\n"
            ),
            &list
        ),
        [
            r#"2: a@b.example ["a@b.example", "", "", ""]"#,
            "list.csv:3: `subscribed` is a bool, but here it is `maybe` (it is written true or false, yes or no, 1 or 0)",
            "list.csv:4: `opens` is a whole number, but here it is `1.5` (it is written in digits only)",
            "list.csv:5: `since` is a date, but here it is `31/1/26` (it is written as 2026-01-31)",
            "list.csv:6: `subscribed` is a bool, but here it is something else (it is written true or false, yes or no, 1 or 0)",
        ]
    );
}

#[test]
fn a_header_that_cannot_be_used_says_what_to_do() {
    let none = list(&[]);
    let mapped = list(&[("email", "Email Adress", Kind::Text), ("plan", "tier", Kind::Text)]);
    let twice = list(&[("one", "x", Kind::Text), ("two", "x", Kind::Text)]);
    let typed = list(&[("email", "email", Kind::Int)]);
    for (text, list, expected) in [
        (
            "Name,E-Mail\n",
            &none,
            vec![
                "list.csv:1: there is no column `email`; the headers are `Name`, `E-Mail` (name the column under \
                 [list.columns] in mailshot.toml: email = \"E-Mail\")",
            ],
        ),
        (
            "email,name,name\n",
            &none,
            vec!["list.csv:1: two columns have the header `name` (rename or remove one of them in the file)"],
        ),
        (
            "email,first_name,First Name\n",
            &none,
            vec![
                "list.csv:1: the headers `first_name` and `First Name` both make a column `first_name` (give it \
                 another name under [list.columns] in mailshot.toml: my_first_name = \"First Name\")",
            ],
        ),
        ("email,Campaign\n", &none, vec![]),
        (
            "email,campaign\n",
            &none,
            vec![
                "list.csv:1: the header `campaign` makes a column `campaign`, a name with a meaning of its own (give \
                 it another name under [list.columns] in mailshot.toml: my_campaign = \"campaign\")",
            ],
        ),
        (
            "Email Address,Plan\n",
            &mapped,
            vec![
                "list.csv:1: there is no column with the header `Email Adress`, which [list.columns] calls `email` \
                 (did you mean `Email Address`?)",
                "list.csv:1: there is no column with the header `tier`, which [list.columns] calls `plan` (the \
                 headers are `Email Address`, `Plan`)",
            ],
        ),
        (
            "email,x\n",
            &twice,
            vec![
                "list.csv:1: [list.columns] calls the header `x` both `one` and `two` (remove one of the two)",
            ],
        ),
        (
            "email\n",
            &typed,
            vec![
                "list.csv:1: the column `email` holds addresses: its type is text (remove its type under \
                 [list.columns] in mailshot.toml)",
            ],
        ),
        (
            "\nann@example.org,Ann\nbob@example.org,Bob\n",
            &none,
            vec![
                "list.csv:2: this line holds an address: it is no header line (write the columns' names above it, \
                 such as `email,first_name`)",
            ],
        ),
        (
            "email,name\rann@example.org,Ann\r",
            &none,
            vec![
                "list.csv:1: a carriage return stands inside this line (save the file with the line ends of Unix or \
                 Windows)",
            ],
        ),
        ("", &none, vec![NO_SUBSCRIBERS]),
        ("\n\n", &none, vec![NO_SUBSCRIBERS]),
    ] {
        match open(text, list) {
            Ok(_) => assert!(expected.is_empty(), "{text:?} was understood"),
            Err(findings) => assert_eq!(findings, expected, "{text:?}"),
        }
    }
}

#[test]
fn a_header_alone_is_no_list() {
    assert_eq!(entries("email,name\n", &list(&[])), [NO_SUBSCRIBERS]);
}

#[test]
fn a_missing_file_is_named() {
    let findings =
        Reader::open(Path::new("/nowhere/at/all.csv"), Path::new("all.csv"), &list(&[])).unwrap_err();
    assert!(findings[0].to_string().starts_with("all.csv: there is no such file ("), "{}", findings[0]);
}

#[test]
fn an_address_that_cannot_be_mailed_leaves_out_its_row_only() {
    assert_eq!(
        entries("email,name\nann,Ann\n,Nobody\nbob@example.org\u{200b},Bob\ncy@example.org,Cy\n", &list(&[])),
        [
            "warning list.csv:2: not a valid address: it has no @",
            "warning list.csv:3: not a valid address: it is empty",
            "warning list.csv:4: not a valid address: it holds the invisible character U+200B",
            r#"5: cy@example.org ["cy@example.org", "Cy"]"#,
        ]
    );
}

#[test]
fn a_row_of_another_length_is_an_error() {
    assert_eq!(
        entries("email,name\nann@example.org,Lee, Ann\nbob@example.org\n", &list(&[])),
        [
            "list.csv:2: this row has 3 fields, the header has 2 (a value with `,` in it must stand in quotes)",
            "list.csv:3: this row has one field, the header has 2 (a value with `,` in it must stand in quotes)",
        ]
    );
}

/// The general readers make one recipient of the three.
#[test]
fn a_quote_that_nobody_closed_is_found_before_it_swallows_rows() {
    let help =
        "the quote that opens here is not closed (close it; the rows behind it would be taken for one value)";
    for (text, line) in [
        ("name,email\nAnn,\"ann@example.org\nBob,bob@example.org\nCy,\"cy@example.org\"\n", 2),
        ("name,email\n\"Ann,ann@example.org\nBob,bob@example.org\nCy\",cy@example.org\n", 2),
        ("name,email,note\nAnn,ann@example.org,x\n\"Bob,bob@example.org,y\nCy,cy@example.org,\"\n", 3),
        ("name,email\nAnn,ann@example.org\nBob,\"bob@example.org\n", 3),
        ("name,email\n\"Ann\nLee\",ann@example.org\nBob,\"bob@example.org\n", 4),
    ] {
        let entries = entries(text, &list(&[]));
        assert_eq!(entries.last().unwrap(), &format!("list.csv:{line}: {help}"), "{text:?}: {entries:?}");
    }
    let note = "email,note\nann@example.org,\"Ring first,\nthen write\"\nbob@example.org,\n";
    assert_eq!(
        entries(note, &list(&[])),
        [
            r#"2: ann@example.org ["ann@example.org", "Ring first,\nthen write"]"#,
            r#"4: bob@example.org ["bob@example.org", ""]"#,
        ]
    );
}

#[test]
fn another_encoding_is_named_with_the_way_out() {
    let latin1 = b"email,name\nzoe@example.org,Zo\xeb\nann@example.org,Ann\n";
    assert_eq!(
        entries(latin1, &list(&[])),
        [
            "list.csv:2: this line is not UTF-8 (is it Latin-1? save it as \"CSV UTF-8\", or convert it: iconv -f \
             WINDOWS-1252 -t UTF-8 list.csv > utf-8.csv)",
            r#"3: ann@example.org ["ann@example.org", "Ann"]"#,
        ]
    );
    let utf16: Vec<u8> = "\u{feff}email\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let findings = refused(utf16, &list(&[]));
    assert!(
        findings[0].starts_with("list.csv:1: this line holds a NUL character (is it UTF-16? "),
        "{findings:?}"
    );
}

#[test]
fn a_file_of_another_kind_is_given_up() {
    let text = format!("email,name\n{}", "x\n".repeat(5_000));
    let entries = entries(text, &list(&[]));
    assert_eq!(entries.len(), 101);
    assert_eq!(entries[100], "list.csv: more than 100 errors: the rest of the file was not read");
}

#[test]
fn no_finding_holds_an_address() {
    let text = "email,vip\nann@example.org,bob@example.org\nann@example.org b,1\nann@example.org,1,1\n";
    for entry in entries(text, &list(&[("vip", "vip", Kind::Bool)])) {
        assert!(!entry.contains('@'), "{entry}");
    }
}

proptest! {
    #[test]
    fn never_more_rows_than_lines(text in "[ae@.,;\"\\n\\r\\t \u{e9}\\\\=]{0,120}") {
        let text = format!("email,name\n{text}");
        if let Ok(reader) = open(&text, &list(&[])) {
            // The header is a line too, and its place is taken by a word that there are no subscribers.
            prop_assert!(reader.count() <= text.lines().count());
        }
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut text = b"email,name\n".to_vec();
        text.extend(bytes);
        if let Ok(reader) = open(&text, &list(&[])) {
            for subscriber in reader.flatten() {
                prop_assert!(subscriber.row.values().iter().all(|value| value.trim() == value));
            }
        }
    }
}
