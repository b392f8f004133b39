//! What a reply means: stages, replies, failures, outcomes, states and the retry schedule.
//!
//! Pure: no I/O, no clock, no randomness, and nothing of the project is imported. The ledger stores these
//! words, the SMTP session reports in them, and the dispatcher acts on them. Whose fault a failure is, and
//! what becomes of the recipient, is decided in one place: [`classify()`].

mod classify;
mod failure;
mod pace;
mod reply;
mod retry;
mod state;
mod throttle;
mod words;

pub use classify::{Blame, Verdict, classify};
pub use failure::{Cause, Failure};
pub use pace::{LOWEST_SHARE, Limit, Sliding, Spacing, halved, share_at, sliding, spacing};
pub use reply::{EnhancedCode, Reply};
pub use retry::RetrySchedule;
pub use state::{Event, IllegalTransition, Resolution, State};
pub use throttle::{Throttle, throttle};
pub use words::{Outcome, Stage, UnknownWord};
