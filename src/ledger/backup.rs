//! A copy of a ledger, made while other processes write to it.
//!
//! `VACUUM INTO` reads one snapshot, so what is copied is what one commit left; it keeps the ledger's id. A copy that
//! failed leaves nothing under its name, and a file that is there already stays.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::error::{LedgerError, Work, writing};
use super::file::{self, Role};
use super::store::Ledger;
use crate::draft::Draft;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The name is taken.
    #[error("{file}: exists already, and a copy never overwrites")]
    Exists {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be made there.
    #[error("{file}: cannot be made: {cause}")]
    Make {
        /// The file.
        file: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The copying failed. The ledger itself is as it was.
    #[error("the copy failed: {0}")]
    Copy(#[from] LedgerError),
}

impl Ledger {
    /// Copies the ledger as it is at this moment to a new file, durably. It does not stop other processes' writes.
    pub fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let failed = |cause: io::Error| match cause.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists { file: to.to_owned() },
            _ => BackupError::Make { file: to.to_owned(), cause },
        };
        // Looked at first, so that nobody waits for a copy that can have no name.
        if fs::symlink_metadata(to).is_ok() {
            return Err(BackupError::Exists { file: to.to_owned() });
        }
        let draft = Draft::of(to).map_err(failed)?;
        let source = file::connect(self.file(), Role::Writer)?;
        // It is the copy that could not be written; the ledger was only read.
        let id = copy(&source, draft.path()).map_err(|fault| writing(to, fault))?;
        if id != self.id() {
            let cause = "the copy does not read back".to_owned();
            return Err(LedgerError::Damaged { file: to.to_owned(), cause }.into());
        }
        draft.publish(false).map_err(failed)
    }
}

/// Fills the empty file, and gives the id that stands in it then.
fn copy(source: &Connection, draft: &Path) -> Work<String> {
    let name = ToSqlOutput::Borrowed(ValueRef::Text(draft.as_os_str().as_bytes()));
    source.execute("VACUUM INTO ?1", [name])?;
    let db = Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The one thing in the header that is not copied.
    db.pragma_update(None, "journal_mode", "WAL")?;
    let id = db.query_row("SELECT id FROM ledger", (), |row| row.get(0))?;
    db.close().map_err(|(_, error)| error)?;
    Ok(id)
}
