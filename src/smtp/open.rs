//! From an address to a session that is ready for mail: connection, greeting, EHLO, TLS, login.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::capabilities::Capabilities;
use super::endpoint::{Endpoint, Timeouts, Tls};
use super::tls::TlsConfig;
use super::wire::{Command, Wire, cause_of, within};
use crate::delivery::{Cause, Failure, Reply, Stage};

/// More addresses than this of one host are not tried.
const ADDRESSES_LIMIT: usize = 8;

/// An open connection, logged in, and what the relay can do over it.
pub(super) async fn open(endpoint: &Endpoint) -> Result<(Wire, Capabilities), Failure> {
    let timeouts = &endpoint.timeouts;
    let stream = connect(endpoint).await?;
    let own = stream.local_addr().map(|own| own.ip());
    let is_loopback = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
    let hello = endpoint.hello.clone().unwrap_or_else(|| literal(own.ok()));

    let mut wire = Wire::new(stream);
    if let Tls::Implicit(config) = &endpoint.tls {
        wire = wire.secured(Stage::Connect, &endpoint.host, config, timeouts.handshake).await?;
    }
    expect(&mut wire, Stage::Connect, timeouts.greeting, 220).await?;
    let mut capabilities = ehlo(&mut wire, &hello, timeouts).await?;
    if let Tls::Required(config) = &endpoint.tls {
        wire = starttls(wire, &capabilities, &endpoint.host, config, timeouts).await?;
        // RFC 3207 section 4.2: what was said before TLS is forgotten.
        capabilities = ehlo(&mut wire, &hello, timeouts).await?;
    }
    if let Some(credentials) = &endpoint.credentials {
        if matches!(endpoint.tls, Tls::None) && !is_loopback {
            return Err(lacking(
                Stage::Auth,
                "without TLS the password is not sent to another machine".to_owned(),
            ));
        }
        log_in(&mut wire, &capabilities, credentials, timeouts).await?;
    }
    Ok((wire, capabilities))
}

/// Tries the host's addresses one after the other, each with an even share of the time that is left, so that
/// one that swallows packets leaves time for the next.
async fn connect(endpoint: &Endpoint) -> Result<TcpStream, Failure> {
    let limit = endpoint.timeouts.connect;
    let deadline = Instant::now() + limit;
    let addresses = within(Stage::Connect, limit, lookup(&endpoint.host, endpoint.port)).await?;
    let mut failure = Failure::new(Stage::Connect, Cause::Io(format!("`{}` has no address", endpoint.host)));
    for (tried, address) in addresses.iter().enumerate() {
        let remaining = u32::try_from(addresses.len() - tried).unwrap_or(1);
        let share = deadline.saturating_duration_since(Instant::now()) / remaining;
        match within(Stage::Connect, share, dial(*address)).await {
            Ok(stream) => return Ok(stream),
            Err(of_this) => failure = of_this,
        }
    }
    Err(failure)
}

async fn lookup(host: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    let bare = host.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(host);
    let found = tokio::net::lookup_host((bare, port)).await;
    let found = found.map_err(|error| Cause::Io(format!("`{host}` cannot be found: {error}")))?;
    Ok(found.take(ADDRESSES_LIMIT).collect())
}

async fn dial(address: SocketAddr) -> Result<TcpStream, Cause> {
    let stream =
        TcpStream::connect(address).await.map_err(|error| Cause::Io(format!("{address}: {error}")))?;
    // Without this a message waits 40 ms for the relay's delayed acknowledgement.
    stream.set_nodelay(true).map_err(|error| cause_of(&error))?;
    Ok(stream)
}

