//! Where a server listens: an address as somebody types it, and the listener.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};

/// Where no port was asked for and the usual one is taken, so many after it are tried.
const OTHER_PORTS: u16 = 9;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    ip: IpAddr,
    port: Port,
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    /// This one and no other.
    Asked(u16),
    /// This one, or else one of the next.
    Usual(u16),
}

/// Why a server cannot listen there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// It is no address.
    #[error("`{0}` is no address to listen at")]
    NoAddress(String),
    /// The name leads nowhere.
    #[error("the name `{name}` leads to no address: {error}")]
    UnknownName {
        /// The name.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// Another program listens there.
    #[error("port {} of {} is taken by another program", .0.port(), .0.ip())]
    Taken(SocketAddr),
    /// So do others at the next ports.
    #[error("the ports {} to {} of {} are taken by other programs", .0.port(), .0.port() + OTHER_PORTS, .0.ip())]
    AllTaken(SocketAddr),
    /// The address is another machine's.
    #[error("{0} is no address of this machine")]
    NotHere(IpAddr),
    /// The system does not let us.
    #[error("{addr}: the system refuses to listen there: {error}")]
    Refused {
        /// Where.
        addr: SocketAddr,
        /// Why.
        error: io::Error,
    },
}

impl Listen {
    /// `127.0.0.1:8080`, `[::1]:8080`, `desk.lan:8080`; without a port, the usual one or the next that is free;
    /// without an address (`8080`, `:8080`, nothing), on the loopback.
    pub fn parse(typed: &str, usual_port: u16) -> Result<Self, ListenError> {
        let wrong = || ListenError::NoAddress(typed.to_owned());
        if let Ok(ip) = typed.parse::<IpAddr>() {
            return Ok(Self { ip, port: Port::Usual(usual_port), name: None });
        }
        let (host, port) = match typed.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Port::Asked(port.parse().map_err(|_| wrong())?))
            }
            _ => match typed.parse() {
                Ok(port) => ("", Port::Asked(port)),
                Err(_) => (typed, Port::Usual(usual_port)),
            },
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() || bare.eq_ignore_ascii_case("localhost") {
            return Ok(Self { ip: Ipv4Addr::LOCALHOST.into(), port, name: None });
        }
        if let Ok(ip) = bare.parse() {
            return Ok(Self { ip, port, name: None });
        }
        if !is_name(bare) {
            return Err(wrong());
        }
        let unknown = |error| ListenError::UnknownName { name: bare.to_owned(), error };
        let mut found = (bare, 0).to_socket_addrs().map_err(unknown)?;
        let ip = found.next().ok_or_else(|| unknown(ErrorKind::NotFound.into()))?.ip();
        Ok(Self { ip, port, name: Some(bare.to_owned()) })
    }

    /// The name it was given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether only programs of this machine can connect.
    pub fn is_private(&self) -> bool {
        self.ip.is_loopback()
    }

    /// The URL of a server that listens at `addr`, as somebody at this machine opens it.
    pub fn url(&self, addr: SocketAddr) -> String {
        match &self.name {
            Some(name) => format!("http://{name}:{}/", addr.port()),
            None if addr.ip().is_unspecified() => format!("http://localhost:{}/", addr.port()),
            None => format!("http://{addr}/"),
        }
    }

    /// Listens. Whether at the port that was asked for or is usual, the listener's address tells.
    pub fn bind(&self) -> Result<TcpListener, ListenError> {
        let (Port::Asked(first) | Port::Usual(first)) = self.port;
        let last = match self.port {
            Port::Asked(port) => port,
            Port::Usual(port) => port.saturating_add(OTHER_PORTS),
        };
        for port in first..=last {
            let addr = SocketAddr::new(self.ip, port);
            match TcpListener::bind(addr) {
                Ok(listener) => {
                    let refused = |error| ListenError::Refused { addr, error };
                    listener.set_nonblocking(true).map_err(refused)?;
                    return Ok(listener);
                }
                Err(error) if error.kind() == ErrorKind::AddrInUse => {}
                Err(error) if error.kind() == ErrorKind::AddrNotAvailable => {
                    return Err(ListenError::NotHere(self.ip));
                }
                Err(error) => return Err(ListenError::Refused { addr, error }),
            }
        }
        let addr = SocketAddr::new(self.ip, first);
        Err(match self.port {
            Port::Asked(_) => ListenError::Taken(addr),
            Port::Usual(_) => ListenError::AllTaken(addr),
        })
    }
}

/// Whether this is the name of a host, by its characters (RFC 1123 section 2.1).
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> String {
        match Listen::parse(typed, 6245) {
            Ok(Listen { ip, port: Port::Asked(port), .. }) => format!("{ip} {port}"),
            Ok(Listen { ip, .. }) => ip.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_address_is_read_as_it_is_typed() {
        for (typed, meant) in [
            ("", "127.0.0.1"),
            ("localhost", "127.0.0.1"),
            ("127.0.0.1:80", "127.0.0.1 80"),
            ("8080", "127.0.0.1 8080"),
            (":8080", "127.0.0.1 8080"),
            ("LOCALHOST:0", "127.0.0.1 0"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::1]:8080", "::1 8080"),
            ("0.0.0.0:8080", "0.0.0.0 8080"),
        ] {
            assert_eq!(parse(typed), meant, "{typed}");
        }
        for typed in ["localhost:x", "127.0.0.1:70000", "a b", "http://localhost:80/", "a..b", "::1:x"] {
            assert_eq!(parse(typed), format!("`{typed}` is no address to listen at"));
        }
    }

    #[test]
    fn a_taken_port_is_an_error_where_it_was_asked_for() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Listen::parse(&format!("127.0.0.1:{port}"), 1).unwrap().bind().unwrap_err();
        assert_eq!(error.to_string(), format!("port {port} of 127.0.0.1 is taken by another program"));
        // Elsewhere the next free one will do.
        let next = Listen::parse("127.0.0.1", port).unwrap().bind().unwrap().local_addr().unwrap().port();
        assert!(next > port && next <= port + OTHER_PORTS, "{port} {next}");
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let error = Listen::parse("192.0.2.7:0", 1).unwrap().bind().unwrap_err();
        assert_eq!(error.to_string(), "192.0.2.7 is no address of this machine");
    }

    #[test]
    fn the_url_is_one_to_open_here() {
        let url = |typed: &str, addr: &str| Listen::parse(typed, 1).unwrap().url(addr.parse().unwrap());
        assert_eq!(url("", "127.0.0.1:6245"), "http://127.0.0.1:6245/");
        assert_eq!(url("[::1]:1", "[::1]:6245"), "http://[::1]:6245/");
        assert_eq!(url("0.0.0.0", "0.0.0.0:6245"), "http://localhost:6245/");
    }
}
