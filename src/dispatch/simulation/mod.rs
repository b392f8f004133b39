//! A whole run against simulated relays, clock and ledger, by a seed: crashes, lost connections, refusals,
//! throttling, pauses, suppressions, amendments, a disk that fails and a clock that jumps, at random moments.
//!
//! The dispatch is the real one. What it is held to:
//! - nobody is lost, nobody is sent to twice, and no message leaves without a durable intent;
//! - in doubt at most twice the sessions for each violent end, and one for each connection lost after the dot;
//! - what the ledger says of each recipient is what the relays did;
//! - nobody suppressed or in a halted run is sent to, nobody is retried early, and nobody waits for ever;
//! - the pace is kept.
//!
//! `MAILSHOT_SIM_SEED=7` repeats one seed; `MAILSHOT_SIM_SEEDS=100000` runs more of them.

mod book;
mod prompt;
mod relay;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use self::book::Book;
pub(super) use self::prompt::Prompt;
use self::relay::Postman;
use self::world::{Misfortune, World};
use super::{Ended, Job, Relay, Stop, deliver};
use crate::delivery::{Limit, RetrySchedule};
use crate::ledger::{LedgerError, RunId};

/// How many seeds every run of the tests takes.
const SEEDS: u64 = 1_000;
/// After so many processes the weather is calm, so that every seed comes to an end.
const ROUGH_PROCESSES: u32 = 8;
/// A seed that needs more processes than this, or more time, never ends.
const MOST_PROCESSES: u32 = 40;
const LONGEST: Duration = Duration::from_hours(6);

#[test]
fn whatever_happens_everybody_has_one_true_state() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    if let Some(seed) = number("MAILSHOT_SIM_SEED") {
        live(seed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        return;
    }
    let seeds = number("MAILSHOT_SIM_SEEDS").unwrap_or(SEEDS);
    let mut told = BTreeMap::new();
    for seed in 0..seeds {
        let happened = live(seed).unwrap_or_else(|why| panic!("MAILSHOT_SIM_SEED={seed}: {why}"));
        for (what, times) in happened {
            *told.entry(what).or_insert(0_u64) += times;
        }
    }
    println!("{seeds} seeds: {told:?}");
    // A simulation in which nothing happens proves nothing.
    for what in [
        "crash", "rival", "stop", "pause", "disk", "jump", "suppress", "amend", "accepted", "in doubt",
        "deferred",
    ] {
        assert!(seeds < SEEDS || told.get(what).is_some_and(|times| *times > seeds / 50), "{what}: {told:?}");
    }
}

/// One run from its launch to its end. What happened, and how often.
fn live(seed: u64) -> Result<BTreeMap<&'static str, u64>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let world = World::new(seed);
        let started = Instant::now();
        for process in 0..MOST_PROCESSES {
            if !world.start_process(process < ROUGH_PROCESSES) {
                return Err("a process that is gone still holds the run".to_owned());
            }
            let ended = tokio::time::timeout(LONGEST, work(&world)).await;
            let ended = ended.map_err(|_| format!("a process goes on for ever: {world:?}"))?;
            world.check()?;
            match ended {
                Some(Ok(Ended::Complete)) => {
                    world.check_end(started.elapsed(), LONGEST)?;
                    return Ok(world.told());
                }
                Some(Ok(Ended::Early(halt))) => world.stopped(&halt)?,
                Some(Err(error)) => world.failed(&error)?,
                None => {}
            }
        }
        Err(format!("it does not come to an end: {world:?}"))
    })
}

/// One process at the run, and what befalls it; none if it is killed.
async fn work(world: &World) -> Option<Result<Ended, LedgerError>> {
    let stop = Stop::default();
    let (events, _listener) = mpsc::unbounded_channel();
    let run = deliver(job(world), stop.clone(), events);
    tokio::pin!(run);
    loop {
        let (pause, misfortune) = world.next_misfortune();
        tokio::select! {
            biased;
            ended = &mut run => return Some(ended),
            () = sleep(pause) => match misfortune {
                Misfortune::Crash => {
                    world.kill();
                    return None;
                }
                Misfortune::Stop => stop.request(),
                Misfortune::Insist => {
                    stop.insist();
                    world.violent_end();
                }
                Misfortune::Rival if world.start_process(true) => {
                    return Some(Err(LedgerError::NoRun { run: RunId(1) }));
                }
                Misfortune::Rival | Misfortune::None => {}
            },
        }
    }
}

fn job(world: &World) -> Job<Book, Postman> {
    let second = Duration::from_secs(1);
    let relays = (0..world.relays()).map(|relay| Relay {
        name: format!("relay{relay}"),
        connect: Postman::new(world, relay),
        // The second has room for more sessions than the first.
        sessions: world.sessions() + relay,
        messages_per_session: 7,
        idle: second * 30,
        lifetime: second * 600,
        limits: vec![Limit { messages: World::RATE, window: second }],
        domains: BTreeMap::from([("slow.example".to_owned(), vec![Limit { messages: 2, window: second }])]),
    });
    Job {
        store: Book::new(world),
        run: RunId(1),
        messages: Arc::new(relay::Letters),
        relays: relays.collect(),
        clock: Arc::new(world.clone()),
        retry: RetrySchedule { first: second * 5, factor: 2.0, max: second * 30, give_up: second * 120 },
        patience: second * 60,
        max_refused: 0.6,
        limit: None,
        grace: second * 10,
    }
}
