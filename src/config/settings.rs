//! What `mailshot.toml` means: validated, with every default filled in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::preset::Preset;
use crate::expr::Kind;
use crate::finding::Written;

/// An address with its display name, as `From` and `Reply-To` hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, any Unicode without control characters.
    pub name: Option<String>,
    /// A valid ASCII address (the domain in its A-label form).
    pub email: String,
}

/// Everything that `mailshot.toml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder `mailshot.toml` lies in.
    pub project: PathBuf,
    /// `[sender]`
    pub sender: Sender,
    /// `[list]`
    pub list: List,
    /// `[merge]`: what is printed for an empty value, by column.
    pub merge: BTreeMap<String, String>,
    /// `[utm]`: parameters added to links, by name without `utm_`.
    pub utm: BTreeMap<String, String>,
    /// Every `[relay.NAME]`, in the order of the file: the preferred one first.
    pub relays: Vec<Relay>,
    /// `[retry]`
    pub retry: Retry,
    /// `[ledger] url`: the `SQLite` file, absolute or relative to the project.
    pub ledger: PathBuf,
    /// `[test]`
    pub test: Test,
    /// `[send] require_test`
    pub require_test: bool,
    /// `[send] max_refused`: the share of hard refusals among the latest results, from 0 to 1, at which a run stops
    /// itself.
    pub max_refused: f64,
}

/// `[sender]`
#[derive(Debug, Clone)]
pub struct Sender {
    /// The From header.
    pub from: Mailbox,
    /// The Reply-To header.
    pub reply_to: Option<Mailbox>,
    /// The envelope sender; the From address where unset.
    pub bounce: String,
}

/// `[list]`
#[derive(Debug, Clone)]
pub struct List {
    /// List-Id (RFC 2919).
    pub id: String,
    /// The list's name, for List-Id and the footer.
    pub name: String,
    /// The postal address in the footer.
    pub address: String,
    /// The subscriber file, relative to the project.
    pub subscribers: PathBuf,
    /// The one-click address, with `{token}`; https, or http on the loopback.
    pub unsubscribe: String,
    /// The mail address for unsubscribing.
    pub unsubscribe_mailto: Option<String>,
    /// The issue on the web, with `{slug}`.
    pub view: Option<String>,
    /// The environment variable that holds the secret of the tokens.
    pub secret_env: Option<String>,
    /// `where`: only rows for which this expression holds.
    pub filter: Option<Written>,
    /// `[list.columns]` by the name used in expressions: the header in the file (where it differs) and the kind.
    pub columns: BTreeMap<String, ColumnSetting>,
}

/// One entry of `[list.columns]`: `name = "Header"` or `name = { column = "Header", type = "bool" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSetting {
    /// The header in the file.
    pub header: String,
    /// The type.
    pub kind: Kind,
}

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
    /// Whose service it is, where that is known.
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
    /// After so many messages a session is closed.
    pub messages_per_session: u32,
    /// A session that was not used for this long is closed.
    pub idle: Duration,
    /// A session is not used for longer than this.
    pub lifetime: Duration,
    /// The most messages that leave in a time, over all sessions and processes: all of them hold. 10/s where nothing
    /// per second or minute is set.
    pub rates: Vec<Rate>,
    /// The same for single domains (lower case, A-labels).
    pub domains: BTreeMap<String, Vec<Rate>>,
    /// How long each stage of a session may take.
    pub timeouts: Timeouts,
}

/// `[relay.NAME.timeouts]`; unset ones are those of RFC 5321 4.5.3.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub handshake: Option<Duration>,
    /// From the connection to the greeting.
    pub greeting: Option<Duration>,
    /// EHLO, STARTTLS, each step of AUTH.
    pub command: Option<Duration>,
    /// MAIL.
    pub mail: Option<Duration>,
    /// RCPT.
    pub rcpt: Option<Duration>,
    /// DATA, up to its 354.
    pub data: Option<Duration>,
    /// Each block of the message.
    pub block: Option<Duration>,
    /// From the final dot to the reply.
    pub dot: Option<Duration>,
    /// QUIT.
    pub quit: Option<Duration>,
}

/// A number of messages in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub messages: u32,
    /// In how long: a second, a minute, an hour or a day.
    pub per: Duration,
}

/// `20/s`, `1000/min`, `5000/hour`, `50000/day`
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per.as_secs() {
            0..60 => "s",
            60..3_600 => "min",
            3_600..86_400 => "hour",
            _ => "day",
        };
        write!(f, "{}/{per}", self.messages)
    }
}

/// `[retry]`: when a temporary refusal is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// The pause after the first refusal.
    pub first: Duration,
    /// By how much each further pause is longer.
    pub factor: f64,
    /// No pause is longer than this.
    pub max: Duration,
    /// This long after the first counted attempt the recipient expires.
    pub give_up: Duration,
    /// How long an outage of the relay is waited out.
    pub outage: Duration,
}

/// The pauses where `[retry]` says nothing: 1, 2, 4 … minutes up to an hour, for a day.
impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_mins(1),
            factor: 2.0,
            max: Duration::from_hours(1),
            give_up: Duration::from_hours(24),
            outage: Duration::from_hours(4),
        }
    }
}

/// `[test]`
#[derive(Debug, Clone, Default)]
pub struct Test {
    /// The editors' inboxes.
    pub to: Vec<String>,
}
