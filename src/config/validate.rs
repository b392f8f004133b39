//! What was typed → what it means.
//!
//! Every value is judged, even after one was found wanting; only if nothing is wrong is there a `Config`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::mailbox::{Mailbox, MailboxError};
use super::raw::{self, Raw};
use super::settings::{ColumnSetting, Config, List, Retry, Sender, Test};
use super::source::{FILE, Source};
use super::walk::Walked;
use super::wrong::Wrong;
use super::{known, url, values};
use crate::address::EmailAddress;
use crate::expr::{Kind, RESERVED};
use crate::finding::{Finding, Place, Written};

/// Defaults of `[list]` and `[ledger]`.
const SUBSCRIBERS: &str = "subscribers.csv";
const LEDGER: &str = ".mailshot/ledger.db";
const MAX_FACTOR: f64 = 100.0;
/// Far above what a list that is kept has.
const MAX_REFUSED: f64 = 0.2;
const MAX_CONDITION_BYTES: usize = 2_000;

/// Judges values and keeps what is wrong with them.
pub(super) struct Validator<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
    spoilt: BTreeSet<String>,
    tables: BTreeMap<String, Range<usize>>,
}

impl<'a> Validator<'a> {
    /// Goes on from what the walk found.
    pub(super) fn new(source: &'a Source, walked: Walked) -> Self {
        let Walked { findings, spoilt, tables } = walked;
        Self { source, findings, spoilt, tables }
    }

    /// The settings, or all that is wrong in the order of the file.
    pub(super) fn config(mut self, project: &Path, raw: &Raw) -> Result<Config, Vec<Finding>> {
        let sender = self.sender(&raw.sender);
        let list = self.list(&raw.list);
        let merge = self.merge(&raw.merge);
        let written = |name: &Spanned<String>| (name.get_ref().clone(), self.source.place(&name.span()));
        let merge_places = raw.merge.keys().map(written).collect();
        let utm = self.utm(&raw.utm);
        let relays = self.relays(&raw.relay);
        let retry = self.retry(&raw.retry);
        let ledger = self.read("url", raw.ledger.url.as_ref(), ledger).unwrap_or_else(|| LEDGER.into());
        let to = raw.test.to.iter().filter_map(|to| self.read("to", Some(to), bare_address)).collect();
        let require_test = raw.send.require_test.unwrap_or(true);
        let max_refused = self.read("max_refused", raw.send.max_refused.as_ref(), values::share);
        let project = project.to_owned();
        match (sender, list) {
            (Some(sender), Some(list)) if self.findings.is_empty() => Ok(Config {
                project,
                sender,
                list,
                merge,
                merge_places,
                utm,
                relays,
                retry,
                ledger,
                test: Test { to },
                require_test,
                max_refused: max_refused.unwrap_or(MAX_REFUSED),
            }),
            _ => {
                let place =
                    |finding: &Finding| finding.place.as_ref().map(|place| (place.line, place.column));
                self.findings.sort_by_key(place);
                Err(self.findings)
            }
        }
    }

    fn sender(&mut self, raw: &raw::Sender) -> Option<Sender> {
        let from = self.needed("sender", "from", raw.from.as_ref(), mailbox);
        let reply_to = self.read("reply_to", raw.reply_to.as_ref(), mailbox);
        let bounce = self.read("bounce", raw.bounce.as_ref(), bare_address);
        if let Some(verp) = raw.verp.as_ref().filter(|verp| *verp.get_ref()) {
            let message = "`verp` is not supported by this version";
            self.report(
                verp.span(),
                "not-supported",
                message,
                "remove it; all bounces go to the one `bounce` address",
            );
        }
        let from = from?;
        let bounce = bounce.unwrap_or_else(|| from.email.clone());
        Some(Sender { from, reply_to, bounce })
    }

