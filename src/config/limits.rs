//! What a relay may be asked for: its rates, those of single domains, and how long each stage of a session may take.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::rate::{Rate, Window};
use super::raw;
use super::relay_settings::Timeouts;
use super::suggest::printable;
use super::validate::Validator;
use super::values;

const MAX_DOMAINS: usize = 1_000;
/// Without a word from the operator: slow enough for a new account at any provider.
const RATE: Rate = Rate { messages: 10, window: Window::Second };

impl Validator<'_> {
    /// `rate`. With a quota of an hour or a day alone, messages still leave evenly, at the default, until it is used up.
    pub(super) fn rates(&mut self, raw: &[Spanned<String>]) -> Vec<Rate> {
        let mut rates = self.rates_of("rate", raw);
        if !rates.iter().any(|rate| rate.window.spaces()) {
            rates.insert(0, RATE);
        }
        rates
    }

    /// Rates that all hold, the shortest window first.
    fn rates_of(&mut self, key: &str, raw: &[Spanned<String>]) -> Vec<Rate> {
        let mut rates: Vec<Rate> = Vec::new();
        for written in raw {
            let Some(rate) = self.read(key, Some(written), values::rate) else { continue };
            if let Some(other) = rates.iter().find(|other| other.window == rate.window) {
                let message = format!("`{key}` says {rate} and {other}");
                self.report(written.span(), "invalid-value", message, "keep the one that is meant");
            } else {
                rates.push(rate);
            }
        }
        rates.sort_by_key(|rate| rate.window);
        rates
    }

    /// `domains`: rates by the domain of the recipients.
    pub(super) fn domains(
        &mut self,
        raw: &BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    ) -> BTreeMap<String, Vec<Rate>> {
        let mut written: Vec<_> = raw.iter().collect();
        written.sort_by_key(|(name, _)| name.span().start);
        if let Some((name, _)) = written.get(MAX_DOMAINS) {
            let message = format!("there are more than {MAX_DOMAINS} domains");
            self.report(name.span(), "invalid-value", message, "keep those that need a pace of their own");
            return BTreeMap::new();
        }
        let mut domains = BTreeMap::new();
        for (name, raw) in written {
            let domain = self.read("domains", Some(name), values::mail_domain);
            let shown = printable(name.get_ref());
            let rates = self.rates_of(&shown, raw);
            if raw.is_empty() {
                let message = format!("`{shown}` has no rate");
                self.report(
                    name.span(),
                    "invalid-value",
                    message,
                    "write one such as \"5/s\", or remove the line",
                );
            }
            if domain.is_some_and(|domain| domains.insert(domain, rates).is_some()) {
                let message = format!("`{shown}` is another spelling of a domain above");
                self.report(name.span(), "invalid-value", message, "keep one of them");
            }
        }
        domains
    }

    /// `timeouts`. Shorter ones than those of the RFC are taken: it is the operator's own relay, or a test.
    pub(super) fn timeouts(&mut self, raw: &raw::Timeouts) -> Timeouts {
        let defaults = Timeouts::default();
        let mut time = |key, value: &Option<Spanned<String>>, default: Duration| {
            self.read(key, value.as_ref(), values::short_duration).unwrap_or(default)
        };
        Timeouts {
            connect: time("connect", &raw.connect, defaults.connect),
            handshake: time("handshake", &raw.handshake, defaults.handshake),
            greeting: time("greeting", &raw.greeting, defaults.greeting),
            command: time("command", &raw.command, defaults.command),
            mail: time("mail", &raw.mail, defaults.mail),
            rcpt: time("rcpt", &raw.rcpt, defaults.rcpt),
            data: time("data", &raw.data, defaults.data),
            block: time("block", &raw.block, defaults.block),
            dot: time("dot", &raw.dot, defaults.dot),
            quit: time("quit", &raw.quit, defaults.quit),
        }
    }
}
