//! [`Ledger`]: the handle that the rest of the program holds.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::error::{LedgerError, Work, reading};
use super::file::{self, Role};
use super::writer::{Poison, Writer};

/// An open ledger. Clones share it; the last one to go waits for the writes that are under way.
///
/// Methods that are not async block the calling thread for as long as SQLite takes.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    id: String,
    reader: Mutex<Connection>,
    writer: Writer,
}

impl Ledger {
    /// Opens the ledger in this file; makes it, and its folder, if there is none.
    ///
    /// # Errors
    /// The file is not a ledger, or one of a newer version, or damaged, or lies on a network file system; it is then
    /// left as it was.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if !file::exists(path)? {
            file::create(path)?;
        }
        Self::connect(path)
    }

    /// Opens the ledger in this file, if there is one: for commands that only read.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_existing(path: &Path) -> Result<Option<Self>, LedgerError> {
        if file::exists(path)? { Self::connect(path).map(Some) } else { Ok(None) }
    }

    fn connect(path: &Path) -> Result<Self, LedgerError> {
        let file = file::true_path(path)?;
        let db = file::connect(&file, Role::Writer)?;
        let reader = Mutex::new(file::connect(&file, Role::Reader)?);
        let id = db
            .query_row("SELECT id FROM ledger", (), |row| row.get(0))
            .map_err(|error| reading(&file, error.into()))?;
        let writer = Writer::start(&file, db)?;
        Ok(Self { inner: Arc::new(Inner { file, id, reader, writer }) })
    }

    /// 128 random bits in hex, made with the file: tells this ledger from any other.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Where the ledger lies, absolute.
    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// How many transactions this process has committed through the writer: beside the number of writes, how well
    /// sessions share them.
    pub fn commits(&self) -> u64 {
        self.inner.writer.commits()
    }

    pub(super) fn poison(&self) -> &Poison {
        self.inner.writer.poison()
    }

    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T, LedgerError> {
        // A reader that panicked left no half-done work behind: the connection cannot write.
        let db = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        work(&db).map_err(|fault| reading(&self.inner.file, fault))
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.inner.writer.write(work).await
    }

    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Work<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.inner.writer.write_blocking(work)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("file", &self.inner.file)
            .field("id", &self.inner.id)
            .finish_non_exhaustive()
    }
}