    fn list(&mut self, raw: &raw::List) -> Option<List> {
        let id = self.needed("list", "id", raw.id.as_ref(), values::list_id);
        let name = self.needed("list", "name", raw.name.as_ref(), values::line);
        let address = self.needed("list", "address", raw.address.as_ref(), values::line);
        let subscribers = self.read("subscribers", raw.subscribers.as_ref(), values::path);
        let unsubscribe = self.needed("list", "unsubscribe", raw.unsubscribe.as_ref(), url::unsubscribe);
        let unsubscribe_mailto =
            self.read("unsubscribe_mailto", raw.unsubscribe_mailto.as_ref(), bare_address);
        let view = self.read("view", raw.view.as_ref(), url::view);
        let secret_env = self.read("secret_env", raw.secret_env.as_ref(), values::env_name);
        let place = raw.filter.as_ref().map(|filter| self.source.place(&filter.span()));
        let filter = self.read("where", raw.filter.as_ref(), condition);
        let filter = filter.zip(place).map(|(text, place)| Written { text, place });
        let columns = self.columns(&raw.columns);
        Some(List {
            id: id?,
            name: name?,
            address: address?,
            subscribers: subscribers.unwrap_or_else(|| SUBSCRIBERS.into()),
            unsubscribe: unsubscribe?,
            unsubscribe_mailto,
            view,
            secret_env,
            filter,
            columns,
        })
    }

    fn columns(&mut self, raw: &BTreeMap<Spanned<String>, raw::Column>) -> BTreeMap<String, ColumnSetting> {
        let mut columns = BTreeMap::new();
        for (name, column) in raw {
            let named = self.read("[list.columns]", Some(name), column_name);
            let header = self.read("column", column.column.as_ref(), values::line);
            let kind = self.read("type", column.kind.as_ref(), values::kind).unwrap_or_default();
            if name.get_ref() == "email" && kind != Kind::Text {
                let span = column.kind.as_ref().map_or(name.span(), Spanned::span);
                self.report(span, "invalid-value", "`email` is always text", "remove its `type`");
            }
            let header = header.unwrap_or_else(|| name.get_ref().clone());
            columns.extend(named.map(|name| (name, ColumnSetting { header, kind })));
        }
        columns
    }

    fn merge(&mut self, raw: &BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
        let mut merge = BTreeMap::new();
        for (name, value) in raw {
            let named = self.read("[merge]", Some(name), column_name);
            let value = match value.get_ref().trim() {
                "" => Some(String::new()),
                _ => self.read(name.get_ref(), Some(value), values::line),
            };
            merge.extend(named.zip(value));
        }
        merge
    }

    fn utm(&mut self, raw: &BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
        let read = |(name, value): (&Spanned<String>, &Spanned<String>)| {
            let value = self.read(name.get_ref(), Some(value), values::line)?;
            Some((name.get_ref().clone(), value))
        };
        raw.iter().filter_map(read).collect()
    }

    fn retry(&mut self, raw: &raw::Retry) -> Retry {
        let defaults = Retry::default();
        let mut time = |key, value: &Option<Spanned<String>>, default: Duration| {
            self.read(key, value.as_ref(), values::duration).unwrap_or(default)
        };
        let first = time("first", &raw.first, defaults.first);
        let max = time("max", &raw.max, defaults.max);
        let give_up = time("give_up", &raw.give_up, defaults.give_up);
        let outage = time("outage", &raw.outage, defaults.outage);
        let factor = raw.factor.as_ref().map_or(defaults.factor, |factor| *factor.get_ref());
        if let Some(written) = raw.factor.as_ref().filter(|_| !(1.0..=MAX_FACTOR).contains(&factor)) {
            let help = format!("from 1, every pause the same, to {MAX_FACTOR}");
            self.report(written.span(), "invalid-value", "`factor` is out of bounds", help);
        }
        if let Some(written) = raw.first.as_ref().or(raw.max.as_ref()).filter(|_| first > max) {
            let help = format!("`first` is {} s, `max` is {} s", first.as_secs(), max.as_secs());
            self.report(written.span(), "invalid-value", "`first` is longer than `max`", help);
        }
        Retry { first, factor, max, give_up, outage }
    }

