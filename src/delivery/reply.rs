//! A relay's reply, as it is kept in the retry log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// No more of a reply's text is kept than this many bytes.
const TEXT_LIMIT_BYTES: usize = 2_000;
/// A relay's name for a message is cut here.
const RELAY_ID_LIMIT_BYTES: usize = 200;

/// An enhanced status code (RFC 3463): `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EnhancedCode {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// 1 address, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 security and policy.
    pub subject: u16,
    /// What exactly, within the subject.
    pub detail: u16,
}

impl EnhancedCode {
    /// Reads the code a reply line begins with; `None` where it begins with something else.
    pub fn parse(word: &str) -> Option<Self> {
        let mut numbers = word.split('.').map(|digits| {
            let well_formed = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if well_formed { digits.parse::<u16>().ok() } else { None }
        });
        let code = Self {
            class: u8::try_from(numbers.next()??).ok().filter(|class| matches!(class, 2 | 4 | 5))?,
            subject: numbers.next()??,
            detail: numbers.next()??,
        };
        if numbers.next().is_some() { None } else { Some(code) }
    }

    /// Whether it is this code, whatever the class.
    pub const fn is(self, subject: u16, detail: u16) -> bool {
        self.subject == subject && self.detail == detail
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A reply of the relay: three digits, perhaps an enhanced code, and what it said in words.
///
/// The text is one line of valid Unicode without control characters, whatever the relay sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// 200 to 599 (RFC 5321 4.2.1).
    pub code: u16,
    /// The enhanced code, if it agrees with the code (RFC 2034 section 4).
    pub enhanced: Option<EnhancedCode>,
    /// The lines without codes, joined by a space. May be empty.
    pub text: String,
}

impl Reply {
    /// The reply whose lines, after the code and its separator, are `lines`.
    pub fn new<'a>(code: u16, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut enhanced = None;
        let mut text = String::new();
        for (number, line) in lines.into_iter().enumerate() {
            let line = line.trim();
            let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
            let own = EnhancedCode::parse(first).filter(|own| u16::from(own.class) == code / 100);
            if number == 0 {
                enhanced = own;
            }
            // RFC 2034 repeats the enhanced code on every line: it is said once.
            let words = if own.is_some() && own == enhanced { rest.trim_start() } else { line };
            push_words(&mut text, words);
        }
        Self { code, enhanced, text }
    }

    /// 2xx: done as asked.
    pub const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 4xx: refused for now.
    pub const fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// 5xx: refused for good.
    pub const fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// What the relay calls the message it has just accepted, for asking its postmaster about it.
    ///
    /// There is no standard for this. The forms understood are `queued as X` (Postfix, `SendGrid`, Brevo, Mailjet),
    /// `id=X` (Exim), `<X>`, `OK <time> X - gsmtp` (Gmail) and `Ok X` (Amazon SES, `SparkPost`, many others).
    pub fn relay_id(&self) -> Option<&str> {
        if !self.is_positive() {
            return None;
        }
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let after_as = words.iter().position(|word| word.eq_ignore_ascii_case("as"));
        let before_google = words.iter().position(|word| *word == "gsmtp").filter(|at| *at > 2);
        let id = after_as
            .and_then(|at| words.get(at + 1))
            .or_else(|| before_google.and_then(|at| words.get(at - 2)))
            .or_else(|| words.iter().find(|word| word.starts_with("id=")))
            .or_else(|| words.iter().find(|word| word.starts_with('<')))
            .or_else(|| words.iter().skip(1).find(|word| word.bytes().any(|byte| byte.is_ascii_digit())))?;
        let id = id.strip_prefix("id=").unwrap_or(id);
        let id =
            id.trim_matches(|c: char| matches!(c, '<' | '>' | '[' | ']' | '(' | ')' | ',' | '.' | ';' | '"'));
        (!id.is_empty()).then(|| &id[..id.floor_char_boundary(RELAY_ID_LIMIT_BYTES)])
    }
}

