//! A file that is there whole or not at all: written under another name beside its own, readable by its owner only,
//! and given its name once it is on disk.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that does not have its name yet. Dropped before it has, it is gone.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    to: PathBuf,
    file: File,
}

impl Draft {
    /// An empty file beside `to`, in a folder that exists.
    pub fn of(to: &Path) -> io::Result<Self> {
        if to.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this names no file"));
        }
        let mut name = OsString::from(".");
        name.push(to.file_name().unwrap_or_default());
        name.push(format!(".partial-{}", std::process::id()));
        let path = to.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, to: to.to_owned(), file })
    }

    /// Where it lies for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is written to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name, durably.
    ///
    /// # Errors
    /// `AlreadyExists` if the name is taken, unless it is to be replaced.
    pub fn publish(self, replace: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if replace {
            fs::rename(&self.path, &self.to)?;
        } else {
            claim(&self.path, &self.to)?;
        }
        let folder = self.to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It has its name by now and this one is spare, or it is of no use.
        let _ = fs::remove_file(&self.path);
    }
}

/// A link, unlike a rename, never replaces what has the name.
fn claim(draft: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(draft, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems, such as those of memory sticks, have no hard links.
        Err(_) if fs::symlink_metadata(to).is_err() => fs::rename(draft, to),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("list.csv");
        let write = |text: &str| {
            let draft = Draft::of(&to).unwrap();
            draft.file().write_all(text.as_bytes()).unwrap();
            draft
        };
        drop(write("one"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write("two").publish(false).unwrap();
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write("three").publish(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "two");
        write("four").publish(true).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "four");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
