//! What the server saw, by campaign and by process: the truth that the ledger is held against.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::support::{Action, At, Script, Seen};

/// Written by the server, read by the test.
#[derive(Default)]
pub(crate) struct Record {
    seen: Mutex<Campaign>,
    changed: Condvar,
}

/// One campaign as the server saw it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Campaign {
    /// Where its receipt must be before the first message is accepted.
    receipt: PathBuf,
    /// When MAIL came, by process.
    pub(crate) mails: Vec<Vec<Instant>>,
    /// How many messages for each address.
    pub(crate) accepted: BTreeMap<String, usize>,
    /// Those accepted before the receipt was there.
    pub(crate) without_receipt: Vec<String>,
}

impl Campaign {
    /// Whether anything was offered yet.
    pub(crate) fn mailed(&self) -> bool {
        self.mails.iter().any(|mails| !mails.is_empty())
    }

    pub(crate) fn messages(&self) -> usize {
        self.accepted.values().sum()
    }
}

impl Record {
    /// A good server that keeps this record. As relays do, it takes a moment between taking a message and saying
    /// so: kills find messages that are there and not yet answered.
    pub(crate) fn script(self: &Arc<Self>, moment: Duration) -> Script {
        let record = Arc::clone(self);
        Script::accept_all().on(At::Dot, Action::Delay(moment)).watch(move |seen| record.note(seen))
    }

    fn note(&self, seen: Seen<'_>) {
        let mut campaign = self.seen.lock().unwrap();
        match seen {
            Seen::Mail => {
                if let Some(mails) = campaign.mails.last_mut() {
                    mails.push(Instant::now());
                }
            }
            Seen::Accepted(to) => {
                *campaign.accepted.entry(to.to_owned()).or_default() += 1;
                if !campaign.receipt.exists() {
                    campaign.without_receipt.push(to.to_owned());
                }
            }
        }
        self.changed.notify_all();
    }

    /// Starts over, for a campaign that leaves its receipt here.
    pub(crate) fn begin_campaign(&self, receipt: PathBuf) {
        *self.seen.lock().unwrap() = Campaign { receipt, ..Campaign::default() };
    }

    /// Goes on from what it had seen then, as if nothing had come since.
    pub(crate) fn restore(&self, campaign: &Campaign) {
        *self.seen.lock().unwrap() = campaign.clone();
    }

    /// From now on, what comes is from the next process.
    pub(crate) fn begin_process(&self) {
        self.seen.lock().unwrap().mails.push(Vec::new());
    }

    /// The campaign so far.
    pub(crate) fn campaign(&self) -> Campaign {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until this holds or `ended` says that nothing more will come. Whether it holds.
    pub(crate) fn wait(
        &self,
        mut holds: impl FnMut(&Campaign) -> bool,
        mut ended: impl FnMut() -> bool,
    ) -> bool {
        let mut campaign = self.seen.lock().unwrap();
        loop {
            if holds(&campaign) {
                return true;
            }
            if ended() {
                return false;
            }
            // The end of a process tells nobody here: it is looked for now and then.
            campaign = self.changed.wait_timeout(campaign, Duration::from_millis(5)).unwrap().0;
        }
    }
}
