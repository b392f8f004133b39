//! The records of a CSV file (RFC 4180), as files in the wild are.
//!
//! The general readers give a record and its first line, and take a quote that nobody closed for a long field:
//! the rows inside it vanish without a word. Here every physical line is looked at by itself. So each problem
//! has its line, a runaway quote is stopped at [`MAX_FIELD_BYTES`], and one field is all that is in memory.
//!
//! Read are LF and CRLF, a byte order mark, and comma, semicolon or tab between fields. Blank lines and lines of
//! nothing but separators are skipped. Quotes count at the beginning of a field only; `""` inside is one quote.

use std::io::{self, BufRead, Read};

/// A longer field is an unclosed quote, or no subscriber's data.
pub(super) const MAX_FIELD_BYTES: usize = 4_096;
/// A longer physical line is refused.
const MAX_LINE_BYTES: usize = 1 << 20;
/// More fields in one record than this are refused.
const MAX_FIELDS: usize = 1_000;

/// A record and where it begins.
#[derive(Debug)]
pub(super) struct Record {
    /// The physical line, from 1.
    pub(super) line: u64,
    pub(super) fields: Vec<Field>,
}

/// A field, trimmed.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) text: String,
    /// Where it begins, if it goes on over the end of that line.
    pub(super) opened: Option<u64>,
}

/// Why there is no record here.
#[derive(Debug, thiserror::Error)]
pub(super) enum CsvError {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("this line is not UTF-8")]
    NotUtf8 { line: u64 },
    #[error("this line holds a NUL character")]
    Nul { line: u64 },
    #[error("a carriage return stands inside this line")]
    CarriageReturn { line: u64 },
    #[error("{what} is longer than {limit} {unit}")]
    Long { line: u64, what: &'static str, limit: usize, unit: &'static str },
    #[error("text stands behind a closing quote")]
    AfterQuote { line: u64 },
    #[error("the quote that opens here is not closed")]
    OpenQuote { line: u64 },
}

impl CsvError {
    /// Whether the next record can be read. After a quote that nobody closed, no one knows where it begins.
    pub(super) fn can_go_on(&self) -> bool {
        !matches!(self, Self::Io(_) | Self::OpenQuote { .. })
    }
}

