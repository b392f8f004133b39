//! What is opened, what is made, what is refused and left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_ledger_is_private_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/.mailshot/ledger.db");
    let ledger = Ledger::open(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for name in names(path.parent().unwrap()) {
        assert_eq!(mode(&path.with_file_name(&name)), 0o600, "{name}");
    }
    drop(ledger);
    assert_eq!(names(path.parent().unwrap()), ["ledger.db"]);
}

#[test]
fn a_ledger_keeps_its_id_and_no_two_share_one() {
    let one = Fixture::new();
    let id = one.ledger.id().to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!(one.reopened().ledger.id(), id);
    assert_ne!(Fixture::new().ledger.id(), id);
}

#[test]
fn a_look_does_not_make_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Ledger::open_existing(&folder.path().join("ledger.db")).unwrap().is_none());
    assert_eq!(names(folder.path()), [""; 0]);
    let fixture = Fixture::new();
    assert!(Ledger::open_existing(&fixture.file()).unwrap().is_some());
}

#[test]
fn two_that_make_it_at_once_get_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || Ledger::open(&path).unwrap().id().to_owned())
        })
        .collect();
    let mut ids: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[test]
fn what_is_not_a_ledger_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let foreign = folder.path().join("other.db");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE contacts (name); PRAGMA user_version = 1;")
        .unwrap();
    let database = fs::read(&foreign).unwrap();
    fs::remove_file(&foreign).unwrap();
    for content in [b"".as_slice(), b"email\na@example.com\n", &[0; 4096], &database] {
        fs::write(&path, content).unwrap();
        let error = Ledger::open(&path).unwrap_err();
        assert!(matches!(error, LedgerError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains("ledger.db: is not a mailshot ledger"));
        assert!(Ledger::open_existing(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(names(folder.path()), ["ledger.db"]);
    }
}

#[test]
fn a_newer_ledger_is_refused_and_says_so() {
    let (fixture, _) = Fixture::launched(3);
    let Fixture { ledger, folder } = fixture;
    drop(ledger);
    let path = folder.path().join("ledger.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
    let before = fs::read(&path).unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(matches!(error, LedgerError::Newer { version: 3, known: 2, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_ledger_cut_short_is_damaged_and_not_replaced() {
    let (fixture, _) = Fixture::launched(3_000);
    let Fixture { ledger, folder } = fixture;
    drop(ledger);
    let path = folder.path().join("ledger.db");
    let whole = fs::read(&path).unwrap();
    let torn = &whole[..whole.len() / 2];
    fs::write(&path, torn).unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), torn);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "").unwrap();
    let error = Ledger::open(&folder.path().join("taken/ledger.db")).unwrap_err();
    assert!(matches!(error, LedgerError::Open { .. }), "{error}");
    assert!(error.to_string().contains("taken/ledger.db"));
}
