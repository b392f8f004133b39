//! Addresses of the sender's side: `Name <a@b>` and `a@b`.
//!
//! A name is any text without control characters, or a quoted string (RFC 5322, 3.2.4). An address is what SMTP can
//! carry without extensions (RFC 5321, 4.1.2): an ASCII dot-atom before the `@`, after it a domain, which may be
//! typed in any script and is kept as its A-label (RFC 5890). Nothing here reads comments, groups or address literals.

use std::fmt;
use std::str::FromStr;

use super::settings::Mailbox;

/// The longest address that a path may hold: 256 less the angle brackets (RFC 5321, 4.5.3.1.3).
const MAX_ADDRESS_BYTES: usize = 254;
/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;
const MAX_NAME_CHARS: usize = 128;

/// Why a text is no address or mailbox: the rest of a sentence that begins with the text's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing is there.
    #[error("is empty")]
    Empty,
    /// A control, bidirectional or invisible character.
    #[error("holds the invisible character U+{0:04X}")]
    Invisible(u32),
    /// `Name <a@b` or `a@b>`.
    #[error("has an angle bracket without its other half")]
    Brackets,
    /// A quote that does not end, or text after it.
    #[error("has a quote without its other half")]
    Quotes,
    /// The name is too long.
    #[error("has a name of more than 128 characters")]
    LongName,
    /// More than one address.
    #[error("holds more than one address")]
    Several,
    /// No `@`.
    #[error("has no `@`")]
    NoAt,
    /// What stands before the `@`.
    #[error("has `{0}` before the `@`, which no address can hold there")]
    Local(String),
    /// Before the `@` stands what is not ASCII.
    #[error("has letters beyond ASCII before the `@`, which needs SMTPUTF8 and is not supported")]
    NonAscii,
    /// What stands after the `@` is no domain name.
    #[error("has `{0}` after the `@`, which is no domain name")]
    Domain(String),
    /// Longer than SMTP allows.
    #[error("is longer than an address may be")]
    Long,
}

impl Mailbox {
    /// Reads `Name <a@b>`, `"Name" <a@b>`, `<a@b>` or `a@b`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        no_invisible(text)?;
        let Some(open) = text.rfind('<') else {
            return if text.contains('>') {
                Err(AddressError::Brackets)
            } else {
                Ok(Self { name: None, email: address(text)? })
            };
        };
        let inner = text[open + 1..].strip_suffix('>').ok_or(AddressError::Brackets)?;
        let name = display_name(text[..open].trim())?;
        Ok(Self { name: (!name.is_empty()).then_some(name), email: address(inner)? })
    }
}

impl FromStr for Mailbox {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

/// As a person writes it; not fit for a header, where a name may need quotes or encoding.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.email),
            None => f.write_str(&self.email),
        }
    }
}

/// The one check of a bare address on the sender's side: its ASCII form.
pub(super) fn address(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    no_invisible(text)?;
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if text.contains([',', ';']) || text.matches('@').count() > 1 {
        return Err(AddressError::Several);
    }
    let (local, domain) = text.split_once('@').ok_or(AddressError::NoAt)?;
    if !local.is_ascii() {
        return Err(AddressError::NonAscii);
    }
    if !is_dot_atom(local) || local.len() > MAX_LOCAL_BYTES {
        return Err(AddressError::Local(local.chars().take(MAX_LOCAL_BYTES).collect()));
    }
    let domain =
        mail_domain(domain).ok_or_else(|| AddressError::Domain(domain.chars().take(64).collect()))?;
    let email = format!("{local}@{domain}");
    if email.len() > MAX_ADDRESS_BYTES { Err(AddressError::Long) } else { Ok(email) }
}

/// The A-label form of a domain that mail can go to: at least two labels, the last no number.
fn mail_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, last) = ascii.rsplit_once('.')?;
    (!last.is_empty() && !last.bytes().all(|b| b.is_ascii_digit())).then_some(ascii)
}

