//! Writes new files, and never over old ones.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Place};

/// A file to be made.
pub(super) struct NewFile {
    /// Relative to the project, and so it is called in messages.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl NewFile {
    pub(super) fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// Writes all files below `folder`, or none: if one of them exists nothing is written, and if one cannot be written
/// those before it are removed again.
pub(super) fn write_all(folder: &Path, files: &[NewFile]) -> Result<(), Finding> {
    let existing: Vec<_> = files.iter().filter(|file| exists(&folder.join(&file.path))).collect();
    if let [first, others @ ..] = existing.as_slice() {
        let message = match others.len() {
            0 => "exists already".to_owned(),
            1 => format!("exists already, and so does {}", others[0].path.display()),
            more => format!("exists already, and so do {more} other files"),
        };
        return Err(Finding::error("exists", message)
            .at(Place::file(&first.path))
            .help("nothing was written, for nothing is ever overwritten"));
    }
    for (index, file) in files.iter().enumerate() {
        if let Err(error) = write(&folder.join(&file.path), &file.text) {
            for written in &files[..index] {
                // What cannot be removed either is left: the error below says why.
                let _ = fs::remove_file(folder.join(&written.path));
            }
            return Err(unwritable(&file.path, &error));
        }
    }
    Ok(())
}

/// Whether anything is there, be it a link to nowhere.
pub(super) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

pub(super) fn unwritable(file: &Path, error: &io::Error) -> Finding {
    Finding::error("unwritable-file", format!("cannot be written: {error}")).at(Place::file(file))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
