//! Character references of HTML (`&eacute;`, `&#233;`) → characters.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

/// No reference is longer.
const MAX_NAME: usize = 33;

/// `text` with its character references resolved; what is none stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(MAX_NAME).position(|b| b == b';').map(|end| end + 1);
        if let Some((end, character)) = end.and_then(|end| Some((end, character(&rest[..end])?))) {
            out.push_str(&character);
            rest = &rest[end..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out + rest
}

/// What a whole reference stands for.
fn character(reference: &str) -> Option<String> {
    Some(match reference {
        "&amp;" => "&".to_owned(),
        "&lt;" => "<".to_owned(),
        "&gt;" => ">".to_owned(),
        "&quot;" => "\"".to_owned(),
        "&nbsp;" | "&#160;" | "&#xA0;" | "&#xa0;" => "\u{a0}".to_owned(),
        _ => return by_markdown(reference),
    })
}

/// Markdown knows all of HTML's references; a table of them need not be kept twice.
fn by_markdown(reference: &str) -> Option<String> {
    let name = &reference[1..reference.len() - 1];
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#') {
        return None;
    }
    let arena = Arena::new();
    // A letter before it keeps white space from being trimmed.
    let root = parse_document(&arena, &format!("x{reference}x"), &Options::default());
    let text = root.first_child()?.first_child()?;
    let NodeValue::Text(text) = &text.data().value else { return None };
    let character = text.strip_prefix('x')?.strip_suffix('x')?;
    (character != reference).then(|| character.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_read_them() {
        assert_eq!(
            unescape("&eacute;&#233;&#xE9;&euro;&copy;&nbsp;&amp;lt; a & b &c; &;"),
            "ééé€©\u{a0}&lt; a & b &c; &;"
        );
        assert_eq!(unescape("&zwnj;&#847;&NotEqualTilde;&"), "\u{200c}\u{34f}\u{2242}\u{338}&");
    }
}
