//! The preview in a real browser, as a person uses it: opened from disk, and followed while it is served. Each test plays
//! one scenario (`scenarios/*.mjs`) in Chromium, which nothing gets out of; a page that asks for anything but the
//! preview's own files, or that complains on its console, fails. Needs the Debian package chromium, node, and `npm ci`
//! in `tests/mjml`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod gallery;
mod serve;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Plays a scenario on the page at this address. What it returns.
#[track_caller]
fn play(scenario: &str, address: &str, mut input: Value) -> Value {
    input["address"] = json!(address);
    input["out"] = json!(env!("CARGO_TARGET_TMPDIR"));
    let mut node = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/harness.mjs"))
        .arg(scenario)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let played = node.wait_with_output().unwrap();
    assert!(played.status.success(), "{scenario}: {}", String::from_utf8_lossy(&played.stderr));
    serde_json::from_slice(&played.stdout).unwrap()
}
