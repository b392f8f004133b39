//! What a launch is about to do, and the operator's word on it.

use std::time::Duration;

use serde::Serialize;

use super::args::SendArgs;
use super::console::{Console, Style};
use super::error::CliError;
use super::progress::human_duration;
use super::project::{Loaded, Project};
use crate::check::Selection;
use crate::config::{Preset, Rate, Relay};

/// An audience this much larger or smaller than the last run's, in percent, needs `--expect`.
const USUAL_PERCENT: u64 = 20;

/// The plan of a launch.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    campaign: String,
    subject: String,
    list: String,
    list_age_seconds: u64,
    /// Those who get it: the suppressed are left out.
    recipients: u64,
    filtered: u64,
    outside_segment: u64,
    duplicates: u64,
    invalid: u64,
    suppressed: u64,
    /// Where it goes; a rehearsal goes to no relay.
    #[serde(flatten)]
    relay: Option<Pace>,
}

/// Over which relay, and how fast.
#[derive(Debug, Serialize)]
struct Pace {
    relay: String,
    sessions: usize,
    rate: String,
    takes_seconds: u64,
    /// Which relays stand in when that one fails.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stand_ins: Vec<String>,
    /// Whether the relay gives messages an id of its own.
    #[serde(skip)]
    renames: bool,
}

impl Plan {
    /// The plan for a selection of which so many are suppressed.
    pub(super) fn new(
        project: &Project,
        loaded: &Loaded,
        selection: &Selection,
        suppressed: u64,
        relays: &[&Relay],
        args: &SendArgs,
    ) -> Result<Self, CliError> {
        let recipients = selection.staging.len() - suppressed;
        if recipients == 0 {
            return Err(CliError::refused(
                "all-suppressed",
                "everybody who is to get this issue is on the suppression list",
                "mailshot suppress list",
            ));
        }
        let now = args.limit.map_or(recipients, |limit| limit.min(recipients));
        Ok(Self {
            campaign: loaded.source.slug.clone(),
            subject: loaded.compiled.build.subject_line(),
            list: loaded.shown.display().to_string(),
            list_age_seconds: loaded.list_age(&project.config.project)?.as_secs(),
            recipients,
            filtered: selection.filtered,
            outside_segment: selection.outside_segment,
            duplicates: selection.duplicates,
            invalid: selection.invalid,
            suppressed,
            relay: relays.first().map(|relay| Pace::of(relay, &relays[1..], now)),
        })
    }

    /// Prints it, as the result of a dry run.
    pub(super) fn print(&self, console: Console) -> Result<(), CliError> {
        if console.json {
            return Ok(console.out_json(self)?);
        }
        self.rows(console.color_out).iter().try_for_each(|row| Ok(console.out(row)?))
    }

    /// Shows it before the question.
    pub(super) fn show(&self, console: Console) {
        for row in self.rows(console.color_err) {
            console.note(&row);
        }
    }

    fn rows(&self, color: bool) -> Vec<String> {
        let mut rows = Vec::new();
        let mut row = |name: &str, value: &str| {
            rows.push(format!("{}  {value}", Style::Bold.paint(color, &format!("{name:<10}"))));
        };
        row("subject", &self.subject);
        let age = human_duration(Duration::from_secs(self.list_age_seconds));
        row("list", &format!("{}, changed {age} ago", self.list));
        row("recipients", &self.recipients.to_string());
        for (count, why) in [
            (self.filtered, "not mailed: `[list] where` does not hold"),
            (self.outside_segment, "not mailed: outside the segment"),
            (self.duplicates, "not mailed: the address stands in an earlier row"),
            (self.invalid, "not mailed: no valid address"),
            (self.suppressed, "not mailed: suppressed"),
        ] {
            if count > 0 {
                row("", &format!("{count} {why}"));
            }
        }
        match &self.relay {
            Some(Pace { relay, sessions, rate, takes_seconds, stand_ins, renames }) => {
                let plural = if *sessions == 1 { "" } else { "s" };
                row("relay", &format!("{relay}, {sessions} session{plural}, at most {rate}"));
                if !stand_ins.is_empty() {
                    row("", &format!("{} where that one fails", stand_ins.join(", ")));
                }
                if *renames {
                    row("", "it puts its own Message-ID in the place of ours: `relay_id` in the log");
                }
                row("takes", &format!("at least {}", human_duration(Duration::from_secs(*takes_seconds))));
            }
            None => row("relay", "none: a rehearsal goes to a server inside this process"),
        }
        rows
    }

    /// An audience far off the last run's is a mistake more often than not.
    pub(super) fn must_be_expected(
        &self,
        previous: Option<u64>,
        expect: Option<u64>,
    ) -> Result<(), CliError> {
        if let Some(expect) = expect {
            if expect == self.recipients {
                return Ok(());
            }
            return Err(CliError::refused(
                "unexpected-audience",
                format!("{} recipients, not the {expect} expected", self.recipients),
                "look at the list, or correct --expect",
            ));
        }
        let Some(previous) = previous else { return Ok(()) };
        if self.recipients.abs_diff(previous) * 100 <= previous * USUAL_PERCENT {
            return Ok(());
        }
        Err(CliError::refused(
            "unexpected-audience",
            format!(
                "{} recipients, but the last run had {previous}: more than {USUAL_PERCENT} % off",
                self.recipients
            ),
            format!("look at the list; if it is right: --expect {}", self.recipients),
        ))
    }

    /// The operator types the number of recipients; `--yes` answers for cron.
    pub(super) fn confirm(&self, args: &SendArgs, console: Console) -> Result<(), CliError> {
        if args.yes {
            return Ok(());
        }
        let question = format!("Type the number of recipients ({}) to send:", self.recipients);
        match console.ask(&question) {
            Some(answer) if answer == self.recipients.to_string() => Ok(()),
            Some(_) => {
                Err(CliError::refused("declined", "declined: nothing was sent", "type the number to send"))
            }
            None => Err(CliError::refused(
                "nobody-there",
                "nobody is there to confirm the launch",
                "run it on a terminal, or add --yes",
            )),
        }
    }
}

impl Pace {
    fn of(relay: &Relay, stand_ins: &[&Relay], messages: u64) -> Self {
        let named = |relay: &Relay| format!("{} ({}:{})", relay.name, relay.host, relay.port);
        let rates: Vec<String> = relay.rates.iter().map(ToString::to_string).collect();
        let takes = relay.rates.iter().map(|rate| takes_seconds(*rate, messages)).max();
        Self {
            relay: named(relay),
            sessions: relay.sessions,
            rate: rates.join(" and "),
            takes_seconds: takes.unwrap_or_default(),
            stand_ins: stand_ins.iter().map(|relay| named(relay)).collect(),
            renames: relay.preset.is_some_and(Preset::replaces_message_id),
        }
    }
}

/// How long so many messages take at this rate. What an hour's or a day's quota holds leaves without a wait.
fn takes_seconds(rate: Rate, messages: u64) -> u64 {
    let (window, per_window) = (rate.window.duration().as_secs(), u64::from(rate.messages.max(1)));
    if rate.window.spaces() {
        return u64::try_from(u128::from(messages) * u128::from(window) / u128::from(per_window))
            .unwrap_or(u64::MAX);
    }
    messages.saturating_sub(1) / per_window * window
}
