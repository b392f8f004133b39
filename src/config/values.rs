//! Single values: times, rates, names, the list's id.

use std::time::Duration;

use super::mailbox::is_invisible;
use super::rate::{Rate, Window};
use super::wrong::Wrong;
use crate::address::EmailAddress;
use crate::expr::Kind;
use crate::finding::nearest;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Longer than this no one waits for a newsletter.
const MAX_DAYS: u64 = 30;
/// No relay takes more, and no session could.
const MAX_PER_SECOND: u64 = 10_000;
/// RFC 2919, 3: the identifier, without its angle brackets.
const MAX_LIST_ID_BYTES: usize = 253;
const MAX_LINE_CHARS: usize = 300;

/// `30s`, `1m`, `4h`, `2d`: one whole number and a unit; from a second to 30 days.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    bounded(text, MAX_DAYS * DAY, "30 days")
}

/// The same, for what a connection can wait for: a second to an hour.
pub(super) fn short_duration(text: &str) -> Result<Duration, Wrong> {
    bounded(text, HOUR, "1 hour")
}

/// The same, for how long a connection can last: a second to a day.
pub(super) fn day_duration(text: &str) -> Result<Duration, Wrong> {
    bounded(text, DAY, "1 day")
}

fn bounded(text: &str, max_seconds: u64, max: &str) -> Result<Duration, Wrong> {
    let help = "write a whole number and `s`, `m`, `h` or `d`, such as \"30s\" or \"4h\"";
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit.trim() {
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return Err(Wrong::new("is no length of time", help)),
    };
    let number: u64 = digits.parse().map_err(|_| Wrong::new("is no length of time", help))?;
    let seconds = number.saturating_mul(unit);
    if (1..=max_seconds).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(Wrong::new("is out of bounds", format!("from 1 second to {max}")))
    }
}

/// `20/s`, `1000/min`, `5000/hour`, `50000/day`.
pub(super) fn rate(text: &str) -> Result<Rate, Wrong> {
    let wrong = || {
        let like = "write messages in a time: \"20/s\", \"1000/min\", \"5000/hour\" or \"50000/day\"";
        Wrong::new("is no rate", like)
    };
    let (number, unit) = text.split_once('/').ok_or_else(wrong)?;
    let window = match unit.trim() {
        "s" | "sec" | "second" => Window::Second,
        "m" | "min" | "minute" => Window::Minute,
        "h" | "hour" => Window::Hour,
        "d" | "day" => Window::Day,
        _ => return Err(wrong()),
    };
    let number = number.trim();
    // Digits alone, for `parse` would take a sign; and a number beyond its type is out of bounds, not no number.
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let messages = number.parse().unwrap_or(u32::MAX);
    if messages == 0 || u64::from(messages) > MAX_PER_SECOND * window.duration().as_secs() {
        return Err(Wrong::new(
            "is out of bounds",
            format!("at least 1 message, at most {MAX_PER_SECOND}/s"),
        ));
    }
    Ok(Rate { messages, window })
}

/// `20%`, as a number above 0 and at most 1.
pub(super) fn share(text: &str) -> Result<f64, Wrong> {
    let wrong = || Wrong::new("is no share", "write a whole percentage from \"1%\" to \"100%\"");
    let percent = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim_end();
    let digits = !percent.is_empty() && percent.bytes().all(|byte| byte.is_ascii_digit());
    let percent: u8 = percent.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
    if (1..=100).contains(&percent) { Ok(f64::from(percent) / 100.0) } else { Err(wrong()) }
}

/// The domain of addresses, in lower case and A-labels: as the addresses of the list have it.
pub(super) fn mail_domain(text: &str) -> Result<String, Wrong> {
    let help = "write the part of an address after the @, such as \"gmail.com\"";
    let text = text.trim();
    let address = EmailAddress::parse(&format!("x@{text}")).map_err(|_| {
        let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
        Wrong::new(format!("has `{shown}`, which is no domain"), help)
    })?;
    Ok(address.domain().to_owned())
}

/// A line of text that will stand in a header or a footer.
pub(super) fn line(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::new("is empty", "write what the reader shall see, or remove the key"));
    }
    if let Some(c) = text.chars().find(|c| is_invisible(*c)) {
        let message = format!("holds the invisible character U+{:04X}", u32::from(c));
        return Err(Wrong::new(message, "write it in one line, without control characters"));
    }
    if text.chars().count() > MAX_LINE_CHARS {
        return Err(Wrong::new(format!("is longer than {MAX_LINE_CHARS} characters"), "shorten it"));
    }
    Ok(text.to_owned())
}

/// A list identifier, `weekly.tmw.example`: dot-separated labels, the last of them a domain of the list's owner
/// (RFC 2919, 2 and 3). Its grammar allows more characters than domains have; filters of mail do not expect them.
pub(super) fn list_id(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let help = "write a name and a domain of your own, such as \"weekly.tmw.example\"";
    if text.contains('@') {
        return Err(Wrong::new("is an address, not the id of a list", help));
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !text.contains('.') || !text.split('.').all(is_label) || text.len() > MAX_LIST_ID_BYTES {
        return Err(Wrong::new("is no id of a list", help));
    }
    Ok(text.to_owned())
}

/// A path of the project's files.
pub(super) fn path(text: &str) -> Result<std::path::PathBuf, Wrong> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Wrong::new("is no path of a file", "write it relative to the project's folder"));
    }
    Ok(text.into())
}

