//! Header fields: folding (RFC 5322 section 2.2.3), encoded words (RFC 2047), display names.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::error::ComposeError;
use crate::merge::{push_escaped, single_line};

/// RFC 5322 section 2.1.1: lines should not be longer, CRLF not counted.
const FOLD_AT: usize = 78;
/// RFC 5322 section 2.1.1: lines must not be longer.
const MAX_LINE: usize = 998;
/// RFC 2047 section 2: a line that holds an encoded word is no longer.
const ENCODED_LINE: usize = 76;
/// `=?utf-8?q?` and `?=`
const WORD_FRAME: usize = 12;
/// A display name longer than this is encoded, which is what can be folded anywhere.
const MAX_PLAIN_PHRASE: usize = 60;

/// One header field being written.
pub(super) struct Field<'a> {
    name: &'static str,
    out: &'a mut String,
    column: usize,
    longest: usize,
}

impl<'a> Field<'a> {
    /// Begins the field `name`.
    pub(super) fn new(name: &'static str, out: &'a mut String) -> Self {
        out.push_str(name);
        out.push(':');
        let column = name.len() + 1;
        Self { name, out, column, longest: column }
    }

    /// Adds a word after a space, or after a fold where the line would be longer than `limit`. The first word
    /// always stays on the first line: many readers take a field that begins with a fold for an empty one.
    fn word(&mut self, word: &str, limit: usize) {
        let first = self.column == self.name.len() + 1;
        if !first && self.column + 1 + word.len() > limit {
            self.out.push_str("\r\n");
            self.column = 0;
        }
        self.out.push(' ');
        self.out.push_str(word);
        self.column += 1 + word.len();
        self.longest = self.longest.max(self.column);
    }

    /// Adds an ASCII word that cannot be broken.
    pub(super) fn token(mut self, word: &str) -> Self {
        self.word(word, FOLD_AT);
        self
    }

    /// Adds Unicode text: as it stands where every reader reads it alike, else as encoded words.
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = single_line(text);
        let longest = FOLD_AT - 1 - self.column;
        if text.chars().all(is_printable)
            && !looks_encoded(&text)
            && text.split(' ').all(|w| w.len() <= longest)
        {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                self.word(word, FOLD_AT);
            }
            return self;
        }
        self.encoded_words(&text)
    }

    /// Adds a display name before an address or a list's identifier (RFC 5322 section 3.2.5, `phrase`).
    pub(super) fn phrase(mut self, name: &str) -> Self {
        let name = single_line(name);
        let plain = name.chars().all(is_printable) && !looks_encoded(&name) && name.len() <= MAX_PLAIN_PHRASE;
        if name.is_empty() {
            self
        } else if plain && name.chars().all(|c| c == ' ' || is_atom(c)) {
            self.word(&name, FOLD_AT);
            self
        } else if plain {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            self.word(&format!("\"{quoted}\""), FOLD_AT);
            self
        } else {
            self.encoded_words(&name)
        }
    }

    fn encoded_words(mut self, text: &str) -> Self {
        let room = ENCODED_LINE - 1 - self.column;
        for word in encoded_words(text, room) {
            self.word(&word, ENCODED_LINE);
        }
        self
    }

    /// Ends the field.
    pub(super) fn end(self) -> Result<(), ComposeError> {
        self.out.push_str("\r\n");
        if self.longest > MAX_LINE { Err(ComposeError::LineTooLong(self.name)) } else { Ok(()) }
    }
}

/// `text` as encoded words, the first of at most `room` characters and each of at most 75. A reader drops the
/// white space between them and joins what they hold; no character is split (RFC 2047 section 5).
fn encoded_words(text: &str, room: usize) -> Vec<String> {
    let q_length: usize = text.chars().map(q_len).sum();
    let q = q_length <= text.len().div_ceil(3) * 4;
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let room = if words.is_empty() { room } else { ENCODED_LINE - 1 };
        let room = room.min(ENCODED_LINE - 1) - WORD_FRAME;
        let mut used = 0;
        let end = rest.char_indices().find(|&(_, c)| {
            used += if q { q_len(c) } else { c.len_utf8() };
            used > if q { room } else { room / 4 * 3 }
        });
        let (head, tail) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        words.push(if q { q_word(head) } else { format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(head)) });
        rest = tail;
    }
    words
}

