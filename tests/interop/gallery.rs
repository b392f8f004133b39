//! The page that `preview` writes, opened from disk.

use std::fs;

use serde::Deserialize;

use crate::chromium::{self, Setting};
use crate::project::Project;

#[derive(Deserialize)]
struct Page {
    choices: Vec<String>,
    from: String,
    subject: String,
    preheader: String,
    weight: String,
    text: String,
    headers: String,
    frames: Vec<Frame>,
    links: Vec<String>,
    overflow: i64,
}

#[derive(Deserialize)]
struct Frame {
    width: u32,
    text: String,
    scripts: bool,
}

/// Opens the example's preview, everybody in it, and chooses somebody; an empty name leaves the page as it opens.
fn visit(project: &Project, choose: &str) -> Page {
    let folder = project.path("preview/tmw-450");
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    // The frames are shut off from everything; a test must look into them.
    assert_eq!(page.matches(" sandbox>").count(), 2);
    let page = page.replace(" sandbox>", " sandbox=\"allow-same-origin\">");
    let script = format!("<script data-choose=\"{choose}\">{}</script></body>", include_str!("visit.js"));
    let page = page.replace("</body>", &script);
    let visited = folder.join("visited.html");
    fs::write(&visited, page).unwrap();
    chromium::found(&visited, Setting::Light)
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn the_preview_page_opens_from_disk_and_shows_the_issue_as_each_subscriber_gets_it() {
    let project = Project::example();
    project.run(&["preview", "tmw-450", "--all"]);

    let page = visit(&project, "");
    assert_eq!(page.choices.len(), 17);
    assert_eq!(page.choices[0], "ada.morton@example.com · Ada");
    assert_eq!(page.from, "Tech Manager Weekly");
    assert!(
        page.subject.starts_with("🧭 Slipped dates") && page.subject.ends_with("TMW #450"),
        "{}",
        page.subject
    );
    assert!(page.preheader.starts_with("An estimate does one of three jobs."), "{}", page.preheader);
    assert!(page.weight.ends_with("Gmail cuts messages off at about 102 KB"), "{}", page.weight);
    assert!(page.text.contains("Hello Ada, and happy Monday!"), "{}", page.text);
    assert!(page.headers.contains("To: Ada <ada.morton@example.com>"), "{}", page.headers);
    assert!(page.overflow <= 0, "the page is {} px too wide", page.overflow);
    let widths: Vec<_> = page.frames.iter().map(|frame| frame.width).collect();
    assert_eq!(widths, [800, 375]);
    for frame in &page.frames {
        assert!(frame.text.contains("Hello Ada, and happy Monday!"));
        assert!(!frame.scripts, "a message's scripts could run");
    }

    let page = visit(&project, "Robin");
    for shown in [&page.text, &page.frames[0].text, &page.frames[1].text] {
        assert!(
            shown.contains("Hello <b>Robin</b>, and happy Monday!"),
            "the frames still show somebody else"
        );
    }
    assert!(page.headers.contains("<tagged@example.com>"), "{}", page.headers);
    let files = ["html", "txt", "eml"].map(|kind| format!("0010-tagged%40example.com.{kind}"));
    assert_eq!(page.links, files);
}