/// Goes through the physical lines and puts records together.
pub(super) struct Records<R> {
    input: R,
    delimiter: char,
    /// The number of the physical line in `current`.
    line: u64,
    /// The line that a record begins with, without its end; blank when it has been read.
    current: String,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, delimiter: ',', line: 0, current: String::new() }
    }

    /// What stands between fields.
    pub(super) fn delimiter(&self) -> char {
        self.delimiter
    }

    /// What stands between fields from here on.
    pub(super) fn set_delimiter(&mut self, delimiter: char) {
        self.delimiter = delimiter;
    }

    /// The next line that is not blank and its number; it is yet to be read.
    pub(super) fn peek_line(&mut self) -> Result<Option<(u64, &str)>, CsvError> {
        while self.current.trim().is_empty() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some((self.line, &self.current)))
    }

    /// Drops the line that [`Records::peek_line`] showed.
    pub(super) fn skip_line(&mut self) {
        self.current.clear();
    }

    /// The next record; `None` at the end.
    pub(super) fn read(&mut self) -> Result<Option<Record>, CsvError> {
        while self.peek_line()?.is_some() {
            let record = self.record()?;
            if record.fields.iter().any(|field| !field.text.is_empty()) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The record that begins with the current line.
    fn record(&mut self) -> Result<Record, CsvError> {
        let mut record = Record { line: self.line, fields: Vec::new() };
        let mut line = std::mem::take(&mut self.current);
        let mut at = 0;
        loop {
            if record.fields.len() >= MAX_FIELDS {
                return Err(too_long(record.line, "this row", MAX_FIELDS, "fields"));
            }
            let (field, end) = if self.skip_blanks(&line[at..]).starts_with('"') {
                self.quoted(&mut line, at)?
            } else {
                self.unquoted(&line, at)?
            };
            record.fields.push(field);
            match line[end..].chars().next() {
                Some(delimiter) => at = end + delimiter.len_utf8(),
                None => return Ok(record),
            }
        }
    }

    /// The field that begins at byte `at` of `line`, and where it ends.
    fn unquoted(&self, line: &str, at: usize) -> Result<(Field, usize), CsvError> {
        let end = line[at..].find(self.delimiter).map_or(line.len(), |found| at + found);
        if end - at > MAX_FIELD_BYTES {
            return Err(too_long(self.line, "a field", MAX_FIELD_BYTES, "bytes"));
        }
        Ok((Field { text: line[at..end].trim().to_owned(), opened: None }, end))
    }

    /// The field in quotes that begins, after blanks, at byte `at` of `line`, and where it ends. `line` is then
    /// the physical line in which that is.
    fn quoted(&mut self, line: &mut String, at: usize) -> Result<(Field, usize), CsvError> {
        let opened = self.line;
        let mut at = line.len() - self.skip_blanks(&line[at..]).len() + 1;
        let mut text = String::new();
        loop {
            let quote = line[at..].find('"').map(|found| at + found);
            text.push_str(&line[at..quote.unwrap_or(line.len())]);
            if text.len() > MAX_FIELD_BYTES {
                return Err(CsvError::OpenQuote { line: opened });
            }
            at = match quote {
                Some(quote) if line[quote + 1..].starts_with('"') => {
                    text.push('"');
                    quote + 2
                }
                Some(quote) => {
                    let after = self.skip_blanks(&line[quote + 1..]);
                    if !after.is_empty() && !after.starts_with(self.delimiter) {
                        return Err(if self.line == opened {
                            CsvError::AfterQuote { line: opened }
                        } else {
                            // This quote opens a field of another row; the one before was never closed.
                            CsvError::OpenQuote { line: opened }
                        });
                    }
                    let end = line.len() - after.len();
                    let opened = (self.line != opened).then_some(opened);
                    return Ok((Field { text: text.trim().to_owned(), opened }, end));
                }
                None => {
                    text.push('\n');
                    if !self.fill()? {
                        return Err(CsvError::OpenQuote { line: opened });
                    }
                    *line = std::mem::take(&mut self.current);
                    0
                }
            };
        }
    }

    /// `text` without the white space it begins with, of which the separator is none.
    fn skip_blanks<'t>(&self, text: &'t str) -> &'t str {
        text.trim_start_matches(|c: char| c != self.delimiter && c.is_whitespace())
    }

    /// Reads the next physical line; false at the end of the file.
    fn fill(&mut self) -> Result<bool, CsvError> {
        let mut bytes = std::mem::take(&mut self.current).into_bytes();
        bytes.clear();
        if (&mut self.input).take(MAX_LINE_BYTES as u64).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(false);
        }
        self.line += 1;
        let line = self.line;
        if bytes.ends_with(b"\n") {
            bytes.pop();
            while bytes.ends_with(b"\r") {
                bytes.pop();
            }
        } else if bytes.len() == MAX_LINE_BYTES {
            self.input.skip_until(b'\n')?;
            return Err(too_long(line, "this line", MAX_LINE_BYTES, "bytes"));
        }
        if line == 1 && bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(..3);
        }
        if bytes.contains(&0) {
            return Err(CsvError::Nul { line });
        }
        if bytes.contains(&b'\r') {
            return Err(CsvError::CarriageReturn { line });
        }
        self.current = String::from_utf8(bytes).map_err(|_| CsvError::NotUtf8 { line })?;
        Ok(true)
    }
}

