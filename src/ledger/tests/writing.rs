//! The writer: commits are shared, and a failed write is the last one.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::mpsc::channel;
use std::task::Poll;

use super::error::Fault;
use super::*;

#[tokio::test]
async fn writes_that_wait_together_share_one_commit() {
    let (fixture, run) = Fixture::launched(200);
    let ledger = &fixture.ledger;
    // While the writer is held up, 200 sessions come to wait for it.
    let (started, has_started) = channel();
    let (release, released) = channel::<()>();
    let mut held_up = pin!(ledger.write(move |_| {
        started.send(()).unwrap();
        released.recv().unwrap();
        Ok(())
    }));
    assert!(waits(held_up.as_mut()).await);
    has_started.recv().unwrap();
    let before = ledger.commits();
    let mut sessions: Vec<_> = (1..=200).map(|n| Box::pin(ledger.intent(run, n, at(1), 1))).collect();
    for session in &mut sessions {
        assert!(waits(session.as_mut()).await);
    }
    release.send(()).unwrap();
    for session in sessions {
        assert_eq!(session.await.unwrap(), Intent::Granted);
    }
    held_up.await.unwrap();
    // One for what held it up, one for all the others.
    assert_eq!(ledger.commits() - before, 2);
    assert_eq!(ledger.counts(run).unwrap().in_flight, 200);
}

/// Lets a write be asked for; whether its answer is still to come.
async fn waits<T>(mut write: Pin<&mut impl Future<Output = T>>) -> bool {
    poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn a_refusal_does_not_touch_those_that_share_its_commit() {
    let (fixture, run) = Fixture::launched(3);
    let ledger = &fixture.ledger;
    let (good, bad, other) = tokio::join!(
        ledger.intent(run, 1, at(1), 1),
        ledger.record(attempt(run, 2, Outcome::Delivered)),
        ledger.intent(run, 3, at(1), 1),
    );
    assert_eq!((good.unwrap(), other.unwrap()), (Intent::Granted, Intent::Granted));
    assert!(matches!(bad, Err(LedgerError::Illegal { .. })));
    assert_eq!(ledger.counts(run).unwrap(), Counts { queued: 1, in_flight: 2, ..Counts::default() });
}

#[tokio::test]
async fn after_a_full_disk_nothing_more_is_written() {
    let (fixture, run) = Fixture::launched(50);
    let ledger = &fixture.ledger;
    ledger.intent(run, 1, at(1), 1).await.unwrap();
    let pages: i64 = ledger
        .write(|db| {
            let pages: i64 = db.query_row("PRAGMA page_count", (), |row| row.get(0))?;
            Ok(db.query_row(&format!("PRAGMA max_page_count = {pages}"), (), |row| row.get(0))?)
        })
        .await
        .unwrap();
    assert!(pages > 0);
    let mut error = None;
    for n in 2..=50 {
        let reply = Some("x".repeat(2_000));
        if let Err(full) = ledger.record(Attempt { reply, ..attempt(run, n, Outcome::Bounced) }).await {
            error = Some(full);
            break;
        }
    }
    let full = error.expect("the disk is full");
    assert!(matches!(full, LedgerError::Write { .. }), "{full}");
    assert!(full.to_string().contains("database or disk is full"), "{full}");

    // There is room again, but who knows what is on the disk: only a new process may write.
    let counts = ledger.counts(run).unwrap();
    let later = [
        ledger.intent(run, 50, at(2), 1).await.map(|_| ()),
        ledger.record(attempt(run, 1, Outcome::Delivered)).await,
        ledger.halt(run, Halt::Paused).map(|_| ()),
        launch(ledger, "tmw-451", 1).map(|_| ()),
    ];
    for refused in later {
        assert_eq!(refused.unwrap_err().to_string(), full.to_string());
    }
    assert_eq!(ledger.counts(run).unwrap(), counts);

    let fixture = fixture.reopened();
    assert_eq!(fixture.ledger.counts(run).unwrap(), counts);
    fixture.ledger.record(attempt(run, 1, Outcome::Delivered)).await.unwrap();
}

#[tokio::test]
async fn a_failure_undoes_what_shared_its_transaction() {
    let (fixture, run) = Fixture::launched(2);
    let ledger = &fixture.ledger;
    let broken = ledger.write(|db| {
        db.execute("UPDATE recipient SET state = 'delivered' WHERE n = 1", ())?;
        Err::<(), _>(Fault::Sql(rusqlite::Error::QueryReturnedNoRows))
    });
    let error = broken.await.unwrap_err();
    assert!(matches!(error, LedgerError::Write { .. }), "{error}");
    assert_eq!(ledger.counts(run).unwrap().queued, 2);
    assert_eq!(fixture.state(run, 1), State::Queued);
}

#[tokio::test]
async fn what_was_asked_for_is_written_though_nobody_waits() {
    let (fixture, run) = Fixture::launched(1);
    {
        // A session that is cancelled while its intent is on its way.
        let intent = pin!(fixture.ledger.intent(run, 1, at(1), 1));
        let _ = waits(intent).await;
    }
    let fixture = fixture.reopened();
    assert_eq!(fixture.ledger.counts(run).unwrap(), Counts { in_flight: 1, ..Counts::default() });
}
