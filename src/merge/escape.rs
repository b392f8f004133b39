//! Values made fit for the place they are printed in.
//!
//! What a value is escaped for is decided by the tag's [`Context`] alone. Characters whose effect reaches past
//! the value (control characters, and the bidirectional embeddings, overrides and isolates of Unicode) are
//! dropped everywhere.

use std::borrow::Cow;

use super::url;
use crate::compile::Context;

/// A value that cannot stand where its tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAUrl;

/// `value` as it may stand in `context`.
pub(super) fn escape(value: &str, context: Context) -> Result<Cow<'_, str>, NotAUrl> {
    Ok(match context {
        Context::Html => html(value, false),
        Context::HtmlAttribute => html(value, true),
        Context::HtmlUrl => Cow::Owned(html(&url::web_url(value).ok_or(NotAUrl)?, true).into_owned()),
        Context::TextUrl => Cow::Owned(url::web_url(value).ok_or(NotAUrl)?),
        Context::HtmlUrlPart | Context::TextUrlPart => Cow::Owned(url::component(value)),
        Context::Text => plain(value),
        Context::Header => Cow::Owned(single_line(value)),
    })
}

/// Escaped for HTML text, or for a quoted attribute of either quote.
fn html(value: &str, attribute: bool) -> Cow<'_, str> {
    let harmless = |c: char| match c {
        '&' | '<' | '>' | '"' | '\'' => false,
        '\n' | '\t' => !attribute,
        _ => !reaches_out(c),
    };
    if value.chars().all(harmless) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 32);
    for c in breaks(value) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c if reaches_out(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Plain text: line breaks are LF.
fn plain(value: &str) -> Cow<'_, str> {
    if value.chars().any(reaches_out) {
        Cow::Owned(breaks(value).filter(|&c| !reaches_out(c)).collect())
    } else {
        Cow::Borrowed(value)
    }
}

/// One line for a header: white space collapsed, no control character, none that is invisible but for the
/// joiners, without which Persian and Indic names and many emoji fall apart.
pub(crate) fn single_line(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut gap = false;
    for c in value.chars() {
        match c {
            ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => gap = true,
            '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            c if reaches_out(c) => {}
            c => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    out
}

/// Whether `c` does something to what stands around the value: control characters but for LF and tab, and the
/// bidirectional embeddings, overrides and isolates, which last to the end of the paragraph (UAX #9).
fn reaches_out(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

/// The characters of `value` with CRLF and a lone CR as LF.
fn breaks(value: &str) -> impl Iterator<Item = char> {
    let mut chars = value.chars().peekable();
    std::iter::from_fn(move || {
        let c = chars.next()?;
        if c != '\r' {
            return Some(c);
        }
        chars.next_if_eq(&'\n');
        Some('\n')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ok(value: &str, context: Context) -> String {
        escape(value, context).expect("a fitting value").into_owned()
    }

    #[test]
    fn each_context_has_its_own_escapes() {
        let value = "a&b <i>\"x\" 'y'\r\nz\t/é";
        assert_eq!(ok(value, Context::Html), "a&amp;b &lt;i&gt;&#34;x&#34; &#39;y&#39;\nz\t/é");
        assert_eq!(ok(value, Context::HtmlAttribute), "a&amp;b &lt;i&gt;&#34;x&#34; &#39;y&#39;&#10;z&#9;/é");
        assert_eq!(ok(value, Context::Text), "a&b <i>\"x\" 'y'\nz\t/é");
        assert_eq!(ok(value, Context::Header), "a&b <i>\"x\" 'y' z /é");
        assert_eq!(ok("a b/ü&", Context::HtmlUrlPart), "a%20b%2F%C3%BC%26");
        assert_eq!(ok("a b/ü&", Context::TextUrlPart), "a%20b%2F%C3%BC%26");
        assert_eq!(
            ok("https://a.example/?x=1&y='2'", Context::HtmlUrl),
            "https://a.example/?x=1&amp;y=%272%27"
        );
        assert_eq!(ok("https://a.example/?x=1&y='2'", Context::TextUrl), "https://a.example/?x=1&y=%272%27");
        assert_eq!(escape("javascript:alert(1)", Context::HtmlUrl), Err(NotAUrl));
        assert_eq!(escape("", Context::TextUrl), Err(NotAUrl));
    }

    #[test]
    fn names_keep_their_joiners_and_lose_what_hides_or_turns() {
        let persian = "علی\u{200c}رضا";
        assert_eq!(ok(persian, Context::Header), persian);
        assert_eq!(ok("👩\u{200d}💻", Context::Header), "👩\u{200d}💻");
        assert_eq!(ok("a\u{202e}b\u{2066}c\u{200b}d\u{0}", Context::Header), "abcd");
        assert_eq!(ok("a\u{202e}b\u{0}\u{9f}", Context::Html), "ab");
        assert_eq!(ok("  a \r\n b  ", Context::Header), "a b");
    }

    /// Anything at all, with what breaks out of contexts made likely.
    fn hostile() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                "[<>&\"'`=/\\\\ ]",
                "[\r\n\t\u{0}\u{b}\u{85}\u{2028}\u{202e}\u{2066}\u{200b}\u{feff}]",
                "\\{\\{ evil \\}\\}|--&gt;|\\]\\]>|</script>|&#x3c;|javascript:|https://",
                any::<char>().prop_map(String::from),
            ],
            0..30,
        )
        .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn html_stays_text(value in hostile()) {
            for context in [Context::Html, Context::HtmlAttribute] {
                let out = ok(&value, context);
                prop_assert!(!out.contains(['<', '>', '"', '\'', '\r', '\0', '\u{202e}', '\u{2066}']), "{out}");
                for (at, _) in out.match_indices('&') {
                    let name = &out[at..=at + out[at..].find(';').expect("a closed entity")];
                    prop_assert!(["&amp;", "&lt;", "&gt;", "&#34;", "&#39;", "&#10;", "&#9;"].contains(&name), "{name}");
                }
            }
            prop_assert!(!ok(&value, Context::HtmlAttribute).contains(['\n', '\t']));
        }

        #[test]
        fn a_url_part_stays_a_part(value in hostile()) {
            let out = ok(&value, Context::HtmlUrlPart);
            prop_assert!(out.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%".contains(c)), "{out}");
        }

        #[test]
        fn a_url_is_a_web_url_or_refused(value in prop_oneof![hostile(), hostile().prop_map(|v| format!("https://a.example/{v}"))]) {
            if let Ok(out) = escape(&value, Context::HtmlUrl) {
                prop_assert!(out.to_ascii_lowercase().starts_with("http"), "{out}");
                prop_assert!(out.is_ascii() && !out.contains(['<', '>', '"', '\'', ' ', '\r', '\n', '\t', '\0']), "{out}");
            }
        }

        #[test]
        fn a_header_stays_one_line(value in hostile()) {
            let out = ok(&value, Context::Header);
            prop_assert!(!out.chars().any(char::is_control), "{out:?}");
            prop_assert!(!out.contains(['\u{2028}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}']), "{out:?}");
            prop_assert!(!out.contains("  ") && out.trim_matches(' ') == out);
        }

        #[test]
        fn plain_text_keeps_its_words(value in "[a-z<>&é ]{0,40}") {
            prop_assert_eq!(ok(&value, Context::Text), value);
        }
    }
}
