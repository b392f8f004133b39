//! An address that can be put into an envelope: parsed once, valid from then on. The one rule for the list, the
//! settings and the command line.
//!
//! What is accepted is the dot-atom form of RFC 5321 4.1.2 with the lengths of 4.5.3.1, and a domain that the
//! DNS could hold (IDNA by UTS 46, kept as A-labels). Quoted local parts, address literals and local parts
//! beyond ASCII (RFC 6531, which few relays offer) are refused with the reason. No reason names the address:
//! reasons are printed, and addresses stay out of default logs.

use std::fmt;

use idna::uts46::{DnsLength, Hyphens, Uts46};

/// RFC 5321 4.5.3.1.1
const MAX_LOCAL_BYTES: usize = 64;
/// RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets.
const MAX_BYTES: usize = 254;

/// A valid address. Its domain is lower-case ASCII (A-labels); its local part is as it was written, for case
/// may matter there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// Why a text is no address that can be mailed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// A control, zero-width or bidirectional character: it would not be seen.
    #[error("it holds the invisible character U+{:04X}", *.0 as u32)]
    Invisible(char),
    /// A blank inside.
    #[error("it holds a space")]
    Space,
    /// `<`, `,`, a quotation mark …
    #[error("it holds `{0}`: only one bare address may stand here")]
    Character(char),
    /// No `@`.
    #[error("it has no @")]
    NoAt,
    /// More than one `@`.
    #[error("it has more than one @")]
    ManyAts,
    /// Nothing before the `@`.
    #[error("nothing stands before the @")]
    NoLocalPart,
    /// A local part that is too long.
    #[error("the part before the @ is longer than {MAX_LOCAL_BYTES} characters")]
    LongLocalPart,
    /// A dot at either end of the local part, or two in a row.
    #[error("a dot stands at an end of the part before the @, or twice in a row")]
    Dots,
    /// A local part beyond ASCII.
    #[error("the part before the @ needs SMTPUTF8, which is not supported")]
    NeedsSmtpUtf8,
    /// A domain that the DNS cannot hold.
    #[error("the part after the @ is no domain name")]
    Domain,
    /// `localhost` and the like.
    #[error("the part after the @ has no dot: it is no domain of the internet")]
    NoDot,
    /// Too long as a whole.
    #[error("it is longer than {MAX_BYTES} characters")]
    Long,
}

impl EmailAddress {
    /// Reads an address; white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        check_characters(text)?;
        let (local, domain) = text.split_once('@').ok_or(AddressError::NoAt)?;
        if domain.contains('@') {
            return Err(AddressError::ManyAts);
        }
        check_local(local)?;
        let domain = domain_of(domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > MAX_BYTES {
            return Err(AddressError::Long);
        }
        Ok(Self { text, at: local.len() })
    }

    /// The address, as the envelope and the `To` header take it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The domain, in lower case, as A-labels.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// What two spellings of one address have in common: all of it in lower case. RFC 5321 2.4 lets a host tell
    /// `Ann@` from `ann@`; none does, and a list that holds both means one person.
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_characters(text: &str) -> Result<(), AddressError> {
    for c in text.chars() {
        if is_invisible(c) {
            return Err(AddressError::Invisible(c));
        }
        if c.is_whitespace() {
            return Err(AddressError::Space);
        }
        // RFC 5322 3.2.3, specials, but for the dot and the at.
        if matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ':' | ';' | ',' | '\\' | '"') {
            return Err(AddressError::Character(c));
        }
    }
    Ok(())
}

/// Control, zero-width, bidirectional and other characters without a shape of their own.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn check_local(local: &str) -> Result<(), AddressError> {
    if local.is_empty() {
        return Err(AddressError::NoLocalPart);
    }
    if !local.is_ascii() {
        return Err(AddressError::NeedsSmtpUtf8);
    }
    if local.len() > MAX_LOCAL_BYTES {
        return Err(AddressError::LongLocalPart);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(AddressError::Dots);
    }
    Ok(())
}

