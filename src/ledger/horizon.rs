//! How far from the present a permit can lie, in microseconds.

use std::time::Duration;

/// Microseconds in one.
pub(super) const MILLISECOND_US: i64 = 1_000;
/// How far ahead permits are leased at most. The same for every interval: what is leased at a slow pace must not lie
/// far ahead when the pace has recovered.
pub(super) const LEAD_US: i64 = 500 * MILLISECOND_US;
/// How much time the permits of one lease span at most.
pub(super) const SLICE_US: i64 = 250 * MILLISECOND_US;
/// A request that waited longer than this is asked anew: it knows a present that is past.
pub(super) const STALE: Duration = Duration::from_secs(1);
/// The same in microseconds.
pub(super) const STALE_US: i64 = 1_000 * MILLISECOND_US;

/// The furthest that a permit can lie from what somebody takes for the present, by an honest clock.
pub(super) fn furthest(now_us: i64) -> i64 {
    now_us + LEAD_US + SLICE_US + STALE_US
}