    /// What the value means, if it is there and right; it is reported if it is wrong.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        value: Option<&Spanned<String>>,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let value = value?;
        match parse(value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(wrong) => {
                let message = format!("`{key}` {}", wrong.message);
                self.report(value.span(), "invalid-value", message, wrong.help);
                None
            }
        }
    }

    /// As `read`; that it is missing is reported too.
    pub(super) fn needed<T>(
        &mut self,
        table: &str,
        key: &str,
        value: Option<&Spanned<String>>,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        if value.is_none() && !self.is_spoilt(table, key) {
            let place = match self.tables.get(table) {
                Some(span) => self.source.place(span),
                None => Place::file(FILE),
            };
            let example = known::example(table, key);
            let finding = Finding::error("missing-key", format!("`[{table}]` has no `{key}`"));
            self.findings.push(finding.at(place).help(format!("add `{key} = {example}`")));
        }
        self.read(key, value, parse)
    }

    /// Whether this key was there and has been reported.
    pub(super) fn is_spoilt(&self, table: &str, key: &str) -> bool {
        self.spoilt.contains(table) || self.spoilt.contains(&known::join(table, key))
    }

    pub(super) fn report(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::error(code, message).at(self.source.place(&span)).help(help));
    }
}

fn mailbox(text: &str) -> Result<Mailbox, Wrong> {
    Mailbox::parse(text).map_err(|error| no_address(&error, "Name <name@example.com>"))
}

fn bare_address(text: &str) -> Result<String, Wrong> {
    if text.contains(['<', '>']) {
        return Err(Wrong::new("takes an address without a name", "write \"name@example.com\""));
    }
    let address = EmailAddress::parse(text).map_err(|error| no_address(&error.into(), "name@example.com"))?;
    Ok(address.as_str().to_owned())
}

fn no_address(error: &MailboxError, like: &str) -> Wrong {
    Wrong::new(error.to_string(), format!("write \"{like}\""))
}

/// The name of a column, as merge tags write it.
fn column_name(name: &str) -> Result<String, Wrong> {
    if !values::is_identifier(name) {
        let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
        return Err(Wrong::new(
            format!("has `{shown}`, which merge tags cannot name"),
            "use letters, digits and `_`, and map it to the file's header in `[list.columns]`",
        ));
    }
    if RESERVED.contains(&name) {
        return Err(Wrong::new(
            format!("has `{name}`, which means something else in merge tags"),
            "choose another name; `[list.columns]` can rename a column of the file",
        ));
    }
    Ok(name.to_owned())
}

/// `[list] where`: whether it is a valid expression shows once the columns are known.
fn condition(text: &str) -> Result<String, Wrong> {
    match text.trim() {
        "" => Err(Wrong::new("is empty", "write a condition such as \"subscribed\", or remove the key")),
        long if long.len() > MAX_CONDITION_BYTES => {
            Err(Wrong::new(format!("is longer than {MAX_CONDITION_BYTES} bytes"), "shorten it"))
        }
        text => Ok(text.to_owned()),
    }
}

/// `sqlite:PATH`, one file on a local disk.
fn ledger(text: &str) -> Result<PathBuf, Wrong> {
    let like = "write \"sqlite:.mailshot/ledger.db\"";
    let (scheme, path) = text.trim().split_once(':').unwrap_or(("", text));
    match scheme {
        "sqlite" if path.starts_with(':') => {
            Err(Wrong::new("would live in memory", format!("what was sent must outlive the process: {like}")))
        }
        "sqlite" if path.trim().is_empty() || path.starts_with("//") || path.contains(['?', '\0']) => {
            Err(Wrong::new("has no plain path after `sqlite:`", like))
        }
        "sqlite" => values::path(path),
        "postgres" | "postgresql" => {
            Err(Wrong::new("names PostgreSQL, which is not supported by this version", like))
        }
        _ => Err(Wrong::new("is no ledger", like)),
    }
}
