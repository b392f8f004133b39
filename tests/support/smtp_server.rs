//! A scripted SMTP server on a port the system chooses. Threads, no runtime: any test can use it.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::smtp_connection::serve;
use super::smtp_script::Script;

/// A message the server took responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub from: String,
    pub to: Vec<String>,
    /// Unstuffed, CRLF kept.
    pub data: Vec<u8>,
}

/// Runs until it is dropped.
pub struct SmtpServer {
    port: u16,
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) script: Mutex<Script>,
    pub(super) accepted: Mutex<Vec<Accepted>>,
    pub(super) commands: Mutex<Vec<String>>,
    connections: AtomicUsize,
    /// The open ones, by number, to end them with the server.
    streams: Mutex<BTreeMap<usize, TcpStream>>,
    stopping: AtomicBool,
}

impl SmtpServer {
    pub fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            accepted: Mutex::default(),
            commands: Mutex::default(),
            connections: AtomicUsize::new(0),
            streams: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let listening = Arc::clone(&shared);
        thread::spawn(move || listen(&listener, &listening));
        Self { port, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// All messages it took responsibility for, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.accepted.lock().unwrap().clone()
    }

    /// How many messages it took for each recipient.
    pub fn accepted_by_recipient(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for recipient in self.shared.accepted.lock().unwrap().iter().flat_map(|message| &message.to) {
            *counts.entry(recipient.clone()).or_default() += 1;
        }
        counts
    }

    /// Every command line it was sent, over all connections; passwords and messages too are absent from it.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// How many connections there are. A client that is gone counts until everything it sent has been read.
    pub fn open_connections(&self) -> usize {
        self.shared.streams.lock().unwrap().len()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for stream in self.shared.streams.lock().unwrap().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the listener, which then sees that it is to stop.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let number = shared.connections.fetch_add(1, Ordering::SeqCst);
        shared.streams.lock().unwrap().insert(number, stream.try_clone().unwrap());
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A client that breaks off is part of the game.
            let _ = serve(stream, &shared);
            // The last handle goes, and with it the connection: what is unread then makes it a reset.
            shared.streams.lock().unwrap().remove(&number);
        });
    }
}
