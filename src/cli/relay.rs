//! The configured relay as something to connect to.

use std::net::SocketAddr;

use super::error::CliError;
use crate::config::{self, Config, Relay, Tls};
use crate::delivery::{Cause, Failure, Stage};
use crate::finding::Finding;
use crate::smtp::{self, Credentials, Endpoint, Session, Timeouts, TlsConfigError};

/// The one relay of the project.
pub(super) fn configured<'a>(config: &'a Config, slug: &str) -> Result<&'a Relay, CliError> {
    config.relay.as_ref().ok_or_else(|| {
        CliError::refused(
            "no-relay",
            "no relay is configured: there is nowhere to send to",
            format!("fill in [relay.main] in mailshot.toml, or rehearse: mailshot send {slug} --capture"),
        )
    })
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
    let host = relay.host.clone();
    Ok(Endpoint { host, port: relay.port, tls, credentials, hello: None, timeouts: Timeouts::default() })
}

/// The embedded server of a rehearsal.
pub(super) fn loopback(address: SocketAddr) -> Endpoint {
    Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        tls: smtp::Tls::None,
        credentials: None,
        hello: None,
        timeouts: Timeouts::default(),
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

/// Connects and authenticates, and hangs up again: what fails here has sent nothing.
pub(super) fn try_out(endpoint: &Endpoint, relay: &Relay) -> Result<(), CliError> {
    let runtime = super::transmit::runtime()?;
    runtime
        .block_on(async {
            let session = Session::open(endpoint).await?;
            session.quit().await;
            Ok(())
        })
        .map_err(|failure: Failure| {
            CliError::refused(
                "relay",
                format!("[relay.{}] ({}:{}): {failure}", relay.name, relay.host, relay.port),
                way_out(&failure),
            )
        })
}
