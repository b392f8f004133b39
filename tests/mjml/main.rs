//! mailshot's HTML beside that of the reference implementation of MJML: a probe for every element and every value of
//! every attribute, and whole templates. Needs node and `npm ci` in this folder.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod normal;
mod ours;
mod screens;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde::Deserialize;

/// So many probes are equal at least. This number may only rise.
const EQUAL_PROBES: usize = 4_617;

#[derive(Deserialize)]
struct Reference {
    probes: Vec<Rendered>,
    documents: Vec<Rendered>,
    templates: Vec<Rendered>,
}

#[derive(Deserialize)]
struct Rendered {
    name: String,
    mjml: String,
    html: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mjml")
}

fn number(variable: &str, default: u32) -> u32 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What mjml makes of everything, asked once.
fn reference() -> &'static Reference {
    static REFERENCE: LazyLock<Reference> = LazyLock::new(ask);
    &REFERENCE
}

fn ask() -> Reference {
    let (seed, count) = (number("MAILSHOT_TEST_SEED", 1), number("MAILSHOT_TEST_DOCUMENTS", 500));
    let mut node = Command::new("node");
    let node = node
        .arg(folder().join("reference.mjs"))
        .args([seed.to_string(), count.to_string()])
        .output()
        .unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    serde_json::from_slice(&node.stdout).unwrap()
}

/// The first lines in which the two differ.
fn difference(theirs: &[String], ours: &[String]) -> Option<String> {
    let at = theirs.iter().zip(ours).position(|(a, b)| a != b);
    let at = at.or((theirs.len() != ours.len()).then_some(theirs.len().min(ours.len())))?;
    let [theirs, ours] = [theirs, ours].map(|lines| lines.get(at).map_or("the end", |line| line.trim()));
    // A style sheet is one long line: shown is where they part.
    let same = theirs.chars().zip(ours.chars()).take_while(|(a, b)| a == b).count();
    let part = |line: &str| -> String {
        let before = if same > 100 { "…" } else { "" };
        let skipped = if same > 100 { same - 60 } else { 0 };
        format!("{before}{}", line.chars().skip(skipped).take(300).collect::<String>())
    };
    Some(format!("  mjml: {}\n  ours: {}", part(theirs), part(ours)))
}

fn compare(rendered: &Rendered, file: &Path) -> Option<String> {
    let html = match ours::html(&rendered.mjml, file, &folder()) {
        Ok(html) => html,
        Err(said) => return Some(format!("  refused: {said}")),
    };
    let lines = [normal::lines(&rendered.html), normal::lines(&html)];
    let difference = difference(&lines[0], &lines[1]);
    // Both in full, to be looked at with `diff`.
    if difference.is_some() && file.exists() {
        for (side, lines) in ["mjml", "ours"].into_iter().zip(&lines) {
            let name = format!("{}.{side}.txt", rendered.name);
            fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), lines.join("\n")).unwrap();
        }
    }
    difference
}

#[test]
#[ignore = "needs node and mjml"]
fn every_attribute_of_every_element_is_drawn_as_mjml_draws_it() {
    let probes = &reference().probes;
    let mut differing: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for probe in probes {
        if let Some(difference) = compare(probe, &folder().join("probe.mjml")) {
            let attribute = probe.name.split(['=', '(']).next().unwrap().trim().to_owned();
            differing.entry(attribute).or_default().push((probe.name.clone(), difference));
        }
    }
    let count: usize = differing.values().map(Vec::len).sum();
    for (attribute, probes) in &differing {
        println!("{attribute}: {} differ", probes.len());
        for (name, difference) in probes {
            println!(" {name}\n{difference}");
        }
    }
    let equal = probes.len() - count;
    println!("{equal} of {} probes are equal", probes.len());
    assert!(equal >= EQUAL_PROBES, "{equal} of {} probes are equal, {EQUAL_PROBES} were", probes.len());
}

/// `MAILSHOT_TEST_SEED` and `MAILSHOT_TEST_DOCUMENTS` draw others, and more.
#[test]
#[ignore = "needs node and mjml"]
fn documents_drawn_at_random_are_drawn_as_mjml_draws_them() {
    // Where a width is nothing, MJML divides by it, and what it writes says nothing to anybody.
    let nonsense =
        |document: &&Rendered| ["NaN%", "Infinity%"].iter().any(|width| document.html.contains(width));
    let (without, documents): (Vec<_>, Vec<_>) = reference().documents.iter().partition(nonsense);
    let mut differing = 0;
    for document in &documents {
        if let Some(difference) = compare(document, &folder().join("document.mjml")) {
            differing += 1;
            println!(" {}\n{difference}\n  {}", document.name, document.mjml);
        }
    }
    let equal = documents.len() - differing;
    println!("{equal} of {} documents are equal; {} make no sense to mjml", documents.len(), without.len());
    assert_eq!(differing, 0, "of {} documents", documents.len());
}

#[test]
#[ignore = "needs node and mjml"]
fn every_template_is_drawn_as_mjml_draws_it() {
    let templates = &reference().templates;
    let differing: Vec<_> = templates
        .iter()
        .filter_map(|template| {
            let difference = compare(template, &folder().join("templates").join(&template.name))?;
            Some(format!("{}\n{difference}", template.name))
        })
        .collect();
    let equal = templates.len() - differing.len();
    println!("{equal} of {} templates are equal", templates.len());
    let folder = env!("CARGO_TARGET_TMPDIR");
    assert!(differing.is_empty(), "see {folder} for both sides of\n{}", differing.join("\n"));
}
