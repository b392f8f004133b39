//! What a person sees while a run goes on: a bar on a terminal, a line now and then without one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::console::{Console, Style};
use super::discreet::without_addresses;
use crate::delivery::Outcome;
use crate::dispatch::Event;

/// Without a terminal, a line this often.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Many sessions hear the same refusal, and each hears it again: that something slows down is said once in this time,
/// and when it slows down further.
const SLOWED_EVERY: Duration = Duration::from_mins(1);
/// The rate is that of this last while.
const RATE_OVER: Duration = Duration::from_secs(30);

/// Counts what happens and shows it.
pub(super) struct Progress {
    console: Console,
    bar: ProgressBar,
    total: u64,
    finished: u64,
    counts: BTreeMap<&'static str, u64>,
    /// How many had finished, at some moments of the last while.
    marks: Vec<(Instant, u64)>,
    last_line: Instant,
    /// The relays that cannot be used at present.
    outages: BTreeSet<String>,
    /// What was slowed down, and to what share of its pace when that was last said, and when.
    slowed: BTreeMap<String, (f64, Instant)>,
    /// Nothing is due before this.
    waiting: Option<Timestamp>,
    /// The wait that was last told of, and when.
    told_wait: Option<(Timestamp, Instant)>,
}

impl Progress {
    /// Progress of a run of `total` recipients of which `finished` need no more work.
    pub(super) fn new(console: Console, total: u64, finished: u64) -> Self {
        let target = if console.terminal && !console.quiet {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target).with_position(finished);
        let template = if console.color_err {
            "{bar:32.green/dim} {human_pos}/{human_len}  {msg}"
        } else {
            "{bar:32} {human_pos}/{human_len}  {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━─"));
        }
        let now = Instant::now();
        Self {
            console,
            bar,
            total,
            finished,
            counts: BTreeMap::new(),
            marks: vec![(now, finished)],
            last_line: now,
            outages: BTreeSet::new(),
            slowed: BTreeMap::new(),
            waiting: None,
            told_wait: None,
        }
    }

    /// Shows what comes until the run drops its end.
    pub(super) async fn follow(mut self, mut events: UnboundedReceiver<Event>) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.show(event),
                    None => break,
                },
                _ = tick.tick() => {}
            }
            self.refresh();
        }
        self.bar.finish_and_clear();
    }

    fn show(&mut self, event: Event) {
        match event {
            Event::Attempt { outcome, reply } => {
                self.waiting = None;
                *self.counts.entry(outcome.as_str()).or_default() += 1;
                match outcome {
                    Outcome::Deferred | Outcome::Requeued => {}
                    _ => self.finished += 1,
                }
                self.bar.set_position(self.finished);
                if outcome == Outcome::Bounced
                    && let Some(reply) = reply
                {
                    tracing::debug!(target: "mailshot::send", "refused: {reply}");
                }
            }
            Event::Outage { relay, failure, pause } => {
                // Said once an outage, not at every try.
                if self.outages.insert(relay.clone()) {
                    let why = without_addresses(&failure.to_string());
                    self.line(&format!(
                        "[relay.{relay}] cannot be used ({why}): trying again, first in {:.1} s",
                        pause.as_secs_f64()
                    ));
                }
            }
            Event::Recovered { relay } => {
                if self.outages.remove(&relay) {
                    self.line(&format!("[relay.{relay}] works again"));
                }
            }
            Event::RelayOut { relay, failure } => {
                let why = without_addresses(&failure.to_string());
                self.line(&format!("[relay.{relay}] is not used any more: {why}"));
            }
            Event::Slowed { relay, domain, share } => {
                let whom = domain.unwrap_or_else(|| format!("[relay.{relay}]"));
                if self.slows_down(&whom, share) {
                    let percent = share * 100.0;
                    self.line(&format!("{whom} asked to slow down: {percent:.0} % of its pace for now"));
                }
            }
            Event::Amended => self.line("going on with the amended build"),
            Event::Waiting { until, latest } => {
                self.waiting = Some(until);
                if self.is_worth_telling(until) {
                    self.line(&format!(
                        "waiting for those deferred: the next is tried at {}, the last is given up by {}",
                        until.strftime("%H:%M:%S UTC"),
                        latest.strftime("%Y-%m-%d %H:%M UTC")
                    ));
                }
            }
        }
    }

    /// Whether this wait gets a line: each once, though every session says so at every look; and of many short ones,
    /// as those deferred come back one by one, only some. What was not told is said again before long.
    fn is_worth_telling(&mut self, until: Timestamp) -> bool {
        let now = Instant::now();
        let told = self.told_wait.is_some_and(|(told, at)| told == until || now - at < LINE_EVERY);
        if !told {
            self.told_wait = Some((until, now));
        }
        !told
    }

    /// Whether that is worth a line.
    fn slows_down(&mut self, whom: &str, share: f64) -> bool {
        let now = Instant::now();
        let known = self.slowed.get(whom);
        let again = known.is_some_and(|(said, at)| share >= *said && now - *at < SLOWED_EVERY);
        if !again {
            self.slowed.insert(whom.to_owned(), (share, now));
        }
        !again
    }

    fn refresh(&mut self) {
        let now = Instant::now();
        if self.marks.last().is_some_and(|(at, _)| now - *at >= Duration::from_millis(500)) {
            self.marks.push((now, self.finished));
            self.marks.retain(|(at, _)| now - *at <= RATE_OVER);
            self.bar.set_message(self.summary(now));
        }
        let silent = !self.console.terminal && self.waiting.is_none() && now - self.last_line >= LINE_EVERY;
        if silent {
            self.last_line = now;
            self.console.note(&format!("{}/{}  {}", self.finished, self.total, self.summary(now)));
        }
    }

    fn line(&self, text: &str) {
        let text = Style::Yellow.paint(self.console.color_err, text);
        self.bar.suspend(|| self.console.note(&text));
    }

    /// Rate, time left, and whatever is not simply delivered.
    fn summary(&self, now: Instant) -> String {
        let mut parts = Vec::new();
        if let Some(until) = self.waiting {
            parts.push(format!("nothing is due before {}", until.strftime("%H:%M:%S UTC")));
        } else if let Some((at, finished)) = self.marks.first() {
            let seconds = (now - *at).as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
            let rate = if seconds > 0.0 { (self.finished - finished) as f64 / seconds } else { 0.0 };
            parts.push(format!("{rate:.1}/s"));
            #[expect(clippy::cast_precision_loss, reason = "shown in whole seconds")]
            let left = self.total.saturating_sub(self.finished) as f64;
            if rate > 0.0 && left > 0.0 {
                let left = Duration::from_secs_f64((left / rate).min(1e9));
                parts.push(format!("{} left", human_duration(left)));
            }
        }
        for name in ["deferred", "bounced", "in_doubt", "requeued"] {
            if let Some(count) = self.counts.get(name) {
                parts.push(format!("{count} {}", name.replace('_', " ")));
            }
        }
        parts.join(", ")
    }
}

/// `1 h 05 min`, `3 min 20 s`, `12 s`.
pub(super) fn human_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} min {s:02} s"),
        (0, h, m, _) => format!("{h} h {m:02} min"),
        (d, h, _, _) => format!("{d} d {h} h"),
    }
}
