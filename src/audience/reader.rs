//! Goes through a subscriber file: each row a subscriber, or a finding.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::Columns;
use super::records::{CsvError, Field, Record, Records};
use crate::address::EmailAddress;
use crate::config::List;
use crate::expr::{Kind, Row, Schema, reads_as};
use crate::finding::{Finding, Place};

/// A row of the file that can be mailed.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The physical line where the row begins.
    pub line: u64,
    /// Its address.
    pub email: EmailAddress,
    /// The values of all its columns, the address as it was written among them.
    pub row: Row,
}

/// A row: a subscriber, or what is wrong with it. A warning leaves out this row only; after an error nothing may
/// be sent before the file is mended.
pub type Entry = Result<Subscriber, Finding>;

/// After so many errors the rest of the file is not read: it is another kind of file, or one cause behind all.
pub(super) const MAX_ERRORS: usize = 100;
const BUFFER_BYTES: usize = 1 << 16;

/// A subscriber file, read once from its beginning to its end. Duplicates are among what it gives: only the
/// ledger can find them without keeping every address in memory.
pub struct Reader {
    records: Records<Box<dyn BufRead + Send>>,
    columns: Columns,
    file: PathBuf,
    rows: u64,
    errors: usize,
    done: bool,
}

impl Reader {
    /// Opens the file at `path`, which findings call `shown`, and reads its header by what `list` says of the
    /// columns.
    pub fn open(path: &Path, shown: &Path, list: &List) -> Result<Self, Vec<Finding>> {
        let file = File::open(path).map_err(|error| {
            vec![
                Finding::unreadable(shown, &error)
                    .help("this is the subscriber file: --subscribers, or `subscribers` under [list]"),
            ]
        })?;
        Self::new(BufReader::with_capacity(BUFFER_BYTES, file), shown, list)
    }

    /// The same from any source of bytes.
    pub fn new(
        input: impl BufRead + Send + 'static,
        shown: &Path,
        list: &List,
    ) -> Result<Self, Vec<Finding>> {
        let input: Box<dyn BufRead + Send> = Box::new(input);
        let mut records = Records::new(input);
        let header = set_separator(&mut records, shown)
            .and_then(|()| records.read().map_err(|error| csv_finding(&error, shown)))
            .and_then(|header| header.ok_or_else(|| no_subscribers(shown)))
            .map_err(|finding| vec![finding])?;
        let columns = Columns::of(&header, list, shown)?;
        Ok(Self { records, columns, file: shown.to_owned(), rows: 0, errors: 0, done: false })
    }

    /// The columns of the file.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.columns.schema
    }

    fn read(&mut self) -> Option<Entry> {
        let record = match self.records.read() {
            Ok(Some(record)) => record,
            Ok(None) => {
                self.done = true;
                return (self.rows == 0).then(|| Err(no_subscribers(&self.file)));
            }
            Err(error) => {
                self.rows += 1;
                self.done = !error.can_go_on();
                return Some(Err(csv_finding(&error, &self.file)));
            }
        };
        self.rows += 1;
        Some(self.subscriber(record))
    }

    fn subscriber(&mut self, record: Record) -> Entry {
        let Record { line, fields } = record;
        self.check_shape(line, &fields)?;
        for (column, field) in self.columns.schema.columns().iter().zip(&fields) {
            if !reads_as(column.kind, &field.text) {
                return Err(self.bad_value(line, &column.name, column.kind, &field.text));
            }
        }
        let email = EmailAddress::parse(&fields[self.columns.email].text).map_err(|error| {
            Finding::warning("invalid-address", format!("not a valid address: {error}")).at(self.at(line))
        })?;
        let values = fields.into_iter().map(|field| field.text).collect();
        Ok(Subscriber { line, email, row: Row::new(Arc::clone(&self.columns.schema), values) })
    }

    /// Whether this is one row, and a whole one.
    fn check_shape(&mut self, line: u64, fields: &[Field]) -> Result<(), Finding> {
        for (index, field) in fields.iter().enumerate() {
            if let Some(opened) = field.opened
                && (index == self.columns.email || self.holds_a_row(&field.text))
            {
                self.done = true;
                return Err(csv_finding(&CsvError::OpenQuote { line: opened }, &self.file));
            }
        }
        let wanted = self.columns.schema.columns().len();
        if fields.len() == wanted {
            return Ok(());
        }
        let message = format!("this row has {}, the header has {wanted}", counted(fields.len()));
        Err(Finding::error("csv-ragged-row", message).at(self.at(line)).help(format!(
            "a value with `{}` in it must stand in quotes",
            match self.records.delimiter() {
                '\t' => "a tab".to_owned(),
                delimiter => delimiter.to_string(),
            }
        )))
    }

    /// Whether a line inside a quoted value looks like a row of this file: then the quote was never closed.
    fn holds_a_row(&self, text: &str) -> bool {
        text.lines().skip(1).any(|line| {
            let fields: Vec<&str> = line.split(self.records.delimiter()).collect();
            fields.len() == self.columns.schema.columns().len()
                && EmailAddress::parse(fields[self.columns.email].trim_matches('"')).is_ok()
        })
    }

    fn bad_value(&self, line: u64, column: &str, kind: Kind, text: &str) -> Finding {
        let (what, help) = match kind {
            Kind::Bool => ("a bool", "it is written true or false, yes or no, 1 or 0"),
            Kind::Int => ("a whole number", "it is written in digits only"),
            Kind::Date => ("a date", "it is written as 2026-01-31"),
            Kind::Text => ("a text", "any text will do"),
        };
        Finding::error("bad-value", format!("`{column}` is {what}, but here it is {}", quoted(text)))
            .at(self.at(line))
            .help(help)
    }

    fn at(&self, line: u64) -> Place {
        place(&self.file, line)
    }
}

