//! One run's messages.

use aws_lc_rs::digest;
use jiff::Timestamp;

use super::error::ComposeError;
use super::header::{Field, is_plain_address};
use super::part::{HTML_HEAD, TEXT_HEAD, boundary, picture};
use super::unsubscribe::Unsubscribe;
use crate::compile::Build;
use crate::config::Mailbox;
use crate::digest::hex;
use crate::merge::Merged;

/// How many bytes of the digest a Message-ID keeps: 160 bits, so that its line need not be folded.
const ID_BYTES: usize = 20;
/// About what the headers and the boundaries of a message take.
const FRAME_BYTES: usize = 2_048;

/// Makes the messages of one run.
#[derive(Debug, Clone)]
pub struct Composer {
    run: String,
    domain: String,
    /// From and Reply-To, folded.
    from: String,
    /// MIME-Version and List-Id, folded.
    list: String,
    unsubscribe: Unsubscribe,
    /// Each picture as a whole part.
    pictures: Vec<String>,
}

/// Whom a message is for.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// A valid ASCII address.
    pub email: &'a str,
    /// The display name in To; none is the rule, for a newsletter's To is read by machines.
    pub name: Option<&'a str>,
    /// The recipient's unsubscribe token.
    pub token: &'a str,
}

/// A message as it goes after DATA, before dot-stuffing. Every line ends with CRLF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The Message-ID without its brackets.
    pub id: String,
    /// Headers and body.
    pub bytes: Vec<u8>,
}

impl Composer {
    /// The composer of `build` for the run whose key is `run`: a name that no other run has, in this ledger or
    /// any other, for Message-IDs are made from it.
    pub fn new(build: &Build, run: &str) -> Result<Self, ComposeError> {
        let mut from = String::new();
        mailbox("From", &build.from, &mut from)?;
        if let Some(reply_to) = &build.reply_to {
            mailbox("Reply-To", reply_to, &mut from)?;
        }
        let mailto = build.unsubscribe_mailto.as_deref();
        if mailto.is_some_and(|address| !is_plain_address(address)) {
            return Err(ComposeError::Address { field: "List-Unsubscribe" });
        }
        let domain = build.from.email.split_once('@').map_or("", |(_, domain)| domain);
        Ok(Self {
            run: run.to_owned(),
            domain: domain.to_owned(),
            from,
            list: list_headers(build)?,
            unsubscribe: Unsubscribe::new(build).ok_or(ComposeError::Unsubscribe)?,
            pictures: build.pictures.iter().map(picture).collect::<Result<_, _>>()?,
        })
    }

    /// The Message-ID of this run's message to `email`, without brackets: the same at every retry.
    pub fn message_id(&self, email: &str) -> String {
        format!("{}@{}", self.id_left(email), self.domain)
    }

    fn id_left(&self, email: &str) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        // The length keeps one run's recipient from being another's.
        context.update(&self.run.len().to_be_bytes());
        context.update(self.run.as_bytes());
        context.update(email.as_bytes());
        let digest = context.finish();
        hex(&digest.as_ref()[..ID_BYTES])
    }

    /// The message to one recipient. `when` is its Date.
    pub fn compose(
        &self,
        merged: &Merged,
        recipient: &Recipient<'_>,
        when: Timestamp,
    ) -> Result<Message, ComposeError> {
        if !is_plain_address(recipient.email) {
            return Err(ComposeError::Recipient);
        }
        let left = self.id_left(recipient.email);
        let id = format!("{left}@{}", self.domain);
        let pictures: usize = self.pictures.iter().map(|part| part.len() + 2 * left.len()).sum();
        let bodies = merged.encoded_html().len() + merged.encoded_text().len();
        let mut out = String::with_capacity(FRAME_BYTES + bodies + pictures);
        self.headers(merged.subject(), recipient, when, &id, &mut out)?;
        self.body(merged, &left, &mut out);
        Ok(Message { id, bytes: out.into_bytes() })
    }

    fn headers(
        &self,
        subject: &str,
        recipient: &Recipient<'_>,
        when: Timestamp,
        id: &str,
        out: &mut String,
    ) -> Result<(), ComposeError> {
        out.push_str(&self.from);
        let to = format!("<{}>", recipient.email);
        match recipient.name {
            Some(name) => Field::new("To", out).phrase(name).token(&to).end()?,
            None => Field::new("To", out).token(recipient.email).end()?,
        }
        Field::new("Subject", out).text(subject).end()?;
        Field::new("Date", out).token(&date(when)).end()?;
        Field::new("Message-ID", out).token(&format!("<{id}>")).end()?;
        out.push_str(&self.list);
        let entries = self.unsubscribe.entries(recipient.token);
        let field = Field::new("List-Unsubscribe", out);
        entries.iter().fold(field, |field, entry| field.token(entry)).end()?;
        if self.unsubscribe.one_click {
            out.push_str("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        }
        Ok(())
    }

    /// The text first, then what is richer (RFC 2046 section 5.1.4).
    fn body(&self, merged: &Merged, id: &str, out: &mut String) {
        let alternative = boundary("alternative", id);
        push(out, &["Content-Type: multipart/alternative;\r\n boundary=\"", &alternative, "\"\r\n\r\n"]);
        push(out, &["--", &alternative, "\r\n", TEXT_HEAD, merged.encoded_text()]);
        push(out, &["\r\n--", &alternative, "\r\n"]);
        if self.pictures.is_empty() {
            push(out, &[HTML_HEAD, merged.encoded_html()]);
        } else {
            self.related(merged, id, out);
        }
        push(out, &["\r\n--", &alternative, "--\r\n"]);
    }

    /// The HTML with the pictures it shows (RFC 2387).
    fn related(&self, merged: &Merged, id: &str, out: &mut String) {
        let related = boundary("related", id);
        push(
            out,
            &["Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"", &related, "\"\r\n\r\n"],
        );
        push(out, &["--", &related, "\r\n", HTML_HEAD, merged.encoded_html()]);
        for picture in &self.pictures {
            push(out, &["\r\n--", &related, "\r\n", picture]);
        }
        push(out, &["\r\n--", &related, "--\r\n"]);
    }
}

fn push(out: &mut String, pieces: &[&str]) {
    for piece in pieces {
        out.push_str(piece);
    }
}

fn mailbox(field: &'static str, mailbox: &Mailbox, out: &mut String) -> Result<(), ComposeError> {
    if !is_plain_address(&mailbox.email) {
        return Err(ComposeError::Address { field });
    }
    match mailbox.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Field::new(field, out).phrase(name).token(&format!("<{}>", mailbox.email)).end(),
        None => Field::new(field, out).token(&mailbox.email).end(),
    }
}

fn list_headers(build: &Build) -> Result<String, ComposeError> {
    let id = &build.list_id;
    // RFC 2919 section 2: a dotted name, at most 255 characters.
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if id.len() > 255 || !id.split('.').all(label) {
        return Err(ComposeError::ListId(id.clone()));
    }
    let mut out = String::from("MIME-Version: 1.0\r\n");
    Field::new("List-Id", &mut out).phrase(&build.list_name).token(&format!("<{id}>")).end()?;
    Ok(out)
}

/// RFC 5322 section 3.3, in UTC.
fn date(when: Timestamp) -> String {
    when.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
