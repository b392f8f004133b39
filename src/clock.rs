//! The one place that reads the wall clock. What is stored and printed is UTC.

use jiff::Timestamp;

/// The present moment, cut to whole milliseconds: the precision of the ledger.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// The present day, in UTC.
pub fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(now()).date()
}
