//! The ledger's file: made whole or not at all, looked at before SQLite may touch it, opened with what durability
//! needs.
//!
//! The file format's header (<https://www.sqlite.org/fileformat.html>, 1.3) holds an application id. Ours is written
//! before the file gets its name, so a file that is there without it is somebody else's: it is refused without
//! being opened by SQLite, which might create or replay logs beside it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{Fault, LedgerError, Work, opening, reading, temporary, writing};
use super::migrate::{VERSION, migrate, version_of};
use super::network::network_kind;
use crate::clock;

/// `mslt`: marks the file as ours.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"mslt");
/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header holds the application id.
const APPLICATION_ID_AT: usize = 68;
/// How long a connection waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);
/// The writer waits longer: the launch of ten million recipients by another process takes its time, and a run under
/// way must not end over it. A relay keeps a session open for 10 minutes (RFC 5321, 4.5.3.2.6).
const WRITER_BUSY: Duration = Duration::from_mins(5);
/// The most a connection keeps of the file in memory.
const CACHE_KIB: i64 = 16 * 1024;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads; any write through it is an error.
    Reader,
    /// The one that writes.
    Writer,
}

/// Whether a ledger is there. A file that is not one is an error.
pub(super) fn exists(path: &Path) -> Result<bool, LedgerError> {
    let mut header = Vec::new();
    match File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(opening(path, error)),
        Ok(_) => {}
    }
    let id = header.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4);
    if !header.starts_with(MAGIC) || id != Some(APPLICATION_ID.to_be_bytes().as_slice()) {
        return Err(LedgerError::Foreign { file: path.to_owned() });
    }
    refuse_network(path)?;
    Ok(true)
}

/// Makes a ledger with no runs. If another process makes it at the same moment, theirs stays.
///
/// It is written under another name and linked to its own once it is whole and on disk.
pub(super) fn create(path: &Path) -> Result<(), LedgerError> {
    let failed = |error| opening(path, error);
    let folder = folder_of(path);
    make_folder(folder).map_err(failed)?;
    refuse_network(path)?;

    let mut draft_name = path.file_name().unwrap_or_default().to_owned();
    draft_name.push(format!(".new-{}", random_id(path)?));
    let draft = path.with_file_name(draft_name);
    let made =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed).and_then(
            |file| {
                fill(&draft).map_err(|fault| writing(path, fault))?;
                file.sync_all().map_err(failed)?;
                claim_name(&draft, path).map_err(failed)
            },
        );
    // The draft has done its work, or failed at it; what is left of it holds nothing.
    let _ = fs::remove_file(&draft);
    made?;
    sync_folder(folder).map_err(failed)
}

/// Makes the folder and those it lies in, where they are missing. Their names too must outlive a loss of power, or
/// the whole ledger is gone. The folder's own is made to last even if it is there: whoever made it may have been killed.
fn make_folder(folder: &Path) -> io::Result<()> {
    let missing = folder
        .ancestors()
        .skip(1)
        .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
        .count();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    folder.ancestors().take(1 + missing).try_for_each(|folder| sync_folder(folder_of(folder)))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Gives the draft its name, unless the name is taken.
fn claim_name(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no hard links.
        Err(_) if !path.exists() => fs::rename(draft, path),
        done => done,
    }
}

fn fill(draft: &Path) -> Work<()> {
    let id = random_id(draft)?;
    let mut db = Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let transaction = db.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    let now = clock::now().as_millisecond();
    transaction.execute("INSERT INTO ledger (id, created_at) VALUES (?1, ?2)", (id, now))?;
    transaction.commit()?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Opens a ledger that [`exists`] has seen, and checks its version; the writer brings an earlier one forward.
pub(super) fn connect(file: &Path, role: Role) -> Result<Connection, LedgerError> {
    open(file, role).map_err(|fault| reading(file, fault))
}

fn open(file: &Path, role: Role) -> Work<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(if role == Role::Writer { WRITER_BUSY } else { BUSY })?;
    let version = version_of(&db)?;
    if version > VERSION {
        return Err(LedgerError::Newer { file: file.to_owned(), version, known: VERSION }.into());
    }
    durable(&db, "main")?;
    if version < VERSION && role == Role::Writer {
        migrate(&mut db)?;
    } else if version < VERSION {
        return Err(Fault::Unreadable(format!("it says it has version {version}")));
    }
    if role == Role::Reader {
        db.pragma_update(None, "query_only", true)?;
        // Closing is writing, too: it is the writer's.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// What makes a commit last, on the database that a connection knows by this name.
pub(super) fn durable(db: &Connection, name: &str) -> rusqlite::Result<()> {
    db.pragma_update(Some(name), "synchronous", "FULL")?;
    // macOS: ask the drive, not only the kernel. Elsewhere these mean nothing.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(Some(name), "cache_size", -CACHE_KIB)?;
    // The writer moves the log into the file itself, since SQLite says nothing of an automatic checkpoint that failed.
    db.pragma_update(None, "wal_autocheckpoint", 0)
}

/// The wait of a connection that is neither the writer nor a reader.
pub(super) fn wait_for_others(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY)
}

/// 128 random bits in hex.
fn random_id(path: &Path) -> Result<String, LedgerError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| opening(path, io::Error::other("the system gave no random bytes")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn refuse_network(path: &Path) -> Result<(), LedgerError> {
    match network_kind(folder_of(path)) {
        Some(kind) => Err(LedgerError::Network { file: path.to_owned(), kind }),
        None => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The one name of this file, however it was reached: locks lie beside it.
pub(super) fn true_path(path: &Path) -> Result<PathBuf, LedgerError> {
    fs::canonicalize(path).map_err(|error| opening(path, error))
}

/// A database that dies with the process, with these tables and a transaction begun: what goes into the ledger in one
/// piece gathers there. It lies on disk, whatever its size.
pub(super) fn scratch(tables: &str) -> Result<Connection, LedgerError> {
    let open = || -> Work<Connection> {
        let db = Connection::open_in_memory()?;
        db.pragma_update(None, "temp_store", "FILE")?;
        db.pragma_update(Some("temp"), "cache_size", -CACHE_KIB)?;
        db.execute_batch(tables)?;
        db.execute_batch("BEGIN")?;
        Ok(db)
    };
    open().map_err(temporary)
}
