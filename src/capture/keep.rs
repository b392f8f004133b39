//! Where captured messages are kept: `<dir>/<n>-<email>.eml`, numbered in the order of acceptance.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// So that the file name stays under the 255 bytes that file systems take.
const NAME_LIMIT_BYTES: usize = 120;

/// The folder of one rehearsal. Messages hold addresses and names: only the operator may read them.
#[derive(Debug)]
pub(super) struct Keep {
    dir: PathBuf,
    next: AtomicU64,
    kept: AtomicU64,
}

impl Keep {
    /// Opens the folder, makes it if need be, and goes on counting after what is already in it.
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        let last = fs::read_dir(&dir)?.filter_map(|entry| number(&entry.ok()?.path())).max().unwrap_or(0);
        Ok(Self { dir, next: AtomicU64::new(last + 1), kept: AtomicU64::new(0) })
    }

    /// Writes one message for one recipient and returns its number. The file appears under its name only when
    /// it is complete.
    pub(super) fn store(&self, email: &str, message: &[u8]) -> io::Result<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{}.eml", file_stem(number, email)));
        let partial = path.with_extension("eml.part");
        let written = write_new(&partial, message).and_then(|()| fs::rename(&partial, &path));
        if let Err(error) = written {
            // Nothing may stay that looks like half a message; if it does, it is not named .eml.
            let _nothing_to_remove = fs::remove_file(&partial);
            return Err(error);
        }
        self.kept.fetch_add(1, Ordering::Relaxed);
        Ok(number)
    }

    /// How many messages were kept since it was opened.
    pub(super) fn count(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }
}

fn write_new(path: &Path, message: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(message)
}

/// The number a captured file begins with.
fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.split_once('-')?.0.parse().ok()
}

/// The name, without its ending, of the file of the `n`th message: `0001-reader@example.com`.
pub fn file_stem(n: u64, email: &str) -> String {
    format!("{n:04}-{}", safe_name(email))
}

/// The address as part of a file name: it cannot name another folder, hide itself or reach a terminal.
fn safe_name(email: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "@._+-".contains(c) { c } else { '_' };
    email.chars().map(allowed).take(NAME_LIMIT_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn messages_are_numbered_private_and_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("captured/7");
        let keep = Keep::open(folder.clone()).unwrap();
        assert_eq!(keep.store("ann+news@b.example", b"A: b\r\n\r\nx\r\n").unwrap(), 1);
        assert_eq!(keep.store("bob@b.example", b"").unwrap(), 2);
        assert_eq!(names(&folder), ["0001-ann+news@b.example.eml", "0002-bob@b.example.eml"]);
        let file = folder.join("0001-ann+news@b.example.eml");
        assert_eq!(fs::read(&file).unwrap(), b"A: b\r\n\r\nx\r\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(keep.count(), 2);
    }

    #[test]
    fn a_rehearsal_that_goes_on_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        Keep::open(dir.path().to_owned()).unwrap().store("a@b.example", b"first").unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        let again = Keep::open(dir.path().to_owned()).unwrap();
        assert_eq!(again.store("a@b.example", b"second").unwrap(), 2);
        assert_eq!(names(dir.path()), ["0001-a@b.example.eml", "0002-a@b.example.eml", "notes.txt"]);
    }

    #[test]
    fn a_message_that_cannot_be_written_leaves_nothing_and_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gone");
        let keep = Keep::open(folder.clone()).unwrap();
        fs::remove_dir(&folder).unwrap();
        assert!(keep.store("a@b.example", b"x").is_err());
        assert_eq!(keep.count(), 0);
    }

    proptest! {
        #[test]
        fn an_address_never_leaves_the_folder(email in "(\\PC|[/\\\\.\u{0}-\u{1f}])*") {
            let name = safe_name(&email);
            prop_assert!(name.len() <= NAME_LIMIT_BYTES);
            let file = format!("0001-{name}.eml");
            prop_assert_eq!(Path::new(&file).components().count(), 1);
            prop_assert!(!file.bytes().any(|byte| byte.is_ascii_control() || byte == b'/'));
        }
    }
}
