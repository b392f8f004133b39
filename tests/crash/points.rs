//! Where a process is ended: as it enters its n-th call of some kind.
//!
//! `strace` can end a process there. It counts the calls of each kind for each thread by itself, and the first thread
//! that comes to its n-th one is where the process ends. So of the calls of one kind with the same number, in threads
//! that differ, only the one that comes first can be chosen; the others are not reached at their own moment. (The
//! sessions share a few threads; the ledger has one thread that writes, and before the launch all is done by the
//! first thread.)

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::trace::{Event, read};

/// As its n-th call of this kind begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) call: String,
    pub(crate) nth: usize,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.call, self.nth)
    }
}

impl FromStr for Point {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (call, nth) = text.split_once(':').unwrap_or((text, "1"));
        Ok(Self { call: call.to_owned(), nth: nth.parse()? })
    }
}

/// The kinds of calls, those that do alike together. What renames, links and removes counts as writing.
const KINDS: [(&str, &[&str]); 3] = [
    (
        "write",
        &[
            "write",
            "pwrite64",
            "ftruncate",
            "mkdir",
            "mkdirat",
            "linkat",
            "rename",
            "renameat",
            "unlink",
            "unlinkat",
        ],
    ),
    ("send", &["sendto", "sendmsg", "writev"]),
    ("sync", &["fsync", "fdatasync"]),
];

/// All of them, for `strace`.
pub(crate) fn all_calls() -> String {
    KINDS.iter().flat_map(|(_, calls)| *calls).map(|call| format!("?{call}")).collect::<Vec<_>>().join(",")
}

/// The calls of one kind in one part of a run.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    kind: &'static str,
    sending: bool,
    /// How many there were.
    seen: usize,
    /// Those that can be chosen, in their order.
    reachable: Vec<Point>,
}

/// The calls of a whole run, in launch and sending.
pub(crate) fn cells(trace: &str) -> Vec<Cell> {
    let new = |(kind, _): &(&'static str, _), sending| Cell { kind, sending, ..Cell::default() };
    let mut cells: Vec<_> = KINDS.iter().map(|kind| new(kind, false)).collect();
    cells.extend(KINDS.iter().map(|kind| new(kind, true)));
    let mut counts = std::collections::BTreeMap::<(u32, String), usize>::new();
    let mut chosen = BTreeSet::new();
    let mut sending = false;
    read(trace, |event| {
        let Event::Begins(call) = event else { return };
        let Some(kind) = KINDS.iter().position(|(_, calls)| calls.contains(&call.name)) else { return };
        sending |= kind == 1 && call.argument(1).starts_with(r#""\x4d\x41\x49\x4c"#);
        let nth = counts.entry((call.pid, call.name.to_owned())).or_default();
        *nth += 1;
        let point = Point { call: call.name.to_owned(), nth: *nth };
        let cell = &mut cells[kind + if sending { KINDS.len() } else { 0 }];
        cell.seen += 1;
        // A thread that wakes another writes to no file.
        let wakes = call.descriptor(0).path.as_os_str().as_encoded_bytes().starts_with(b"anon_inode:");
        if !wakes && chosen.insert(point.clone()) {
            cell.reachable.push(point);
        }
    });
    cells
}

/// So many points, as even as can be: a third in the launch, and as many of each kind as there are; within a kind every
/// k-th. Prints what it chose from.
pub(crate) fn choose(cells: &[Cell], wanted: usize) -> Vec<Point> {
    println!("calls  of which    seen  to choose from   every    points");
    let mut points = Vec::new();
    let mut left = wanted;
    // The smallest first: what it has not enough of falls to the others.
    let mut order: Vec<_> = cells.iter().collect();
    order.sort_by_key(|cell| (cell.sending, cell.reachable.len()));
    for (place, cell) in order.iter().enumerate() {
        let launching = order[place..].iter().filter(|cell| !cell.sending).count();
        let share = if launching > 0 {
            left.saturating_sub(wanted * 2 / 3).div_ceil(launching)
        } else {
            left.div_ceil(order.len() - place)
        };
        let count = share.min(cell.reachable.len());
        let taken =
            (0..count).map(|n| cell.reachable[(2 * n + 1) * cell.reachable.len() / (2 * count)].clone());
        points.extend(taken);
        left -= count;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let every = cell.reachable.len() as f64 / count.max(1) as f64;
        println!(
            "{:<5}  {:<8}  {:>6}  {:>14}  {every:>6.1}  {count:>8}",
            cell.kind,
            if cell.sending { "sending" } else { "launch" },
            cell.seen,
            cell.reachable.len(),
        );
    }
    assert_eq!(left, 0, "a run has too few calls to choose so many points from");
    points
}
