//! The points at which a process was ended, and what its run came to: judged one by one, told as a table.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::harness::{Account, Newsletter};
use crate::points::{Point, choose};
use crate::random::from_environment;
use crate::strace::{calls_of, killed_at};

const RECIPIENTS: usize = 200;
const SLUG: &str = "weekly";
/// How many points, unless `MAILSHOT_TEST_POINTS` says so.
const POINTS: u64 = 12;

/// Which life is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// The one that launches.
    First,
    /// One that goes on after a kill. Here too the thread that writes the ledger makes its first calls; in the first
    /// life the launch, in another thread, hides them (see [`crate::points`]).
    Resumed,
}

impl Life {
    /// Where the life before it was killed.
    pub(crate) fn earlier(self) -> Option<Point> {
        (self == Self::Resumed).then(|| Point { call: "sendto".to_owned(), nth: 30 })
    }

    /// How many lives end early.
    pub(crate) fn kills(self) -> u64 {
        1 + u64::from(self == Self::Resumed)
    }

    /// Of the points, a quarter goes to resumed lives.
    fn points(self) -> usize {
        let points = usize::try_from(from_environment("MAILSHOT_TEST_POINTS").unwrap_or(POINTS)).unwrap();
        if self == Self::First { points } else { points / 4 }
    }
}

/// A newsletter that was never sent.
pub(crate) fn newsletter() -> Newsletter {
    let newsletter = Newsletter::answered_after(Duration::from_millis(4), RECIPIENTS, "1000/s");
    newsletter.begin(SLUG);
    newsletter
}

/// How far the run had come.
pub(crate) fn place(newsletter: &Newsletter, life: Life) -> &'static str {
    let launched = newsletter.project.exists(".mailshot/ledger.db");
    match (life, newsletter.record.campaign().mailed(), launched) {
        (Life::Resumed, ..) => "resumed",
        (Life::First, true, _) => "sending",
        (Life::First, false, true) => "launch",
        (Life::First, false, false) => "before",
    }
}

/// A line of the table.
#[derive(Debug, Default)]
struct Line {
    points: usize,
    lost: u64,
    twice: u64,
    most_in_doubt: u64,
    in_doubt: u64,
    kept: usize,
}

/// What a point came to: for each kind of end, how far the run was and its account.
pub(crate) type Judged = Vec<(&'static str, &'static str, Account)>;

/// Ends lives at many points, prints the table, and fails where a promise was broken.
///
/// `end_at` ends one and says what came of it, or nothing where the process never came to the point. `MAILSHOT_TEST_POINT`
/// chooses a single one: `fsync:20` is the 20th fsync of a thread.
pub(crate) fn run(test: &str, life: Life, mut end_at: impl FnMut(&Point) -> Option<Judged>) {
    let points = if let Ok(point) = std::env::var("MAILSHOT_TEST_POINT") {
        vec![point.parse().unwrap()]
    } else {
        let newsletter = newsletter();
        if let Some(earlier) = life.earlier() {
            assert!(killed_at(&newsletter, SLUG, &earlier));
        }
        choose(&calls_of(&newsletter, SLUG), life.points())
    };
    let mut lines = BTreeMap::<_, Line>::new();
    let mut failures = Vec::new();
    for point in points {
        let (point, judged) = match reach(point, &mut end_at) {
            (point, Ok(judged)) => (point, judged),
            (point, Err(failure)) => {
                failures.push((point, failure));
                continue;
            }
        };
        for (kind, place, account) in judged {
            let line = lines.entry((kind, place)).or_default();
            line.add(&account);
            if !account.broken.is_empty() {
                failures.push((point.clone(), format!("{kind}, {place}: {}", account.broken.join("; "))));
            }
        }
    }
    print(&lines);
    for (point, failure) in &failures {
        println!("{point}: {failure}");
        println!(
            "  alone: MAILSHOT_TEST_POINT={point} cargo test --test crash -- --ignored --nocapture {test}"
        );
    }
    assert!(failures.is_empty(), "{} of the points above broke a promise", failures.len());
}

/// Ends a life at this point, or at an earlier one of its kind: another time fewer calls may be needed, or be spread
/// otherwise over the threads.
fn reach(
    mut point: Point,
    end_at: &mut impl FnMut(&Point) -> Option<Judged>,
) -> (Point, Result<Judged, String>) {
    loop {
        match catch_unwind(AssertUnwindSafe(|| end_at(&point))) {
            Ok(Some(judged)) => return (point, Ok(judged)),
            Ok(None) if point.nth > 1 => point.nth -= point.nth.div_ceil(10),
            Ok(None) => return (point, Err("the process never came there".to_owned())),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                return (point, Err(text.unwrap_or_else(|| "a check failed, see above".to_owned())));
            }
        }
    }
}

impl Line {
    fn add(&mut self, account: &Account) {
        self.points += 1;
        self.lost += account.lost;
        self.twice += account.twice;
        self.most_in_doubt = self.most_in_doubt.max(account.standing.in_doubt);
        self.in_doubt += account.standing.in_doubt;
        self.kept += usize::from(account.broken.is_empty());
    }
}

fn print(lines: &BTreeMap<(&str, &str), Line>) {
    println!("ended by             where    points  lost  twice  in doubt: most  in all  resumed ok");
    for ((kind, place), line) in lines {
        println!(
            "{kind:<20} {place:<8} {:>6}  {:>4}  {:>5}  {:>14}  {:>6}  {:>10}",
            line.points, line.lost, line.twice, line.most_in_doubt, line.in_doubt, line.kept,
        );
    }
}