/// `dot-atom-text` (RFC 5322, 3.2.3).
pub(super) fn is_dot_atom(text: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// The name before `<`, out of its quotes.
fn display_name(text: &str) -> Result<String, AddressError> {
    let name = match text.strip_prefix('"') {
        Some(rest) => unquote(rest)?,
        None if text.contains('"') => return Err(AddressError::Quotes),
        None if text.contains(['<', '>']) => return Err(AddressError::Brackets),
        None if text.contains('@') => return Err(AddressError::Several),
        None => text.to_owned(),
    };
    if name.chars().count() > MAX_NAME_CHARS { Err(AddressError::LongName) } else { Ok(name) }
}

/// The content of a quoted string whose first quote is gone already; nothing may follow the last one.
fn unquote(text: &str) -> Result<String, AddressError> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.as_str().is_empty() => return Ok(out.trim().to_owned()),
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Err(AddressError::Quotes)
}

/// Refuses what a reader cannot see and a mail program may act upon. The joiners U+200C and U+200D stay: Persian
/// and many emoji are written with them; in an address the other rules refuse them.
fn no_invisible(text: &str) -> Result<(), AddressError> {
    match text.chars().find(|c| is_invisible(*c)) {
        Some(c) => Err(AddressError::Invisible(u32::from(c))),
        None => Ok(()),
    }
}

/// Control characters, line and paragraph separators, bidirectional controls, zero-width characters.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Mailbox::parse(text) {
            Ok(mailbox) => format!("{:?} {}", mailbox.name.as_deref().unwrap_or_default(), mailbox.email),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_a_person_writes_is_read() {
        for (text, expected) in [
            ("a@b.example", r#""" a@b.example"#),
            ("  <a@b.example> ", r#""" a@b.example"#),
            ("Tech Manager Weekly <Hello@TMW.example>", r#""Tech Manager Weekly" Hello@tmw.example"#),
            (r#""Weekly, \"the\" one" <a@b.example>"#, r#""Weekly, \"the\" one" a@b.example"#),
            ("🫠 日刊 <a+b@b.example>", r#""🫠 日刊" a+b@b.example"#),
            ("Zoë <z@bücher.example>", r#""Zoë" z@xn--bcher-kva.example"#),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, expected) in [
            ("", "is empty"),
            ("Name <>", "is empty"),
            ("hello", "has no `@`"),
            ("Name <a@b.example", "has an angle bracket without its other half"),
            ("a@b.example>", "has an angle bracket without its other half"),
            ("a@b.example, c@d.example", "holds more than one address"),
            ("a@b@c.example", "holds more than one address"),
            ("x@y.example <a@b.example>", "holds more than one address"),
            (r#""Name <a@b.example>"#, "has a quote without its other half"),
            (r#""A" B <a@b.example>"#, "has a quote without its other half"),
            ("a b@c.example", "has `a b` before the `@`, which no address can hold there"),
            (".a@c.example", "has `.a` before the `@`, which no address can hold there"),
            (
                "zoë@c.example",
                "has letters beyond ASCII before the `@`, which needs SMTPUTF8 and is not supported",
            ),
            ("a@localhost", "has `localhost` after the `@`, which is no domain name"),
            ("a@-b.example", "has `-b.example` after the `@`, which is no domain name"),
            ("a@127.0.0.1", "has `127.0.0.1` after the `@`, which is no domain name"),
            ("a@b.example\r\nBcc: c@d.example", "holds the invisible character U+000D"),
            ("a@b.example\u{200b}x", "holds the invisible character U+200B"),
            ("\u{202e}Name <a@b.example>", "holds the invisible character U+202E"),
            (
                "a\u{200d}@b.example",
                "has letters beyond ASCII before the `@`, which needs SMTPUTF8 and is not supported",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let long = [format!("{}@b.example", "a".repeat(65)), format!("a@{}example", "abcdefgh.".repeat(28))];
        assert!(long.iter().all(|text| read(text).starts_with("has `")));
    }

    proptest::proptest! {
        #[test]
        fn an_address_that_was_read_reads_again_as_itself(text in "\\PC{0,20}@\\PC{0,20}") {
            if let Ok(email) = address(&text) {
                proptest::prop_assert!(email.is_ascii() && !email.contains(char::is_whitespace));
                proptest::prop_assert_eq!(address(&email), Ok(email));
            }
        }
    }
}
