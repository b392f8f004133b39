//! `mailshot send`, through the binary: rehearsals, launches, resumed runs, and relays that misbehave.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod changes;
mod delivery;
mod interrupt;
mod launch;
mod pace;
mod rehearsal;
mod relay;

#[path = "../support/mod.rs"]
mod support;
