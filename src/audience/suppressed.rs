//! Goes through a file of addresses that must not be mailed: each row an entry, or a finding.
//!
//! Two shapes are read: a CSV file whose header names a column `email`, and one address on each line. Of a CSV file
//! the columns `reason` and `at` count as well; all others are ignored, for files from a provider have many.
//!
//! Unlike in a list, an address that does not read is an error: whoever it was meant for would be mailed.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::reader::{MAX_ERRORS, counted, csv_finding, place, quoted, set_separator, too_many_errors};
use super::records::{CsvError, Record, Records};
use crate::address::EmailAddress;
use crate::finding::{Finding, Place};

/// More rows than any provider's list has are refused.
const MAX_ROWS: u64 = 20_000_000;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressedRow {
    /// The physical line where it begins.
    pub line: u64,
    /// The address.
    pub email: EmailAddress,
    /// What stands in the column `reason`.
    pub reason: Option<String>,
    /// What stands in the column `at`.
    pub at: Option<Timestamp>,
}

/// Such a file, read once from its beginning to its end.
pub struct SuppressedReader {
    records: Records<Box<dyn BufRead + Send>>,
    /// None: one address on each line.
    columns: Option<Columns>,
    file: PathBuf,
    rows: u64,
    errors: usize,
    done: bool,
}

/// Which column is which.
struct Columns {
    email: usize,
    reason: Option<usize>,
    at: Option<usize>,
    count: usize,
}

impl SuppressedReader {
    /// Reads the header, if there is one. Findings call the file `shown`; `header` is another name of the column of
    /// addresses.
    pub fn new(
        input: impl BufRead + Send + 'static,
        shown: &Path,
        header: Option<&str>,
    ) -> Result<Self, Finding> {
        let input: Box<dyn BufRead + Send> = Box::new(input);
        let mut records = Records::new(input);
        set_separator(&mut records, shown)?;
        let first = records.peek_line().map_err(|error| csv_finding(&error, shown))?;
        let (_, text) = first.ok_or_else(|| no_addresses(shown))?;
        let columns = if EmailAddress::parse(text.trim().trim_matches('"')).is_ok() {
            None
        } else {
            let record = records.read().map_err(|error| csv_finding(&error, shown))?;
            Some(Columns::of(&record.ok_or_else(|| no_addresses(shown))?, shown, header)?)
        };
        Ok(Self { records, columns, file: shown.to_owned(), rows: 0, errors: 0, done: false })
    }

    fn read(&mut self) -> Option<Result<SuppressedRow, Finding>> {
        let record = match self.records.read() {
            Ok(record) => record?,
            Err(error) => {
                self.done = !error.can_go_on();
                return Some(Err(csv_finding(&error, &self.file)));
            }
        };
        self.rows += 1;
        if self.rows > MAX_ROWS {
            self.done = true;
            let message = format!("more than {MAX_ROWS} rows");
            return Some(Err(self.error("too-many-rows", record.line, message, "split the file")));
        }
        Some(self.row(&record))
    }

    fn row(&mut self, record: &Record) -> Result<SuppressedRow, Finding> {
        let line = record.line;
        self.refuse_open_quote(record)?;
        let wanted = self.columns.as_ref().map_or(1, |columns| columns.count);
        if record.fields.len() != wanted {
            let found = counted(record.fields.len());
            let (message, help) = if self.columns.is_some() {
                (
                    format!("this row has {found}, the header has {wanted}"),
                    "a value with a separator in it must stand in quotes",
                )
            } else {
                (
                    format!("this line has {found}"),
                    "write one address on each line, or a header line with `email` above them",
                )
            };
            return Err(self.error("csv-ragged-row", line, message, help));
        }
        let text = |index: usize| record.fields[index].text.as_str();
        let optional = |index: Option<usize>| index.map(text).filter(|text| !text.is_empty());
        let (email, reason, at) = match &self.columns {
            Some(Columns { email, reason, at, .. }) => (text(*email), optional(*reason), optional(*at)),
            None => (text(0), None, None),
        };
        let email = EmailAddress::parse(email).map_err(|error| {
            let message = format!("not a valid address: {error}");
            self.error("invalid-address", line, message, "correct it, or take the row out")
        })?;
        let at = at
            .map(|text| {
                moment(text).ok_or_else(|| {
                    let message = format!("`at` is a time, but here it is {}", quoted(text));
                    self.error(
                        "bad-value",
                        line,
                        message,
                        "it is written as 2026-01-31, or 2026-01-31T08:30:00Z",
                    )
                })
            })
            .transpose()?;
        Ok(SuppressedRow { line, email, reason: reason.map(str::to_owned), at })
    }

    /// A value that goes on over the end of its line and holds an address swallowed a row.
    fn refuse_open_quote(&mut self, record: &Record) -> Result<(), Finding> {
        let delimiter = self.records.delimiter();
        let is_address = |text: &str| EmailAddress::parse(text.trim().trim_matches('"')).is_ok();
        let holds_one = |text: &str| text.lines().any(|line| line.split(delimiter).any(is_address));
        let opened = record.fields.iter().find_map(|field| field.opened.filter(|_| holds_one(&field.text)));
        let Some(line) = opened else { return Ok(()) };
        self.done = true;
        Err(csv_finding(&CsvError::OpenQuote { line }, &self.file))
    }

    fn error(&self, code: &'static str, line: u64, message: String, help: &str) -> Finding {
        Finding::error(code, message).at(place(&self.file, line)).help(help)
    }
}

