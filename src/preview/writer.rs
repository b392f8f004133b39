//! Writes the files of a preview.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::gallery::{self, Sample};
use crate::audience::Subscriber;
use crate::capture::file_stem;
use crate::clock;
use crate::compile::Picture;
use crate::message::{Content, ContentError};

/// Why a preview could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// A sample could not be merged.
    #[error("line {line} of the list: {error}")]
    Content {
        /// The subscriber's line.
        line: u64,
        /// Why.
        error: ContentError,
    },
    /// A file could not be written.
    #[error("{}: cannot be written: {error}", file.display())]
    Write {
        /// Which.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Writes one campaign's preview into one folder.
pub struct Writer {
    content: Content,
    folder: PathBuf,
    samples: Vec<Sample>,
}

impl Writer {
    /// Makes the folder anew: what an earlier preview left there goes, so that nobody looks at an old one.
    pub fn new(content: Content, folder: &Path) -> Result<Self, PreviewError> {
        clear(folder).map_err(|error| PreviewError::Write { file: folder.to_owned(), error })?;
        let writer = Self { content, folder: folder.to_owned(), samples: Vec::new() };
        for picture in &writer.content.build().pictures {
            writer.write(&picture_file(picture), &picture.bytes)?;
        }
        Ok(writer)
    }

    /// Adds a subscriber's files. `n` is their number among the recipients.
    pub fn add(&mut self, n: u64, subscriber: &Subscriber) -> Result<(), PreviewError> {
        let failed = |error| PreviewError::Content { line: subscriber.line, error };
        let email = subscriber.email.as_str();
        let row = Arc::new(subscriber.row.clone());
        let draft = self.content.draft(email, &row).map_err(failed)?;
        let preheader = self.content.preheader(&row, &draft).map_err(failed)?;
        let message = self.content.message(&draft, email, clock::now()).map_err(failed)?.bytes;
        let stem = file_stem(n, email);
        let html = draft.merged.html();
        let text = draft.merged.text();
        let shown = show_pictures(&html, &self.content.build().pictures);
        self.write(&format!("{stem}.html"), shown.as_bytes())?;
        self.write(&format!("{stem}.txt"), text.as_bytes())?;
        self.write(&format!("{stem}.eml"), &message)?;
        self.samples.push(Sample {
            stem,
            email: email.to_owned(),
            name: label(subscriber),
            subject: draft.merged.subject().to_owned(),
            preheader,
            text,
            headers: headers(&message),
            html_bytes: html.len(),
        });
        Ok(())
    }

    /// Writes the page; where it lies.
    pub fn finish(self) -> Result<PathBuf, PreviewError> {
        let build = self.content.build();
        let from = build.from.name.as_deref().unwrap_or(&build.from.email);
        let page = gallery::page(&build.slug, from, &self.samples).map_err(|error| PreviewError::Write {
            file: self.folder.join("index.html"),
            error: error.into(),
        })?;
        self.write("index.html", page.as_bytes())?;
        Ok(self.folder.join("index.html"))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PreviewError> {
        let file = self.folder.join(name);
        fs::write(&file, bytes).map_err(|error| PreviewError::Write { file, error })
    }
}

/// Empties the folder of what a preview writes, and of nothing else.
fn clear(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let numbered =
            name.split_once('-').is_some_and(|(n, _)| n.len() >= 4 && n.bytes().all(|b| b.is_ascii_digit()));
        let sample = numbered && matches!(ending, "html" | "txt" | "eml");
        let picture = name.starts_with("picture-") && matches!(ending, "png" | "jpeg" | "gif");
        let ours = name == "index.html" || sample || picture;
        if ours && path.is_file() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The first column that is not the address: enough to tell subscribers apart.
fn label(subscriber: &Subscriber) -> String {
    let schema = subscriber.row.schema();
    let other = schema.columns().iter().position(|column| column.name != "email");
    other.and_then(|index| subscriber.row.values().get(index)).cloned().unwrap_or_default()
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
fn show_pictures(html: &str, pictures: &[Picture]) -> String {
    pictures.iter().fold(html.to_owned(), |html, picture| {
        html.replace(&format!("cid:{}", picture.cid), &picture_file(picture))
    })
}
