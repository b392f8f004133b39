//! Whole runs over servers that no one here wrote: Postfix as a submission relay, and Postfix's `smtp-sink`, which
//! refuses, delays and breaks off at will. What the ledger says of each recipient must agree with what the server
//! itself kept.
//!
//! Each test starts a server of its own in a temporary folder and ends it by its process id. They need root, as
//! Postfix does, and Debian packages, and are ignored without: `cargo test --test real -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a server's log explains a failure")]

mod dovecot;
mod limits;
mod postfix;
mod process;
mod project;
mod refusals;
mod sink;
mod sink_breaks;
mod sink_refuses;
mod submission;

#[path = "../support/mod.rs"]
mod support;
