//! A ledger of an older version is brought to ours with all that is in it.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::*;

/// The tables as version 1 had them.
const SCHEMA_1: &str = include_str!("schema-v1.sql");

/// A ledger of version 1 with one run, and one recipient in each state, numbered in the order of the states.
fn old_ledger() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "application_id", i32::from_be_bytes(*b"mslt")).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(SCHEMA_1).unwrap();
    db.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO ledger VALUES ('0123456789abcdef0123456789abcdef', 0);
         INSERT INTO run VALUES (7, 'tmw-449', 'launch', NULL, 'd1', 'list.csv', 'c0ffee', 8, 0);
         INSERT INTO frozen VALUES (7, '{\"build\":1}', '[]');
         INSERT INTO suppression VALUES ('left@example.com', 'unsubscribed', 5);
         INSERT INTO test_send VALUES ('d1', 'editor@example.com', 6);",
    )
    .unwrap();
    for (n, state) in (1..).zip(State::ALL) {
        let email = format!("{n}@example.com");
        let in_flight = (*state == State::InFlight).then_some(40_000);
        let deferred = (*state == State::Deferred).then_some(70_000);
        db.execute(
            "INSERT INTO recipient VALUES (7, ?1, ?1 + 1, ?2, ?2, 'example.com', '[]', ?3, 1, 0, ?4, 10000, ?5)",
            (n, &email, state.as_str(), in_flight, deferred),
        )
        .unwrap();
        db.execute("INSERT INTO address VALUES (7, ?1, ?2)", (&email, n)).unwrap();
        db.execute("INSERT INTO tally VALUES (7, ?1, 1)", [state.as_str()]).unwrap();
        db.execute("INSERT INTO attempt (at, run, n, outcome) VALUES (10000, 7, ?1, 'requeued')", [n])
            .unwrap();
    }
    (folder, path)
}

fn since_epoch(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn number_of(state: State) -> u64 {
    1 + State::ALL.iter().position(|each| *each == state).unwrap() as u64
}

/// Tables, columns, indexes and triggers, without the comments and the layout of the text.
fn shape(path: &Path) -> Vec<String> {
    let db = Connection::open(path).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut select = db.prepare(sql).unwrap();
        select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut shape = list(
        "SELECT format('%s.%s %s %d %s %d', m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk)
         FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid",
    );
    shape.extend(list(
        "SELECT name || strict || wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name",
    ));
    shape.extend(list(
        "SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name",
    ));
    shape
}

#[test]
fn an_old_ledger_becomes_like_a_new_one() {
    let (_folder, path) = old_ledger();
    drop(Ledger::open(&path).unwrap());
    let new = Fixture::new();
    assert_eq!(shape(&path), shape(&new.file()));
    assert!(shape(&path).len() > 60, "the shape is of something");
    let version = |path: &Path| -> i64 {
        Connection::open(path).unwrap().query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap()
    };
    assert_eq!((version(&path), version(&new.file())), (2, 2));
}

#[tokio::test]
async fn what_an_old_ledger_held_is_there_and_goes_on() {
    let (_folder, path) = old_ledger();
    let ledger = Ledger::open_existing(&path).unwrap().unwrap();
    let run = RunId(7);
    assert_eq!(ledger.id(), "0123456789abcdef0123456789abcdef");
    let counts = ledger.counts(run).unwrap();
    assert!(State::ALL.iter().all(|state| counts.get(*state) == 1), "{counts:?}");
    let found = ledger.run(run).unwrap();
    assert_eq!((found.build, found.digest.as_str(), found.recipients), (1, "d1", 8));
    assert_eq!(ledger.build_text(run, 1).unwrap(), "{\"build\":1}");
    assert_eq!(ledger.suppressed("left@example.com").unwrap(), Some(Timestamp::from_millisecond(5).unwrap()));
    assert!(ledger.tested("d1").unwrap().is_some());
    assert_eq!(ledger.attempts(run, &LogFilter::default()).unwrap().count(), 8);

    // A new build reaches whoever was never sent the first; whoever may have it gets that one again, if anything.
    assert_eq!(ledger.amend(run, "d2", "{}", since_epoch(60)).unwrap(), 2);
    assert_eq!(ledger.recover(&ledger.lock(run).unwrap()).unwrap(), 1);
    assert_eq!(ledger.resolve(run, Resolution::Resend, None, since_epoch(60)).unwrap(), 2);
    ledger.retry(run, Retry { expired: true, bounced: true }, None, since_epoch(60)).unwrap();
    let due = ledger.due(run, since_epoch(70), &mut Cursor::default(), 10, &Domains::All).unwrap();
    assert_eq!(due.len(), 6);
    for recipient in due {
        let doubted = [State::InDoubt, State::InFlight].map(number_of).contains(&recipient.n);
        assert_eq!(recipient.build, doubted.then_some(1), "{}", recipient.n);
        let build = recipient.build.unwrap_or(2);
        let intent = ledger.intent(run, recipient.n, since_epoch(70), build).await;
        assert_eq!(intent.unwrap(), Intent::Granted);
    }
}

#[test]
fn several_that_open_an_old_ledger_migrate_it_once() {
    let (_folder, path) = old_ledger();
    let openers: Vec<_> = (0..6)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || Ledger::open(&path).map(|ledger| ledger.id().to_owned()))
        })
        .collect();
    for opener in openers {
        assert_eq!(opener.join().unwrap().unwrap(), "0123456789abcdef0123456789abcdef");
    }
}

#[test]
fn a_migration_that_cannot_be_finished_leaves_the_ledger_as_it_was() {
    let (_folder, path) = old_ledger();
    // Its last table has a name that is taken: all the steps before it have to be undone.
    let clash = Connection::open(&path).unwrap();
    clash.execute_batch("CREATE TABLE slowed (x)").unwrap();
    let before = shape(&path);
    let error = Ledger::open(&path).unwrap_err();
    assert!(error.to_string().contains("slowed"), "{error}");
    assert_eq!(shape(&path), before);

    clash.execute_batch("DROP TABLE slowed").unwrap();
    drop(clash);
    let ledger = Ledger::open(&path).unwrap();
    assert_eq!(ledger.counts(RunId(7)).unwrap().recipients(), 8);
}

#[test]
fn a_ledger_of_no_version_is_damaged() {
    let (_folder, path) = old_ledger();
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 0").unwrap();
    let before = fs::read(&path).unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}
