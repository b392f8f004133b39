//! Drives a run: claims due recipients, paces them, delivers over N sessions, records every outcome.
//!
//! What it promises:
//! - The intent to deliver is durable before the write that can carry the final dot begins; every result is
//!   recorded before the session goes on to its next message.
//! - Each relay has one [`Pace`], leased from the ledger: the rate is what was configured, however many sessions,
//!   processes and campaigns share it.
//! - A relay that fails is left alone and probed; the next one takes over. No recipient is spent by that.
//! - If the ledger cannot be written, nothing more is sent.
//! - A stop (Ctrl-C, the limit, a refusal of the relay) finishes what is in flight and records it, within a
//!   time limit.
//!
//! It prints nothing: it emits [`Event`]s.

mod attempt;
mod circuit;
mod events;
mod job;
mod lanes;
mod locked;
mod pace;
mod ports;
mod queue;
mod refusals;
mod relays;
mod runner;
mod shared;
mod store;
mod worker;

pub use events::{Ended, Event, Halt};
pub use job::{Job, Relay, Stop};
pub use pace::Pace;
pub use ports::{Compose, ComposeError, Connect, Link, Store};
pub use runner::deliver;

#[cfg(test)]
mod simulation;
