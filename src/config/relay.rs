//! `[relay.NAME]`: a server that messages are handed to.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::mailbox::is_invisible;
use super::preset::Preset;
use super::raw;
use super::relay_settings::{Password, Relay, Tls};
use super::url::{host_name, is_loopback};
use super::validate::Validator;
use super::values::{self, one_of};
use super::wrong::Wrong;

const MAX_RELAYS: usize = 20;
const MAX_SESSIONS: u32 = 100;
const SESSIONS: u32 = 4;
const MAX_PER_SESSION: u32 = 1_000_000;
const PER_SESSION: u32 = 100;
/// Shorter than relays wait for the next message: RFC 5321 4.5.3.2.7 asks five minutes of them, some wait one.
const IDLE: Duration = Duration::from_secs(30);
const LIFETIME: Duration = Duration::from_mins(30);
const MAX_TEXT_BYTES: usize = 1_000;

impl Validator<'_> {
    /// The relays, in the order of the file.
    pub(super) fn relays(&mut self, raw: &BTreeMap<Spanned<String>, raw::Relay>) -> Vec<Relay> {
        let mut relays: Vec<_> = raw.iter().collect();
        relays.sort_by_key(|(name, _)| name.span().start);
        if let Some((name, _)) = relays.get(MAX_RELAYS) {
            let message = format!("there are more than {MAX_RELAYS} relays");
            self.report(name.span(), "invalid-value", message, "keep those that are used");
        }
        relays.into_iter().filter_map(|(name, relay)| self.relay(name, relay)).collect()
    }

    fn relay(&mut self, name: &Spanned<String>, raw: &raw::Relay) -> Option<Relay> {
        let named = self.read("relay", Some(name), relay_name);
        let preset = self.read("preset", raw.preset.as_ref(), Preset::parse);
        let host = self.host(name.get_ref(), raw, preset);
        let tls = self.read("tls", raw.tls.as_ref(), tls).unwrap_or(Tls::Required);
        let port = self.port(raw.port.as_ref(), tls, raw.tls.is_some());
        let ca_file = self.read("ca_file", raw.ca_file.as_ref(), values::path);
        let login = self.login(raw);
        let sessions = self.count("sessions", raw.sessions.as_ref(), MAX_SESSIONS, SESSIONS);
        let messages = raw.messages_per_session.as_ref();
        let messages = self.count("messages_per_session", messages, MAX_PER_SESSION, PER_SESSION);
        let idle = self.read("idle", raw.idle.as_ref(), values::day_duration).unwrap_or(IDLE);
        let lifetime = self.read("lifetime", raw.lifetime.as_ref(), values::day_duration).unwrap_or(LIFETIME);
        let rates = self.rates(&raw.rate);
        let domains = self.domains(&raw.domains);
        let timeouts = self.timeouts(&raw.timeouts);
        let host = host?;
        if let Some(username) = raw.username.as_ref().filter(|_| tls == Tls::None && !is_loopback(&host)) {
            let span = raw.tls.as_ref().map_or(username.span(), Spanned::span);
            let message = "`tls` is \"none\": the password would cross the network in the clear";
            self.report(span, "invalid-value", message, "set `tls = \"required\"`, or remove the login");
        }
        Some(Relay {
            name: named?,
            preset,
            host,
            port: port?,
            tls,
            ca_file,
            login,
            sessions: sessions as usize,
            messages_per_session: messages,
            idle,
            lifetime,
            rates,
            domains,
            timeouts,
        })
    }

    /// As it is written, or else the preset's.
    fn host(&mut self, name: &str, raw: &raw::Relay, preset: Option<Preset>) -> Option<String> {
        let table = format!("relay.{name}");
        let named = raw.preset.is_some() || self.is_spoilt(&table, "preset");
        match preset {
            _ if raw.host.is_some() => self.read("host", raw.host.as_ref(), host),
            Some(preset) if let Some(host) = preset.host() => Some(host.to_owned()),
            Some(preset) if !self.is_spoilt(&table, "host") => {
                let span = raw.preset.as_ref().map_or(0..0, Spanned::span);
                let message =
                    format!("`{}` has a host for each region, and `[{table}]` has no `host`", preset.name());
                let help =
                    format!("add `host = \"{}\"`, with the region of your account", preset.host_like());
                self.report(span, "missing-key", message, help);
                None
            }
            // A provider that is misspelt is one mistake, not two.
            None if !named => self.needed(&table, "host", None, host),
            _ => None,
        }
    }

    fn port(&mut self, raw: Option<&Spanned<i64>>, tls: Tls, tls_is_set: bool) -> Option<u16> {
        let Some(raw) = raw else { return Some(tls.default_port()) };
        let port = u16::try_from(*raw.get_ref()).ok().filter(|port| *port > 0);
        let Some(port) = port else {
            self.report(
                raw.span(),
                "invalid-value",
                "`port` is out of bounds",
                "from 1 to 65535; most relays use 587",
            );
            return None;
        };
        // RFC 8314, 3.3: on 465 the server waits for TLS, on 587 it speaks first; each would wait for the other.
        let (message, help) = match (port, tls) {
            (465, Tls::Required) if !tls_is_set => {
                ("port 465 is TLS from the first byte", "add `tls = \"implicit\"`")
            }
            (465, Tls::Required | Tls::None) => {
                ("port 465 is TLS from the first byte", "set `tls = \"implicit\"`")
            }
            (587, Tls::Implicit) => {
                ("port 587 begins without TLS", "set `tls = \"required\"`, or `port = 465`")
            }
            _ => return Some(port),
        };
        self.report(raw.span(), "invalid-value", message, help);
        None
    }

    fn count(&mut self, key: &str, raw: Option<&Spanned<i64>>, max: u32, default: u32) -> u32 {
        let Some(raw) = raw else { return default };
        match u32::try_from(*raw.get_ref()) {
            Ok(count) if (1..=max).contains(&count) => count,
            _ => {
                let (message, help) = (format!("`{key}` is out of bounds"), format!("from 1 to {max}"));
                self.report(raw.span(), "invalid-value", message, help);
                default
            }
        }
    }

    /// User name and password belong together, and the password has one source.
    fn login(&mut self, raw: &raw::Relay) -> Option<(String, Password)> {
        let username =
            self.read("username", raw.username.as_ref(), |text| plain(text, "the name the relay knows"));
        let env = self.read("password_env", raw.password_env.as_ref(), values::env_name);
        let file = self.read("password_file", raw.password_file.as_ref(), values::path);
        let command = self
            .read("password_command", raw.password_command.as_ref(), |text| plain(text, "a shell command"));
        let mut written = [
            ("password_env", raw.password_env.as_ref()),
            ("password_file", raw.password_file.as_ref()),
            ("password_command", raw.password_command.as_ref()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
        let first = written.next();
        if let Some((one, _)) = first {
            for (key, value) in written {
                let message = format!("`{key}` is a second source of the password");
                self.report(value.span(), "invalid-value", message, format!("keep it or `{one}`, not both"));
            }
        }
        match (&raw.username, first) {
            (Some(username), None) => {
                let help = "add `password_env = \"SMTP_PASSWORD\"`, `password_file` or `password_command`";
                self.report(username.span(), "invalid-value", "`username` has no password beside it", help);
            }
            (None, Some((key, value))) => {
                let message = format!("`{key}` has no `username` beside it");
                self.report(
                    value.span(),
                    "invalid-value",
                    message,
                    "add `username = \"…\"`, as the relay knows it",
                );
            }
            _ => {}
        }
        let password = env.map(Password::Env).or(file.map(Password::File)).or(command.map(Password::Command));
        username.zip(password)
    }
}

impl Tls {
    /// Submission (RFC 6409), submissions (RFC 8314), or plain SMTP.
    fn default_port(self) -> u16 {
        match self {
            Self::Required => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

fn relay_name(name: &str) -> Result<String, Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= 64 && name.chars().all(fits) {
        return Ok(name.to_owned());
    }
    Err(Wrong::new("has a name that cannot be", "use letters, digits, `-` and `_`: `[relay.main]`"))
}

fn host(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let like = "write a name such as \"smtp.example.com\"";
    if text.is_empty() {
        return Err(Wrong::new("is empty", like));
    }
    if text.contains("://") {
        return Err(Wrong::new(
            "is a URL, not a host",
            "write the name alone; `port` and `tls` say the rest",
        ));
    }
    let name = host_name(text);
    let before_port = text.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    match (name, before_port) {
        (Some(name), _) => Ok(name),
        (None, Some((name, port))) if host_name(name).is_some() => {
            Err(Wrong::new("has a port in it", format!("write `host = \"{name}\"` and `port = {port}`")))
        }
        _ => Err(Wrong::new("is no host name or IP address", like)),
    }
}

fn tls(text: &str) -> Result<Tls, Wrong> {
    match text.trim() {
        "required" => Ok(Tls::Required),
        "implicit" => Ok(Tls::Implicit),
        "none" => Ok(Tls::None),
        "starttls" => Err(Wrong::new(
            "is not known by that name",
            "write \"required\": STARTTLS, and nothing without it",
        )),
        other => Err(Wrong::new(
            "is no way to secure a connection",
            one_of(other, &["required", "implicit", "none"]),
        )),
    }
}

/// Text for the relay or the shell; never repeated in a message.
fn plain(text: &str, what: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::new("is empty", format!("write {what}, or remove the key")));
    }
    if text.chars().any(is_invisible) || text.len() > MAX_TEXT_BYTES {
        return Err(Wrong::new(
            "holds an invisible character or is too long",
            format!("write {what} in one line"),
        ));
    }
    Ok(text.to_owned())
}
