//! Quoted-printable (RFC 2045 section 6.7) in pieces that can be joined.
//!
//! [`encode`] begins at column 0 and ends at column 0: a piece that does not end with a line break is closed by
//! a soft one. Pieces encoded apart and put one after the other are therefore one well-formed body, whichever
//! of them a condition leaves out. `{` is always encoded, so that encoded text holds no template syntax, and so
//! are a dot and `From ` at the start of a line, which mail software changes on the way (RFC 2049 section 3).

/// RFC 2045 section 6.7 rule 5: no encoded line is longer, the soft break's `=` included.
const MAX_LINE: usize = 76;
const SOFT_BREAK: &str = "=\r\n";

/// Appends `text` to `out`, from column 0 to column 0. Every line break of `text` (LF, CRLF or a lone CR)
/// becomes CRLF.
pub(super) fn encode(text: &str, out: &mut String) {
    let mut column = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c == '\n' || c == '\r' {
            out.push_str("\r\n");
            column = 0;
            rest = if c == '\r' { after.strip_prefix('\n').unwrap_or(after) } else { after };
            continue;
        }
        let before = out.len();
        push_char(c, needs_encoding(c, column == 0, rest), out);
        if column + (out.len() - before) >= MAX_LINE {
            out.truncate(before);
            out.push_str(SOFT_BREAK);
            column = 0;
            let before = out.len();
            push_char(c, needs_encoding(c, true, rest), out);
            column += out.len() - before;
        } else {
            column += out.len() - before;
        }
        rest = after;
    }
    if column > 0 {
        out.push_str(SOFT_BREAK);
    }
}

/// Whether `c`, the first character of `rest`, cannot stand for itself.
fn needs_encoding(c: char, at_line_start: bool, rest: &str) -> bool {
    match c {
        // Rule 3: white space does not end a line.
        ' ' | '\t' => matches!(rest.as_bytes().get(1), Some(b'\n' | b'\r')),
        '=' | '{' => true,
        '.' => at_line_start,
        'F' => at_line_start && rest.starts_with("From "),
        _ => !c.is_ascii_graphic(),
    }
}

/// A whole character at a time: a decoder that works line by line never sees half of one.
fn push_char(c: char, encoded: bool, out: &mut String) {
    if encoded {
        push_escaped(c, '=', out);
    } else {
        out.push(c);
    }
}

/// The UTF-8 bytes of `c` in upper-case hexadecimal, each after `mark`: as quoted-printable, the Q encoding of
/// headers and URLs write them.
pub(crate) fn push_escaped(c: char, mark: char, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        out.push(mark);
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// What `encoded`, made by [`encode`], stands for; line breaks as LF.
pub(super) fn decode(encoded: &str) -> String {
    let mut out = Vec::with_capacity(encoded.len());
    let bytes = encoded.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'=' if bytes[i + 1..].starts_with(b"\r\n") => i += 2,
            b'=' => {
                let hex = |at: usize| bytes.get(at).and_then(|&b| char::from(b).to_digit(16)).unwrap_or(0);
                out.push(u8::try_from(hex(i + 1) * 16 + hex(i + 2)).unwrap_or(b'?'));
                i += 2;
            }
            b'\r' => {}
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        encode(text, &mut out);
        out
    }

    #[test]
    fn a_piece_ends_at_column_0() {
        assert_eq!(encoded(""), "");
        assert_eq!(encoded("Hello\n"), "Hello\r\n");
        assert_eq!(encoded("Hello "), "Hello =\r\n");
        assert_eq!(encoded("a = {b}\r\nc\rd"), "a =3D =7Bb}\r\nc\r\nd=\r\n");
    }

    #[test]
    fn what_mail_software_would_change_is_encoded() {
        assert_eq!(encoded(".\n..\na.\n"), "=2E\r\n=2E.\r\na.\r\n");
        assert_eq!(encoded("From me\nFromage\n"), "=46rom me\r\nFromage\r\n");
        assert_eq!(encoded("tail \ntail\t\n"), "tail=20\r\ntail=09\r\n");
        assert_eq!(encoded("\u{1}\u{7f}\n"), "=01=7F\r\n");
    }

    #[test]
    fn a_line_is_full_at_76_and_a_character_is_never_split() {
        let lines = encoded(&"x".repeat(160));
        assert_eq!(lines.lines().map(str::len).collect::<Vec<_>>(), [76, 76, 11]);
        for line in encoded(&"🔥".repeat(40)).lines() {
            assert_eq!(line.trim_end_matches('=').len() % 12, 0, "{line}");
        }
    }

    /// Text of what is awkward: breaks, dots, white space, non-ASCII, equals signs, braces.
    fn awkward() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof!["[ \t]", "[.=\\{\\}]", "\r\n|\n|\r", "From ", "[a-zA-Z0-9<>&]{1,30}", "\\PC{0,4}"],
            0..60,
        )
        .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn pieces_joined_decode_to_what_went_in(pieces in proptest::collection::vec(awkward(), 0..8)) {
            let mut body = String::new();
            let mut expected = String::new();
            for piece in &pieces {
                encode(piece, &mut body);
                expected.push_str(&piece.replace("\r\n", "\n").replace('\r', "\n"));
                prop_assert!(body.is_empty() || body.ends_with("\r\n"));
            }
            prop_assert_eq!(decode(&body), expected);
            let has_syntax = body.contains('{') || body.contains("=_");
            prop_assert!(body.is_ascii() && !has_syntax);
            for line in body.split_terminator("\r\n") {
                prop_assert!(line.len() <= MAX_LINE, "{} is too long", line);
                prop_assert!(!line.contains(['\r', '\n']));
                prop_assert!(!line.ends_with([' ', '\t']) && !line.starts_with('.') && !line.starts_with("From "));
            }
        }
    }
}
