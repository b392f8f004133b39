//! The pace of the relays as `status` shows it: what is configured, and what is left of it at present.

use std::time::Duration;

use super::error::CliError;
use super::progress::human_duration;
use super::relay::limits;
use crate::clock;
use crate::config::{Config, Rate, Relay};
use crate::delivery::Limit;
use crate::ledger::{Ledger, Slowed};

/// A line for each relay, and one for each domain that has a limit or was slowed down.
pub(super) fn lines(config: &Config, ledger: &Ledger) -> Result<Vec<String>, CliError> {
    let mut lines = Vec::new();
    for relay in &config.relays {
        let slowed = ledger.slowed(&relay.name, clock::now())?;
        let of = |domain: Option<&str>| slowed.iter().find(|slowed| slowed.domain.as_deref() == domain);
        lines.push(line(&format!("pace of [relay.{}]", relay.name), &relay.rates, of(None)));
        for (domain, rates) in &relay.domains {
            lines.push(line(&format!("  {domain}"), rates, of(Some(domain))));
        }
        for slowed in &slowed {
            if let Some(domain) = slowed.domain.as_ref().filter(|domain| !has(relay, domain)) {
                lines.push(line(&format!("  {domain}"), &relay.rates, Some(slowed)));
            }
        }
    }
    Ok(lines)
}

fn has(relay: &Relay, domain: &str) -> bool {
    relay.domains.contains_key(domain)
}

fn line(whose: &str, rates: &[Rate], slowed: Option<&Slowed>) -> String {
    let configured: Vec<String> = rates.iter().map(ToString::to_string).collect();
    let configured = configured.join(" and ");
    let Some(slowed) = slowed else { return format!("{whose}: {configured}") };
    // What slows down is how evenly messages leave; an hour's or a day's quota stays what it is.
    let paced = rates.iter().copied().filter(|rate| is_even(*rate)).map(per_second).reduce(f64::min);
    let tightest =
        paced.unwrap_or_else(|| rates.iter().copied().map(per_second).fold(f64::INFINITY, f64::min));
    let since = clock::now().duration_since(slowed.since);
    let since = human_duration(Duration::try_from(since).unwrap_or_default());
    format!(
        "{whose}: {} now, {configured} configured; asked to slow down {since} ago",
        shown(tightest * slowed.share)
    )
}

fn is_even(rate: Rate) -> bool {
    limits(&[rate]).iter().all(Limit::is_even)
}

fn per_second(rate: Rate) -> f64 {
    f64::from(rate.messages) / rate.window.duration().as_secs_f64()
}

/// `12.5/s`, or by the minute where that is less than one a second.
fn shown(per_second: f64) -> String {
    let round = |value: f64| format!("{value:.1}").trim_end_matches(".0").to_owned();
    if per_second >= 1.0 {
        format!("{}/s", round(per_second))
    } else {
        format!("{}/min", round(per_second * 60.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Window;

    #[test]
    fn the_present_pace_stands_before_the_configured_one() {
        let rates = [Rate { messages: 20, window: Window::Second }];
        assert_eq!(line("[relay.main]", &rates, None), "[relay.main]: 20/s");
        let slowed = Slowed { domain: None, share: 0.5, since: clock::now() };
        assert_eq!(
            line("[relay.main]", &rates, Some(&slowed)),
            "[relay.main]: 10/s now, 20/s configured; asked to slow down 0 s ago"
        );
    }

    #[test]
    fn a_quota_is_not_what_slows_down() {
        let slowed = Slowed { domain: None, share: 0.5, since: clock::now() };
        let rate = |messages, window| Rate { messages, window };
        assert_eq!(
            line("main", &[rate(20, Window::Second), rate(50_000, Window::Day)], Some(&slowed)),
            "main: 10/s now, 20/s and 50000/day configured; asked to slow down 0 s ago"
        );
        // A domain that has nothing but a quota goes evenly while it is slowed down.
        assert_eq!(
            line("slow.example", &[rate(1200, Window::Hour)], Some(&slowed)),
            "slow.example: 10/min now, 1200/hour configured; asked to slow down 0 s ago"
        );
    }

    #[test]
    fn less_than_one_a_second_is_shown_by_the_minute() {
        assert_eq!(shown(0.25), "15/min");
        assert_eq!(shown(2.5), "2.5/s");
    }
}
