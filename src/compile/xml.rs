//! How the issue phase writes a value into XML, and the way back.

/// What stands for what; `&` first, for the others begin with it.
const ENTITIES: [(char, &str); 5] =
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];

/// `text` as XML text or as an attribute's value.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match ENTITIES.iter().find(|(character, _)| *character == c) {
            Some((_, entity)) => out.push_str(entity),
            None => out.push(c),
        }
    }
    out
}

/// What was written, of what [`escape`] made of it.
pub(super) fn unescape(text: &str) -> String {
    ENTITIES.iter().rev().fold(text.to_owned(), |text, (character, entity)| {
        text.replace(entity, character.encode_utf8(&mut [0; 4]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        let text = "a & \"b\" <'c'> &amp;lt; &eacute;";
        assert_eq!(escape(text), "a &amp; &quot;b&quot; &lt;&#39;c&#39;&gt; &amp;amp;lt; &amp;eacute;");
        assert_eq!(unescape(&escape(text)), text);
    }
}