/// Appends words to the text, parted by a space, without control characters and up to the limit.
fn push_words(text: &mut String, words: &str) {
    let space = if words.is_empty() || text.is_empty() { None } else { Some(' ') };
    for c in space.into_iter().chain(words.chars()) {
        let c = if c.is_control() { '\u{fffd}' } else { c };
        if text.len() + c.len_utf8() > TEXT_LIMIT_BYTES {
            return;
        }
        text.push(c);
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enhanced_code_is_said_once_however_many_lines_repeat_it() {
        let reply =
            Reply::new(550, ["5.1.1 The email account that you tried to reach", "5.1.1 does not exist."]);
        assert_eq!(reply.enhanced, EnhancedCode::parse("5.1.1"));
        assert_eq!(reply.text, "The email account that you tried to reach does not exist.");
        assert_eq!(reply.to_string(), "550 5.1.1 The email account that you tried to reach does not exist.");
    }

    #[test]
    fn an_enhanced_code_that_contradicts_the_reply_is_just_text() {
        let reply = Reply::new(250, ["4.2.1 fine"]);
        assert_eq!((reply.enhanced, reply.text.as_str()), (None, "4.2.1 fine"));
    }

    #[test]
    fn only_three_short_numbers_make_an_enhanced_code() {
        assert_eq!(EnhancedCode::parse("5.7.515").unwrap().to_string(), "5.7.515");
        for word in ["", "5", "5.1", "5.1.1.1", "3.1.1", "5.1.1234", "5..1", "5.1.x", "+5.1.1", "127.0.0.1"] {
            assert_eq!(EnhancedCode::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_reply_cannot_write_control_sequences_to_a_terminal_nor_fill_the_log() {
        let reply = Reply::new(550, ["\u{1b}[2Jgone\r\n", &"é".repeat(5_000)]);
        assert!(!reply.text.chars().any(char::is_control));
        assert!(reply.text.len() <= TEXT_LIMIT_BYTES);
        assert!(reply.text.starts_with("\u{fffd}[2Jgone"));
    }

    #[test]
    fn the_relays_name_for_the_message_is_found() {
        for (text, id) in [
            ("2.0.0 Ok: queued as 4Zk1Qy3bYzz9sWp", Some("4Zk1Qy3bYzz9sWp")),
            ("OK id=1sXyZ0-0004Ab-2C", Some("1sXyZ0-0004Ab-2C")),
            ("Ok 0100018f3c2b7e11-c0ffee-000000", Some("0100018f3c2b7e11-c0ffee-000000")),
            ("2.6.0 <abc.123@mx.example> [InternalId=42]", Some("abc.123@mx.example")),
            ("Requested mail action okay, completed: id=0M7xyz-1ab2", Some("0M7xyz-1ab2")),
            // As the providers of the presets answer.
            (
                "Ok 0102018f3c2b7e11-3f0c8a5e-7f0e-4f0c-9d57-3a1b2c3d4e5f-000000",
                Some("0102018f3c2b7e11-3f0c8a5e-7f0e-4f0c-9d57-3a1b2c3d4e5f-000000"),
            ),
            ("Ok: queued as nFzYl0qRTKGJ4mVd2bBpJA", Some("nFzYl0qRTKGJ4mVd2bBpJA")),
            (
                "2.0.0 OK: queued as <202511051257.97702503576.1@smtp-relay.mailin.fr>",
                Some("202511051257.97702503576.1@smtp-relay.mailin.fr"),
            ),
            (
                "OK queued as 7c1a7e6d-2f5b-4f0e-8a51-9d0c6b1e2f34",
                Some("7c1a7e6d-2f5b-4f0e-8a51-9d0c6b1e2f34"),
            ),
            ("2.0.0 OK 5A/00-28443-3AF54065", Some("5A/00-28443-3AF54065")),
            ("2.0.0 OK  1436801113 x3si14160585iod.35 - gsmtp", Some("x3si14160585iod.35")),
            ("2.0.0 OK 1436801113 - gsmtp", Some("1436801113")),
            ("Great success", None),
            ("gsmtp", None),
            (
                "2.0.0 Ok: queued on smtp3m.mail.example as 1430081058-6ltgNFKSir",
                Some("1430081058-6ltgNFKSir"),
            ),
            ("2.0.0 OK", None),
            ("", None),
        ] {
            assert_eq!(Reply::new(250, [text]).relay_id(), id, "{text}");
        }
        assert_eq!(Reply::new(550, ["not queued as 1"]).relay_id(), None);
    }
}
