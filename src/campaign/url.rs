//! Which addresses an issue may link to.
//!
//! A reader's mail program has no base to resolve a relative link against, and drops schemes that run code.

use std::path::{Component, Path};

use crate::tags::{TagKind, TagTable};

/// The code of a link that needs a base.
const RELATIVE: &str = "relative-link";

/// What is wrong with an address, and the way out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

impl Refusal {
    /// Whether it is for want of a base that the address means nothing.
    pub(crate) fn is_relative(&self) -> bool {
        self.code == RELATIVE
    }
}

fn refusal(code: &'static str, message: String, help: &'static str) -> Refusal {
    Refusal { code, message, help }
}

/// Whether readers can follow this link: http(s), mailto, tel, an anchor, or a merge tag that gives a URL.
pub(crate) fn check_link(url: &str, tags: &TagTable) -> Result<(), Refusal> {
    let shown = tags.restore(url);
    if url.is_empty() || url == "#" {
        return Err(refusal("empty-link", "this link leads nowhere".into(), "write the address it leads to"));
    }
    if url.chars().any(char::is_control) {
        return Err(refusal("bad-link", format!("`{shown:?}` holds a control character"), "delete it"));
    }
    if let Some((range, index)) = tags.find(url, 0)
        && range.start == 0
    {
        return match tags.get(index).kind {
            TagKind::Print => Ok(()),
            TagKind::Statement => Err(refusal(
                "bad-link",
                format!("`{shown}` begins with a condition"),
                "put the condition around the whole link",
            )),
        };
    }
    if url.starts_with('#') {
        return Ok(());
    }
    match scheme(url) {
        Some("http" | "https") => check_host(url, &shown),
        Some("mailto" | "tel") if url.ends_with(':') => Err(refusal(
            "bad-link",
            format!("`{shown}` names nobody"),
            "write an address or a number behind it",
        )),
        Some("mailto" | "tel") => Ok(()),
        Some(scheme) => Err(refusal(
            "bad-link",
            format!("`{scheme}:` links do not work in mail programs"),
            "link to http, https, mailto or tel",
        )),
        None if is_address(url) => Err(refusal(
            "relative-link",
            format!("`{shown}` is an address for mail, not a link"),
            "write `mailto:` before it",
        )),
        None => Err(refusal(
            RELATIVE,
            format!("`{shown}` is a relative link, which a reader's mail program cannot resolve"),
            "write the whole address, beginning with https://",
        )),
    }
}

/// Whether readers can see this picture: an http(s) URL, a merge tag that gives one, or a file below the
/// campaign's folder.
pub(crate) fn check_picture(src: &str, tags: &TagTable) -> Result<(), Refusal> {
    let shown = tags.restore(src);
    if src.is_empty() {
        return Err(refusal(
            "empty-link",
            "this picture has no file".into(),
            "write its file in the parentheses",
        ));
    }
    match scheme(src) {
        Some("http" | "https") => return check_link(src, tags),
        Some(scheme) => {
            return Err(refusal(
                "bad-picture",
                format!("`{scheme}:` pictures do not work in mail programs"),
                "use an https address, or a file beside issue.md",
            ));
        }
        None => {}
    }
    if tags.find(src, 0).is_some_and(|(range, _)| range.start == 0) {
        return check_link(src, tags);
    }
    if tags.touches(src) {
        return Err(refusal(
            "bad-picture",
            format!("`{shown}` is a file whose name holds a merge tag"),
            "a file beside issue.md is the same for everybody; per subscriber, give a whole https address",
        ));
    }
    let inside =
        Path::new(src).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside || src.contains(['\\', '?', '#']) || src.chars().any(char::is_control) {
        return Err(refusal(
            "bad-picture",
            format!("`{shown}` is not a file in the campaign's folder"),
            "put the picture beside issue.md and name it as it is",
        ));
    }
    Ok(())
}

fn check_host(url: &str, shown: &str) -> Result<(), Refusal> {
    let rest = url.split_once(':').map_or("", |(_, rest)| rest);
    let host = rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(()),
        _ => Err(refusal("bad-link", format!("`{shown}` names no host"), "write it as https://host/path")),
    }
}

/// Whether it is `name@example.com`.
fn is_address(url: &str) -> bool {
    url.split_once('@')
        .is_some_and(|(name, host)| !name.contains('/') && !host.contains(['/', '@']) && host.contains('.'))
}

/// The scheme in front of the first `:` (RFC 3986, section 3.1), lower-cased where it is one of ours.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let known =
        ["http", "https", "mailto", "tel"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
    valid.then_some(known.unwrap_or(scheme))
}

/// An address with what can stand in no URL percent-encoded; tokens and everything else as written.
pub(super) fn encode(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.trim().chars() {
        match c {
            ' ' => out.push_str("%20"),
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '`' => out.push_str("%60"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(check: fn(&str, &TagTable) -> Result<(), Refusal>, url: &str) -> &'static str {
        let mut tags = TagTable::new([url]);
        let url = tags.protect(url, |_| crate::finding::Place::file("i.md")).unwrap();
        check(&url, &tags).err().map_or("", |refusal| refusal.code)
    }

    #[test]
    fn links() {
        for url in [
            "https://acme.example/?a=1&b=2#c",
            "HTTP://acme.example",
            "mailto:a@b.example",
            "tel:+44123",
            "#top",
            "{{ url }}",
            "{{ url }}/x",
            "https://{{ host }}/",
        ] {
            assert_eq!(code(check_link, url), "", "{url}");
        }
        for (url, expected) in [
            ("", "empty-link"),
            ("page.html", "relative-link"),
            ("/page", "relative-link"),
            ("//acme.example", "relative-link"),
            ("acme.example/a:b", "relative-link"),
            ("javascript:alert(1)", "bad-link"),
            ("JavaScript:alert(1)", "bad-link"),
            ("data:text/html,x", "bad-link"),
            ("https://", "bad-link"),
            ("https:/acme.example", "bad-link"),
            ("https:///x", "bad-link"),
            ("mailto:", "bad-link"),
            ("{% if a %}https://a.example{% endif %}", "bad-link"),
        ] {
            assert_eq!(code(check_link, url), expected, "{url}");
        }
    }

    #[test]
    fn pictures() {
        for src in ["survey.png", "./a/b.png", "https://a.example/x.png?y={{ z }}", "{{ picture }}"] {
            assert_eq!(code(check_picture, src), "", "{src}");
        }
        for src in [
            "/etc/x.png",
            "../x.png",
            "a/../../x.png",
            "data:image/png;base64,x",
            "cid:x",
            "{a}\\x",
            "x-{{ a }}.png",
        ] {
            assert_eq!(code(check_picture, src), "bad-picture", "{src}");
        }
        assert_eq!(code(check_picture, ""), "empty-link");
    }
}
