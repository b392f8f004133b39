//! The sender's mailboxes: `Name <a@b>` and `a@b`.
//!
//! A name is any text without control characters, or a quoted string (RFC 5322, 3.2.4); what stands beside it is an
//! [`EmailAddress`]. Nothing here reads comments or groups.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::{AddressError, EmailAddress};

const MAX_NAME_CHARS: usize = 128;

/// An address with its display name, as `From` and `Reply-To` hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, any Unicode without control characters.
    pub name: Option<String>,
    /// A valid ASCII address (the domain in its A-label form).
    pub email: String,
}

/// Why a text is no mailbox: the rest of a sentence that begins with the text's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
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
    #[error("has a name of more than {MAX_NAME_CHARS} characters")]
    LongName,
    /// More than one address.
    #[error("holds more than one address")]
    Several,
    /// What should be the address is none.
    #[error("is no address: {0}")]
    Address(#[from] AddressError),
}

impl Mailbox {
    /// Reads `Name <a@b>`, `"Name" <a@b>`, `<a@b>` or `a@b`.
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        let text = text.trim();
        no_invisible(text)?;
        let Some(open) = text.rfind('<') else {
            return if text.contains('>') {
                Err(MailboxError::Brackets)
            } else {
                Ok(Self { name: None, email: email(text)? })
            };
        };
        let inner = text[open + 1..].strip_suffix('>').ok_or(MailboxError::Brackets)?;
        let name = display_name(text[..open].trim())?;
        Ok(Self { name: (!name.is_empty()).then_some(name), email: email(inner)? })
    }
}

impl FromStr for Mailbox {
    type Err = MailboxError;

    fn from_str(text: &str) -> Result<Self, MailboxError> {
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

fn email(text: &str) -> Result<String, AddressError> {
    EmailAddress::parse(text).map(|address| address.as_str().to_owned())
}

/// The name before `<`, out of its quotes.
fn display_name(text: &str) -> Result<String, MailboxError> {
    let name = match text.strip_prefix('"') {
        Some(rest) => unquote(rest)?,
        None if text.contains('"') => return Err(MailboxError::Quotes),
        None if text.contains(['<', '>']) => return Err(MailboxError::Brackets),
        None if text.contains('@') => return Err(MailboxError::Several),
        None => text.to_owned(),
    };
    if name.chars().count() > MAX_NAME_CHARS { Err(MailboxError::LongName) } else { Ok(name) }
}

/// The content of a quoted string whose first quote is gone already; nothing may follow the last one.
fn unquote(text: &str) -> Result<String, MailboxError> {
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
    Err(MailboxError::Quotes)
}

/// Refuses what a reader cannot see and a mail program may act upon. The joiners U+200C and U+200D stay: Persian
/// and many emoji are written with them; in an address the other rules refuse them.
fn no_invisible(text: &str) -> Result<(), MailboxError> {
    match text.chars().find(|c| is_invisible(*c)) {
        Some(c) => Err(MailboxError::Invisible(u32::from(c))),
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
            ("", "is no address: it is empty"),
            ("Name <>", "is no address: it is empty"),
            ("hello", "is no address: it has no @"),
            ("Name <a@b.example", "has an angle bracket without its other half"),
            ("a@b.example>", "has an angle bracket without its other half"),
            ("a@b.example, c@d.example", "is no address: it holds `,`: only one bare address may stand here"),
            ("a@b@c.example", "is no address: it has more than one @"),
            ("x@y.example <a@b.example>", "holds more than one address"),
            (r#""Name <a@b.example>"#, "has a quote without its other half"),
            (r#""A" B <a@b.example>"#, "has a quote without its other half"),
            ("a b@c.example", "is no address: it holds a space"),
            (
                "Name <.a@c.example>",
                "is no address: a dot stands at an end of the part before the @, or twice in a row",
            ),
            (
                "a@localhost",
                "is no address: the part after the @ has no dot: it is no domain of the internet",
            ),
            ("a@b.example\r\nBcc: c@d.example", "holds the invisible character U+000D"),
            ("a@b.example\u{200b}x", "holds the invisible character U+200B"),
            ("\u{202e}Name <a@b.example>", "holds the invisible character U+202E"),
            ("a\u{200d}@b.example", "is no address: it holds the invisible character U+200D"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
