//! The reader of `issue.md`, with any text.

#![no_main]

#[path = "../src/issue.rs"]
mod issue;

libfuzzer_sys::fuzz_target!(|data: &[u8]| issue::run(&String::from_utf8_lossy(data)));
