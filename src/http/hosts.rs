//! The names a server answers to.
//!
//! A page on the web can have its own name point to 127.0.0.1 and then read what a server there says, as if that were
//! of its own origin (DNS rebinding). The browser still says by which name it came: whoever comes by a strange one is
//! not served. An address in digits cannot be pointed elsewhere.

use std::net::{IpAddr, SocketAddr};

use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::{StatusCode, Version};

/// The port that a URL without one means.
const HTTP_PORT: u16 = 80;

/// The names of one server.
#[derive(Debug, Clone)]
pub struct Hosts {
    port: u16,
    listens: IpAddr,
    name: Option<String>,
}

impl Hosts {
    /// Of a server that listens at `addr`; `name` is what it was told to be called, if it was.
    pub fn new(addr: SocketAddr, name: Option<&str>) -> Self {
        Self { port: addr.port(), listens: addr.ip(), name: name.map(str::to_ascii_lowercase) }
    }

    /// Whether a request came by one of the names, or else the answer it gets: 400 where it does not say one (RFC 9112
    /// section 3.2), 421 where it is another's (RFC 9110 section 15.5.20).
    pub fn admit<B>(&self, request: &hyper::Request<B>) -> Result<(), StatusCode> {
        let mut named = request.headers().get_all(HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(host), None) => Some(host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?),
            (None, _) if request.version() < Version::HTTP_11 => None,
            _ => return Err(StatusCode::BAD_REQUEST),
        };
        let target = request.uri().authority().map(Authority::as_str);
        let mut names = host.into_iter().chain(target).peekable();
        if names.peek().is_some() && names.all(|name| self.is_own(name)) {
            Ok(())
        } else {
            Err(StatusCode::MISDIRECTED_REQUEST)
        }
    }

    /// Whether this host and port are the server's.
    fn is_own(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if authority.as_str().ends_with(':') => return false,
            None => HTTP_PORT,
        };
        port == self.port && self.is_own_name(authority.host())
    }

    fn is_own_name(&self, host: &str) -> bool {
        if self.name.as_deref().is_some_and(|name| host.eq_ignore_ascii_case(name)) {
            return true;
        }
        let here = self.listens.is_loopback() || self.listens.is_unspecified();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip == self.listens || self.listens.is_unspecified() || here && ip.is_loopback(),
            Err(_) => here && host.eq_ignore_ascii_case("localhost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(listens: &str, name: Option<&str>, host: &str) -> bool {
        Hosts::new(listens.parse().unwrap(), name).is_own(host)
    }

    #[test]
    fn on_the_loopback_it_answers_to_the_loopback_only() {
        for host in ["127.0.0.1:6245", "localhost:6245", "LocalHost:6245", "[::1]:6245"] {
            assert!(admits("127.0.0.1:6245", None, host), "{host}");
        }
        for host in [
            "evil.example:6245",
            "localhost",
            "localhost:",
            "localhost:80",
            "127.0.0.1:6246",
            "localhost.evil.example:6245",
            "evil.example@localhost:6245",
            "localhost.:6245",
            "127.0.0.1.evil.example:6245",
            "192.168.1.7:6245",
            "0.0.0.0:6245",
            "",
            ":6245",
            "::1:6245",
            "localhost:6245/",
            "localhost:6245 ",
        ] {
            assert!(!admits("127.0.0.1:6245", None, host), "{host}");
        }
    }

    #[test]
    fn elsewhere_it_answers_to_its_address_and_the_name_it_was_given() {
        assert!(admits("192.168.1.7:6245", None, "192.168.1.7:6245"));
        assert!(!admits("192.168.1.7:6245", None, "localhost:6245"));
        assert!(!admits("192.168.1.7:6245", None, "192.168.1.8:6245"));
        assert!(admits("192.168.1.7:6245", Some("Desk.lan"), "desk.lan:6245"));
        assert!(admits("[2001:db8::7]:6245", None, "[2001:db8::7]:6245"));
        // Whoever listens everywhere is reached by addresses it does not know, but by no strange name.
        assert!(admits("0.0.0.0:6245", None, "192.168.1.7:6245"));
        assert!(admits("[::]:6245", None, "localhost:6245"));
        assert!(!admits("0.0.0.0:6245", None, "evil.example:6245"));
        assert!(admits("127.0.0.1:80", None, "localhost"));
    }
}
