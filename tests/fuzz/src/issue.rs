//! What must hold whatever `issue.md` says. Shared by the fuzz target and the test that replays its corpus.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mailshot::campaign::{Source, add_utm, fields, parse, reading_minutes};
use mailshot::finding::Finding;
use mailshot::tags::TagTable;

/// Reads the issue and makes of it what templates are given.
pub fn run(text: &str) {
    let source = Source {
        slug: "weekly".to_owned(),
        dir: PathBuf::from("campaigns/weekly"),
        file: PathBuf::from("issue.md"),
        text: text.to_owned(),
    };
    let mut tags = TagTable::new([text]);
    let mut campaign = match parse(&source, &mut tags) {
        Ok(campaign) => campaign,
        Err(findings) => {
            assert!(findings.iter().any(Finding::is_error), "refused without an error: {findings:#?}");
            return located(&findings);
        }
    };
    located(&campaign.warnings);
    let utm = BTreeMap::from([("source".to_owned(), "fuzz".to_owned())]);
    add_utm(&mut campaign, &utm, &tags);
    assert!(reading_minutes(&campaign) > 0);
    let named = ["title", "image", "button", "items"].map(str::to_owned).into();
    for block in &campaign.blocks {
        fields(block, &named);
    }
}

/// Every finding says in which line.
fn located(findings: &[Finding]) {
    for finding in findings {
        let line = finding.place.as_ref().and_then(|place| place.line);
        assert!(line.is_some(), "no line: {finding:?}");
    }
}