impl Iterator for SuppressedReader {
    type Item = Result<SuppressedRow, Finding>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        if self.errors >= MAX_ERRORS {
            self.done = true;
            return Some(Err(too_many_errors(&self.file)));
        }
        let entry = self.read();
        self.done |= entry.is_none();
        self.errors += usize::from(matches!(entry, Some(Err(_))));
        entry
    }
}

impl Columns {
    fn of(record: &Record, file: &Path, header: Option<&str>) -> Result<Self, Finding> {
        let named = |name: &str| record.fields.iter().position(|field| field.text.eq_ignore_ascii_case(name));
        let email = named("email").or_else(|| header.and_then(|header| named(header.trim())));
        let email = email.ok_or_else(|| {
            Finding::error("no-email-column", "neither an address nor a header with a column `email`")
                .at(place(file, record.line))
                .help("write `email` above the column of addresses")
        })?;
        Ok(Self { email, reason: named("reason"), at: named("at"), count: record.fields.len() })
    }
}

/// A time with its offset, or else a date, with or without a time, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return utc(time);
    }
    utc(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()))
}

fn no_addresses(file: &Path) -> Finding {
    Finding::error("no-addresses", "there are no addresses in this file")
        .at(Place::file(file))
        .help("it holds one address on each line, or is a CSV file with a column `email`")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row as `line address reason at`, or as what is wrong with it.
    fn read(text: &str) -> Vec<String> {
        let input = std::io::Cursor::new(text.as_bytes().to_vec());
        match SuppressedReader::new(input, Path::new("gone.csv"), Some("Subscriber")) {
            Err(finding) => vec![finding.to_string()],
            Ok(reader) => reader
                .map(|row| match row {
                    Err(finding) => finding.to_string(),
                    Ok(row) => {
                        let texts = [Some(row.line.to_string()), Some(row.email.to_string()), row.reason];
                        let at = row.at.map(|at| at.to_string());
                        texts.into_iter().chain([at]).flatten().collect::<Vec<_>>().join(" ")
                    }
                })
                .collect(),
        }
    }

    #[test]
    fn one_address_on_each_line() {
        assert_eq!(
            read("\u{feff}ada@example.com\r\n\r\n \"bob@example.com\" \nCY@example.com"),
            ["1 ada@example.com", "3 bob@example.com", "4 CY@example.com"]
        );
        let wrong = read("ada@example.com\nbob\nada@example.com,bounced\n");
        assert_eq!(wrong.len(), 3);
        assert!(wrong[1].starts_with("gone.csv:2: not a valid address: it has no @"), "{}", wrong[1]);
        assert!(
            wrong[2].starts_with("gone.csv:3: this line has 2 fields (write one address"),
            "{}",
            wrong[2]
        );
    }

    #[test]
    fn a_table_with_a_header() {
        assert_eq!(
            read("Id;EMail;At;Reason;id\n1;ada@example.com;2026-01-31;bounced;x\n2;bob@example.com;;;\n"),
            ["2 ada@example.com bounced 2026-01-31T00:00:00Z", "3 bob@example.com"]
        );
        assert_eq!(
            read(
                "subscriber,at\na@example.com,2026-01-31 08:30:00\nb@example.com,2026-01-31T08:30:00+01:00\n"
            ),
            ["2 a@example.com 2026-01-31T08:30:00Z", "3 b@example.com 2026-01-31T07:30:00Z"]
        );
        let wrong = read("email,at\na@example.com,yesterday\n,2026-01-31\nb@example.com\nc@example.com,\n");
        assert!(
            wrong[0].starts_with("gone.csv:2: `at` is a time, but here it is `yesterday`"),
            "{}",
            wrong[0]
        );
        assert!(wrong[1].starts_with("gone.csv:3: not a valid address: it is empty"), "{}", wrong[1]);
        assert!(wrong[2].starts_with("gone.csv:4: this row has one field, the header has 2"), "{}", wrong[2]);
        assert_eq!(wrong[3], "5 c@example.com");
    }

    #[test]
    fn what_is_no_such_file_is_said() {
        for (text, said) in [
            ("", "gone.csv: there are no addresses in this file"),
            ("\n \n", "gone.csv: there are no addresses in this file"),
            ("name,plan\nAda,pro\n", "gone.csv:1: neither an address nor a header with a column `email`"),
            ("ada@example.com,x\n", "gone.csv:1: neither an address nor a header"),
        ] {
            let read = read(text);
            assert!(read.len() == 1 && read[0].starts_with(said), "{text:?}: {read:?}");
        }
    }

    #[test]
    fn a_quote_that_nobody_closed_swallows_no_address() {
        let read = read("email,note\na@example.com,\"once\nb@example.com,\"twice\"\nc@example.com,x\n");
        assert_eq!(read.len(), 1, "{read:?}");
        assert!(read[0].starts_with("gone.csv:2: the quote that opens here is not closed"), "{read:?}");
        let read = self::read("email,note\na@example.com,\"once\nb@example.com,twice\"\nc@example.com,x\n");
        assert!(read[0].starts_with("gone.csv:2: the quote that opens here is not closed"), "{read:?}");
    }

    #[test]
    fn errors_without_end_are_not_read_to_the_end() {
        let read = read(&format!("email\n{}", "nobody\n".repeat(1_000)));
        assert_eq!(read.len(), MAX_ERRORS + 1);
        assert_eq!(read[MAX_ERRORS], "gone.csv: more than 100 errors: the rest of the file was not read");
    }
}
