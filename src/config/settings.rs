//! What `mailshot.toml` means: validated, with every default filled in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::mailbox::Mailbox;
use super::relay_settings::Relay;
use crate::expr::Kind;
use crate::finding::{Finding, Place, Written, nearest};

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
    /// Where each of them was written.
    pub merge_places: BTreeMap<String, Place>,
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
    /// `[send] max_refused`: the share of hard refusals among the latest results, above 0 and at most 1, at which a
    /// run stops itself; 1 is never.
    pub max_refused: f64,
}

impl Config {
    /// The relays of a campaign, the preferred one first: all there are, or the one that it asks for. None where none
    /// is configured, whatever it asks for: previews and rehearsals do without.
    ///
    /// # Errors
    /// It asks for a relay that is not among them.
    pub fn relays_for(&self, wanted: Option<&Written>) -> Result<Vec<&Relay>, Finding> {
        let Some(wanted) = wanted.filter(|_| !self.relays.is_empty()) else {
            return Ok(self.relays.iter().collect());
        };
        if let Some(relay) = self.relays.iter().find(|relay| relay.name == wanted.text) {
            return Ok(vec![relay]);
        }
        let names: Vec<&str> = self.relays.iter().map(|relay| relay.name.as_str()).collect();
        let help = match (nearest(&wanted.text, names.iter().copied()), &names[..]) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, [only]) => format!("there is one, `{only}`: name it, or remove this line"),
            (None, names) => format!("there are `{}`", names.join("`, `")),
        };
        let message = format!("there is no relay `{}` in mailshot.toml", wanted.text);
        Err(Finding::error("unknown-relay", message).at(wanted.place.clone()).help(help))
    }
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
