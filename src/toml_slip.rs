//! Why TOML cannot be read, for those who have never heard of it: of settings and front matter.
//!
//! The parser says what it expected next; what was done wrong is seen in the line where it stopped. A value is never
//! quoted, for it may be a password.

use toml::de::Error;

/// Typographic quotes, which word processors make of straight ones.
const CURLY: [char; 9] = ['“', '”', '„', '‟', '‘', '’', '‚', '«', '»'];
const SETTING: &str =
    "a setting is `key = \"text\"`, `key = 5` or `key = true`, below the `[table]` it belongs to";

/// One mistake, and where it was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    /// Byte of the text.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What is wrong with `text`, of which the parser says this.
pub(crate) fn explain(text: &str, error: &Error) -> Slip {
    let span = error.span().unwrap_or_default();
    let noticed = text.floor_char_boundary(span.start);
    let slip = |message: &str, help: &str| Slip { at: noticed, message: message.into(), help: help.into() };
    let start = text[..noticed].rfind('\n').map_or(0, |end| end + 1);
    let line = Line { text: text[start..].lines().next().unwrap_or_default(), start };
    let said = error.message();
    if said.starts_with("duplicate key") {
        let key = text.get(span).unwrap_or_default();
        return if line.text.trim_start().starts_with('[') {
            slip(&format!("the table `{key}` stands above already"), "put what is below into that one")
        } else {
            slip(&format!("`{key}` stands above already"), "remove one of the two")
        };
    }
    if said.contains("array") && !said.contains("table") {
        return slip(
            "this list is not closed, or a comma is missing",
            "a list is `key = [\"one\", \"two\"]`",
        );
    }
    if said.contains("escape") || said.contains("unicode") {
        return slip("a `\\` has a meaning of its own in \"…\"", "write it twice, or put the text into '…'");
    }
    line.slip().unwrap_or_else(|| {
        let said = said.lines().collect::<Vec<_>>().join(", ");
        slip(&format!("this is no valid TOML: {said}"), SETTING)
    })
}

/// The line in which the parser stopped.
struct Line<'a> {
    text: &'a str,
    /// Where it begins.
    start: usize,
}

impl Line<'_> {
    /// What is wrong with it, if that can be seen.
    fn slip(&self) -> Option<Slip> {
        let slip =
            |at: usize, message: String, help: String| Some(Slip { at: self.start + at, message, help });
        let indent = self.text.len() - self.text.trim_start().len();
        if self.text[indent..].starts_with('[') {
            let closed = self.text.contains(']');
            let help = "a table is written `[name]`, on a line of its own".to_owned();
            return (!closed).then(|| slip(indent, "this `[` is not closed".to_owned(), help))?;
        }
        let Some((name, _)) = self.text.split_once(['=', ':']) else {
            return slip(indent, "this line is no setting".to_owned(), SETTING.to_owned());
        };
        let key = name.trim();
        if key.is_empty() {
            return slip(indent, "a name is missing here".to_owned(), SETTING.to_owned());
        }
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ');
        if !key.chars().all(is_key) {
            return None;
        }
        if self.text[name.len()..].starts_with(':') {
            let message = "a `:` stands where a `=` belongs".to_owned();
            return slip(name.len(), message, format!("write `{key} = …`"));
        }
        let rest = &self.text[name.len() + 1..];
        let value = rest.trim();
        let at = name.len() + 1 + rest.len() - rest.trim_start().len();
        let (at, message, help) = value_slip(key, value, at)?;
        slip(at, message, help)
    }
}

/// What is wrong with the value of `key`, which stands at byte `at` of its line.
fn value_slip(key: &str, value: &str, at: usize) -> Option<(usize, String, String)> {
    let first = value.chars().next().filter(|first| *first != '#');
    let Some(first) = first else {
        return Some((at, format!("`{key}` has no value"), format!("write `{key} = \"…\"`")));
    };
    let straight = format!("word processors make them; write straight ones: `{key} = \"…\"`");
    let plain = value.split('#').next().unwrap_or_default().trim();
    let told = match first {
        _ if value.starts_with("\"\"\"") || value.starts_with("'''") => return None,
        '"' | '\'' => return text_slip(value, first, at),
        '[' | '{' => return None,
        _ if CURLY.contains(&first) => ("these quotes are typographic ones".to_owned(), straight),
        _ if is_date_like(plain) => (
            format!("the value of `{key}` is no date"),
            "a date is a year, a month and a day that there are, such as 2026-03-09".to_owned(),
        ),
        _ if plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'+' | b'-' | b'_')) => (
            format!("the value of `{key}` is no number"),
            "write digits without a zero before them, such as `7`; what is text stands in quotes".to_owned(),
        ),
        _ => match plain.to_ascii_lowercase().as_str() {
            truth @ ("true" | "false") => {
                (format!("`{plain}` is written in lower case"), format!("write `{key} = {truth}`"))
            }
            word @ ("yes" | "on" | "no" | "off") => {
                let truth = matches!(word, "yes" | "on");
                let help = format!("write `{key} = {truth}`, or put it in quotes where a text is wanted");
                (format!("the value of `{key}` does not stand in quotes"), help)
            }
            _ => (format!("the value of `{key}` does not stand in quotes"), format!("write `{key} = \"…\"`")),
        },
    };
    Some((at, told.0, told.1))
}