/// RFC 5321 4.1.4: a client without a name of its own gives its address.
fn literal(own: Option<IpAddr>) -> ClientId {
    match own.map(|own| own.to_canonical()) {
        Some(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Some(IpAddr::V6(address)) => ClientId::Ipv6(address),
        None => ClientId::default(),
    }
}

async fn ehlo(wire: &mut Wire, hello: &ClientId, timeouts: &Timeouts) -> Result<Capabilities, Failure> {
    let command = Command::new(Ehlo::new(hello.clone()));
    wire.send(Stage::Ehlo, timeouts.command, &[command]).await?;
    let reply = wire.reply(Stage::Ehlo, timeouts.command).await?;
    match reply.code {
        250 => Ok(Capabilities::from_lines(&reply.lines)),
        _ => Err(unexpected(Stage::Ehlo, reply.to_reply())),
    }
}

async fn starttls(
    mut wire: Wire,
    capabilities: &Capabilities,
    host: &str,
    config: &TlsConfig,
    timeouts: &Timeouts,
) -> Result<Wire, Failure> {
    if !capabilities.starttls {
        let why = "the relay offers no STARTTLS, and nothing is sent without TLS";
        return Err(lacking(Stage::Starttls, why.to_owned()));
    }
    wire.send(Stage::Starttls, timeouts.command, &[Command::new(Starttls)]).await?;
    expect(&mut wire, Stage::Starttls, timeouts.command, 220).await?;
    wire.secured(Stage::Starttls, host, config, timeouts.handshake).await
}

async fn log_in(
    wire: &mut Wire,
    capabilities: &Capabilities,
    credentials: &Credentials,
    timeouts: &Timeouts,
) -> Result<(), Failure> {
    let limit = timeouts.command;
    let steps = match capabilities.auth.first() {
        Some(Mechanism::Plain) => plain(credentials)?,
        Some(Mechanism::Login) => login(credentials)?,
        _ => {
            let offered = match capabilities.auth_offered.join(", ") {
                none if none.is_empty() => "no login at all".to_owned(),
                some => some,
            };
            return Err(lacking(
                Stage::Auth,
                format!("the relay offers neither PLAIN nor LOGIN, but {offered}"),
            ));
        }
    };
    for (step, expected) in steps {
        wire.send(Stage::Auth, limit, &[step]).await?;
        expect(wire, Stage::Auth, limit, expected).await?;
    }
    Ok(())
}

/// AUTH PLAIN with its initial response (RFC 4954 section 4, RFC 4616).
fn plain(credentials: &Credentials) -> Result<Vec<(Command, u16)>, Failure> {
    let auth = Auth::new(Mechanism::Plain, credentials.clone(), None).map_err(|error| unusable(&error))?;
    Ok(vec![(Command::secret(auth, "AUTH PLAIN ***"), 235)])
}

/// AUTH LOGIN: name, then password. Servers word the questions as they like, so their order decides.
fn login(credentials: &Credentials) -> Result<Vec<(Command, u16)>, Failure> {
    let answer = |question: &str| {
        let words =
            Mechanism::Login.response(credentials, Some(question)).map_err(|error| unusable(&error))?;
        Ok(Command::secret(format!("{}\r\n", BASE64.encode(words)), "***"))
    };
    Ok(vec![(Command::new("AUTH LOGIN\r\n"), 334), (answer("Username:")?, 334), (answer("Password:")?, 235)])
}

fn unusable(error: &lettre::transport::smtp::Error) -> Failure {
    lacking(Stage::Auth, format!("these credentials cannot be used: {error}"))
}

/// Waits for a reply that must have this code.
async fn expect(wire: &mut Wire, stage: Stage, limit: Duration, code: u16) -> Result<(), Failure> {
    let reply = wire.reply(stage, limit).await?;
    if reply.code == code { Ok(()) } else { Err(unexpected(stage, reply.to_reply())) }
}

/// A refusal is the relay's word; anything else that was not expected breaks the protocol.
pub(super) fn unexpected(stage: Stage, reply: Reply) -> Failure {
    if reply.is_transient() || reply.is_permanent() {
        Failure::new(stage, Cause::Reply(reply))
    } else {
        Failure::new(stage, Cause::Protocol(format!("the relay answered {reply}, which makes no sense here")))
    }
}

fn lacking(stage: Stage, why: String) -> Failure {
    Failure::new(stage, Cause::Protocol(why))
}
