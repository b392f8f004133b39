//! A browser, as far as `preview --serve` is concerned: requests byte by byte, and a stream of events.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Output, wait_for};

/// For whatever must come: long enough for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// `mailshot preview … --serve`, running. It ends with the test.
pub struct Served {
    child: Child,
    stderr: Option<thread::JoinHandle<String>>,
    pub url: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

/// A stream of events.
pub struct Events(BufReader<TcpStream>);

impl Served {
    /// Starts it and waits until it has said where it serves.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        assert!(url.starts_with("http://"), "it ended: {}", stderr.join().unwrap());
        Self { child, stderr: Some(stderr), url }
    }

    /// `127.0.0.1:1234`
    pub fn host(&self) -> &str {
        self.url.strip_prefix("http://").and_then(|url| url.strip_suffix('/')).unwrap()
    }

    pub fn port(&self) -> u16 {
        self.host().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes and reads what is answered until the server closes.
    pub fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(stream)
    }

    /// A request with these lines besides its Host.
    pub fn request(&self, method: &str, path: &str, lines: &[&str]) -> Answer {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.host());
        for line in lines {
            write!(request, "{line}\r\n").unwrap();
        }
        self.send(&(request + "\r\n"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[])
    }

    /// What is served there, which must be text.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        String::from_utf8(answer.body).unwrap()
    }

    /// Follows it; what there is comes first.
    pub fn events(&self) -> Events {
        let mut stream = self.connect();
        write!(stream, "GET /-/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.host()).unwrap();
        Events(BufReader::new(stream))
    }

    /// Ends it by a signal.
    pub fn end(mut self, signal: &str) -> Output {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let mut code = None;
        wait_for("it to end", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        let code = code.and_then(|status| status.code()).unwrap_or(-1);
        Output { code, stdout: self.url.clone(), stderr: self.stderr.take().unwrap().join().unwrap() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// Reads one until the server closes.
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Events {
    /// The next one.
    #[track_caller]
    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream has ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// Events until one for which this holds.
    #[track_caller]
    pub fn until(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let event = self.next();
            if holds(&event) {
                return event;
            }
        }
    }
}
