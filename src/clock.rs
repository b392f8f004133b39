//! The one place that reads the wall clock. What is stored and printed is UTC.
//!
//! The wall clock may be set while a run goes on; what waits must not wait for ever, nor leave early, because of it.
//! So a run reads the wall clock once and adds the time that has passed since ([`Steady`]).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// What tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock. It may jump.
    fn wall(&self) -> Timestamp;

    /// The time since some fixed moment. It never jumps, and goes on while the machine sleeps.
    fn elapsed(&self) -> Duration;
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        now()
    }

    fn elapsed(&self) -> Duration {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let clock = ClockId::Boottime;
        // Elsewhere the monotonic clock is what there is (on macOS it counts sleep, too).
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let clock = ClockId::Monotonic;
        Duration::try_from(clock_gettime(clock)).unwrap_or_default()
    }
}

/// The wall clock as it stood at the start, and the time since then.
#[derive(Clone)]
pub struct Steady {
    clock: Arc<dyn Clock>,
    /// The wall clock at the fixed moment from which `elapsed` counts.
    origin: Timestamp,
}

impl Steady {
    /// Starts now.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let origin = clock.wall().checked_sub(clock.elapsed()).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { clock, origin }
    }

    /// The present moment, in whole milliseconds, by the time that has passed since the start.
    pub fn now(&self) -> Timestamp {
        whole_milliseconds(self.origin.checked_add(self.clock.elapsed()).unwrap_or(Timestamp::MAX))
    }

    /// The wall clock: for what other processes and people read.
    pub fn wall(&self) -> Timestamp {
        self.clock.wall()
    }
}

/// The present moment, cut to whole milliseconds: the precision of the ledger.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    whole_milliseconds(Timestamp::now())
}

fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// The present day, in UTC.
pub fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(now()).date()
}
