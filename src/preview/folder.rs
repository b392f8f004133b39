//! The folder of a preview on disk. Its files hold addresses and names: only the operator may read them.
//!
//! The page goes first and comes last, so a preview that was cut short has none and nobody looks at half of one, or
//! at an old one. What did not come to its end is removed.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::gallery::File;
use crate::draft::Draft;

const PAGE: &str = "index.html";

/// A file or the folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {error}", path.display())]
pub struct FolderError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// A folder that is being filled.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    complete: bool,
}

impl Folder {
    /// Makes the folder anew: what an earlier preview left there goes, and nothing else.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        let make = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
            clear(path)
        };
        make().map_err(|error| FolderError { path: path.to_owned(), error })?;
        Ok(Self { path: path.to_owned(), complete: false })
    }

    /// Writes a file.
    pub fn write(&self, file: &File) -> Result<(), FolderError> {
        let path = self.path.join(&file.name);
        let write = || {
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?.write_all(&file.bytes)
        };
        write().map_err(|error| FolderError { path: path.clone(), error })
    }

    /// Writes the page, with which the preview is complete; where it lies.
    pub fn finish(mut self, page: &File) -> Result<PathBuf, FolderError> {
        let path = self.path.join(PAGE);
        let write = || -> io::Result<()> {
            let draft = Draft::of(&path)?;
            draft.file().write_all(&page.bytes)?;
            draft.publish(true)
        };
        write().map_err(|error| FolderError { path: path.clone(), error })?;
        self.complete = true;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.complete {
            // Without a page nobody takes what may be left for a preview.
            let _ = clear(&self.path);
        }
    }
}

/// Empties the folder of what a preview writes, the page first.
fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(PAGE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ours(name) && !path.is_dir() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether a preview writes files of such names.
fn ours(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let number = stem.split_once('-').map_or("", |(number, _)| number);
    let numbered = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let picture = stem.starts_with("picture-") && matches!(ending, "png" | "jpeg" | "gif");
    picture || numbered && matches!(ending, "html" | "txt" | "eml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> File {
        File { name: name.to_owned(), bytes: b"x".to_vec() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_operator_may_read_what_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("preview/weekly");
        let folder = Folder::create(&path).unwrap();
        folder.write(&file("0001-a@b.example.txt")).unwrap();
        let page = folder.finish(&file("index.html")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!((mode(&page), mode(&path.join("0001-a@b.example.txt"))), (0o600, 0o600));
    }

    #[test]
    fn what_was_not_finished_leaves_nothing_and_what_is_not_ours_stays() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["notes.txt", "0001-mine.md", "picture.png"] {
            fs::write(dir.path().join(name), "mine").unwrap();
        }
        let folder = Folder::create(dir.path()).unwrap();
        folder.write(&file("0001-a@b.example.txt")).unwrap();
        folder.write(&file("picture-5e.png")).unwrap();
        drop(folder);
        assert_eq!(names(dir.path()), ["0001-mine.md", "notes.txt", "picture.png"]);
    }

    #[test]
    fn the_next_preview_replaces_the_last_and_follows_no_link() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path()).unwrap();
        folder.write(&file("0001-a@b.example.txt")).unwrap();
        folder.finish(&file("index.html")).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let mine = elsewhere.path().join("mine");
        fs::write(&mine, "mine").unwrap();
        std::os::unix::fs::symlink(&mine, dir.path().join("0002-b@b.example.txt")).unwrap();
        let folder = Folder::create(dir.path()).unwrap();
        folder.write(&file("0002-b@b.example.txt")).unwrap();
        folder.finish(&file("index.html")).unwrap();
        assert_eq!(names(dir.path()), ["0002-b@b.example.txt", "index.html"]);
        assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
    }
}
