//! Drives Chromium: opens a page from disk and reads what its script found out.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

/// How a reader has set up their machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Light,
    Dark,
    /// Light, and pictures are not loaded.
    NoPictures,
}

impl Setting {
    /// Blink's own numbering: 0 dark, 1 light.
    fn blink(self) -> &'static str {
        match self {
            Self::Light => "preferredColorScheme=1",
            Self::Dark => "preferredColorScheme=0",
            Self::NoPictures => "preferredColorScheme=1,imagesEnabled=false",
        }
    }
}

/// Opens a page and gives its document once everything in it has loaded and the scripts that wait for that have
/// run. Every call is a browser of its own, with a fresh profile, and without the network.
pub(crate) fn document(page: &Path, setting: Setting) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"])
        // A page from disk may look into the frames that it has from disk.
        .args(["--allow-file-access-from-files", "--window-size=1400,1000"])
        // Scripts may go on when the page has loaded.
        .arg("--virtual-time-budget=10000")
        .arg(format!("--blink-settings={}", setting.blink()))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("chromium: {error}"));
    let document = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !document.is_empty(), "{complaints}");
    document
}

/// What a page's script has left as `<output id="found">`: JSON, percent-encoded so that no character of it is
/// markup.
pub(crate) fn found<T: DeserializeOwned>(page: &Path, setting: Setting) -> T {
    let document = document(page, setting);
    let found =
        document.rsplit_once("<output id=\"found\">").and_then(|(_, rest)| rest.split("</output>").next());
    let encoded =
        found.unwrap_or_else(|| panic!("the page's script did not get to its end: {document:.2000}"));
    let json = String::from_utf8(percent_decoded(encoded)).unwrap();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json:.2000}"))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            decoded.push(byte);
        }
    }
    decoded
}
