//! What a scripted SMTP server says, and when it misbehaves.

use std::sync::Arc;
use std::time::Duration;

use super::tls::Identity;

/// A point of the dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// Before the greeting.
    Connect,
    Ehlo,
    Starttls,
    /// AUTH, before the password has been looked at.
    Auth,
    Mail,
    /// The MAIL of this number in its connection, from 1.
    MailNumber(usize),
    Rcpt,
    /// RCPT for this address.
    RcptTo(String),
    Data,
    /// As soon as a first piece of the message has come.
    Body,
    /// The final dot.
    Dot,
    /// The final dot of a message to this address.
    DotFor(String),
    Rset,
    Quit,
}

/// What the server does there instead of what a good server would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Says this; at the dot, a 2xx accepts the message.
    Reply(String),
    /// Sends these bytes as they are. At the dot, the message is not accepted.
    Raw(Vec<u8>),
    /// Waits, then does what a good server would do.
    Delay(Duration),
    /// Says this over and over, one byte after the other with this pause, and nothing else.
    Drip(String, Duration),
    /// Says nothing more, but keeps the connection.
    Silent,
    /// Says this and then nothing more, but keeps the connection.
    ReplyThenSilent(String),
    /// Closes the connection.
    Close,
    /// Says this and closes the connection.
    ReplyThenClose(String),
    /// Accepts the message and closes the connection without a reply: the case that leaves a doubt.
    AcceptThenClose,
}

impl Action {
    pub fn reply(text: &str) -> Self {
        Action::Reply(text.to_owned())
    }
}

/// What the server did, for whoever watches it.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// It took MAIL.
    Mail,
    /// It took responsibility for a message to this address.
    Accepted(&'a str),
}

type Decide = Box<dyn FnMut(&At) -> Option<Action> + Send>;
type Watch = Arc<dyn Fn(Seen<'_>) + Send + Sync>;

pub(super) struct Rule {
    at: At,
    action: Action,
    /// How often it still applies.
    left: usize,
}

/// How a server behaves. Later rules go before earlier ones.
pub struct Script {
    pub(super) rules: Vec<Rule>,
    decide: Option<Decide>,
    watch: Option<Watch>,
    pub(super) extensions: Vec<String>,
    pub(super) starttls: Option<Identity>,
    pub(super) implicit_tls: Option<Identity>,
    pub(super) login: Option<(String, String)>,
    pub(super) mechanisms: String,
}

impl Script {
    /// A good server that accepts everything: PIPELINING, 8BITMIME, ENHANCEDSTATUSCODES, SIZE.
    pub fn accept_all() -> Self {
        let extensions = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE 52428800"];
        Self {
            rules: Vec::new(),
            decide: None,
            watch: None,
            extensions: extensions.map(str::to_owned).to_vec(),
            starttls: None,
            implicit_tls: None,
            login: None,
            mechanisms: "PLAIN LOGIN".to_owned(),
        }
    }

    /// Every time.
    pub fn on(self, at: At, action: Action) -> Self {
        self.times(usize::MAX, at, action)
    }

    /// The first time only, over all connections.
    pub fn once(self, at: At, action: Action) -> Self {
        self.times(1, at, action)
    }

    /// The first `times` times, over all connections.
    pub fn times(mut self, times: usize, at: At, action: Action) -> Self {
        self.rules.push(Rule { at, action, left: times });
        self
    }

    /// This answer to RCPT for this address, every time.
    pub fn rcpt(self, address: &str, reply: &str) -> Self {
        self.on(At::RcptTo(address.to_owned()), Action::reply(reply))
    }

    /// Asks this at every point; what it leaves open goes by the rules.
    pub fn decide(mut self, decide: impl FnMut(&At) -> Option<Action> + Send + 'static) -> Self {
        self.decide = Some(Box::new(decide));
        self
    }

    /// Tells what happens before the client hears of it. The client waits meanwhile.
    pub fn watch(mut self, watch: impl Fn(Seen<'_>) + Send + Sync + 'static) -> Self {
        self.watch = Some(Arc::new(watch));
        self
    }

    /// Without an extension, by its keyword.
    pub fn without(mut self, keyword: &str) -> Self {
        self.extensions.retain(|line| !line.starts_with(keyword));
        self
    }

    /// With an extension line.
    pub fn with(mut self, line: &str) -> Self {
        self.extensions.push(line.to_owned());
        self
    }

    /// Offers STARTTLS and shows this certificate.
    pub fn starttls(mut self, identity: Identity) -> Self {
        self.starttls = Some(identity);
        self
    }

    /// TLS from the first byte.
    pub fn implicit_tls(mut self, identity: Identity) -> Self {
        self.implicit_tls = Some(identity);
        self
    }

    /// Wants this login before MAIL.
    pub fn login(mut self, username: &str, password: &str) -> Self {
        self.login = Some((username.to_owned(), password.to_owned()));
        self
    }

    /// The mechanisms after AUTH.
    pub fn mechanisms(mut self, names: &str) -> Self {
        names.clone_into(&mut self.mechanisms);
        self
    }

    /// The rule for any of these points, used up by one.
    pub(super) fn take(&mut self, points: &[At]) -> Option<Action> {
        if let Some(decide) = &mut self.decide
            && let Some(action) = points.iter().find_map(decide)
        {
            return Some(action);
        }
        let rule = self.rules.iter_mut().rev().find(|rule| rule.left > 0 && points.contains(&rule.at))?;
        rule.left -= 1;
        Some(rule.action.clone())
    }

    pub(super) fn watcher(&self) -> Option<Watch> {
        self.watch.clone()
    }
}
