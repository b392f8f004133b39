//! What was typed: the shape of `mailshot.toml`, each value with its place, nothing judged yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

type Text = Option<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) sender: Sender,
    pub(super) list: List,
    pub(super) merge: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) utm: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) relay: BTreeMap<Spanned<String>, Relay>,
    pub(super) retry: Retry,
    pub(super) ledger: Ledger,
    pub(super) test: Test,
    pub(super) send: Send,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sender {
    pub(super) from: Text,
    pub(super) reply_to: Text,
    pub(super) bounce: Text,
    pub(super) verp: Option<Spanned<bool>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct List {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) address: Text,
    pub(super) subscribers: Text,
    pub(super) unsubscribe: Text,
    pub(super) unsubscribe_mailto: Text,
    pub(super) view: Text,
    pub(super) secret_env: Text,
    #[serde(rename = "where")]
    pub(super) filter: Text,
    pub(super) columns: BTreeMap<Spanned<String>, Column>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Column {
    pub(super) column: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Relay {
    pub(super) host: Text,
    pub(super) port: Option<Spanned<i64>>,
    pub(super) tls: Text,
    pub(super) ca_file: Text,
    pub(super) username: Text,
    pub(super) password_env: Text,
    pub(super) password_file: Text,
    pub(super) password_command: Text,
    pub(super) sessions: Option<Spanned<i64>>,
    pub(super) rate: Vec<Spanned<String>>,
    pub(super) preset: Text,
    pub(super) messages_per_session: Option<Spanned<i64>>,
    pub(super) idle: Text,
    pub(super) lifetime: Text,
    pub(super) domains: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    pub(super) timeouts: Timeouts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Timeouts {
    pub(super) connect: Text,
    pub(super) handshake: Text,
    pub(super) greeting: Text,
    pub(super) command: Text,
    pub(super) mail: Text,
    pub(super) rcpt: Text,
    pub(super) data: Text,
    pub(super) block: Text,
    pub(super) dot: Text,
    pub(super) quit: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Retry {
    pub(super) first: Text,
    pub(super) factor: Option<Spanned<f64>>,
    pub(super) max: Text,
    pub(super) give_up: Text,
    pub(super) outage: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Ledger {
    pub(super) url: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Test {
    pub(super) to: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Send {
    pub(super) require_test: Option<bool>,
    pub(super) max_refused: Text,
}
