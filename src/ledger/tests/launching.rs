//! An audience on its way in: duplicates, and all or nothing.

use super::*;

#[test]
fn an_address_is_staged_once_and_its_first_line_is_known() {
    let mut staging = Staging::new().unwrap();
    let values = ["x".to_owned()];
    assert_eq!(
        staging.add(2, "Ann@example.com", "ann@example.com", "example.com", &values).unwrap(),
        Added::New(1)
    );
    assert_eq!(
        staging.add(3, "bob@example.com", "bob@example.com", "example.com", &values).unwrap(),
        Added::New(2)
    );
    let again = staging.add(9, "ANN@example.com", "ann@example.com", "example.com", &values).unwrap();
    assert_eq!(again, Added::Duplicate { first_line: 2 });
    assert_eq!(staging.len(), 2);
    assert_eq!(staging.find("ann@example.com").unwrap().unwrap().email, "Ann@example.com");
    assert_eq!(staging.row(2).unwrap().unwrap().line, 3);
    assert_eq!(staging.row(3).unwrap(), None);
}

#[test]
fn staged_rows_come_in_the_order_of_the_file() {
    let staging = staged(1_203);
    let rows: Vec<_> = staging.rows().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 1_203);
    assert!(rows.iter().zip(1..).all(|(row, n)| row.n == n && row.line == n + 1));
    assert_eq!(rows[700].values, ["701@example.com", "Näme \"701\""]);
}

#[test]
fn a_launch_freezes_build_and_audience() {
    let (fixture, run) = Fixture::launched(3);
    let Fixture { ledger, .. } = fixture.reopened();
    let frozen = ledger.frozen(run).unwrap();
    assert_eq!((frozen.build.as_str(), frozen.schema.as_str()), ("{\"build\":1}", "[\"columns\"]"));
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 3, ..Counts::default() });
    let due = ledger.due(run, at(0), &mut Cursor::default(), 10, &Domains::All).unwrap();
    assert_eq!(due.len(), 3);
    assert_eq!((due[1].n, due[1].email.as_str()), (2, "2@example.com"));
    assert_eq!(due[1].values, ["2@example.com", "Näme \"2\""]);

    let seen = ledger.launch_of("tmw-450").unwrap().unwrap();
    assert_eq!((seen.id, seen.recipients, seen.state), (run, 3, RunState::Paused));
    assert_eq!((seen.started_at, seen.updated_at), (at(0), at(0)));
    assert_eq!((seen.digest.as_str(), seen.list_file.as_str()), ("d1", "subscribers.csv"));
}

#[test]
fn what_is_not_launched_leaves_nothing() {
    let fixture = Fixture::new();
    let before = std::fs::read(fixture.file()).unwrap();
    drop(staged(5_000));
    assert!(matches!(
        fixture.ledger.launch(Staging::new().unwrap(), &new_run("x")),
        Err(LedgerError::NoRecipients)
    ));
    let fixture = fixture.reopened();
    assert_eq!(fixture.ledger.campaigns().unwrap(), []);
    drop(fixture.ledger);
    assert_eq!(std::fs::read(fixture.folder.path().join("ledger.db")).unwrap(), before);
}

#[test]
fn a_campaign_is_launched_once_but_rehearsed_often() {
    let (fixture, run) = Fixture::launched(3);
    let ledger = &fixture.ledger;
    let error = launch(ledger, "tmw-450", 4).unwrap_err();
    assert!(
        matches!(&error, LedgerError::Launched { campaign, run: first } if campaign == "tmw-450" && *first == run)
    );
    assert_eq!(ledger.counts(run).unwrap().recipients(), 3);

    let rehearsal = NewRun { kind: Kind::Rehearsal, ..new_run("tmw-450") };
    let first = ledger.launch(staged(2), &rehearsal).unwrap();
    let second = ledger.launch(staged(2), &rehearsal).unwrap();
    assert!(run < first && first < second);
    // The status is the launch's, however many rehearsals came after it.
    assert_eq!(ledger.latest("tmw-450").unwrap().unwrap().id, run);
}

#[test]
fn a_refused_launch_does_not_end_the_writing() {
    let (fixture, run) = Fixture::launched(3);
    launch(&fixture.ledger, "tmw-450", 4).unwrap_err();
    fixture.ledger.record_test("d1", "editor@example.com", at(1)).unwrap();
    launch(&fixture.ledger, "tmw-451", 4).unwrap();
    assert_eq!(fixture.ledger.counts(run).unwrap().queued, 3);
}

#[test]
fn status_without_a_launch_is_the_latest_rehearsals() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    assert_eq!(ledger.latest("tmw-450").unwrap(), None);
    let rehearsal = NewRun { kind: Kind::Rehearsal, ..new_run("tmw-450") };
    ledger.launch(staged(1), &rehearsal).unwrap();
    let second = ledger.launch(staged(1), &rehearsal).unwrap();
    assert_eq!(ledger.latest("tmw-450").unwrap().unwrap().id, second);
    assert_eq!(ledger.launch_of("tmw-450").unwrap(), None);
}

#[test]
fn campaigns_and_the_audience_before_this_one() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    assert_eq!(ledger.previous_audience("tmw-450").unwrap(), None);
    launch(ledger, "tmw-449", 5).unwrap();
    launch(ledger, "tmw-450", 7).unwrap();
    ledger.launch(staged(1), &NewRun { kind: Kind::Rehearsal, ..new_run("tmw-451") }).unwrap();
    ledger.launch(staged(1), &NewRun { kind: Kind::Rehearsal, ..new_run("tmw-449") }).unwrap();
    // Rehearsals count for nothing, and a campaign is not compared with itself.
    assert_eq!(ledger.previous_audience("tmw-451").unwrap(), Some(7));
    assert_eq!(ledger.previous_audience("tmw-450").unwrap(), Some(5));
    let campaigns: Vec<_> =
        ledger.campaigns().unwrap().into_iter().map(|run| (run.campaign, run.recipients)).collect();
    assert_eq!(campaigns, [("tmw-451".into(), 1), ("tmw-450".into(), 7), ("tmw-449".into(), 5)]);
}

#[test]
fn the_suppressed_rest_from_the_start() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    for key in ["2@example.com", "4@example.com", "nobody@example.com"] {
        fixture.suppress(key);
    }
    assert_eq!(ledger.suppressed_among(&staged(4)).unwrap(), 2);
    let run = launch(ledger, "tmw-450", 4).unwrap();
    let expected = Counts { queued: 2, suppressed: 2, ..Counts::default() };
    assert_eq!(ledger.counts(run).unwrap(), expected);
    assert_eq!(fixture.state(run, 2), State::Suppressed);
    assert_eq!(fixture.log(run), ["2 suppressed 0", "4 suppressed 0"]);
    // The next audience is compared with those who were mailed.
    assert_eq!(ledger.previous_audience("tmw-451").unwrap(), Some(2));
    assert_eq!(ledger.run(run).unwrap().recipients, 4);
}

#[test]
fn a_run_of_nobody_but_suppressed_does_not_exist() {
    let fixture = Fixture::new();
    fixture.suppress("1@example.com");
    assert!(matches!(launch(&fixture.ledger, "tmw-450", 1), Err(LedgerError::NoRecipients)));
    assert_eq!(fixture.ledger.launch_of("tmw-450").unwrap(), None);
    assert!(launch(&fixture.ledger, "tmw-450", 2).is_ok());
}
