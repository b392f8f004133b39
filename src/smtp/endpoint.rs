//! Where a session goes, and how long it waits there.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;

use super::tls::TlsConfig;

/// How the connection is secured. What asks for TLS cannot be built without the means to verify it.
#[derive(Debug, Clone)]
pub enum Tls {
    /// STARTTLS, and nothing is sent without it (RFC 3207).
    Required(TlsConfig),
    /// TLS from the first byte (RFC 8314 section 3.3).
    Implicit(TlsConfig),
    /// None; a password then goes to this machine only.
    None,
}

/// A relay and our way into it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// A host name or an IP address; also the name the certificate must be for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// Login name and password, where the relay wants them. Their `Debug` shows neither.
    pub credentials: Option<Credentials>,
    /// What EHLO says; unset: the address of our end of the connection (RFC 5321 4.1.4).
    pub hello: Option<ClientId>,
    /// The limits of every wait.
    pub timeouts: Timeouts,
}

/// How long each stage may take. The defaults are those of RFC 5321 4.5.3.2, which are minima: a shorter one
/// makes duplicates, because the relay may still be busy accepting the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP, over all addresses of the host.
    pub connect: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    /// From the connection to the greeting.
    pub greeting: Duration,
    /// EHLO, STARTTLS, each step of AUTH.
    pub command: Duration,
    /// MAIL.
    pub mail: Duration,
    /// RCPT.
    pub rcpt: Duration,
    /// DATA, up to its 354.
    pub data: Duration,
    /// Each block of the message, until our side has handed it over.
    pub block: Duration,
    /// From the final dot to the reply.
    pub dot: Duration,
    /// QUIT; nobody waits for it longer.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_mins(1);
        Self {
            connect: MINUTE / 2,
            handshake: MINUTE / 2,
            greeting: MINUTE * 5,
            command: MINUTE * 5,
            mail: MINUTE * 5,
            rcpt: MINUTE * 5,
            data: MINUTE * 2,
            block: MINUTE * 3,
            dot: MINUTE * 10,
            quit: Duration::from_secs(5),
        }
    }
}

impl Timeouts {
    /// The same limit for everything.
    pub const fn all(limit: Duration) -> Self {
        Self {
            connect: limit,
            handshake: limit,
            greeting: limit,
            command: limit,
            mail: limit,
            rcpt: limit,
            data: limit,
            block: limit,
            dot: limit,
            quit: limit,
        }
    }
}
