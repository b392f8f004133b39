//! The connection: bytes out, replies in, each within its limit.
//!
//! Not one byte is read past what belongs to a reply without being kept, and none is forgotten: what arrives
//! unasked is found by [`Wire::unasked`], so that no reply is ever taken for the answer to another command.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsConnector, rustls};

use super::reply::{ReplyLines, ReplyParser};
use super::tls::{self, TlsConfig};
use super::transcript;
use crate::delivery::{Cause, Failure, Stage};

const READ_BYTES: usize = 4_096;

/// How long a reply that has begun to arrive unasked may take to end.
const UNASKED_LIMIT: Duration = Duration::from_secs(2);

/// A command with its CRLF, and how the transcript shows it.
pub(super) struct Command {
    line: String,
    shown: Option<&'static str>,
}

impl Command {
    /// A command without secrets, as lettre writes it.
    pub(super) fn new(command: impl std::fmt::Display) -> Self {
        Self { line: command.to_string(), shown: None }
    }

    /// A command whose words nobody may see.
    pub(super) fn secret(command: impl std::fmt::Display, shown: &'static str) -> Self {
        Self { line: command.to_string(), shown: Some(shown) }
    }

    /// One command stays one command, whatever its parts were made of.
    fn is_one_line(&self) -> bool {
        self.line
            .strip_suffix("\r\n")
            .is_some_and(|line| line.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()))
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.read(buffer).await,
            Stream::Tls(stream) => stream.read(buffer).await,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.write_all(bytes).await,
            Stream::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    async fn shutdown(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
        }
    }
}

pub(super) struct Wire {
    stream: Stream,
    parser: ReplyParser,
    /// Read from the stream, not yet fed to the parser.
    unread: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), parser: ReplyParser::default(), unread: Vec::new() }
    }

    /// The same connection under TLS, its certificate verified. Whatever was read before is an injection: it
    /// would be taken for replies under TLS (RFC 3207 section 4.2; the class of CVE-2021-38371).
    pub(super) async fn secured(
        self,
        stage: Stage,
        host: &str,
        config: &TlsConfig,
        limit: Duration,
    ) -> Result<Self, Failure> {
        if !self.unread.is_empty() || !self.parser.is_at_rest() {
            let why = "the relay sent more before TLS had begun, which may be an attack";
            return Err(Failure::new(stage, Cause::Protocol(why.to_owned())));
        }
        let Stream::Plain(stream) = self.stream else {
            return Err(Failure::new(stage, Cause::Protocol("TLS has begun already".to_owned())));
        };
        let name = tls::server_name(host).map_err(|cause| Failure::new(stage, cause))?;
        let handshake = TlsConnector::from(config.0.clone()).connect(name, stream);
        let stream =
            within(stage, limit, async { handshake.await.map_err(|error| cause_of(&error)) }).await?;
        transcript::note("TLS");
        Ok(Self { stream: Stream::Tls(Box::new(stream)), parser: ReplyParser::default(), unread: Vec::new() })
    }

    /// Writes commands, all of them in one write. None is sent while something unasked has arrived: it would be
    /// taken for the answer. Unasked a relay may only say 421 (RFC 5321 3.8).
    pub(super) async fn send(
        &mut self,
        stage: Stage,
        limit: Duration,
        commands: &[Command],
    ) -> Result<(), Failure> {
        if !commands.iter().all(Command::is_one_line) {
            let why = "a command would have held something else than visible ASCII";
            return Err(Failure::new(stage, Cause::Unsendable(why.to_owned())));
        }
        if let Some(reply) = self.unasked(stage).await? {
            let reply = reply.to_reply();
            let cause = match reply.code {
                421 => Cause::Reply(reply),
                _ => Cause::Protocol(format!("the relay said {reply}, which nobody had asked for")),
            };
            return Err(Failure::new(stage, cause));
        }
        for command in commands {
            transcript::client(command.shown.unwrap_or(&command.line));
        }
        let bytes: String = commands.iter().map(|command| command.line.as_str()).collect();
        self.write(stage, limit, bytes.as_bytes()).await
    }

    /// Hands these bytes to the stream; TLS is flushed.
    pub(super) async fn write(&mut self, stage: Stage, limit: Duration, bytes: &[u8]) -> Result<(), Failure> {
        within(stage, limit, async { self.stream.write(bytes).await.map_err(|error| cause_of(&error)) }).await
    }

    /// Waits for the next reply, all of it within the limit.
    pub(super) async fn reply(&mut self, stage: Stage, limit: Duration) -> Result<ReplyLines, Failure> {
        let reply = within(stage, limit, self.next_reply()).await;
        match &reply {
            Ok(reply) => transcript::server(reply.code, &reply.lines),
            Err(failure) => transcript::note(&failure.to_string()),
        }
        reply
    }

    async fn next_reply(&mut self) -> Result<ReplyLines, Cause> {
        loop {
            if !self.unread.is_empty() {
                let fed = self.parser.feed(&self.unread);
                let (taken, reply) = fed.map_err(|error| Cause::Protocol(error.to_string()))?;
                self.unread.drain(..taken);
                if let Some(reply) = reply {
                    return Ok(reply);
                }
            }
            let mut buffer = [0; READ_BYTES];
            match self.stream.read(&mut buffer).await {
                Ok(0) => return Err(Cause::Closed),
                Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(cause_of(&error)),
            }
        }
    }

    /// Looks, without waiting, for what the relay says unasked: the reply, or that it is gone.
    pub(super) async fn unasked(&mut self, stage: Stage) -> Result<Option<ReplyLines>, Failure> {
        if self.unread.is_empty() && self.parser.is_at_rest() {
            let mut buffer = [0; READ_BYTES];
            match at_once(self.stream.read(&mut buffer)).await {
                None => return Ok(None),
                Some(Ok(0)) => return Err(Failure::new(stage, Cause::Closed)),
                Some(Ok(read)) => self.unread.extend_from_slice(&buffer[..read]),
                Some(Err(error)) => return Err(Failure::new(stage, cause_of(&error))),
            }
        }
        self.reply(stage, UNASKED_LIMIT).await.map(Some)
    }

    /// Ends the connection, TLS first, within the limit and whatever the other side does.
    pub(super) async fn close(mut self, limit: Duration) {
        let _gone_anyway = tokio::time::timeout(limit, self.stream.shutdown()).await;
    }
}

/// Runs `work` for at most `limit`; both kinds of failure are said to be of `stage`.
pub(super) async fn within<T>(
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = Result<T, Cause>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done.map_err(|cause| Failure::new(stage, cause)),
        Err(_elapsed) => Err(Failure::new(stage, Cause::Timeout)),
    }
}

/// What `work` has to give without waiting.
async fn at_once<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        Poll::Ready(match work.as_mut().poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

/// An I/O error as the retry log names it.
pub(super) fn cause_of(error: &io::Error) -> Cause {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};

    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Cause::Tls(tls::explain(error));
    }
    match error.kind() {
        // A relay that goes away under TLS without saying so is a relay that goes away.
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => Cause::Closed,
        TimedOut => Cause::Timeout,
        _ => Cause::Io(error.to_string()),
    }
}
