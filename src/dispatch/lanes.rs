//! What was read of the queue and not handed out yet: those that may go at any time, and a lane for each domain that
//! has a limit, so that one slow domain does not stand in the way of the others.

use std::collections::{BTreeMap, VecDeque};

use tokio::time::Instant;

use crate::ledger::Recipient;

/// A lane with so many is full: of its domain no more are read ahead.
const FULL: usize = 200;
/// A lane with so few is filled up again, where some were passed over.
const LOW: usize = 50;

/// Those of one domain with a limit.
#[derive(Debug)]
struct Lane {
    ready: VecDeque<Recipient>,
    /// Closed until then.
    opens: Instant,
    /// One was taken, and its permit is being asked for.
    busy: bool,
    /// Some were passed over in the ledger because the lane was full.
    passed_over: bool,
}

impl Lane {
    fn is_open(&self, now: Instant) -> bool {
        !self.busy && self.opens <= now
    }
}

/// Recipients at hand.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    free: VecDeque<Recipient>,
    lanes: BTreeMap<String, Lane>,
}

/// Which domains have a limit at the relay that asks.
pub(super) type Limited<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// One that may go now.
#[derive(Debug)]
pub(super) struct Picked {
    pub(super) recipient: Recipient,
    /// Its domain has a limit: the permit is still to be asked for, and its lane is closed until the answer is told.
    pub(super) limited: bool,
}

impl Lanes {
    /// Takes in what was read, in its order.
    pub(super) fn extend(&mut self, recipients: Vec<Recipient>, limited: Limited<'_>) {
        for recipient in recipients {
            if limited(&recipient.domain) {
                self.lane(&recipient.domain).ready.push_back(recipient);
            } else {
                self.free.push_back(recipient);
            }
        }
    }

    fn lane(&mut self, domain: &str) -> &mut Lane {
        self.lanes.entry(domain.to_owned()).or_insert_with(|| Lane {
            ready: VecDeque::new(),
            opens: Instant::now(),
            busy: false,
            passed_over: false,
        })
    }

    /// How many may go now: of a lane with a limit, one at a time.
    pub(super) fn available(&self, now: Instant, limited: Limited<'_>) -> usize {
        let lanes = self.lanes.iter().map(|(domain, lane)| match lane.ready.len() {
            some if some > 0 && limited(domain) => usize::from(lane.is_open(now)),
            all => all,
        });
        self.free.len() + lanes.sum::<usize>()
    }

    /// The next one that may go now: first whoever's lane has been open the longest, for there the pace is scarce.
    pub(super) fn pick(&mut self, now: Instant, limited: Limited<'_>) -> Option<Picked> {
        let open = self.lanes.iter_mut().filter(|(_, lane)| !lane.ready.is_empty());
        let open = open.filter(|(domain, lane)| lane.is_open(now) || !limited(domain));
        if let Some((domain, lane)) = open.min_by_key(|(_, lane)| lane.opens)
            && let Some(recipient) = lane.ready.pop_front()
        {
            let limited = limited(domain);
            lane.busy |= limited;
            return Some(Picked { recipient, limited });
        }
        while let Some(recipient) = self.free.pop_front() {
            if !limited(&recipient.domain) {
                return Some(Picked { recipient, limited: false });
            }
            // Its domain was slowed down since it was read.
            let lane = self.lane(&recipient.domain);
            lane.ready.push_back(recipient);
            if lane.is_open(now) {
                return self.pick(now, limited);
            }
        }
        None
    }

    /// The lane's permit was answered: the next one may go from then on.
    pub(super) fn opens(&mut self, domain: &str, at: Instant) {
        let lane = self.lane(domain);
        lane.busy = false;
        lane.opens = at;
    }

    /// Back to the head of its lane.
    pub(super) fn put_back(&mut self, recipient: Recipient) {
        self.lane(&recipient.domain).ready.push_front(recipient);
    }

    /// When the next lane opens in which somebody waits; none where nobody waits, or a permit is being asked for.
    pub(super) fn next_opening(&self, now: Instant) -> Option<Instant> {
        let waiting = self.lanes.values().filter(|lane| !lane.ready.is_empty() && !lane.busy);
        waiting.map(|lane| lane.opens).filter(|opens| *opens > now).min()
    }

    /// Marks the full lanes, and names them: their domains are passed over.
    pub(super) fn pass_over(&mut self) -> Vec<String> {
        let full = self.lanes.iter_mut().filter(|(_, lane)| lane.ready.len() >= FULL);
        full.map(|(domain, lane)| {
            lane.passed_over = true;
            domain.clone()
        })
        .collect()
    }

    /// A domain whose lane runs low though some of it were passed over. It is named once: whoever fills it says so
    /// again where more remains.
    pub(super) fn hungry(&mut self) -> Option<String> {
        let low = |lane: &Lane| lane.passed_over && lane.ready.len() < LOW;
        let (domain, lane) = self.lanes.iter_mut().find(|(_, lane)| low(lane))?;
        lane.passed_over = false;
        Some(domain.clone())
    }

    /// How many to read for a lane that runs low.
    pub(super) const fn refill() -> usize {
        FULL
    }

    /// More of this domain were left in the ledger.
    pub(super) fn more_of(&mut self, domain: &str) {
        self.lane(domain).passed_over = true;
    }

    /// The numbers of all at hand.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        let lanes = self.lanes.values().flat_map(|lane| &lane.ready);
        self.free.iter().chain(lanes).map(|recipient| recipient.n)
    }
}
