//! What mailshot makes, judged by programs that no one here wrote: Python's mail parser reads the messages,
//! Chromium shows the layout. These tests need Debian packages and are ignored without them:
//! `cargo test --test interop -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chromium;
mod layout;
mod parser;
mod project;
mod variants;
