//! `preview --serve`, followed by a browser while somebody writes.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;

use crate::play;
use crate::support::{Project, Served};

/// A picture of one pixel, and one of three by three.
const PICTURES: [&str; 2] = [
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM44m4FAAMYAUbYW6P6AAAAAElFTkSuQmCC",
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAADCAIAAADZSiLoAAAAF0lEQVR4nGO0yQtnYGBgYGBgYoABBAsAHHkBBxdbiJYAAAAASUVORK5CYII=",
];

#[test]
#[ignore = "needs Chromium and node"]
fn the_page_follows_every_change_and_stays_where_it_is() {
    let project = Project::of(3);
    project.write("campaigns/weekly/dot.png", BASE64_STANDARD.decode(PICTURES[0]).unwrap());
    project.append("campaigns/weekly/issue.md", "\n![A dot](dot.png)\n");
    let served = Served::start(project.command("preview weekly --all --serve 127.0.0.1:0"));
    let took = play("changes", &served.url, json!({ "project": project.path(""), "pictures": PICTURES }));
    println!("shown after so many ms, the browser's part included: {took}");
}

#[test]
#[ignore = "needs Chromium and node"]
fn a_broken_template_says_what_is_wrong_until_it_is_mended() {
    let project = Project::of(3);
    let served = Served::start(project.command("preview weekly --serve 127.0.0.1:0"));
    play("broken", &served.url, json!({ "project": project.path("") }));
}

#[test]
#[ignore = "needs Chromium and node"]
fn the_page_says_that_the_server_has_ended_and_goes_on_when_it_is_back() {
    let project = Project::of(3);
    let mut served = project
        .command("preview weekly --serve 127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(served.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let input =
        json!({ "pid": served.id(), "binary": env!("CARGO_BIN_EXE_mailshot"), "project": project.path("") });
    play("ended", url.trim_end(), input);
    served.wait().unwrap();
}

#[test]
#[ignore = "needs Chromium and node"]
fn a_page_from_elsewhere_learns_nothing_of_it() {
    let project = Project::of(3);
    project.write("campaigns/weekly/dot.png", BASE64_STANDARD.decode(PICTURES[0]).unwrap());
    project.append("campaigns/weekly/issue.md", "\n![A dot](dot.png)\n");
    let served = Served::start(project.command("preview weekly --serve 127.0.0.1:0"));
    let html = served.text("/0001-reader1%40example.com.html");
    let picture = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    play("strangers", &served.url, json!({ "picture": picture }));
}

#[test]
#[ignore = "needs Chromium and node"]
fn what_is_served_is_the_gallery_that_lies_on_disk() {
    let project = Project::example();
    let served = Served::start(project.command("preview tmw-450 --all --serve 127.0.0.1:0"));
    play("contents", &served.url, json!({ "campaign": "tmw-450" }));
}
