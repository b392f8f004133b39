//! How many messages may leave in how long.

use std::fmt;
use std::time::Duration;

/// A number of messages in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub messages: u32,
    /// In how long.
    pub window: Window,
}

/// `20/s`, `1000/min`, `5000/hour`, `50000/day`
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.messages, self.window)
    }
}

/// The window of a rate. Over a second or a minute messages are spaced evenly; an hour or a day is a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// `/s`
    Second,
    /// `/min`
    Minute,
    /// `/hour`: any 60 minutes.
    Hour,
    /// `/day`: any 24 hours.
    Day,
}

impl Window {
    /// How long it is.
    pub const fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
        }
    }

    /// Whether a rate over it says how far apart messages are, and not only how many there may be.
    pub const fn spaces(self) -> bool {
        matches!(self, Self::Second | Self::Minute)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "hour",
            Self::Day => "day",
        })
    }
}
