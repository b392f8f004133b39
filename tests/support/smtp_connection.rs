//! One connection of the scripted SMTP server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use super::smtp_script::{Action, At, Seen};
use super::smtp_server::{Accepted, Shared};
use super::tls::Identity;

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

/// Why a connection ends.
type Ended = io::Error;

fn ended() -> Ended {
    io::ErrorKind::ConnectionAborted.into()
}

struct Connection<'a> {
    socket: TcpStream,
    stream: BufReader<Box<dyn Duplex>>,
    shared: &'a Shared,
    secured: bool,
    logged_in: bool,
    from: Option<String>,
    to: Vec<String>,
    /// How often MAIL was said.
    mails: usize,
}

pub(super) fn serve(socket: TcpStream, shared: &Arc<Shared>) -> Result<(), Ended> {
    socket.set_nodelay(true)?;
    let stream: Box<dyn Duplex> = Box::new(socket.try_clone()?);
    let mut connection = Connection {
        socket,
        stream: BufReader::new(stream),
        shared,
        secured: false,
        logged_in: false,
        from: None,
        to: Vec::new(),
        mails: 0,
    };
    let implicit = shared.script.lock().unwrap().implicit_tls.clone();
    if let Some(identity) = implicit {
        connection.secure(&identity)?;
    }
    connection.answer(&[At::Connect], "220 scripted.example ESMTP")?;
    while let Some(line) = connection.line()? {
        connection.command(&line)?;
    }
    Ok(())
}

