//! Makes the files of a preview, in memory: where they go (a folder, a browser) is for others to say.

use std::sync::Arc;

use jiff::Timestamp;

use super::page::{Beside, Issue, Page, Shown};
use crate::address::EmailAddress;
use crate::capture::file_stem;
use crate::clock;
use crate::compile::{Picture, Piece, Template};
use crate::expr::Row;
use crate::finding::shortened;
use crate::message::{Content, ContentError, NAMES, display_name};

/// A subscriber's label is cut off behind this.
const MAX_LABEL_CHARS: usize = 80;

/// Why a sample could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// It could not be merged.
    #[error("line {line} of the list: {error}")]
    Content {
        /// The subscriber's line.
        line: u64,
        /// Why.
        error: ContentError,
    },
    /// The page could not be put together.
    #[error("the page: {0}")]
    Page(#[from] serde_json::Error),
}

/// A file of a preview. Its name holds no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// `index.html`, `0001-ada@example.com.html`, `picture-….png`
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A subscriber to show.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Their number, with which the files' names begin.
    pub n: u64,
    /// Their line in the list.
    pub line: u64,
    /// Their address.
    pub email: EmailAddress,
    /// Their values.
    pub row: Arc<Row>,
    /// Why they were chosen: `empty first_name`. Nothing if there was no special reason.
    pub why: Vec<String>,
}

/// The preview of one build. [`pictures`](Self::pictures) first, then every sample by [`add`](Self::add), then the
/// [`page`](Self::page) that shows them.
pub struct Gallery {
    content: Content,
    when: Timestamp,
    page: Page,
}

impl Gallery {
    /// A preview without samples yet. The tokens of `content` must be inert.
    pub fn new(content: Content) -> Self {
        let build = content.build();
        let issue = Issue {
            campaign: build.slug.clone(),
            from: build.from.name.clone().unwrap_or_else(|| build.from.email.clone()),
            view: build.constants.get("view_url").and_then(|url| url.as_str()).map(str::to_owned),
        };
        let page = Page::new(issue, &template(&build.html));
        Self { content, when: clock::now(), page }
    }

    /// The same with messages of this date, so that two previews of the same are the same.
    #[must_use]
    pub fn dated(self, when: Timestamp) -> Self {
        Self { when, ..self }
    }

    /// The pictures that the samples show.
    pub fn pictures(&self) -> impl Iterator<Item = File> {
        let pictures = self.content.build().pictures.iter();
        pictures.map(|picture| File { name: picture_file(picture), bytes: picture.bytes.clone() })
    }

    /// Adds a sample: its HTML, its text and its whole message.
    pub fn add(&mut self, sample: &Sample) -> Result<[File; 3], PreviewError> {
        let failed = |error| PreviewError::Content { line: sample.line, error };
        let email = sample.email.as_str();
        let draft = self.content.draft(email, &sample.row).map_err(failed)?;
        let preheader = self.content.preheader(&sample.row, &draft).map_err(failed)?;
        let message = self.content.message(&draft, email, self.when).map_err(failed)?.bytes;
        let stem = file_stem(sample.n, email);
        let html = draft.merged.html();
        let text = draft.merged.text();
        let html_bytes = html.len();
        let html = show_pictures(html, &self.content.build().pictures);
        self.page.add(Shown {
            stem: stem.clone(),
            email: email.to_owned(),
            name: label(&sample.row),
            why: sample.why.clone(),
            subject: draft.merged.subject().to_owned(),
            preheader,
            unsubscribe: self.content.unsubscribe_url(&draft),
            html: html.clone(),
            text: text.clone(),
            headers: headers(&message),
            html_bytes,
            encoded_bytes: draft.merged.encoded_html().len(),
            message_bytes: message.len(),
        });
        let file = |ending: &str, bytes| File { name: format!("{stem}.{ending}"), bytes };
        Ok([file("html", html.into_bytes()), file("txt", text.into_bytes()), file("eml", message)])
    }

    /// How many samples it has.
    pub fn len(&self) -> usize {
        self.page.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.page.len() == 0
    }

    /// `index.html`, which shows the samples added so far.
    pub fn page(&self, beside: &Beside<'_>) -> Result<File, PreviewError> {
        let page = self.page.to_html(beside)?;
        Ok(File { name: "index.html".to_owned(), bytes: page.into_bytes() })
    }
}

/// A template with all of its branches: U+E000, the expression, U+E001 stand for each tag that prints.
fn template(template: &Template) -> String {
    let mut out = String::new();
    for piece in &template.0 {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Print { expression, .. } => {
                let escaped = expression.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;");
                out.extend(["\u{e000}", &escaped.replace('\'', "&#39;"), "\u{e001}"]);
            }
            Piece::Statement { .. } | Piece::Paragraph(_) | Piece::End => {}
        }
    }
    out
}

/// Something to tell subscribers apart by: their name, or on a list without names the first column that is not the
/// address.
fn label(row: &Row) -> String {
    let schema = row.schema();
    let value = if NAMES.iter().any(|name| schema.position(name).is_some()) {
        display_name(row).unwrap_or_default()
    } else {
        let other = schema.columns().iter().position(|column| column.name != "email");
        other.and_then(|index| row.values().get(index)).cloned().unwrap_or_default()
    };
    shortened(&value, MAX_LABEL_CHARS)
}

fn headers(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n", "\n")
}

fn picture_file(picture: &Picture) -> String {
    let hash = picture.cid.split('@').next().unwrap_or_default();
    let ending = picture.media_type.rsplit('/').next().unwrap_or("bin");
    format!("picture-{hash}.{ending}")
}

/// In a message a picture is a part of its own; on disk it is a file beside the HTML.
fn show_pictures(html: String, pictures: &[Picture]) -> String {
    pictures
        .iter()
        .fold(html, |html, picture| html.replace(&format!("cid:{}", picture.cid), &picture_file(picture)))
}
