//! What can go wrong with the ledger: each error names the file and the way out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

use super::run_id::RunId;
use crate::delivery::{IllegalTransition, Outcome, UnknownWord};

/// Why the ledger refused or failed. Cheap to clone: one failed commit answers many writers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The folder or the file cannot be made, opened or locked.
    #[error(
        "{file}: cannot be opened: {cause} (`[ledger] url` says where the ledger lies; it needs a writable folder)"
    )]
    Open {
        /// What was to be opened.
        file: PathBuf,
        /// What the system said.
        cause: Arc<std::io::Error>,
    },
    /// Something else lies there. It was not touched.
    #[error(
        "{file}: is not a mailshot ledger and was left as it is (move it away, or set `[ledger] url` to another file)"
    )]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// Written by a later version of this program.
    #[error(
        "{file}: is a ledger of version {version}, and this mailshot knows version {known} (use a newer mailshot)"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        version: i64,
        /// The version this program writes.
        known: i64,
    },
    /// Cut short or overwritten.
    #[error(
        "{file}: the ledger is damaged: {cause} (restore it from a backup; do not start a new one for campaigns it has launched)"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What does not fit.
        cause: String,
    },
    /// Locks and shared memory do not hold there.
    #[error(
        "{file}: lies on a network file system ({kind}), where two machines could send the same run (set `[ledger] url` to a local disk)"
    )]
    Network {
        /// The file.
        file: PathBuf,
        /// The kind of file system, as the kernel names it.
        kind: String,
    },
    /// A write failed, and so will every later one of this process.
    #[error(
        "{file}: cannot be written: {cause} (nothing more is written or sent; make room or mend the disk, then run the command again)"
    )]
    Write {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        cause: Arc<rusqlite::Error>,
    },
    /// A read failed.
    #[error("{file}: cannot be read: {cause}")]
    Read {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        cause: Arc<rusqlite::Error>,
    },
    /// The temporary copy of the audience failed.
    #[error(
        "the temporary copy of the audience failed: {cause} (make room in the system's temporary folder, or set TMPDIR to another)"
    )]
    Staging {
        /// What SQLite said.
        cause: Arc<rusqlite::Error>,
    },
    /// Another process has been writing for longer than we wait. Nothing was written.
    #[error(
        "{file}: another process is writing to the ledger and does not finish (look for another mailshot, or a tool that holds the file open)"
    )]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// More writes are waiting than there can be sessions.
    #[error("{file}: more writes are waiting than the ledger takes")]
    Overloaded {
        /// The file.
        file: PathBuf,
    },
    /// The writer thread ended: a bug.
    #[error("{file}: the thread that writes the ledger has ended unexpectedly")]
    Gone {
        /// The file.
        file: PathBuf,
    },
    /// Another process is at this run.
    #[error("another process is sending run {run}")]
    Locked {
        /// The run.
        run: RunId,
    },
    /// A campaign is launched once.
    #[error("`{campaign}` was launched before, as run {run} (`send` resumes it)")]
    Launched {
        /// The campaign.
        campaign: String,
        /// Its launch.
        run: RunId,
    },
    /// A run needs somebody to send to.
    #[error("nobody is left to send to")]
    NoRecipients,
    /// An audience larger than any list.
    #[error("the audience has more than {limit} recipients")]
    TooMany {
        /// The most a run can have.
        limit: u64,
    },
    /// There is no such run.
    #[error("there is no run {run}")]
    NoRun {
        /// What was asked for.
        run: RunId,
    },
    /// There is no such build of this run.
    #[error("run {run} has no version {version} of its build")]
    NoBuild {
        /// The run.
        run: RunId,
        /// What was asked for.
        version: u32,
    },
    /// There is no such recipient.
    #[error("run {run} has no recipient {n}")]
    NoRecipient {
        /// The run.
        run: RunId,
        /// What was asked for.
        n: u64,
    },
    /// A recipient cannot move that way: a bug of the caller, and the ledger is as it was.
    #[error("run {run}, recipient {n}: {transition}")]
    Illegal {
        /// The run.
        run: RunId,
        /// The recipient.
        n: u64,
        /// Where the recipient stands, and what was to happen to it.
        transition: IllegalTransition,
    },
    /// An attempt that contradicts itself: a bug of the caller, and the ledger is as it was.
    #[error("an attempt with the outcome {} {problem}", .outcome.as_str())]
    Malformed {
        /// Its outcome.
        outcome: Outcome,
        /// What does not fit.
        problem: &'static str,
    },
    /// A deferred recipient's time has not come: a bug of the caller, and the ledger is as it was.
    #[error("recipient {n} of run {run} is deferred and not yet due")]
    NotDue {
        /// The run.
        run: RunId,
        /// The recipient.
        n: u64,
    },
}

/// How work on a connection ends when it does not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite failed.
    Sql(rusqlite::Error),
    /// What the ledger holds does not read.
    Unreadable(String),
    /// The work declined before it changed anything.
    Refused(LedgerError),
}

/// What work on a connection gives.
pub(super) type Work<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<UnknownWord> for Fault {
    fn from(error: UnknownWord) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        Self::Refused(error)
    }
}

/// The temporary database has no name; its folder is SQLite's choice.
pub(super) fn temporary(fault: Fault) -> LedgerError {
    match reading(Path::new("(temporary file)"), fault) {
        LedgerError::Read { cause, .. } => LedgerError::Staging { cause: Arc::clone(&cause) },
        other => other,
    }
}

/// The file or its folder cannot be used.
pub(super) fn opening(file: &Path, error: std::io::Error) -> LedgerError {
    LedgerError::Open { file: file.to_owned(), cause: Arc::new(error) }
}

/// What the caller is about to hear of a failed read.
pub(super) fn reading(file: &Path, fault: Fault) -> LedgerError {
    match fault {
        Fault::Refused(error) => error,
        Fault::Unreadable(cause) => LedgerError::Damaged { file: file.to_owned(), cause },
        Fault::Sql(error) => sql(file, error, |file, cause| LedgerError::Read { file, cause }),
    }
}

/// What the caller is about to hear of a failed write.
pub(super) fn writing(file: &Path, fault: Fault) -> LedgerError {
    match fault {
        Fault::Sql(error) => sql(file, error, |file, cause| LedgerError::Write { file, cause }),
        other => reading(file, other),
    }
}

fn sql(
    file: &Path,
    error: rusqlite::Error,
    otherwise: fn(PathBuf, Arc<rusqlite::Error>) -> LedgerError,
) -> LedgerError {
    let file = file.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => LedgerError::Busy { file },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            LedgerError::Damaged { file, cause: error.to_string() }
        }
        // Reading needs to write too: the log's index lies beside the file.
        Some(ErrorCode::CannotOpen) => {
            LedgerError::Open { file, cause: Arc::new(std::io::Error::other(error.to_string())) }
        }
        _ => otherwise(file, Arc::new(error)),
    }
}
