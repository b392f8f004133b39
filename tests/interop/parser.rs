//! Captured messages, read by Python's `email` (policy=default).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::project::{Project, REPOSITORY, files};

/// A message as `parse_eml.py` tells it.
#[derive(Deserialize)]
struct Parsed {
    headers: BTreeMap<String, String>,
    text: String,
    html: String,
    attachments: Vec<Attachment>,
    problems: Vec<String>,
}

#[derive(Deserialize)]
struct Attachment {
    cid: String,
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    bytes: usize,
}

/// The messages in a folder, by address. The parser's complaints fail the test.
fn parse(folder: &Path) -> BTreeMap<String, Parsed> {
    let script = Path::new(REPOSITORY).join("tests/interop/parse_eml.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(folder)
        .output()
        .unwrap_or_else(|error| panic!("python3: {error}"));
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaints}");
    let parsed: BTreeMap<String, Parsed> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(parsed.values().all(|message| message.problems.is_empty()));
    parsed.into_iter().map(|(file, message)| (address_in(&file).to_owned(), message)).collect()
}

/// `0001-ada@example.com.eml` → `ada@example.com`.
fn address_in(file: &str) -> &str {
    file.split_once('-').unwrap().1.rsplit_once('.').unwrap().0
}

/// Tokens are made anew by every rehearsal and preview; all else must be the same.
fn without_tokens(text: &str) -> String {
    const LINK: &str = "https://tmw.example/u/";
    let mut parts = text.split(LINK);
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(part.len());
        assert!(end > 40, "this is no token: {part:.60}");
        result += LINK;
        result += &part[end..];
    }
    result
}

/// A message's pictures are parts, a preview's are files.
fn with_pictures_as_files(html: &str, attachments: &[Attachment]) -> String {
    attachments.iter().fold(html.to_owned(), |html, picture| {
        let hash = picture.cid.split('@').next().unwrap();
        let ending = picture.media_type.split('/').nth(1).unwrap();
        html.replace(&format!("cid:{}", picture.cid), &format!("picture-{hash}.{ending}"))
    })
}

#[test]
#[ignore = "needs the Debian package python3"]
fn captured_messages_parse_without_a_defect_and_decode_to_what_the_preview_shows() {
    let project = Project::example();
    project.run(&["send", "tmw-450", "--capture"]);
    project.run(&["preview", "tmw-450", "--all"]);
    let captured = parse(&project.path(".mailshot/captured/1"));
    let preview = project.path("preview/tmw-450");
    let shown = parse(&preview);
    assert_eq!(captured.len(), 17);
    assert!(captured.keys().eq(shown.keys()), "{:?}", shown.keys());

    for file in files(&preview, "html").iter().filter(|file| !file.ends_with("index.html")) {
        let address = address_in(file.file_name().unwrap().to_str().unwrap());
        let message = &captured[address];
        let html = with_pictures_as_files(&message.html, &message.attachments);
        assert_same(&html, &fs::read_to_string(file).unwrap(), address);
        assert_same(&message.text, &fs::read_to_string(file.with_extension("txt")).unwrap(), address);
    }
    for (address, message) in &captured {
        let names = message.attachments.iter().map(|picture| (picture.name.as_str(), picture.bytes));
        for (name, bytes) in names {
            let file = project.path("campaigns/tmw-450").join(name);
            assert_eq!(bytes as u64, file.metadata().unwrap().len(), "{address}: {name}");
        }
        assert_eq!(message.attachments.len(), 2, "{address}");
        assert_eq!(message.headers["Subject"], shown[address].headers["Subject"]);
    }
}

fn assert_same(captured: &str, previewed: &str, address: &str) {
    let (captured, previewed) = (without_tokens(captured), without_tokens(previewed));
    if captured != previewed {
        let mut lines = captured.lines().zip(previewed.lines());
        let differ = lines.find(|(one, other)| one != other);
        panic!("{address}: the message is not what the preview shows: {differ:?}");
    }
}

#[test]
#[ignore = "needs the Debian package python3"]
fn names_that_break_tools_arrive_as_they_stand_in_the_list() {
    let project = Project::example();
    project.run(&["send", "tmw-450", "--capture"]);
    let captured = parse(&project.path(".mailshot/captured/1"));

    // Address, what `To` says, the greeting in the text part, the greeting in the HTML.
    for (address, to, text, html) in [
        ("zoe.lefevre@example.net", "Zoé <zoe.lefevre@example.net>", "Zoé", "Zoé"),
        ("bjorn@example.org", "Björn Þór <bjorn@example.org>", "Björn Þór", "Björn Þór"),
        ("mei-ling.chen@example.com", "陳美玲 <mei-ling.chen@example.com>", "陳美玲", "陳美玲"),
        ("layla.haddad@example.net", "ليلى <layla.haddad@example.net>", "ليلى", "ليلى"),
        ("noam@example.org", "נועם <noam@example.org>", "נועם", "נועם"),
        ("sam@example.com", "Sam 🚀 <sam@example.com>", "Sam 🚀", "Sam 🚀"),
        (
            "orla.oreilly@example.net",
            "D’Arcy O'Reilly <orla.oreilly@example.net>",
            "D’Arcy O'Reilly",
            "D’Arcy O&#39;Reilly",
        ),
        (
            "tagged@example.com",
            "\"<b>Robin</b>\" <tagged@example.com>",
            "<b>Robin</b>",
            "&lt;b&gt;Robin&lt;/b&gt;",
        ),
        (
            "quotes@example.org",
            r#""Robert \"Bob\"" <quotes@example.org>"#,
            "Robert \"Bob\"",
            "Robert &#34;Bob&#34;",
        ),
        ("max@example.net", "Max & Moritz <max@example.net>", "Max & Moritz", "Max &amp; Moritz"),
        ("nameless@example.com", "nameless@example.com", "there", "there"),
        (
            "maria.nunez@example.org",
            "\"Núñez, María\" <maria.nunez@example.org>",
            "Núñez, María",
            "Núñez, María",
        ),
        ("lena+weekly@example.com", "Lena <lena+weekly@example.com>", "Lena", "Lena"),
        (
            "hans@xn--bcher-kva.example",
            "Hans-Jürgen <hans@xn--bcher-kva.example>",
            "Hans-Jürgen",
            "Hans-Jürgen",
        ),
        ("braces@example.net", "{{ 7 * 7 }} <braces@example.net>", "{{ 7 * 7 }}", "{{ 7 * 7 }}"),
    ] {
        let message = &captured[address];
        assert_eq!(message.headers["To"], to);
        let greeting = |name: &str| format!("Hello {name}, and happy Monday!");
        assert!(message.text.contains(&greeting(text)), "{address}: {}", around(&message.text));
        assert!(message.html.contains(&greeting(html)), "{address}: {}", around(&message.html));
    }
    assert!(captured.values().all(|message| !message.html.contains("<b>Robin")));
}

/// What follows "Hello": for the message of a failed assertion.
fn around(body: &str) -> String {
    body.split("Hello ").nth(1).unwrap_or("no greeting").chars().take(80).collect()
}
