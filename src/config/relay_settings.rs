//! What `[relay.NAME]` means: a server to submit to, and how it wants to be used.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::preset::Preset;
use super::rate::Rate;

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, and nothing without it.
    Required,
    /// TLS from the first byte (port 465).
    Implicit,
    /// No TLS, and hence no password.
    None,
}

/// Where the password comes from; never the password itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// An environment variable.
    Env(String),
    /// A file, its last line break dropped.
    File(PathBuf),
    /// A command run by the shell; its standard output, last line break dropped.
    Command(String),
}

/// `[relay.NAME]`
#[derive(Debug, Clone)]
pub struct Relay {
    /// NAME
    pub name: String,
    /// The provider, where the operator names one whose ways are known.
    pub preset: Option<Preset>,
    /// A host name or an IP address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// Certificates (PEM) to trust beside those of the system; absolute or relative to the project.
    pub ca_file: Option<PathBuf>,
    /// Login name and where the password comes from.
    pub login: Option<(String, Password)>,
    /// How many connections at most, from 1 to 100.
    pub sessions: usize,
    /// After this many messages a session is closed; at least 1.
    pub messages_per_session: u32,
    /// A session that was not used for so long is closed.
    pub idle: Duration,
    /// No session is used for longer than this.
    pub lifetime: Duration,
    /// The most messages that leave in a time, over all sessions, processes and campaigns: all of them hold. The
    /// shortest window first, no window twice, and always one that is a second or a minute.
    pub rates: Vec<Rate>,
    /// Tighter rates of single domains, by their names in lower case and A-labels. As `rates`, but any window may be
    /// the shortest; none is empty.
    pub domains: BTreeMap<String, Vec<Rate>>,
    /// How long each stage of a session may take.
    pub timeouts: Timeouts,
}

/// `[relay.NAME.timeouts]`, each from a second to an hour. Unset ones have the length of RFC 5321 4.5.3.2, which means
/// them as minima: a client that gives up sooner sends some messages twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP.
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
    /// Each block of the message.
    pub block: Duration,
    /// From the final dot to the reply.
    pub dot: Duration,
    /// QUIT.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            handshake: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
            mail: Duration::from_mins(5),
            rcpt: Duration::from_mins(5),
            data: Duration::from_mins(2),
            block: Duration::from_mins(3),
            dot: Duration::from_mins(10),
            quit: Duration::from_secs(5),
        }
    }
}