fn too_long(line: u64, what: &'static str, limit: usize, unit: &'static str) -> CsvError {
    CsvError::Long { line, what, limit, unit }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Read = Result<(u64, Vec<String>), String>;

    fn records(text: &str) -> Vec<Read> {
        let mut records = Records::new(text.as_bytes());
        let mut out = Vec::new();
        loop {
            match records.read() {
                Ok(Some(record)) => {
                    out.push(Ok((record.line, record.fields.into_iter().map(|field| field.text).collect())));
                }
                Ok(None) => return out,
                Err(error) => {
                    out.push(Err(format!("{error:?}")));
                    if !error.can_go_on() {
                        return out;
                    }
                }
            }
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands among errors in the expectations")]
    fn row(line: u64, fields: &[&str]) -> Read {
        Ok((line, fields.iter().map(|&field| field.to_owned()).collect()))
    }

    #[test]
    fn records_as_they_are_in_the_wild() {
        assert_eq!(
            records("\u{feff}a, b ,c\r\n\r\n1,\"x, \"\"y\"\"\", \"z\" \n,,\n  \n5\" pipe,,\n"),
            [row(1, &["a", "b", "c"]), row(3, &["1", "x, \"y\"", "z"]), row(6, &["5\" pipe", "", ""])]
        );
        assert_eq!(
            records("a,\"one\r\n\r\ntwo\",b\n\"\",c"),
            [row(1, &["a", "one\n\ntwo", "b"]), row(4, &["", "c"])]
        );
    }

    #[test]
    fn an_open_quote_is_found_where_it_was_opened() {
        let open = |line: u64| Err(format!("OpenQuote {{ line: {line} }}"));
        let swallowed = "a,b\nann,\"Ann\nbob,\"Bob\"\ncy,Cy\n";
        assert_eq!(records(swallowed), [row(1, &["a", "b"]), open(2)]);
        assert_eq!(records("a,b\nann,\"Ann\nbob,Bob\n"), [row(1, &["a", "b"]), open(2)]);
        let long = format!("a,b\n\"x\ny\",\"{}\n", "row,row\n".repeat(1_000));
        assert_eq!(records(&long), [row(1, &["a", "b"]), open(3)]);
        assert_eq!(
            records("\"Acme\" Ltd,x\nb,c"),
            [Err("AfterQuote { line: 1 }".to_owned()), row(2, &["b", "c"])]
        );
    }

    #[test]
    fn one_bad_line_does_not_hide_the_next() {
        let mut text = b"a\nb\xff\nc\0\n".to_vec();
        text.extend("x".repeat(5_000).bytes());
        text.push(b'\n');
        text.extend("y".repeat(MAX_LINE_BYTES + 10).bytes());
        text.extend(b"\nlast");
        let mut records = Records::new(text.as_slice());
        let mut lines = Vec::new();
        loop {
            match records.read() {
                Ok(None) => break,
                Ok(Some(record)) => lines.push((record.line, "record")),
                Err(CsvError::NotUtf8 { line }) => lines.push((line, "utf-8")),
                Err(CsvError::Nul { line }) => lines.push((line, "nul")),
                Err(CsvError::Long { line, what, .. }) => lines.push((line, what)),
                Err(error) => panic!("{error}"),
            }
        }
        let expected =
            [(1, "record"), (2, "utf-8"), (3, "nul"), (4, "a field"), (5, "this line"), (6, "record")];
        assert_eq!(lines, expected);
    }

    proptest! {
        /// What the `csv` crate has written is read back, whatever is in it.
        #[test]
        fn a_well_formed_file_reads_as_it_was_written(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z\",\n ]{0,6}é?", 3), 1..6),
            semicolon: bool,
        ) {
            let delimiter = if semicolon { ';' } else { ',' };
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter as u8).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let mut records = Records::new(text.as_bytes());
            records.set_delimiter(delimiter);
            let mut read = Vec::new();
            while let Some(record) = records.read().unwrap() {
                read.push(record.fields.into_iter().map(|field| field.text).collect::<Vec<_>>());
            }
            let written: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(|field| field.trim().to_owned()).collect::<Vec<_>>())
                .filter(|row| row.iter().any(|field| !field.is_empty()))
                .collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn no_text_makes_it_panic_or_hang(text in "[a\",;\n\r\t é\u{feff}\0]{0,60}") {
            prop_assert!(records(&text).len() <= text.lines().count());
        }
    }
}