/// What is wrong with a text whose first quote is this.
fn text_slip(value: &str, quote: char, at: usize) -> Option<(usize, String, String)> {
    let mut escaped = false;
    let end = value.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && quote == '"' && !escaped;
        ends
    });
    let Some((end, _)) = end else {
        let help = if value.contains(CURLY) {
            format!("one in this line is typographic: write a straight `{quote}` where the text ends")
        } else {
            format!("write a `{quote}` where the text ends")
        };
        return Some((at, "the quote that opens here is not closed".to_owned(), help));
    };
    let behind = value[end + 1..].trim_start();
    if behind.is_empty() || behind.starts_with('#') {
        return None;
    }
    let help = match quote {
        '"' => "a text with `\"` in it stands in '…', or has `\\\"` for it",
        _ => "a text with `'` in it stands in \"…\"",
    };
    let at = at + value.len() - behind.len();
    Some((at, format!("the text ends at its second `{quote}`, and this follows it"), help.to_owned()))
}

/// Whether somebody meant a date by this: `2026-1-3`, `23.11.2026`, `11/23/2026`.
fn is_date_like(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['.', '-', '/']).collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn explained(text: &str) -> (usize, String, String) {
        let Slip { at, message, help } = explain(text, &DeTable::parse(text).unwrap_err());
        (at, message, help)
    }

    #[test]
    fn each_mistake_is_named_where_it_was_made() {
        for (text, at, message, help) in [
            ("a: 1", 1, "a `:` stands where a `=` belongs", "write `a = …`"),
            ("a = my text", 4, "the value of `a` does not stand in quotes", "write `a = \"…\"`"),
            (
                "x = 1\na = \"b",
                10,
                "the quote that opens here is not closed",
                "write a `\"` where the text ends",
            ),
            ("a = “b”", 4, "these quotes are typographic ones", "straight ones: `a = \"…\"`"),
            ("a = \"b”", 4, "the quote that opens here is not closed", "one in this line is typographic"),
            (
                "a = \"b \"c\" d\"",
                8,
                "the text ends at its second `\"`, and this follows it",
                "stands in '…'",
            ),
            ("a = 'b's'", 7, "the text ends at its second `'`, and this follows it", "stands in \"…\""),
            ("a =", 3, "`a` has no value", "write `a = \"…\"`"),
            ("a = 23.11.2026", 4, "the value of `a` is no date", "2026-03-09"),
            ("a = 2026-02-30", 4, "the value of `a` is no date", "2026-03-09"),
            ("a = 11/23/2026 # now", 4, "the value of `a` is no date", "2026-03-09"),
            ("a = 007", 4, "the value of `a` is no number", "`7`"),
            ("a = True", 4, "`True` is written in lower case", "write `a = true`"),
            ("a = yes", 4, "the value of `a` does not stand in quotes", "write `a = true`"),
            ("a = 1\na = 2", 6, "`a` stands above already", "remove one of the two"),
            ("[a]\nb = 1\n[a]", 11, "the table `a` stands above already", "into that one"),
            ("[a\nb = 1", 0, "this `[` is not closed", "`[name]`"),
            ("a = [\"b\" \"c\"]", 9, "this list is not closed, or a comma is missing", "[\"one\", \"two\"]"),
            ("a = \"C:\\Users\"", 9, "a `\\` has a meaning of its own in \"…\"", "'…'"),
        ] {
            let told = explained(text);
            assert_eq!((told.0, told.1.as_str()), (at, message), "{text}");
            assert!(told.2.contains(help), "{text}: {}", told.2);
        }
    }

    #[test]
    fn whatever_is_written_is_explained_and_no_value_is_told() {
        for value in
            ["hunter2", "“hunter2”", "\"hunter2", "\"hunter2\" hunter2", "'hunter2", "[hunter2", "{hunter2"]
        {
            let (_, message, help) = explained(&format!("password = {value}\n"));
            assert!(!format!("{message}{help}").contains("hunter2"), "{value}: {message}, {help}");
        }
    }
}
