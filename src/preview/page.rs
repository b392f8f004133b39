//! The page that shows the samples: one file, which opens from disk, needs no network and keeps what it holds.
//!
//! All data stands in it as JSON in which no `<` is left, so nothing of a subscriber's is ever markup; the page's
//! policy lets nothing run but its own script, by its hash. The messages are shown in a frame that runs no script,
//! submits no form and opens no window.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;

use super::shared::Pool;
use crate::digest;
use crate::finding::Finding;

/// Gmail shows about this much of a message's HTML and cuts the rest off.
const GMAIL_CLIP_BYTES: usize = 102 * 1024;
/// Samples for which the page has no room are files beside it, and counted.
const MAX_PAGE_BYTES: usize = 48 * 1024 * 1024;
/// More findings than this are counted.
const MAX_FINDINGS: usize = 200;

const PAGE: &str = include_str!("gallery/page.html");
const STYLE: &str = include_str!("gallery/style.css");
/// One script, in this order.
const SCRIPT: &str = concat!(
    include_str!("gallery/base.js"),
    include_str!("gallery/picker.js"),
    include_str!("gallery/inbox.js"),
    include_str!("gallery/message.js"),
    include_str!("gallery/details.js"),
    include_str!("gallery/page.js"),
);

/// What the page shows beside the samples.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What `check` found.
    pub findings: &'a [Finding],
    /// What the list and the choice of samples came to, a sentence each.
    pub notes: &'a [String],
    /// A script that runs on the page besides its own, and may talk to the server that the page came from: the
    /// server's, which follows changes.
    pub script: Option<&'a str>,
}

/// What is the same for all samples.
#[derive(Debug, Serialize)]
pub(super) struct Issue {
    /// The slug.
    pub(super) campaign: String,
    /// The sender as an inbox names it.
    pub(super) from: String,
    /// The issue on the web.
    pub(super) view: Option<String>,
}

/// One subscriber's message as it was made.
#[derive(Debug)]
pub(super) struct Shown {
    /// The files' name without its ending.
    pub(super) stem: String,
    /// The subscriber's address.
    pub(super) email: String,
    /// Something to tell subscribers apart by.
    pub(super) name: String,
    /// Why they were chosen.
    pub(super) why: Vec<String>,
    /// The merged subject.
    pub(super) subject: String,
    /// The merged preheader.
    pub(super) preheader: String,
    /// Where the unsubscribe links lead.
    pub(super) unsubscribe: String,
    /// The HTML part, its pictures as files.
    pub(super) html: String,
    /// The text part.
    pub(super) text: String,
    /// The message's headers, each on a line ended by LF.
    pub(super) headers: String,
    /// The size of the HTML as a browser reads it.
    pub(super) html_bytes: usize,
    /// The size of the HTML as it is sent.
    pub(super) encoded_bytes: usize,
    /// The size of the whole message.
    pub(super) message_bytes: usize,
}

/// The same as the page stores it: texts as runs of the pool.
#[derive(Debug, Serialize)]
struct Stored {
    stem: String,
    email: String,
    name: String,
    why: Vec<String>,
    subject: String,
    preheader: String,
    unsubscribe: String,
    html: Vec<usize>,
    text: Vec<usize>,
    headers: Vec<usize>,
    html_bytes: usize,
    encoded_bytes: usize,
    text_bytes: usize,
    message_bytes: usize,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    issue: &'a Issue,
    clip_bytes: usize,
    pool: &'a [String],
    template: &'a [usize],
    samples: &'a [Stored],
    left_out: usize,
    findings: &'a [Finding],
    more_errors: usize,
    more_warnings: usize,
    notes: &'a [String],
}

/// The page on its way.
#[derive(Debug)]
pub(super) struct Page {
    issue: Issue,
    pool: Pool,
    template: Vec<usize>,
    samples: Vec<Stored>,
    bytes: usize,
    left_out: usize,
}

impl Page {
    /// A page without samples. `template` is the HTML before the merge, by which links with merge tags are told
    /// from others: U+E000, an expression, U+E001 stand for a tag that prints.
    pub(super) fn new(issue: Issue, template: &str) -> Self {
        let mut pool = Pool::default();
        let template = pool.lay(template);
        Self { issue, pool, template, samples: Vec::new(), bytes: 0, left_out: 0 }
    }

