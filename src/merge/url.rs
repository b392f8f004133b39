//! URLs that a subscriber's data opens or fills (RFC 3986).

use super::qp::push_escaped;

/// `text` percent-encoded but for the unreserved characters (RFC 3986 section 2.3): it can stand in any part of
/// a URL and adds no delimiter to it.
pub(crate) fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
            out.push(c);
        } else {
            push_escaped(c, '%', &mut out);
        }
    }
    out
}

/// `text` as a whole http(s) URL with a host, in ASCII: an international host as A-labels, whatever a URL may
/// not hold percent-encoded. `None` for anything else, also for a URL with a login name, which exists in mail
/// only to deceive.
pub(crate) fn web_url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let authority = authority_of(authority)?;
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&scheme);
    out.push_str("://");
    out.push_str(&authority);
    for (at, c) in rest.char_indices() {
        match c {
            '%' if is_escape(&rest[at..]) => out.push('%'),
            c if c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=".contains(c) => out.push(c),
            c => push_escaped(c, '%', &mut out),
        }
    }
    Some(out)
}

/// `host[:port]` in ASCII, if it is that.
fn authority_of(authority: &str) -> Option<String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        (format!("[{address}]"), port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        (host_of(host)?, port)
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => format!(":{}", digits.parse::<u16>().ok()?),
        None if port.is_empty() => String::new(),
        None => return None,
    };
    Some(host + &port)
}

/// A host name as A-labels.
fn host_of(host: &str) -> Option<String> {
    let host = if host.is_ascii() { host.to_owned() } else { idna::domain_to_ascii(host).ok()? };
    let named = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let fits = host.len() <= 253 && host.strip_suffix('.').unwrap_or(&host).split('.').all(named);
    fits.then_some(host)
}

/// Whether `text` begins with `%` and two hexadecimal digits.
fn is_escape(text: &str) -> bool {
    matches!(text.as_bytes(), [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_url_is_whole_and_in_ascii() {
        for (text, url) in [
            ("https://a.example", "https://a.example"),
            (" HTTPS://a.example/x?y=1&z=2#f ", "https://a.example/x?y=1&z=2#f"),
            ("http://127.0.0.1:8080/u/abc", "http://127.0.0.1:8080/u/abc"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("https://bücher.example/ü b", "https://xn--bcher-kva.example/%C3%BC%20b"),
            ("https://a.example/100%/%20%zz", "https://a.example/100%25/%20%25zz"),
            ("https://a.example/\"'<>`{}|\\^\r\n", "https://a.example/%22%27%3C%3E%60%7B%7D%7C%5C%5E"),
            ("https://a.example/a\nb", "https://a.example/a%0Ab"),
        ] {
            assert_eq!(web_url(text).as_deref(), Some(url), "{text}");
        }
        for text in [
            "",
            "a.example",
            "//a.example",
            "https://",
            "https:///x",
            "https:a.example",
            "ftp://a.example",
            "javascript:alert(1)//https://a.example",
            "data:text/html,x",
            "https://a b.example",
            "https://a..b",
            "https://good.example@evil.example/",
            "https://a.example\\@evil.example",
            "https://a.example:99999/",
            "https://a.example:x",
            "https://[::1",
            "https://[x]/",
            "https://<b>/",
            "https://%41.example/",
        ] {
            assert_eq!(web_url(text), None, "{text}");
        }
    }
}