impl Connection<'_> {
    fn command(&mut self, line: &str) -> Result<(), Ended> {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let shown = if verb == "AUTH" {
            line.split(' ').take(2).collect::<Vec<_>>().join(" ")
        } else {
            line.to_owned()
        };
        self.shared.commands.lock().unwrap().push(shown);
        match verb.as_str() {
            "EHLO" => {
                let reply = self.ehlo_reply();
                self.answer(&[At::Ehlo], &reply).map(|_| ())
            }
            "STARTTLS" => self.starttls(),
            "AUTH" => self.auth(line),
            "MAIL" => self.mail(line),
            "RCPT" => self.rcpt(line),
            "DATA" => self.data(),
            "RSET" => {
                self.from = None;
                self.to.clear();
                self.answer(&[At::Rset], "250 2.0.0 Ok").map(|_| ())
            }
            "NOOP" => self.say("250 2.0.0 Ok"),
            "QUIT" => {
                self.answer(&[At::Quit], "221 2.0.0 Bye")?;
                Err(ended())
            }
            _ => self.say("500 5.5.2 what?"),
        }
    }

    fn ehlo_reply(&self) -> String {
        let script = self.shared.script.lock().unwrap();
        let mut lines = vec!["scripted.example".to_owned()];
        lines.extend(script.extensions.iter().cloned());
        if script.starttls.is_some() && !self.secured {
            lines.push("STARTTLS".to_owned());
        }
        if script.login.is_some() {
            lines.push(format!("AUTH {}", script.mechanisms));
        }
        let last = lines.len() - 1;
        let marked = lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("250{}{line}", if n == last { ' ' } else { '-' }));
        marked.collect::<Vec<_>>().join("\r\n")
    }

    fn starttls(&mut self) -> Result<(), Ended> {
        let identity = self.shared.script.lock().unwrap().starttls.clone();
        let Some(identity) = identity else { return self.say("502 5.5.1 no TLS here") };
        let code = self.answer(&[At::Starttls], "220 2.0.0 Ready to start TLS")?;
        if code == Some(220) { self.secure(&identity) } else { Ok(()) }
    }

    fn secure(&mut self, identity: &Identity) -> Result<(), Ended> {
        let session = ServerConnection::new(Arc::clone(&identity.0)).map_err(io::Error::other)?;
        let stream: Box<dyn Duplex> = Box::new(StreamOwned::new(session, self.socket.try_clone()?));
        self.stream = BufReader::new(stream);
        self.secured = true;
        Ok(())
    }

    fn auth(&mut self, line: &str) -> Result<(), Ended> {
        let action = self.shared.script.lock().unwrap().take(&[At::Auth]);
        match action {
            Some(Action::Delay(pause)) => thread::sleep(pause),
            Some(action) => return self.perform(&action, "").map(|_| ()),
            None => {}
        }
        let mut words = line.split(' ').skip(1);
        let given = match (words.next().unwrap_or_default(), words.next()) {
            ("PLAIN", Some(response)) => {
                let text = decoded(response);
                let mut parts = text.split('\0').skip(1).map(str::to_owned);
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            ("LOGIN", None) => {
                self.say("334 VXNlcm5hbWU6")?;
                let username = decoded(&self.line()?.ok_or_else(ended)?);
                self.say("334 UGFzc3dvcmQ6")?;
                (username, decoded(&self.line()?.ok_or_else(ended)?))
            }
            _ => return self.say("504 5.5.4 unrecognized authentication type"),
        };
        self.logged_in = self.shared.script.lock().unwrap().login.as_ref() == Some(&given);
        self.say(if self.logged_in { "235 2.7.0 welcome" } else { "535 5.7.8 wrong name or password" })
    }

    fn mail(&mut self, line: &str) -> Result<(), Ended> {
        if self.shared.script.lock().unwrap().login.is_some() && !self.logged_in {
            return self.say("530 5.7.0 log in first");
        }
        if self.from.is_some() {
            return self.say("503 5.5.1 nested MAIL");
        }
        self.mails += 1;
        let points = [At::Mail, At::MailNumber(self.mails)];
        let action = self.shared.script.lock().unwrap().take(&points);
        if action.is_none() {
            self.tell(Seen::Mail);
        }
        let good = "250 2.1.0 Ok";
        let code = self.perform(&action.unwrap_or_else(|| Action::reply(good)), good)?;
        if code.is_some_and(|code| code / 100 == 2) {
            self.from = Some(between_brackets(line));
        }
        Ok(())
    }

    fn rcpt(&mut self, line: &str) -> Result<(), Ended> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        let to = between_brackets(line);
        let points = [At::Rcpt, At::RcptTo(to.clone())];
        if self.answer(&points, "250 2.1.5 Ok")?.is_some_and(|code| code / 100 == 2) {
            self.to.push(to);
        }
        Ok(())
    }

    fn data(&mut self) -> Result<(), Ended> {
        let good = if self.to.is_empty() { "554 5.5.1 no valid recipients" } else { "354 go ahead" };
        match self.answer(&[At::Data], good)? {
            Some(354) => self.message(),
            _ => Ok(()),
        }
    }

    fn message(&mut self) -> Result<(), Ended> {
        let mut data = Vec::new();
        let mut refused_early = false;
        let mut line = Vec::new();
        loop {
            line.clear();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                return Err(ended());
            }
            if line == b".\r\n" {
                break;
            }
            if data.is_empty()
                && let Some(action) = self.shared.script.lock().unwrap().take(&[At::Body])
            {
                self.perform(&action, "")?;
                refused_early = true;
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let (from, to) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        if refused_early {
            return Ok(());
        }
        self.dot(Accepted { from, to, data })
    }

    /// The message counts as accepted before the reply is on its way, as with a real server.
    fn dot(&mut self, message: Accepted) -> Result<(), Ended> {
        let mut points = vec![At::Dot];
        points.extend(message.to.iter().cloned().map(At::DotFor));
        let good = "250 2.0.0 Ok: queued as SCRIPTED";
        let action = self.shared.script.lock().unwrap().take(&points);
        let accepts = match &action {
            None | Some(Action::Delay(_) | Action::AcceptThenClose) => true,
            Some(Action::Reply(reply) | Action::ReplyThenClose(reply)) => reply.starts_with('2'),
            Some(_) => false,
        };
        if accepts && !message.to.is_empty() {
            for to in &message.to {
                self.tell(Seen::Accepted(to));
            }
            self.shared.accepted.lock().unwrap().push(message);
        }
        match action {
            Some(action) => self.perform(&action, good).map(|_| ()),
            None => self.say(good),
        }
    }

    /// Does what the script says for one of these points, or else says `good`. Returns the code that was said.
    fn answer(&mut self, points: &[At], good: &str) -> Result<Option<u16>, Ended> {
        let action = self.shared.script.lock().unwrap().take(points);
        self.perform(&action.unwrap_or_else(|| Action::reply(good)), good)
    }

    fn perform(&mut self, action: &Action, good: &str) -> Result<Option<u16>, Ended> {
        match action {
            Action::Reply(reply) => {
                self.say(reply)?;
                Ok(reply.get(..3).and_then(|code| code.parse().ok()))
            }
            Action::Raw(bytes) => {
                self.write(bytes)?;
                Ok(std::str::from_utf8(bytes).ok().and_then(|text| text.get(..3)?.parse().ok()))
            }
            Action::Delay(pause) => {
                thread::sleep(*pause);
                self.perform(&Action::reply(good), good)
            }
            Action::ReplyThenClose(reply) => {
                self.say(reply)?;
                Err(ended())
            }
            Action::Drip(text, pause) => self.drip(text, *pause),
            Action::Silent => self.listen_only(),
            Action::ReplyThenSilent(reply) => {
                self.say(reply)?;
                self.listen_only()
            }
            Action::Close | Action::AcceptThenClose => Err(ended()),
        }
    }

    /// Ends with the client, who will have enough of it.
    fn drip(&mut self, text: &str, pause: Duration) -> Result<Option<u16>, Ended> {
        for byte in text.bytes().cycle() {
            self.write(&[byte])?;
            thread::sleep(pause);
        }
        Err(ended())
    }

    fn listen_only(&mut self) -> Result<Option<u16>, Ended> {
        io::copy(&mut self.stream, &mut io::sink())?;
        Err(ended())
    }

    fn tell(&self, seen: Seen<'_>) {
        let watcher = self.shared.script.lock().unwrap().watcher();
        if let Some(watch) = watcher {
            watch(seen);
        }
    }

    fn say(&mut self, reply: &str) -> Result<(), Ended> {
        self.write(format!("{reply}\r\n").as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    fn line(&mut self) -> Result<Option<String>, Ended> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }
}

fn decoded(base64: &str) -> String {
    String::from_utf8(BASE64.decode(base64).unwrap_or_default()).unwrap_or_default()
}

fn between_brackets(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(path, _)| path.to_owned())
        .unwrap_or_default()
}