impl Iterator for Reader {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.done {
            return None;
        }
        if self.errors >= MAX_ERRORS {
            self.done = true;
            return Some(Err(too_many_errors(&self.file)));
        }
        let entry = self.read();
        if matches!(&entry, Some(Err(finding)) if finding.is_error()) {
            self.errors += 1;
        }
        entry
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("file", &self.file).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// What separates the fields: as a first line `sep=;` says (spreadsheets write it), or else whichever of comma,
/// semicolon and tab is most often in the header.
pub(super) fn set_separator(
    records: &mut Records<Box<dyn BufRead + Send>>,
    file: &Path,
) -> Result<(), Finding> {
    let first = records.peek_line().map_err(|error| csv_finding(&error, file))?;
    let Some((line, text)) = first else {
        return Ok(());
    };
    let bare = text.trim_matches('"');
    if let Some(said) = bare.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &bare[4..]) {
        let delimiter = match said {
            "," | ";" | "\t" | "|" => said.chars().next().unwrap_or(','),
            _ => {
                return Err(Finding::error("csv-separator", format!("{} separates no fields", quoted(said)))
                    .at(place(file, line))
                    .help("`sep=` may name a comma, a semicolon, a tab or a bar"));
            }
        };
        records.set_delimiter(delimiter);
        records.skip_line();
        return Ok(());
    }
    let mut in_quotes = false;
    let mut counts = [(',', 0_usize), (';', 0), ('\t', 0)];
    for c in text.chars() {
        in_quotes ^= c == '"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(c == *delimiter && !in_quotes);
        }
    }
    // The first of equals: a comma.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    records.set_delimiter(most.map_or(',', |(delimiter, _)| *delimiter));
    Ok(())
}

pub(super) fn csv_finding(error: &CsvError, file: &Path) -> Finding {
    let (code, line, help) = match error {
        CsvError::Io(error) => return Finding::unreadable(file, error),
        CsvError::NotUtf8 { line } => {
            ("csv-not-utf8", line, format!("is it Latin-1? {}", convert("WINDOWS-1252", file)))
        }
        CsvError::Nul { line } => ("csv-nul", line, format!("is it UTF-16? {}", convert("UTF-16", file))),
        CsvError::CarriageReturn { line } => {
            ("csv-line-ends", line, "save the file with the line ends of Unix or Windows".to_owned())
        }
        CsvError::Long { line, .. } => ("csv-too-long", line, "is this a subscriber file?".to_owned()),
        CsvError::AfterQuote { line } => {
            ("csv-quote", line, "a quote inside a value in quotes is written twice: \"\"".to_owned())
        }
        CsvError::OpenQuote { line } => {
            ("csv-open-quote", line, "close it; the rows behind it would be taken for one value".to_owned())
        }
    };
    Finding::error(code, error.to_string()).at(place(file, *line)).help(help)
}

fn convert(encoding: &str, file: &Path) -> String {
    let file = file.display();
    format!("save it as \"CSV UTF-8\", or convert it: iconv -f {encoding} -t UTF-8 {file} > utf-8.csv")
}

fn no_subscribers(file: &Path) -> Finding {
    Finding::error("no-subscribers", "there are no subscribers in this file")
        .at(Place::file(file))
        .help("it needs a line of headers, such as `email,first_name`, and a row for each subscriber")
}

pub(super) fn place(file: &Path, line: u64) -> Place {
    Place { file: file.to_owned(), line: u32::try_from(line).ok(), column: None }
}

/// What is said in place of all that is wrong behind [`MAX_ERRORS`].
pub(super) fn too_many_errors(file: &Path) -> Finding {
    let message = format!("more than {MAX_ERRORS} errors: the rest of the file was not read");
    Finding::error("too-many-errors", message).at(Place::file(file))
}

pub(super) fn counted(fields: usize) -> String {
    if fields == 1 { "one field".to_owned() } else { format!("{fields} fields") }
}

/// A value in a message: short, and nothing that could be an address.
pub(super) fn quoted(text: &str) -> String {
    const MOST_CHARS: usize = 24;
    if text.contains('@') || text.chars().count() > MOST_CHARS || text.contains(char::is_control) {
        "something else".to_owned()
    } else {
        format!("`{text}`")
    }
}
