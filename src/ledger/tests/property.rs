//! Whatever is asked for in whatever order: the counts add up, nobody moves but by the table, and any prefix of it
//! can be resumed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const RECIPIENTS: u64 = 4;

#[derive(Debug, Clone, Copy)]
enum Step {
    Intent(u64),
    Record(u64, Outcome),
    Suppress(u64),
    Expire,
    Resolve(Resolution, Option<u64>),
    Retry(bool, bool, Option<u64>),
    /// The process dies; another takes over.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let n = 1..=RECIPIENTS;
    let maybe = || proptest::option::of(1..=RECIPIENTS);
    let outcome = proptest::sample::select(vec![
        Outcome::Delivered,
        Outcome::Deferred,
        Outcome::Bounced,
        Outcome::InDoubt,
        Outcome::Requeued,
        Outcome::Expired,
        Outcome::Suppressed,
    ]);
    let resolution = proptest::sample::select(vec![Resolution::Resend, Resolution::Delivered]);
    prop_oneof![
        6 => n.clone().prop_map(Step::Intent),
        6 => (n.clone(), outcome).prop_map(|(n, outcome)| Step::Record(n, outcome)),
        1 => n.prop_map(Step::Suppress),
        1 => Just(Step::Expire),
        1 => (resolution, maybe()).prop_map(|(resolution, n)| Step::Resolve(resolution, n)),
        1 => (any::<bool>(), any::<bool>(), maybe()).prop_map(|(expired, bounced, n)| Step::Retry(expired, bounced, n)),
        1 => Just(Step::Crash),
    ]
}

/// The table of states again, as simply as can be.
#[derive(Debug, Default)]
struct Model {
    states: BTreeMap<u64, State>,
    suppressed: Vec<u64>,
    rows: usize,
}

impl Model {
    fn new() -> Self {
        Self { states: (1..=RECIPIENTS).map(|n| (n, State::Queued)).collect(), ..Self::default() }
    }

    fn intent(&mut self, n: u64) -> Option<Intent> {
        let open = matches!(self.states[&n], State::Queued | State::Deferred);
        if !open {
            return None;
        }
        if self.suppressed.contains(&n) {
            self.put(n, State::Suppressed);
            return Some(Intent::Suppressed);
        }
        self.states.insert(n, State::InFlight);
        Some(Intent::Granted)
    }

    fn record(&mut self, n: u64, outcome: Outcome) -> bool {
        let from = self.states[&n];
        let resting = !matches!(from, State::Queued | State::Deferred | State::InFlight);
        let to = match (outcome, from) {
            _ if resting => return false,
            (Outcome::Delivered, State::InFlight) => State::Delivered,
            (Outcome::InDoubt, State::InFlight) => State::InDoubt,
            (Outcome::Deferred, _) => State::Deferred,
            (Outcome::Bounced, _) => State::Bounced,
            (Outcome::Requeued, _) => State::Queued,
            (Outcome::Expired, State::Deferred) => State::Expired,
            (Outcome::Suppressed, State::Queued | State::Deferred) => State::Suppressed,
            _ => return false,
        };
        self.put(n, to);
        true
    }

    fn put(&mut self, n: u64, to: State) {
        self.states.insert(n, to);
        self.rows += 1;
    }

    fn those(&self, from: State, n: Option<u64>) -> Vec<u64> {
        let each =
            self.states.iter().filter(|(each, state)| **state == from && n.is_none_or(|n| n == **each));
        each.map(|(n, _)| *n).collect()
    }

    fn move_all(&mut self, numbers: &[u64], to: State) {
        for &n in numbers {
            self.put(n, to);
        }
    }
}

fn key(n: Option<u64>) -> Option<String> {
    n.map(|n| format!("{n}@example.com"))
}

async fn take(step: Step, fixture: &Fixture, run: RunId, model: &mut Model) {
    let ledger = &fixture.ledger;
    match step {
        Step::Intent(n) => {
            assert_eq!(ledger.intent(run, n, at(100), 1).await.ok(), model.intent(n));
        }
        Step::Record(n, outcome) => {
            assert_eq!(ledger.record(attempt(run, n, outcome)).await.is_ok(), model.record(n, outcome));
        }
        Step::Suppress(n) => {
            if !model.suppressed.contains(&n) {
                fixture.suppress(&format!("{n}@example.com"));
                model.suppressed.push(n);
            }
        }
        Step::Expire => {
            let deferred = model.those(State::Deferred, None);
            model.move_all(&deferred, State::Expired);
            let expired = ledger.expire(run, at(100), std::time::Duration::from_secs(1)).await.unwrap();
            assert_eq!(expired, deferred.len() as u64);
        }
        Step::Resolve(resolution, n) => {
            let doubtful = model.those(State::InDoubt, n);
            let to = if resolution == Resolution::Resend { State::Queued } else { State::Delivered };
            model.move_all(&doubtful, to);
            let resolved = ledger.resolve(run, resolution, key(n).as_deref(), at(100)).unwrap();
            assert_eq!(resolved, doubtful.len() as u64);
        }
        Step::Retry(expired, bounced, n) => {
            let mut whom = if expired { model.those(State::Expired, n) } else { Vec::new() };
            whom.extend(if bounced { model.those(State::Bounced, n) } else { Vec::new() });
            let (out, back): (Vec<_>, Vec<_>) = whom.into_iter().partition(|n| model.suppressed.contains(n));
            model.move_all(&back, State::Queued);
            let retried = ledger.retry(run, Retry { expired, bounced }, key(n).as_deref(), at(100)).unwrap();
            let counted = (retried.requeued, retried.suppressed_left_out);
            assert_eq!(counted, (back.len() as u64, out.len() as u64));
        }
        Step::Crash => unreachable!("the caller opens the ledger again"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_the_table_says(steps in proptest::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut fixture, run) = Fixture::launched(RECIPIENTS);
        let mut model = Model::new();
        for step in steps.into_iter().chain([Step::Crash]) {
            if matches!(step, Step::Crash) {
                fixture = fixture.reopened();
                let orphans = model.those(State::InFlight, None);
                model.move_all(&orphans, State::InDoubt);
                let lock = fixture.ledger.lock(run).unwrap();
                prop_assert_eq!(fixture.ledger.recover(&lock).unwrap(), orphans.len() as u64);
            } else {
                runtime.block_on(take(step, &fixture, run, &mut model));
            }
            let counts = fixture.ledger.counts(run).unwrap();
            prop_assert_eq!(counts.recipients(), RECIPIENTS);
            for &state in State::ALL {
                prop_assert_eq!(counts.get(state), model.those(state, None).len() as u64, "{}", state.as_str());
            }
            prop_assert_eq!(fixture.log(run).len(), model.rows);
        }
        for (&n, &state) in &model.states {
            prop_assert_eq!(fixture.state(run, n), state);
        }
        // Whoever takes over is given exactly those that are still to be sent.
        let due = fixture.ledger.due(run, at(100), &mut Cursor::default(), 100, &Domains::All).unwrap();
        let open = model.those(State::Queued, None).len() + model.those(State::Deferred, None).len();
        prop_assert_eq!(due.len(), open);
        let complete = fixture.ledger.run(run).unwrap().state == RunState::Complete;
        prop_assert_eq!(complete, open == 0);
    }
}
