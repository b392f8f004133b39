//! Which process is at a run: an operating system's lock on a file beside the ledger, held for as long as the process
//! works at the run. The system releases it when the process ends, however it ends; a process id would outlive it.
//!
//! The file goes with the lock. Whoever takes a lock therefore looks whether the file it locked is still the one
//! with the name: the last holder may have removed it in between.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{LedgerError, opening};
use super::run_id::RunId;

/// `is_held` holds the lock for an instant; only a lock that stays taken for this many tries is taken by a sender.
const TRIES: u32 = 10;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to send a run, as long as it lives.
#[derive(Debug)]
pub struct RunLock {
    run: RunId,
    path: PathBuf,
    /// Its lock is released when it closes.
    _file: File,
}

impl RunLock {
    /// The run this is the lock of.
    pub fn run(&self) -> RunId {
        self.run
    }

    pub(super) fn acquire(ledger: &Path, run: RunId) -> Result<Self, LedgerError> {
        let path = lock_path(ledger, run);
        for _ in 0..TRIES {
            match try_acquire(&path) {
                Ok(Some(file)) => return Ok(Self { run, path, _file: file }),
                Ok(None) => std::thread::sleep(PAUSE),
                Err(error) => return Err(opening(&path, error)),
            }
        }
        Err(LedgerError::Locked { run })
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Left behind it would only be clutter.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a process is at this run.
pub(super) fn is_held(ledger: &Path, run: RunId) -> Result<bool, LedgerError> {
    let path = lock_path(ledger, run);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(opening(&path, error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(opening(&path, error)),
    }
}

/// The locked file, or none where somebody else has it.
fn try_acquire(path: &Path) -> io::Result<Option<File>> {
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(has_name(&file, path)?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn has_name(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn lock_path(ledger: &Path, run: RunId) -> PathBuf {
    let mut name = ledger.file_name().unwrap_or_default().to_owned();
    name.push(format!(".run-{run}.lock"));
    ledger.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_nothing_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let run = RunId(7);
        assert!(!is_held(&ledger, run).unwrap());

        let lock = RunLock::acquire(&ledger, run).unwrap();
        assert!(is_held(&ledger, run).unwrap());
        assert!(matches!(RunLock::acquire(&ledger, run), Err(LedgerError::Locked { run: RunId(7) })));
        // Another run is another matter.
        RunLock::acquire(&ledger, RunId(8)).unwrap();

        drop(lock);
        assert!(!is_held(&ledger, run).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        RunLock::acquire(&ledger, run).unwrap();
    }

    #[test]
    fn a_lock_on_a_file_that_lost_its_name_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = try_acquire(&path).unwrap().unwrap();
        assert!(has_name(&file, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!has_name(&file, &path).unwrap());
        fs::write(&path, "").unwrap();
        assert!(!has_name(&file, &path).unwrap());
    }

    #[test]
    fn a_file_left_by_a_killed_process_is_not_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        fs::write(lock_path(&ledger, RunId(1)), "").unwrap();
        assert!(!is_held(&ledger, RunId(1)).unwrap());
        RunLock::acquire(&ledger, RunId(1)).unwrap();
    }
}
