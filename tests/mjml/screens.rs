//! The whole templates as Chromium shows them, drawn by mjml and by mailshot: the pictures are the same, pixel by pixel,
//! on a desktop and on a phone. Two roundings may move an edge by one pixel and no further; `screens.mjs` has the rule.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::{Rendered, folder, normal, ours};

const WIDTHS_PX: [u32; 2] = [800, 375];

#[derive(Serialize)]
struct Show<'a> {
    folder: &'a Path,
    out: &'a Path,
    widths: [u32; 2],
    pages: Vec<Page>,
}

#[derive(Serialize)]
struct Page {
    name: String,
    mjml: String,
    ours: String,
}

#[derive(Deserialize)]
struct Compared {
    name: String,
    width: u32,
    pixels: u64,
    differing: u64,
    /// Of these, they that have moved by one pixel.
    moved: u64,
    theirs: u32,
    ours: u32,
}

impl Compared {
    fn same(&self) -> bool {
        self.differing == self.moved && self.theirs.abs_diff(self.ours) <= 1
    }
}

/// Opens everything in one browser.
fn compared(pages: Vec<Page>) -> Vec<Compared> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let show = Show { folder: &folder(), out, widths: WIDTHS_PX, pages };
    let mut node = Command::new("node")
        .arg(folder().join("screens.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(&serde_json::to_vec(&show).unwrap()).unwrap();
    let node = node.wait_with_output().unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    serde_json::from_slice(&node.stdout).unwrap()
}

/// A reader sees one branch of each condition, and no tags of it.
fn without_conditions(html: &str) -> String {
    let html = normal::uncommented(html);
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once("{%") {
        out.push_str(before);
        rest = after.split_once("%}").map_or("", |(_, after)| after);
    }
    out + rest
}

#[test]
#[ignore = "needs node, mjml and the Debian package chromium"]
fn every_template_looks_as_mjml_draws_it() {
    let mut pages = Vec::new();
    let mut refused = Vec::new();
    let reference = crate::reference();
    for Rendered { name, mjml, html } in &reference.templates {
        match ours::html(mjml, &folder().join("templates").join(name), &folder()) {
            Ok(ours) => pages.push(Page {
                name: name.trim_end_matches(".mjml").to_owned(),
                mjml: without_conditions(html),
                ours: without_conditions(&ours),
            }),
            Err(said) => refused.push(format!("{name}: refused: {said}")),
        }
    }
    let compared = compared(pages);
    for shown in &compared {
        let Compared { name, width, pixels, differing, moved, theirs, ours } = shown;
        let mark = if shown.same() { "same" } else { "DIFFERENT" };
        println!(
            "{mark:9} {name} at {width} px: {differing} of {pixels} pixels differ, {moved} moved by one; {theirs} and {ours} px high"
        );
    }
    let same = compared.iter().filter(|shown| shown.same()).count();
    println!("{same} of {} pictures are the same", reference.templates.len() * WIDTHS_PX.len());
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let folder = env!("CARGO_TARGET_TMPDIR");
    assert_eq!(same, compared.len(), "both pictures of those that differ, and where, lie in {folder}");
}
