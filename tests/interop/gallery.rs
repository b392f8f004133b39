//! The page that `preview` writes, opened from disk.

use std::fs;

use serde::Deserialize;

use crate::chromium::{self, Setting};
use crate::project::Project;

/// What the page shows.
#[derive(Deserialize)]
struct Page {
    choices: Vec<String>,
    inboxes: Vec<Inbox>,
    snippet: String,
    weight: String,
    text: String,
    headers: Vec<String>,
    links: Vec<String>,
    findings: Vec<String>,
    r#where: String,
    files: Vec<String>,
    overflow: i64,
    frame: Frame,
}

#[derive(Deserialize)]
struct Inbox {
    client: String,
    subject: String,
    preheader: String,
    seen: String,
}

#[derive(Deserialize)]
struct Frame {
    width: u32,
    scrolls: i64,
    background: String,
    text: String,
    pictures: usize,
    alt: Vec<String>,
    scripts: bool,
}

/// Opens a campaign's preview and does these steps on it; the page as it opens, and after each step.
fn visit(project: &Project, slug: &str, steps: &serde_json::Value) -> Vec<Page> {
    let folder = project.path("preview").join(slug);
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    // The page runs no script but its own; this test's must run too.
    let policy = page.split("script-src ").nth(1).unwrap().split(';').next().unwrap();
    let page = page.replacen(policy, "'unsafe-inline'", 1);
    let steps = steps.to_string().replace('"', "&quot;");
    let script = format!("<script data-steps=\"{steps}\">{}</script></body>", include_str!("visit.js"));
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
    let steps = serde_json::json!([{ "subscriber": "tagged@example.com" }, { "subscriber": "Zoé" }]);
    let pages = visit(&project, "tmw-450", &steps);
    let [ada, robin, zoe] = &pages[..] else { panic!("{} pages", pages.len()) };

    assert_eq!(ada.choices.len(), 17);
    assert_eq!(ada.choices[0], "Ada | ada.morton@example.com | plan == \"pro\" is false");
    assert_eq!(ada.findings, [""; 0]);
    let clients: Vec<_> = ada.inboxes.iter().map(|inbox| inbox.client.as_str()).collect();
    assert_eq!(clients, ["gmail-desktop", "gmail-phone", "apple-desktop", "apple-phone"]);
    for inbox in &ada.inboxes {
        assert!(inbox.subject.starts_with("🧭 Slipped dates") && inbox.subject.ends_with("TMW #450"));
        assert!(inbox.preheader.starts_with("An estimate does one of three jobs."), "{}", inbox.preheader);
        assert!(
            inbox.seen.starts_with("Subject: ") && inbox.seen.contains(" of 123 characters"),
            "{}",
            inbox.seen
        );
    }
    assert!(ada.snippet.contains("invisible padding"), "{}", ada.snippet);
    assert!(ada.weight.ends_with("Gmail cuts messages off at about 102 KB."), "{}", ada.weight);
    assert!(ada.text.contains("Hello Ada, and happy Monday!"), "{}", ada.text);
    assert!(ada.headers.contains(&"To\tAda <ada.morton@example.com>".to_owned()), "{:?}", ada.headers);
    let subject = ada.headers.iter().find(|header| header.starts_with("Subject\t🧭 Slipped dates")).unwrap();
    assert!(subject.contains("=?utf-8?"), "the subject as it is sent stands beside it: {subject}");
    let unsubscribe = ada.links.iter().find(|link| link.starts_with("Unsubscribe\t")).unwrap();
    for mark in ["inert here", "per subscriber: {{ unsubscribe_url }}", "https://tmw.example/u/"] {
        assert!(unsubscribe.contains(mark), "{unsubscribe}");
    }
    assert!(ada.links.contains(&"Kitefield\thttps://kitefield.example/start?ref=tmw&issue=450".to_owned()));
    assert!(!ada.frame.text.contains("Pro office hours") && zoe.frame.text.contains("Pro office hours"));

    for shown in [&robin.text, &robin.frame.text] {
        assert!(
            shown.contains("Hello <b>Robin</b>, and happy Monday!"),
            "the page still shows somebody else"
        );
    }
    assert!(
        robin.headers.iter().any(|header| header.contains("<tagged@example.com>")),
        "{:?}",
        robin.headers
    );
    let files = ["html", "txt", "eml"].map(|kind| format!("0010-tagged%40example.com.{kind}"));
    assert_eq!(robin.files, files);
    for page in &pages {
        assert!(page.overflow <= 0, "the page is {} px too wide", page.overflow);
        assert_eq!(page.frame.scrolls, 0, "the frame cuts its message off");
        assert!(!page.frame.scripts, "a message's scripts could run");
    }
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn the_message_is_shown_at_each_width_in_the_dark_and_without_its_pictures() {
    let project = Project::example();
    project.run(&["preview", "tmw-450", "--as", "layla.haddad@example.net"]);
    let steps = serde_json::json!([
        { "width": "600", "colours": "dark" },
        { "width": "375", "colours": "light", "pictures": "off" },
        { "colours": "repainted", "pictures": "on" },
        { "link": "Unsubscribe" },
    ]);
    let pages = visit(&project, "tmw-450", &steps);
    let [wide, dark, bare, repainted, clicked] = &pages[..] else { panic!("{} pages", pages.len()) };
    let frames = pages.iter().map(|page| (page.frame.width, page.frame.pictures)).collect::<Vec<_>>();
    assert_eq!(frames, [(800, 2), (600, 2), (375, 0), (375, 2), (375, 2)]);
    assert_eq!(wide.frame.background, "rgb(255, 255, 255)");
    assert_eq!(dark.frame.background, "rgb(18, 25, 28)", "the message's own dark style");
    assert_eq!(repainted.frame.background, "rgb(255, 255, 255)", "what is repainted is the light message");
    assert!(bare.frame.alt[0].starts_with("The Handover Report 2025"), "{:?}", bare.frame.alt);
    assert!(
        clicked.r#where.starts_with("“Unsubscribe” goes to https://tmw.example/u/"),
        "{}",
        clicked.r#where
    );
    assert!(clicked.r#where.contains("inert here"), "{}", clicked.r#where);
    assert_eq!(clicked.frame.text, repainted.frame.text, "the click led somewhere");
    assert!(clicked.frame.text.contains("Hello ليلى"));
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn nothing_that_a_template_holds_runs_on_the_page() {
    let project = Project::example();
    let layout = fs::read_to_string(project.path("mjml/standard.mjml")).unwrap();
    let hostile = "<mj-raw><script>document.documentElement.dataset.ran = 'yes'; parent.document.title = 'ran';</script>\
         <div onclick=\"document.documentElement.dataset.ran = 'yes'\">Hostile</div>\
         <a href=\"https://elsewhere.example/\" target=\"_top\">Away</a></mj-raw><mj-raw><div style=\"height: 48px";
    assert_eq!(layout.matches("<mj-raw><div style=\"height: 48px").count(), 1);
    fs::write(
        project.path("mjml/standard.mjml"),
        layout.replace("<mj-raw><div style=\"height: 48px", hostile),
    )
    .unwrap();
    project.run(&["preview", "tmw-450", "--as", "ada.morton@example.com"]);
    let pages = visit(&project, "tmw-450", &serde_json::json!([{ "width": "600" }, { "link": "Away" }]));
    assert_eq!(pages.len(), 3, "the page went away");
    for page in &pages {
        assert!(!page.frame.scripts && page.frame.text.contains("Hostile"));
    }
    assert_eq!(pages[2].r#where, "“Away” goes to https://elsewhere.example/");
}

#[test]
#[ignore = "needs the Debian package chromium"]
fn links_say_whose_they_are_and_a_preheader_what_follows_it() {
    let project = Project::example();
    let layout = r#"<mjml><mj-head><mj-preview>[[ preheader ]]</mj-preview></mj-head><mj-body><mj-section><mj-column><mj-text>
        Hello {{ first_name }},
        <a href="https://a.example/fixed?utm_source=own&amp;x=1#end">fixed</a>
        {% if plan == "pro" %}<a href="https://a.example/{{ plan }}">pro</a>{% endif %}
        <a href="https://a.example/?c={{ company }}&p={{ plan }}">mixed</a>
        <a href="{{ unsubscribe_url }}">leave</a> <a href="{{ view_url }}">view</a>
        <a href="https://a.example/picture"><img src="https://pictures.example/a.png" alt="A cat" width="50"></a>
        </mj-text></mj-column></mj-section></mj-body></mjml>"#;
    fs::write(project.path("mjml/standard.mjml"), layout).unwrap();
    project.campaign("short", "+++\nsubject = 'Short'\npreheader = 'A preheader.'\n+++\nHello\n");
    project.run(&["preview", "short", "--as", "zoe.lefevre@example.net"]);
    let pages = visit(&project, "short", &serde_json::json!([{ "colours": "dark" }]));
    let links: Vec<_> = pages[0].links.iter().map(|link| link.replace('\n', "")).collect();
    assert_eq!(links[0], "fixed\thttps://a.example/fixed?x=1#end\tsource = own");
    assert!(links[1].contains("per subscriber: {{ plan }}") && links[1].contains("https://a.example/pro"));
    assert!(links[2].contains("per subscriber: {{ company }}, {{ plan }}"), "{}", links[2]);
    assert!(links[3].contains("inert here") && links[3].contains("per subscriber: {{ unsubscribe_url }}"));
    assert!(
        links[4].contains("this issue on the web") && links[4].contains("https://tmw.example/issues/short")
    );
    assert_eq!(links[5], "Picture: A cat\thttps://a.example/picture\t");
    assert_eq!(links.len(), 6);
    assert_eq!(
        pages[0].snippet,
        "Where the preheader ends, inboxes go on with the body: “Hello Zoé, fixed pro mixed leave view…”"
    );
    assert_eq!(pages[0].inboxes[0].seen, "Subject whole, 5 characters. Preheader whole, 12 characters.");
}