/// The name of an environment variable (POSIX, Base Definitions 8.1). It is not repeated in the message: it may
/// be the password itself.
pub(super) fn env_name(text: &str) -> Result<String, Wrong> {
    if is_identifier(text) {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(
            "is no name of an environment variable",
            "write the variable's name, such as \"SMTP_PASSWORD\", not what it holds",
        ))
    }
}

/// Letters, digits and `_`, as expressions and the shell write names.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.len() <= 64
}

/// The type of a column.
pub(super) fn kind(text: &str) -> Result<Kind, Wrong> {
    match text.trim() {
        "text" => Ok(Kind::Text),
        "bool" => Ok(Kind::Bool),
        "int" => Ok(Kind::Int),
        "date" => Ok(Kind::Date),
        other => Err(Wrong::new("is no type of a column", one_of(other, &["text", "bool", "int", "date"]))),
    }
}

/// What could be meant, out of a few.
pub(super) fn one_of(typed: &str, choices: &[&str]) -> String {
    let longer = choices.iter().copied().find(|choice| typed.starts_with(choice));
    match longer.or_else(|| nearest(typed, choices.iter().copied())) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("write one of \"{}\"", choices.join("\", \"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let seconds = |text| duration(text).map(|time| time.as_secs()).map_err(|wrong| wrong.message);
        for (text, expected) in
            [("30s", 30), ("1m", 60), ("4h", 14_400), ("2d", 172_800), (" 5 m ", 300), ("30d", 2_592_000)]
        {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "5", "m", "1.5h", "-1m", "1 hour", "1h30m", "1M", "٣m"] {
            assert_eq!(seconds(text), Err("is no length of time".into()), "{text}");
        }
        for text in ["0s", "31d", "18446744073709551615d"] {
            assert_eq!(seconds(text), Err("is out of bounds".into()), "{text}");
        }
    }

    #[test]
    fn times_of_connections_are_shorter() {
        for (text, most) in [("1h", "60m"), ("3600s", "1h")] {
            assert_eq!(short_duration(text), short_duration(most));
        }
        for (text, help) in [("61m", "from 1 second to 1 hour"), ("0s", "from 1 second to 1 hour")] {
            assert_eq!(short_duration(text).unwrap_err().help, help, "{text}");
        }
        assert_eq!(day_duration("24h"), day_duration("1d"));
        assert_eq!(day_duration("25h").unwrap_err().help, "from 1 second to 1 day");
    }

    #[test]
    fn rates() {
        let shown = |text| rate(text).map(|rate| rate.to_string()).map_err(|wrong| wrong.message);
        for (text, expected) in [
            ("20/s", "20/s"),
            ("20/sec", "20/s"),
            ("20/second", "20/s"),
            (" 1000 / min ", "1000/min"),
            ("1000/m", "1000/min"),
            ("1000/minute", "1000/min"),
            ("100/h", "100/hour"),
            ("100/hour", "100/hour"),
            ("50000/d", "50000/day"),
            ("50000/day", "50000/day"),
            ("1/day", "1/day"),
            ("10000/s", "10000/s"),
            ("864000000/day", "864000000/day"),
        ] {
            assert_eq!(shown(text), Ok(expected.into()), "{text}");
        }
        for text in ["", "20", "20/", "/s", "20/week", "1.5/s", "-1/s", "+1/s", "20 per s", "20/s/s", "٣/s"]
        {
            assert_eq!(shown(text), Err("is no rate".into()), "{text}");
        }
        for text in ["0/s", "10001/s", "600001/min", "864000001/day", "99999999999999999999/day"] {
            assert_eq!(shown(text), Err("is out of bounds".into()), "{text}");
        }
    }

    #[test]
    fn shares() {
        for (text, expected) in [("20%", 0.2), ("1%", 0.01), (" 100 % ", 1.0)] {
            assert!((share(text).unwrap() - expected).abs() < 1e-9, "{text}");
        }
        for text in ["", "%", "20", "0.2", "0%", "101%", "300%", "12.5%", "-1%", "+1%", "20%%"] {
            assert_eq!(share(text).unwrap_err().message, "is no share", "{text}");
        }
    }

    #[test]
    fn domains() {
        for (text, expected) in [
            ("gmail.com", "gmail.com"),
            (" GMail.COM ", "gmail.com"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(mail_domain(text), Ok(expected.to_owned()));
        }
        for text in
            ["", "gmail", "@gmail.com", "me@gmail.com", "*.example.com", "a b.example", "[127.0.0.1]", "-.de"]
        {
            assert!(mail_domain(text).is_err(), "{text}");
        }
        assert_eq!(mail_domain("a\u{1b}[2J").unwrap_err().message, "has `a\\u{1b}[2J`, which is no domain");
    }

    #[test]
    fn ids_of_lists() {
        for id in ["weekly.tmw.example", "a_b-c.d"] {
            assert_eq!(list_id(id), Ok(id.to_owned()));
        }
        for id in [
            "",
            "weekly",
            "weekly.",
            ".tmw",
            "a b.example",
            "<a.b>",
            "wöchentlich.example",
            "a@b.example",
            "a!b.example",
        ] {
            assert!(list_id(id).is_err(), "{id}");
        }
    }
}