fn domain_of(domain: &str) -> Result<String, AddressError> {
    // The bound spares the mapping a long text; no domain of 253 bytes has a longer Unicode form.
    if domain.is_empty() || domain.len() > 4 * MAX_BYTES {
        return Err(AddressError::Domain);
    }
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), idna::AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| AddressError::Domain)?;
    let Some((_, top)) = ascii.rsplit_once('.') else {
        return Err(AddressError::NoDot);
    };
    // RFC 3696 2: no top-level domain is all digits, so this is an IP address.
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AddressError::Domain);
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn good_addresses() {
        for (text, expected) in [
            ("ann@example.org", "ann@example.org"),
            ("  Ann.Lee+news@Example.ORG\t", "Ann.Lee+news@example.org"),
            ("o'brien@example.co.uk", "o'brien@example.co.uk"),
            ("!#$%&*/=?^_`{|}~-@example.org", "!#$%&*/=?^_`{|}~-@example.org"),
            ("info@bücher.example", "info@xn--bcher-kva.example"),
            ("info@BÜCHER.example", "info@xn--bcher-kva.example"),
            ("info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"),
            ("info@xn--bcher-kva.example", "info@xn--bcher-kva.example"),
            ("a@r3---sn-x.example", "a@r3---sn-x.example"),
            ("\u{a0}ann@example.org\u{a0}", "ann@example.org"),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap().as_str(), expected, "{text}");
        }
        let longest =
            format!("{}@{}.{}.{}.org", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(57));
        assert_eq!(longest.len(), 254);
        assert!(EmailAddress::parse(&longest).is_ok());
    }

    #[test]
    fn bad_addresses_say_why() {
        use AddressError::*;
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long = format!("{}@{}.{}.{}.org", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(58));
        let long_label = format!("a@{}.org", "b".repeat(64));
        for (text, expected) in [
            ("", Empty),
            (" \t ", Empty),
            ("ann", NoAt),
            ("ann@b@example.org", ManyAts),
            ("@example.org", NoLocalPart),
            ("ann@", Domain),
            ("ann@localhost", NoDot),
            ("ann@example.org.", Domain),
            ("ann@.example.org", Domain),
            ("ann@example..org", Domain),
            ("ann@-example.org", Domain),
            ("ann@exa_mple.org", Domain),
            ("ann@192.0.2.1", Domain),
            ("ann@[192.0.2.1]", Character('[')),
            ("ann@exa%mple.org", Domain),
            ("ann@xn--a.example", Domain),
            (".ann@example.org", Dots),
            ("ann.@example.org", Dots),
            ("an..n@example.org", Dots),
            ("an n@example.org", Space),
            ("ann@example.org, bob@example.org", Character(',')),
            ("Ann <ann@example.org>", Space),
            ("<ann@example.org>", Character('<')),
            ("\"ann\"@example.org", Character('"')),
            ("mailto:ann@example.org", Character(':')),
            ("ann\r\nBcc:x@example.org", Invisible('\r')),
            ("ann@example.org\0", Invisible('\0')),
            ("ann@example.org\u{200b}", Invisible('\u{200b}')),
            ("a\u{202e}nn@example.org", Invisible('\u{202e}')),
            ("ann@exam\u{ad}ple.org", Invisible('\u{ad}')),
            ("\u{feff}ann@example.org", Invisible('\u{feff}')),
            ("änn@example.org", NeedsSmtpUtf8),
            (&long_local, LongLocalPart),
            (&long, Long),
            (&long_label, Domain),
        ] {
            assert_eq!(EmailAddress::parse(text).unwrap_err(), expected, "{text:?}");
        }
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        let keys = ["Ann@Example.org", "ann@example.ORG", " ANN@EXAMPLE.ORG "]
            .map(|text| EmailAddress::parse(text).unwrap().key());
        assert!(keys.iter().all(|key| key == "ann@example.org"), "{keys:?}");
        let address = EmailAddress::parse("info@Bücher.example").unwrap();
        assert_eq!(
            (address.key().as_str(), address.domain()),
            ("info@xn--bcher-kva.example", "xn--bcher-kva.example")
        );
    }

    proptest! {
        /// Whatever is accepted is ASCII that cannot leave its place in a command or a header, and reads as itself.
        #[test]
        fn an_accepted_address_is_safe_and_stable(
            text in "\\PC{0,12}[@.a-zA-Z0-9\\p{L}\\p{Cf} <>\"\\\\,]{0,12}@[a-zA-Z0-9\\p{L}.-]{1,12}\\.[a-z]{2,4}",
        ) {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic() && !b"<>()[]:;,\\\"".contains(&b)));
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert_eq!(EmailAddress::parse(address.as_str()).unwrap(), address);
            }
        }
    }
}