    /// Adds a sample, or counts it where there is no room.
    pub(super) fn add(&mut self, shown: Shown) {
        let own =
            [&shown.stem, &shown.email, &shown.name, &shown.subject, &shown.preheader, &shown.unsubscribe];
        let own: usize = own.iter().map(|text| text.len()).sum();
        let most = own + shown.html.len() + shown.text.len() + shown.headers.len();
        if self.bytes + self.pool.bytes() + most > MAX_PAGE_BYTES {
            self.left_out += 1;
            return;
        }
        // The HTML has the template to be told by, the others have the first sample's.
        let store = if self.samples.is_empty() { Pool::lay } else { Pool::add };
        let stored = Stored {
            text_bytes: shown.text.len(),
            html: self.pool.add(&shown.html),
            text: store(&mut self.pool, &shown.text),
            headers: store(&mut self.pool, &shown.headers),
            stem: shown.stem,
            email: shown.email,
            name: shown.name,
            why: shown.why,
            subject: shown.subject,
            preheader: shown.preheader,
            unsubscribe: shown.unsubscribe,
            html_bytes: shown.html_bytes,
            encoded_bytes: shown.encoded_bytes,
            message_bytes: shown.message_bytes,
        };
        // A number takes about six characters.
        let runs = stored.html.len() + stored.text.len() + stored.headers.len();
        self.bytes += own + 6 * runs;
        self.samples.push(stored);
    }

    /// How many samples were added.
    pub(super) fn len(&self) -> usize {
        self.samples.len() + self.left_out
    }

    /// The page as a file.
    pub(super) fn to_html(&self, beside: &Beside<'_>) -> serde_json::Result<String> {
        let (shown, more) = beside.findings.split_at(beside.findings.len().min(MAX_FINDINGS));
        let more_errors = more.iter().filter(|finding| finding.is_error()).count();
        let data = Data {
            issue: &self.issue,
            clip_bytes: GMAIL_CLIP_BYTES,
            pool: self.pool.pieces(),
            template: &self.template,
            samples: &self.samples,
            left_out: self.left_out,
            findings: shown,
            more_errors,
            more_warnings: more.len() - more_errors,
            notes: beside.notes,
        };
        let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
        let script = match beside.script {
            Some(script) => format!("{SCRIPT}</script>\n<script>{script}"),
            None => SCRIPT.to_owned(),
        };
        let scripts: Vec<&str> = std::iter::once(SCRIPT).chain(beside.script).collect();
        Ok(fill(
            PAGE,
            &[("POLICY", &policy(&scripts)), ("STYLE", STYLE), ("DATA", &json), ("SCRIPT", &script)],
        ))
    }
}

/// What the page may do (CSP 3). A frame whose document stands in the page is under the same policy: it may show
/// pictures, its own styles, and nothing else.
fn policy(scripts: &[&str]) -> String {
    let scripts_allowed: Vec<String> = scripts.iter().map(|script| by_digest(script)).collect();
    let connect = if scripts.len() > 1 { "'self'" } else { "'none'" };
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src 'self' file: data: https: http:; \
         connect-src {connect}; base-uri 'none'; form-action 'none'",
        scripts_allowed.join(" ")
    )
}

/// A script as a policy names it (CSP 3, section 2.3.1).
pub(super) fn by_digest(script: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(digest::raw(script.as_bytes())))
}

/// `page` with what each `{{NAME}}` stands for. What was put in is not looked at again.
fn fill(page: &str, values: &[(&str, &str)]) -> String {
    let mut out =
        String::with_capacity(page.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let found = after.split_once("}}").and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, behind))
        });
        let (value, behind) = found.unwrap_or(("{{", after));
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(n: usize, html: String) -> Shown {
        Shown {
            stem: format!("{n:04}-reader@example.com"),
            email: "reader@example.com".to_owned(),
            name: String::new(),
            why: Vec::new(),
            subject: "Week 7".to_owned(),
            preheader: String::new(),
            unsubscribe: String::new(),
            html_bytes: html.len(),
            encoded_bytes: html.len(),
            message_bytes: html.len(),
            html,
            text: String::new(),
            headers: String::new(),
        }
    }

    #[test]
    fn what_has_no_room_on_the_page_is_counted() {
        let issue = Issue { campaign: "week-7".to_owned(), from: "The Weekly".to_owned(), view: None };
        let mut page = Page::new(issue, "");
        for n in 1..=20 {
            page.add(shown(n, format!("{n}{}", "x".repeat(3 << 20))));
            page.add(shown(n, "the same".to_owned()));
        }
        let findings: Vec<_> = (0..250).map(|n| Finding::warning("duplicate", n.to_string())).collect();
        let html = page.to_html(&Beside { findings: &findings, ..Beside::default() }).unwrap();
        assert!(html.len() <= MAX_PAGE_BYTES + (1 << 20), "{}", html.len());
        assert_eq!((page.len(), page.left_out), (40, 5));
        assert!(html.contains("\"left_out\":5,") && html.contains("\"more_warnings\":50,"));
        assert!(!html.contains("\"message\":\"200\""));
    }

    #[test]
    fn what_was_filled_in_is_not_filled_again() {
        let filled = fill("a {{X}} {{ Y }} {{Y}} {{", &[("X", "{{Y}}"), ("Y", "{{X}}")]);
        assert_eq!(filled, "a {{Y}} {{ Y }} {{X}} {{");
    }
}
