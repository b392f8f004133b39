//! One connection of the capture server: commands in, replies out (RFC 5321 section 4).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::keep::Keep;

/// Larger messages are refused (announced as SIZE).
const MESSAGE_LIMIT_BYTES: usize = 32 * 1_024 * 1_024;
/// Longest command line; RFC 5321 4.5.3.1.4 asks for 512.
const COMMAND_LIMIT_BYTES: usize = 2_048;
/// RFC 5321 4.5.3.1.8 asks for a hundred.
const RECIPIENTS_LIMIT: usize = 100;
/// A client that is silent for so long is gone (RFC 5321 4.5.3.2.7).
const IDLE_LIMIT: Duration = Duration::from_mins(5);

const EHLO: &str = "250-mailshot keeps what it is sent\r\n250-PIPELINING\r\n250-8BITMIME\r\n\
                    250-ENHANCEDSTATUSCODES\r\n250 SIZE 33554432\r\n";

/// A transaction: MAIL has been accepted, and so many recipients.
#[derive(Default)]
struct Transaction {
    begun: bool,
    recipients: Vec<String>,
}

/// What to do after a command.
enum Next {
    Reply(&'static str),
    ReceiveMessage,
    Close(&'static str),
}

/// Serves one client until it quits, is silent for too long, or breaks off.
pub(super) async fn serve(stream: TcpStream, keep: Arc<Keep>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let mut client = Client { reader: BufReader::new(reader), writer, keep };
    client.send("220 mailshot ESMTP, nothing leaves this machine\r\n").await?;
    let mut transaction = Transaction::default();
    while let Some(line) = client.line(COMMAND_LIMIT_BYTES).await? {
        match transaction.command(&line) {
            Next::Reply(reply) => client.send(reply).await?,
            Next::ReceiveMessage => {
                client.send("354 end with a dot on a line of its own\r\n").await?;
                let recipients = std::mem::take(&mut transaction).recipients;
                let Some(message) = client.message().await? else { return Ok(()) };
                let reply = client.keep(recipients, message).await;
                client.send(&reply).await?;
            }
            Next::Close(reply) => return client.send(reply).await,
        }
    }
    Ok(())
}

impl Transaction {
    fn command(&mut self, line: &[u8]) -> Next {
        let Some(line) = line.strip_suffix(b"\n") else {
            return Next::Reply("500 5.5.2 line too long\r\n");
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(line) = std::str::from_utf8(line) else {
            return Next::Reply("500 5.5.2 not understood\r\n");
        };
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => {
                *self = Self::default();
                Next::Reply(if verb.eq_ignore_ascii_case("EHLO") { EHLO } else { "250 mailshot\r\n" })
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" => self.data(),
            "RSET" => {
                *self = Self::default();
                Next::Reply("250 2.0.0 forgotten\r\n")
            }
            "NOOP" => Next::Reply("250 2.0.0 ok\r\n"),
            "QUIT" => Next::Close("221 2.0.0 bye\r\n"),
            "VRFY" | "EXPN" | "HELP" | "AUTH" | "STARTTLS" | "BDAT" => {
                Next::Reply("502 5.5.1 not done here\r\n")
            }
            _ => Next::Reply("500 5.5.2 not understood\r\n"),
        }
    }

    fn mail(&mut self, rest: &str) -> Next {
        if self.begun {
            return Next::Reply("503 5.5.1 MAIL has been said already\r\n");
        }
        let Some((_sender, parameters)) = path(rest, "FROM:") else {
            return Next::Reply("501 5.5.4 MAIL FROM:<address>\r\n");
        };
        let size = parameters.split_whitespace().find_map(|word| {
            let (name, value) = word.split_once('=')?;
            if name.eq_ignore_ascii_case("SIZE") { value.parse::<usize>().ok() } else { None }
        });
        if size.is_some_and(|size| size > MESSAGE_LIMIT_BYTES) {
            return Next::Reply("552 5.3.4 message too big\r\n");
        }
        self.begun = true;
        Next::Reply("250 2.1.0 ok\r\n")
    }

    fn rcpt(&mut self, rest: &str) -> Next {
        match path(rest, "TO:") {
            _ if !self.begun => Next::Reply("503 5.5.1 MAIL comes first\r\n"),
            Some(("", _)) | None => Next::Reply("501 5.5.4 RCPT TO:<address>\r\n"),
            _ if self.recipients.len() == RECIPIENTS_LIMIT => {
                Next::Reply("452 4.5.3 too many recipients at once\r\n")
            }
            Some((recipient, _)) => {
                self.recipients.push(recipient.to_owned());
                Next::Reply("250 2.1.5 ok\r\n")
            }
        }
    }

    fn data(&self) -> Next {
        match (self.begun, self.recipients.is_empty()) {
            (false, _) => Next::Reply("503 5.5.1 MAIL comes first\r\n"),
            (true, true) => Next::Reply("554 5.5.1 no recipient\r\n"),
            (true, false) => Next::ReceiveMessage,
        }
    }
}

/// The address between angle brackets after `FROM:` or `TO:`, and the parameters behind it.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (head, tail) = rest.split_at_checked(keyword.len())?;
    let tail = head.eq_ignore_ascii_case(keyword).then_some(tail)?;
    tail.trim_start().strip_prefix('<')?.split_once('>')
}

struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    keep: Arc<Keep>,
}

impl Client {
    async fn send(&mut self, reply: &str) -> io::Result<()> {
        self.writer.write_all(reply.as_bytes()).await
    }

