//! A run from its first claim to its end: N workers over one queue, and an eye on the operator's orders.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

use super::events::{Ended, Event, Halt};
use super::job::{Job, Stop};
use super::locked::locked;
use super::ports::{Connect, Store};
use super::queue::Queue;
use super::refusals::Refusals;
use super::relays::Relays;
use super::shared::Shared;
use super::worker::Worker;
use crate::clock::Steady;
use crate::ledger::LedgerError;

/// How often the operator's orders are looked at.
const ORDERS_EVERY: Duration = Duration::from_millis(250);
/// After so many looks, what other processes found out about the pace of domains is looked at, too.
const REFRESH_EVERY: u32 = 40;

/// Delivers what is due of a run, and waits for what becomes due, until the run is complete or stops.
/// The caller holds the run's lock and has recovered it. Where it stops at once, or the time limit for what is in
/// flight is over, intents without a result are left: the caller recovers the run again.
pub async fn deliver<S: Store, C: Connect>(
    job: Job<S, C>,
    stop: Stop,
    events: mpsc::UnboundedSender<Event>,
) -> Result<Ended, LedgerError> {
    let (grace, retry) = (job.grace, job.retry);
    let clock = Steady::new(Arc::clone(&job.clock));
    let store = job.store.clone();
    let now = clock.now();
    // Those whose time ran out while no process was at the run. Whoever is handed out from here on is known to a
    // session, which lets it expire itself.
    store.settle_clock(job.run, now, now + retry.longest_pause()).await?;
    store.expire(job.run, now, retry.give_up).await?;
    let shared = Arc::new(Shared {
        run: job.run,
        messages: job.messages,
        queue: Arc::new(Queue::new(store.clone(), job.run, clock.clone(), job.limit)),
        relays: Relays::new(job.relays, &store, &clock, job.patience),
        retry,
        clock,
        store,
        stop,
        build: AtomicU32::new(0),
        refusals: Mutex::new(Refusals::new(job.max_refused)),
        halted: Mutex::default(),
        events,
    });
    let orders = shared.store.orders(shared.run).await?;
    shared.build.store(orders.build, std::sync::atomic::Ordering::Relaxed);
    shared.refresh().await?;
    let failed = work(&shared, grace).await;
    for station in shared.relays.stations() {
        station.pace.close().await?;
    }
    failed?;
    if shared.store.counts(shared.run).await?.open() == 0 {
        return Ok(Ended::Complete);
    }
    let halted = locked(&shared.halted).take();
    Ok(Ended::Early(halted.unwrap_or(Halt::Interrupted)))
}

/// Runs the workers to their end, or for `grace` after a stop was asked for.
async fn work<S: Store, C: Connect>(shared: &Arc<Shared<S, C>>, grace: Duration) -> Result<(), LedgerError> {
    let mut workers = JoinSet::new();
    for number in 0..shared.relays.sessions() {
        workers.spawn(Worker::new(Arc::clone(shared), number).run());
    }
    let mut orders = interval(ORDERS_EVERY);
    orders.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks: u32 = 0;
    let mut failed = None;
    let over = over(&shared.stop, grace);
    tokio::pin!(over);
    loop {
        let result = tokio::select! {
            worker = workers.join_next() => match worker {
                Some(worker) => finished(worker),
                None => break,
            },
            // Whoever is at the relay now is left there; the ledger knows them by their intents.
            () = &mut over => break,
            _ = orders.tick(), if failed.is_none() && !shared.stop.is_requested() => {
                looks = looks.wrapping_add(1);
                look(shared, looks).await
            }
        };
        if let Err(error) = result {
            // Nothing is sent that cannot be recorded.
            shared.stop.request();
            failed.get_or_insert(error);
        }
    }
    workers.shutdown().await;
    failed.map_or(Ok(()), Err)
}

async fn look<S: Store, C: Connect>(shared: &Arc<Shared<S, C>>, looks: u32) -> Result<(), LedgerError> {
    shared.follow_orders().await?;
    if looks.is_multiple_of(REFRESH_EVERY) {
        shared.refresh().await?;
    }
    Ok(())
}

/// When nothing is waited for any longer.
async fn over(stop: &Stop, grace: Duration) {
    stop.requested().await;
    tokio::select! {
        () = stop.insisted() => {}
        () = tokio::time::sleep(grace) => {}
    }
}

fn finished(worker: Result<Result<(), LedgerError>, JoinError>) -> Result<(), LedgerError> {
    worker.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_cancelled) => Ok(()),
    })
}