/// How many characters the Q encoding needs for `c`.
fn q_len(c: char) -> usize {
    if c == ' ' || is_q_safe(c) { 1 } else { 3 * c.len_utf8() }
}

fn q_word(text: &str) -> String {
    let mut out = String::from("=?utf-8?q?");
    for c in text.chars() {
        if c == ' ' {
            out.push('_');
        } else if is_q_safe(c) {
            out.push(c);
        } else {
            push_escaped(c, '=', &mut out);
        }
    }
    out + "?="
}

/// RFC 2047 section 5 (3): what stands for itself in an encoded word, also in a phrase.
fn is_q_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '!' | '*' | '+' | '-' | '/')
}

/// RFC 5322 section 3.2.3 `atext`.
fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_printable(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic()
}

/// Whether a reader might take a part of `text` for an encoded word.
fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

/// Whether `address` is a plain `local@domain` in ASCII that can stand between `<` and `>` (RFC 5321 section
/// 4.1.2 without quoted local parts).
pub(super) fn is_plain_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let dotted = |text: &str, fits: fn(char) -> bool| {
        text.split('.').all(|part| !part.is_empty() && part.chars().all(fits))
    };
    address.len() <= 254
        && local.len() <= 64
        && dotted(local, is_atom)
        && dotted(domain, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn subject(text: &str) -> String {
        let mut out = String::new();
        Field::new("Subject", &mut out).text(text).end().expect("short lines");
        out
    }

    fn from(name: &str) -> String {
        let mut out = String::new();
        Field::new("From", &mut out).phrase(name).token("<hello@tmw.example>").end().expect("short lines");
        out
    }

    /// What a reader makes of a folded field: RFC 2047 section 6.
    fn read(field: &str) -> String {
        let unfolded = field.trim_end_matches("\r\n").replace("\r\n ", " ");
        let (_, value) = unfolded.split_once(": ").unwrap_or_default();
        if !value.starts_with("=?utf-8?") {
            return value.to_owned();
        }
        let mut bytes = Vec::new();
        for word in value.split(' ') {
            let inner = word.strip_prefix("=?utf-8?").unwrap().strip_suffix("?=").unwrap();
            let (encoding, text) = inner.split_once('?').unwrap();
            let piece = if encoding == "b" { BASE64_STANDARD.decode(text).unwrap() } else { read_q(text) };
            assert!(std::str::from_utf8(&piece).is_ok(), "a character is split in {word}");
            bytes.extend(piece);
        }
        String::from_utf8(bytes).unwrap()
    }

    fn read_q(text: &str) -> Vec<u8> {
        let mut pieces = text.split('=');
        let mut out = pieces.next().unwrap_or_default().replace('_', " ").into_bytes();
        for piece in pieces {
            out.push(u8::from_str_radix(&piece[..2], 16).unwrap());
            out.extend(piece[2..].replace('_', " ").bytes());
        }
        out
    }

    #[test]
    fn a_plain_subject_stays_readable_and_is_folded() {
        assert_eq!(subject("Hello, \"you\" (and <me>)"), "Subject: Hello, \"you\" (and <me>)\r\n");
        assert_eq!(
            subject(&"lorem ipsum ".repeat(8)),
            "Subject: lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem\r\n ipsum lorem ipsum lorem ipsum\r\n"
        );
    }

    #[test]
    fn what_is_not_ascii_or_looks_encoded_is_encoded() {
        assert_eq!(
            subject("🫠 DORA, ambiguity and time thieves: TMW #450"),
            "Subject: =?utf-8?q?=F0=9F=AB=A0_DORA=2C_ambiguity_and_time_thieves=3A_TMW_?=\r\n =?utf-8?q?=23450?=\r\n"
        );
        assert_eq!(subject("日本語"), "Subject: =?utf-8?b?5pel5pys6Kqe?=\r\n");
        assert_eq!(subject("=?utf-8?q?x?="), "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n");
        assert_eq!(read(&subject(&"x".repeat(2_000))), "x".repeat(2_000));
        assert_eq!(subject("a\r\nBcc: b@x.example"), "Subject: a Bcc: b@x.example\r\n");
    }

    #[test]
    fn display_names_are_atoms_quoted_or_encoded() {
        assert_eq!(from("Tech Manager Weekly"), "From: Tech Manager Weekly <hello@tmw.example>\r\n");
        assert_eq!(
            from("Weekly, \"TMW\" \\o/"),
            "From: \"Weekly, \\\"TMW\\\" \\\\o/\" <hello@tmw.example>\r\n"
        );
        assert_eq!(from("Zoë"), "From: =?utf-8?q?Zo=C3=AB?= <hello@tmw.example>\r\n");
        assert_eq!(from("=?x?="), "From: =?utf-8?b?PT94Pz0=?= <hello@tmw.example>\r\n");
        assert_eq!(from(""), "From: <hello@tmw.example>\r\n");
        assert_eq!(from("a>\r\nBcc: <b@x.example"), "From: \"a> Bcc: <b@x.example\" <hello@tmw.example>\r\n");
        let long = from(&"Manager ".repeat(12));
        assert!(
            long.lines().all(|line| line.len() <= 78) && long.ends_with(" <hello@tmw.example>\r\n"),
            "{long}"
        );
    }

    #[test]
    fn a_line_beyond_the_limit_is_an_error() {
        let mut out = String::new();
        let field = Field::new("List-Unsubscribe", &mut out).token(&"x".repeat(1_000));
        assert_eq!(field.end(), Err(ComposeError::LineTooLong("List-Unsubscribe")));
    }

    #[test]
    fn plain_addresses() {
        for address in ["a@b.example", "first.last+tag@x-y.example", "o'hara@localhost"] {
            assert!(is_plain_address(address), "{address}");
        }
        let long = format!("{}@b.example", "a".repeat(65));
        for address in [
            "",
            "a",
            "@b",
            "a@",
            "a@@b",
            "a@b@c",
            "a b@c.d",
            "a@b..c",
            ".a@b.c",
            "a.@b.c",
            "a@b.c\r\nBcc: x@y.z",
            "a@b.c>",
            "<a@b.c",
            "\"a\"@b.c",
            "a,b@c.d",
            "ü@b.c",
            "a@ü.c",
            "a@b.c\u{200b}",
            "a@[1.2.3.4]",
            &long,
        ] {
            assert!(!is_plain_address(address), "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_subject_reads_as_it_was_written(text in "\\PC{0,200}|[a-z =?_.]{0,300}|(.|\r|\n){0,80}|[é🫠日 a]{0,120}") {
            let field = subject(&text);
            let shown = single_line(&text);
            prop_assert_eq!(read(&field), shown);
            prop_assert!(field.is_ascii() && field.ends_with("\r\n"));
            for (n, line) in field.split_terminator("\r\n").enumerate() {
                prop_assert!(line.len() <= FOLD_AT && !line.contains(['\r', '\n']));
                let begins_well = line.starts_with(if n == 0 { "Subject:" } else { " " });
                prop_assert!(begins_well && !line.trim().is_empty());
                prop_assert!(!line.contains("=?utf-8?") || line.len() <= ENCODED_LINE);
                prop_assert!(line.split(' ').filter(|word| word.starts_with("=?utf-8?")).all(|word| word.len() <= 75));
            }
        }

        #[test]
        fn any_display_name_leaves_the_address_alone(name in "\\PC{0,120}|(.|\r|\n|[<>@,:;\"\\\\]){0,60}") {
            let field = from(&name);
            prop_assert!(field.ends_with(" <hello@tmw.example>\r\n"));
            let phrase = field.trim_end_matches(" <hello@tmw.example>\r\n").trim_end_matches("\r\n");
            prop_assert!(field.is_ascii() && field.split_terminator("\r\n").all(|line| line.len() <= FOLD_AT + 62));
            let phrase = phrase.trim_start_matches("From:").trim();
            let quoted = phrase.len() >= 2 && phrase.starts_with('"') && phrase.ends_with('"');
            prop_assert!(quoted || !phrase.contains(['<', '>', '@', ',', ';', ':', '"', '(', ')']), "{phrase}");
            if quoted {
                let inner = phrase[1..phrase.len() - 1].replace("\\\\", "").replace("\\\"", "");
                prop_assert!(!inner.contains(['"', '\\']), "{phrase}");
            }
        }
    }
}
