//! The configured relays as something to connect to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::console::Console;
use super::error::CliError;
use super::runtime::runtime;
use crate::config::{self, Config, Rate, Relay, Tls};
use crate::delivery::{Cause, Failure, Limit, Stage, classify};
use crate::dispatch;
use crate::finding::{Finding, Severity, Written};
use crate::smtp::{self, Credentials, Endpoint, Session, Timeouts, TlsConfigError};

/// How many sessions a rehearsal uses.
const REHEARSAL_SESSIONS: usize = 4;

/// The relays for a campaign, the preferred one first; only that one which it asks for, if it asks.
pub(super) fn configured<'a>(
    config: &'a Config,
    wanted: Option<&Written>,
    slug: &str,
) -> Result<Vec<&'a Relay>, CliError> {
    let relays = config.relays_for(wanted)?;
    if relays.is_empty() {
        return Err(CliError::refused(
            "no-relay",
            "no relay is configured: there is nowhere to send to",
            format!("fill in [relay.main] in mailshot.toml, or rehearse: mailshot send {slug} --capture"),
        ));
    }
    Ok(relays)
}

/// How to reach each of them.
pub(super) fn endpoints<'a>(
    config: &Config,
    relays: &[&'a Relay],
) -> Result<Vec<(Endpoint, &'a Relay)>, CliError> {
    relays.iter().map(|relay| Ok((endpoint(config, relay)?, *relay))).collect()
}

/// How to reach the relay, its password read.
pub(super) fn endpoint(config: &Config, relay: &Relay) -> Result<Endpoint, CliError> {
    let credentials = match &relay.login {
        Some((username, password)) => {
            Some(Credentials::new(username.clone(), config::resolve(password, &config.project)?))
        }
        None => None,
    };
    let ca_file = relay.ca_file.as_ref().map(|file| config.project.join(file));
    let trusted = || {
        smtp::TlsConfig::system(ca_file.as_deref()).map_err(|error| match (&relay.ca_file, error) {
            (Some(file), TlsConfigError::ExtraRoots { why, .. }) => CliError::refused(
                "tls",
                format!("[relay.{}]: `ca_file` {}: no usable certificate: {why}", relay.name, file.display()),
                "it is a PEM file, with `-----BEGIN CERTIFICATE-----` in it; its path begins at the project",
            ),
            (_, error) => Finding::error("tls", format!("[relay.{}]: {error}", relay.name)).into(),
        })
    };
    let tls = match relay.tls {
        Tls::Required => smtp::Tls::Required(trusted()?),
        Tls::Implicit => smtp::Tls::Implicit(trusted()?),
        Tls::None => smtp::Tls::None,
    };
    let (host, timeouts) = (relay.host.clone(), timeouts(&relay.timeouts));
    Ok(Endpoint { host, port: relay.port, tls, credentials, hello: None, timeouts })
}

/// The two are one: what can be set is what a session knows.
const fn timeouts(set: &config::Timeouts) -> Timeouts {
    Timeouts {
        connect: set.connect,
        handshake: set.handshake,
        greeting: set.greeting,
        command: set.command,
        mail: set.mail,
        rcpt: set.rcpt,
        data: set.data,
        block: set.block,
        dot: set.dot,
        quit: set.quit,
    }
}

/// How a run uses a relay.
pub(super) fn usage(endpoint: Endpoint, relay: &Relay) -> dispatch::Relay<Endpoint> {
    dispatch::Relay {
        name: relay.name.clone(),
        connect: endpoint,
        sessions: relay.sessions,
        messages_per_session: relay.messages_per_session,
        idle: relay.idle,
        lifetime: relay.lifetime,
        limits: limits(&relay.rates),
        domains: relay.domains.iter().map(|(domain, rates)| (domain.clone(), limits(rates))).collect(),
    }
}

/// Rates as the pace keeps them.
pub(super) fn limits(rates: &[Rate]) -> Vec<Limit> {
    rates.iter().map(|rate| Limit { messages: rate.messages, window: rate.window.duration() }).collect()
}

/// The embedded server of a rehearsal: as fast as it goes.
pub(super) fn embedded(address: SocketAddr) -> dispatch::Relay<Endpoint> {
    let endpoint = Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        tls: smtp::Tls::None,
        credentials: None,
        hello: None,
        timeouts: Timeouts::default(),
    };
    dispatch::Relay {
        name: "capture".to_owned(),
        connect: endpoint,
        sessions: REHEARSAL_SESSIONS,
        messages_per_session: u32::MAX,
        idle: Duration::MAX / 4,
        lifetime: Duration::MAX / 4,
        limits: Vec::new(),
        domains: BTreeMap::new(),
    }
}

/// What the operator can do about a relay that did not let us in.
pub(super) fn way_out(failure: &Failure) -> &'static str {
    match (failure.stage, &failure.cause) {
        (Stage::Auth, _) => "look at `username` and where the password comes from",
        (_, Cause::Tls(_)) => {
            "look at `host`, `port` and `tls`; the certificate of a private authority goes into `ca_file`"
        }
        (Stage::Starttls | Stage::Ehlo, Cause::Protocol(_)) => {
            "look at `port` and `tls`: 587 goes with \"required\", 465 with \"implicit\""
        }
        (Stage::Connect, _) => "look at `host` and `port`, and whether the relay is up",
        _ => "ask the relay's operator about this reply",
    }
}

/// Connects to every relay, authenticates, and hangs up again: what fails here has sent nothing. A relay that cannot
/// be used at present is worth a warning while another can be. What only the operator can mend, a wrong password or
/// certificate, is an error at any of them: a stand-in that would fail is none.
pub(super) fn try_out(relays: &[(Endpoint, &Relay)], console: Console) -> Result<(), CliError> {
    let runtime = runtime()?;
    let (mut wrong, mut down) = (Vec::new(), Vec::new());
    for (endpoint, relay) in relays {
        let tried = runtime.block_on(async {
            let session = Session::open(endpoint).await?;
            session.quit().await;
            Ok(())
        });
        if let Err(failure) = tried {
            let kind = if classify(&failure).halt { &mut wrong } else { &mut down };
            kind.push(not_let_in(relay, &failure));
        }
    }
    if wrong.is_empty() && down.len() < relays.len() {
        let warnings = down.into_iter().map(|finding| Finding { severity: Severity::Warning, ..finding });
        console.warnings(&warnings.collect::<Vec<_>>());
        return Ok(());
    }
    wrong.append(&mut down);
    Err(wrong.into())
}

fn not_let_in(relay: &Relay, failure: &Failure) -> Finding {
    let message = format!("[relay.{}] ({}:{}): {failure}", relay.name, relay.host, relay.port);
    Finding::error("relay", message).help(way_out(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_set_is_what_a_session_does_by_itself() {
        assert_eq!(timeouts(&config::Timeouts::default()), Timeouts::default());
    }
}
