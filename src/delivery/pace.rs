//! How often messages may leave: the arithmetic of limits, on a clock in microseconds.
//!
//! | limits | how they hold |
//! | --- | --- |
//! | up to a minute | *evenly*: permits are moments, one interval apart, without burst |
//! | longer | *quota*: what left in the past hour or day, in hundredths of it, never exceeds the limit |
//!
//! The interval is a hundredth longer than the limit asks for. A permit may therefore be used up to a hundredth of the
//! window late, and still no window of that length ever sees more than the limit.

use std::time::Duration;

/// At most so many messages in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub messages: u32,
    /// In how long.
    pub window: Duration,
}

/// The longest window that is kept evenly.
const LONGEST_EVEN: Duration = Duration::from_mins(1);
/// A quota is counted in so many parts of its window.
const PARTS: i64 = 100;
/// No pace is slowed down below this share.
pub const LOWEST_SHARE: f64 = 1.0 / 64.0;
/// After being slowed down, the pace takes this long from nothing to all of it: from a half, 10 minutes.
const RECOVERY: Duration = Duration::from_mins(20);

/// Permits one interval apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    /// Between two permits.
    pub interval_us: i64,
    /// How late a permit may be used.
    pub slack_us: i64,
}

impl Limit {
    /// Whether it is kept evenly.
    pub fn is_even(&self) -> bool {
        self.window <= LONGEST_EVEN
    }

    /// The window, a hundredth longer.
    pub fn stretched_us(&self) -> i64 {
        let us = micros(self.window);
        us + us / PARTS
    }

    /// The length of one part of a quota.
    pub fn part_us(&self) -> i64 {
        (micros(self.window) / PARTS).max(1)
    }
}

/// The spacing that keeps all even limits, with this share of the pace left; none where there are none.
pub fn spacing(limits: &[Limit], share: f64) -> Option<Spacing> {
    let even = || limits.iter().filter(|limit| limit.is_even());
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "rounded up; far below 2^53"
    )]
    let interval = |limit: &Limit| {
        let apart = limit.stretched_us() as f64 / f64::from(limit.messages.max(1));
        (apart / share.clamp(LOWEST_SHARE, 1.0)).ceil() as i64
    };
    let interval_us = even().map(interval).max()?;
    let slack_us = even().map(|limit| micros(limit.window) / PARTS).min()?;
    Some(Spacing { interval_us, slack_us })
}

/// What a limit is for single messages to a domain: at most `messages` in `window_us`, and `gap_us` between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sliding {
    /// How many.
    pub messages: u32,
    /// In any window of this length.
    pub window_us: i64,
    /// Between two: three quarters of the even spacing, so that waiting for a session costs no permit.
    pub gap_us: i64,
}

/// An even limit of a domain, with this share of the pace left.
pub fn sliding(limit: &Limit, share: f64) -> Sliding {
    let messages = f64::from(limit.messages.max(1)) * share.clamp(LOWEST_SHARE, 1.0);
    let window_us = limit.stretched_us();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive and far below 2^53; the number of messages fits what it came from"
    )]
    let (whole, apart) = (messages as u32, (window_us as f64 / messages).ceil() as i64);
    if whole < 2 {
        return Sliding { messages: 1, window_us: apart, gap_us: apart };
    }
    Sliding { messages: whole, window_us, gap_us: apart * 3 / 4 }
}

/// The share of the pace at this time, of what was slowed down to `share` at `at_ms`. It comes back evenly with time.
/// A clock that was set back neither holds it down for ever nor makes it worse.
pub fn share_at(share: f64, at_ms: i64, now_ms: i64) -> f64 {
    let since = Duration::from_millis(now_ms.abs_diff(at_ms));
    (share + since.as_secs_f64() / RECOVERY.as_secs_f64()).clamp(LOWEST_SHARE, 1.0)
}

/// Half of this share, but never nothing.
pub fn halved(share: f64) -> f64 {
    (share / 2.0).max(LOWEST_SHARE)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_tightest_of_several_limits_gives_the_spacing() {
        let limits = [
            Limit { messages: 20, window: SECOND },
            Limit { messages: 600, window: SECOND * 60 },
            Limit { messages: 5, window: SECOND * 3600 },
        ];
        let spacing = spacing(&limits, 1.0).unwrap();
        assert_eq!(spacing, Spacing { interval_us: 101_000, slack_us: 10_000 });
        assert_eq!(super::spacing(&limits, 0.5).unwrap().interval_us, 202_000);
        assert_eq!(super::spacing(&limits[2..], 1.0), None);
    }

    #[test]
    fn a_slowed_pace_comes_back_in_ten_minutes_whatever_the_clock_does() {
        let minute = 60_000;
        assert_eq!(share_at(0.5, 0, 0).to_string(), "0.5");
        assert_eq!(share_at(0.5, 0, 5 * minute).to_string(), "0.75");
        assert_eq!(share_at(0.5, 0, 10 * minute).to_string(), "1");
        assert_eq!(share_at(0.5, 600 * minute, 0).to_string(), "1");
        assert_eq!(halved(LOWEST_SHARE).to_string(), LOWEST_SHARE.to_string());
    }

    #[test]
    fn less_than_one_message_a_window_means_a_longer_window() {
        let limit = Limit { messages: 1, window: SECOND };
        assert_eq!(sliding(&limit, 0.25), Sliding { messages: 1, window_us: 4_040_000, gap_us: 4_040_000 });
        let limit = Limit { messages: 10, window: SECOND };
        assert_eq!(sliding(&limit, 1.0), Sliding { messages: 10, window_us: 1_010_000, gap_us: 75_750 });
    }

    proptest! {
        /// Permits in a row, each used as late as it may be or in time: no window holds more than the limit.
        #[test]
        fn no_window_ever_holds_more_than_the_limit(
            messages in 1u32..200, minute in any::<bool>(), late in proptest::collection::vec(any::<bool>(), 500),
        ) {
            let limit = Limit { messages, window: if minute { SECOND * 60 } else { SECOND } };
            let spacing = spacing(&[limit], 1.0).unwrap();
            let used: Vec<i64> = late
                .iter()
                .enumerate()
                .map(|(n, late)| i64::try_from(n).unwrap() * spacing.interval_us + i64::from(*late) * spacing.slack_us)
                .collect();
            let n = messages as usize;
            for window in used.windows(n + 1) {
                prop_assert!(window[n] - window[0] >= micros(limit.window));
            }
        }
    }
}
