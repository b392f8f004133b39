//! `mailshot send` killed, again and again, at any moment: whatever happens, each recipient gets the message
//! exactly once by the server's own record, but for those that are named in doubt.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod connecting;
mod harness;
mod launch_steps;
mod random_kills;
mod record;

#[path = "../support/mod.rs"]
mod support;
