//! The list's own links, and host names.
//!
//! A link goes into a header (RFC 2369, RFC 8058) and into every message, so it is taken only as it must stand
//! there: printable ASCII without spaces or angle brackets, a scheme and a literal host, no login in it.

use std::net::IpAddr;

use super::wrong::Wrong;

/// A header line holds 998 bytes (RFC 5322, 2.1.1); the token needs its share.
const MAX_URL_BYTES: usize = 500;
const TOKEN: &str = "{token}";
const SLUG: &str = "{slug}";

/// `[list] unsubscribe`: https, and http on this machine only; `{token}` once, where the server gets to see it.
pub(super) fn unsubscribe(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(text)?;
    if url.scheme == "http" && !is_loopback(url.host) {
        return Err(Wrong::new(
            "must begin with https://",
            "mail providers refuse one-click links without it (RFC 8058)",
        ));
    }
    let places = url.path.matches(TOKEN).count();
    if places != 1 {
        let message =
            if places == 0 { "has no `{token}` after its host" } else { "has more than one `{token}`" };
        return Err(Wrong::new(
            message,
            "write `{token}` where the subscriber's token goes: https://example.com/u/{token}",
        ));
    }
    if url.path.find('#').is_some_and(|hash| url.path[hash..].contains(TOKEN)) {
        return Err(Wrong::new(
            "has `{token}` after a `#`",
            "browsers keep that to themselves: put it into the path or the query",
        ));
    }
    url.no_braces_but(TOKEN)?;
    Ok(text.trim().to_owned())
}

/// `[list] view`: http or https; `{slug}` may stand after the host.
pub(super) fn view(text: &str) -> Result<String, Wrong> {
    Url::parse(text)?.no_braces_but(SLUG)?;
    Ok(text.trim().to_owned())
}

struct Url<'a> {
    scheme: &'static str,
    host: &'a str,
    /// Path, query and fragment.
    path: &'a str,
}

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Result<Self, Wrong> {
        let text = text.trim();
        if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"' | '\\')) {
            let shown: String = c.escape_debug().collect();
            return Err(Wrong::new(
                format!("holds `{shown}`, which no link can hold"),
                "percent-encode it; write a host beyond ASCII in its xn-- form",
            ));
        }
        if text.len() > MAX_URL_BYTES {
            return Err(Wrong::new(
                format!("is longer than {MAX_URL_BYTES} bytes"),
                "shorten it: it stands in every message",
            ));
        }
        let after =
            |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let scheme = match () {
            () if after("https://") => "https",
            () if after("http://") => "http",
            () => return Err(Wrong::new("is no web link", "it begins with https:// and a host")),
        };
        let rest = &text[scheme.len() + "://".len()..];
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(Wrong::new(
                "has a login in it",
                "remove what stands before the `@`: every subscriber would get it",
            ));
        }
        let host = host_of(authority)
            .ok_or_else(|| Wrong::new("has no valid host", "write https://, a host name, and the path"))?;
        Ok(Self { scheme, host, path })
    }

    /// Whether braces stand in the path only as this placeholder.
    fn no_braces_but(&self, placeholder: &str) -> Result<(), Wrong> {
        if self.path.replace(placeholder, "").contains(['{', '}']) {
            let help = format!("the only one here is `{placeholder}`");
            return Err(Wrong::new("has a placeholder that is not known", help));
        }
        Ok(())
    }
}

/// The host of `host:port` or `[address]:port`, if both are valid.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, after)) => (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some("443"))?),
        None => authority.split_once(':').unwrap_or((authority, "443")),
    };
    (host_name(host).is_some() && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(host)
}

/// A host name in its ASCII form, or an IP address without brackets.
pub(super) fn host_name(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(address.to_string());
    }
    let ascii = idna::domain_to_ascii(text).ok()?;
    let is_label = |label: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = ascii.strip_suffix('.').unwrap_or(&ascii);
    let last = labels.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    (labels.len() <= 253 && labels.split('.').all(is_label) && !is_number).then_some(ascii)
}

/// Whether a host is this machine: its words stay inside, so they need no TLS.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost") || bare.to_ascii_lowercase().ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_list() {
        for good in [
            "https://tmw.example/u/{token}",
            "https://tmw.example:8443/u?t={token}#form",
            "http://localhost:8080/u/{token}",
            "http://[::1]:8080/{token}",
            "HTTPS://tmw.example/{token}",
        ] {
            assert_eq!(unsubscribe(good), Ok(good.to_owned()));
        }
        for (bad, why) in [
            ("http://tmw.example/u/{token}", "must begin with https://"),
            ("https://tmw.example/u", "has no `{token}` after its host"),
            ("https://{token}.tmw.example/u", "has no valid host"),
            ("https://tmw.example/{token}/{token}", "has more than one `{token}`"),
            ("https://tmw.example/#{token}", "has `{token}` after a `#`"),
            ("https://tmw.example/{token}/{email}", "has a placeholder that is not known"),
            ("https://tmw.example/u/{{ token }}", "holds ` `, which no link can hold"),
            ("https://bücher.example/{token}", "holds `ü`, which no link can hold"),
            ("https://me:pw@tmw.example/{token}", "has a login in it"),
            ("https:///u/{token}", "has no valid host"),
            ("https://tmw.example:99999/{token}", "has no valid host"),
            ("mailto:a@b.example", "is no web link"),
            ("tmw.example/{token}", "is no web link"),
        ] {
            assert_eq!(unsubscribe(bad).unwrap_err().message, why, "{bad}");
        }
        assert!(
            view("https://tmw.example/issues/{slug}").is_ok() && view("http://tmw.example/latest").is_ok()
        );
        assert_eq!(
            view("https://tmw.example/{token}").unwrap_err().message,
            "has a placeholder that is not known"
        );
    }

    #[test]
    fn hosts() {
        for (text, host) in [
            ("SMTP.example.com", Some("smtp.example.com")),
            ("mail_relay", Some("mail_relay")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("192.0.2.1", Some("192.0.2.1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("", None),
            ("a..b", None),
            ("-a.example", None),
            ("a b", None),
            ("1.2.3.4.5", None),
            ("a/b", None),
        ] {
            assert_eq!(host_name(text).as_deref(), host, "{text}");
        }
        assert!(["localhost", "127.0.0.1", "[::1]", "mail.localhost"].into_iter().all(is_loopback));
        assert!(!["localhost.example", "192.0.2.1", "127.0.0.1.example"].into_iter().any(is_loopback));
    }
}
