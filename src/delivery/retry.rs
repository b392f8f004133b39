//! When a temporary refusal is tried again (RFC 5321 4.5.4.1: retries grow apart, and end).

use std::time::Duration;

/// The pauses between counted attempts: `first`, then `factor` times longer each, never longer than `max`,
/// until `give_up` after the first counted attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetrySchedule {
    /// The pause after the first refusal.
    pub first: Duration,
    /// By how much each further pause is longer; below 1 counts as 1.
    pub factor: f64,
    /// No pause is longer than this.
    pub max: Duration,
    /// No attempt is made later than this after the first counted one.
    pub give_up: Duration,
}

/// Pauses differ by up to a tenth either way, so that recipients deferred together do not return together.
const JITTER: f64 = 0.1;

impl RetrySchedule {
    /// When to try again, in milliseconds of the same clock as `now_ms`; `None`: give up.
    ///
    /// `attempts` counts the attempts so far, the one that has just failed among them. `jitter` is a random
    /// number from 0 to 1; ½ gives the pause as configured.
    pub fn next(&self, attempts: u32, first_attempt_at_ms: i64, now_ms: i64, jitter: f64) -> Option<i64> {
        let stretch = 1.0 + JITTER * (2.0 * jitter.clamp(0.0, 1.0) - 1.0);
        let pause = self.pause(attempts).mul_f64(stretch);
        let next_ms = now_ms.saturating_add(millis(pause).max(1));
        let deadline_ms = first_attempt_at_ms.saturating_add(millis(self.give_up));
        (next_ms <= deadline_ms).then_some(next_ms)
    }

    /// No retry is further off than this: `max` with all its jitter.
    pub fn longest_pause(&self) -> Duration {
        self.max.mul_f64(1.0 + JITTER)
    }

    /// The pause after the attempt of this number (from 1), without jitter.
    pub fn pause(&self, attempts: u32) -> Duration {
        let growths = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.first.as_secs_f64() * self.factor.max(1.0).powi(growths);
        // Beyond `max` the product may well be infinite: it is compared as a number, never made a duration.
        if grown < self.max.as_secs_f64() { Duration::from_secs_f64(grown) } else { self.max }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn standard() -> RetrySchedule {
        RetrySchedule {
            first: Duration::from_mins(1),
            factor: 2.0,
            max: Duration::from_hours(1),
            give_up: Duration::from_hours(24),
        }
    }

    /// Every retry of one recipient that is always refused, in minutes after the first attempt.
    fn whole_schedule(schedule: RetrySchedule) -> Vec<i64> {
        let mut now = 0;
        let mut minutes = Vec::new();
        for attempts in 1.. {
            match schedule.next(attempts, 0, now, 0.5) {
                Some(next) => now = next,
                None => break,
            }
            minutes.push(now / MINUTE_MS);
        }
        minutes
    }

    #[test]
    fn the_standard_schedule_doubles_to_an_hour_and_ends_within_a_day() {
        let minutes = whole_schedule(standard());
        assert_eq!(minutes[..8], [1, 3, 7, 15, 31, 63, 123, 183]);
        assert_eq!((minutes.len(), minutes[minutes.len() - 1]), (28, 1_383));
    }

    #[test]
    fn nothing_is_tried_after_give_up() {
        let hasty = RetrySchedule { give_up: Duration::from_secs(30), ..standard() };
        assert_eq!(hasty.next(1, 0, 0, 0.5), None);
        let day_ms = 24 * 60 * MINUTE_MS;
        assert_eq!(standard().next(1, 0, day_ms, 0.5), None);
        assert_eq!(standard().next(1, 0, day_ms - MINUTE_MS, 0.5), Some(day_ms));
    }

    #[test]
    fn a_factor_below_one_never_hammers_the_relay() {
        let shrinking = RetrySchedule { factor: 0.0, ..standard() };
        assert_eq!(shrinking.pause(9), Duration::from_mins(1));
    }

    proptest! {
        #[test]
        fn a_pause_is_within_a_tenth_of_the_configured_one_and_never_in_the_past(
            attempts in 0u32.., first in 0u64..1 << 40, factor in -1e9..1e9f64, max in 0u64..1 << 40,
            now in 0i64..1 << 50, jitter in -1.0..2.0f64,
        ) {
            let schedule = RetrySchedule {
                first: Duration::from_millis(first),
                factor,
                max: Duration::from_millis(max),
                give_up: Duration::MAX,
            };
            let pause = schedule.pause(attempts).as_secs_f64() * 1_000.0;
            prop_assert!(schedule.pause(attempts) <= schedule.max);
            #[expect(clippy::cast_precision_loss, reason = "a millisecond more or less is allowed for")]
            let waited = (schedule.next(attempts, now, now, jitter).unwrap() - now) as f64;
            prop_assert!(waited >= 1.0);
            prop_assert!(waited >= pause * 0.9 - 1.0 && waited <= pause * 1.1 + 1.0, "{} for {}", waited, pause);
        }
    }
}