    /// The next line with its line feed; without one if it is longer than the limit (the rest of it is
    /// dropped). `None`: the client is gone.
    async fn line(&mut self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.read_line(limit, &mut line).await?;
        if line.len() == limit && !line.ends_with(b"\n") {
            let mut dropped = Vec::new();
            while !dropped.ends_with(b"\n") {
                dropped.clear();
                self.read_line(COMMAND_LIMIT_BYTES, &mut dropped).await?;
                if dropped.is_empty() {
                    return Ok(None);
                }
            }
        } else if !line.ends_with(b"\n") {
            return Ok(None);
        }
        Ok(Some(line))
    }

    /// Appends up to `limit` bytes of a line.
    async fn read_line(&mut self, limit: usize, line: &mut Vec<u8>) -> io::Result<()> {
        let mut limited = (&mut self.reader).take(limit as u64);
        match tokio::time::timeout(IDLE_LIMIT, limited.read_until(b'\n', line)).await {
            Ok(read) => read.map(|_bytes| ()),
            Err(_elapsed) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// The message up to the final dot, its dots unstuffed (RFC 5321 4.5.2); empty where it was too big.
    /// `None`: the client is gone before the dot, so there is no message.
    async fn message(&mut self) -> io::Result<Option<Message>> {
        let mut message = Message::default();
        let mut at_line_start = true;
        let mut after_cr = false;
        loop {
            let mut piece = Vec::new();
            self.read_line(COMMAND_LIMIT_BYTES, &mut piece).await?;
            if piece.is_empty() {
                return Ok(None);
            }
            // Only CRLF ends a line here: `\n.\n` within a message is text.
            if at_line_start && piece == b".\r\n" {
                return Ok(Some(message));
            }
            let text = if at_line_start { piece.strip_prefix(b".").unwrap_or(&piece) } else { &piece };
            message.push(text);
            // A long line comes in pieces, and its CRLF may be cut in two.
            at_line_start = piece.ends_with(b"\r\n") || (after_cr && piece == b"\n");
            after_cr = piece.ends_with(b"\r");
        }
    }

    /// Keeps the message for each recipient and words the reply.
    async fn keep(&self, recipients: Vec<String>, message: Message) -> String {
        if message.too_big {
            return "552 5.3.4 message too big\r\n".to_owned();
        }
        let keep = Arc::clone(&self.keep);
        let stored = tokio::task::spawn_blocking(move || {
            let mut last = 0;
            for recipient in &recipients {
                last = keep.store(recipient, &message.bytes)?;
            }
            Ok::<_, io::Error>(last)
        });
        match stored.await {
            Ok(Ok(number)) => format!("250 2.0.0 Ok: kept as {number:04}\r\n"),
            Ok(Err(error)) => format!("452 4.3.1 cannot be kept: {}\r\n", error.kind()),
            Err(_panicked) => "451 4.3.0 cannot be kept\r\n".to_owned(),
        }
    }
}

/// A message as it comes in.
#[derive(Default)]
struct Message {
    bytes: Vec<u8>,
    too_big: bool,
}

impl Message {
    fn push(&mut self, text: &[u8]) {
        self.too_big = self.too_big || self.bytes.len() + text.len() > MESSAGE_LIMIT_BYTES;
        if self.too_big {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(text);
        }
    }
}
