//! `mailshot ledger backup`, through the binary: a whole ledger, whatever goes on meanwhile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use support::{Project, Script, SmtpServer, accepted, held_at_first, once_each};

/// One value of a ledger.
fn ask<T: rusqlite::types::FromSql>(file: &Path, sql: &str) -> T {
    Connection::open(file).unwrap().query_row(sql, (), |row| row.get(0)).unwrap()
}

#[test]
fn a_ledger_is_copied_while_its_run_sends() {
    let (gate, server, project) = held_at_first(200);
    let send = project.start("send weekly --yes");
    gate.wait();
    let output = project.expect(0, "ledger backup copy.db");
    assert_eq!(output.stdout, "copied to copy.db\n");
    assert!(output.stderr.contains("sent from both, a campaign would reach people twice"));
    gate.open();
    // And again, while messages go out.
    project.expect(0, "ledger backup second.db");
    assert_eq!(send.finish().code, 0);
    assert_eq!(accepted(&server), once_each(200));

    for name in ["copy.db", "second.db"] {
        let copy = project.path(name);
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(ask::<String>(&copy, "PRAGMA integrity_check"), "ok");
        assert_eq!(ask::<i64>(&copy, "SELECT sum(recipients) FROM tally"), 200);
        let drift = "SELECT count(*) FROM tally WHERE recipients <>
            (SELECT count(*) FROM recipient WHERE recipient.run = tally.run AND recipient.state = tally.state)";
        assert_eq!(ask::<i64>(&copy, drift), 0);
    }
    let under_way = "SELECT recipients FROM tally WHERE state = 'in_flight'";
    assert_eq!(ask::<i64>(&project.path("copy.db"), under_way), 1, "the copy is of the moment it was made");
    assert_eq!(project.status()["delivered"], 200);
}

#[test]
fn a_copy_in_the_place_of_a_lost_ledger_goes_on() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 6);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    project.expect(75, "send weekly --yes --limit 2");
    let copied = project.json("ledger backup --json").remove(0);
    let copy = Path::new(copied["file"].as_str().unwrap()).to_owned();
    let name = copy.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("ledger-2") && name.len() == "ledger-20260131-083000.db".len(), "{name}");
    assert_eq!(project.names(".mailshot"), [name, "ledger.db".to_owned()]);

    fs::rename(&copy, project.path(".mailshot/ledger.db")).unwrap();
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(6));
}

#[test]
fn a_copy_overwrites_nothing_and_leaves_nothing_where_it_fails() {
    let project = Project::of(1);
    assert!(project.expect(3, "ledger backup").says("there is no ledger yet"));
    project.expect(0, "suppress add ada@example.com");
    project.write("notes.txt", "mine");
    let refused = project.expect(3, "ledger backup notes.txt");
    assert!(refused.stderr.starts_with("error: notes.txt: exists already\n"), "{}", refused.stderr);
    assert_eq!(project.read("notes.txt"), "mine");
    project.expect(3, "ledger backup nowhere/copy.db");
    assert!(!project.exists("nowhere"));
}
