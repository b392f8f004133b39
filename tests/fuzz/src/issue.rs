//! What must hold whatever `issue.md` says. Shared by the fuzz target and the test that replays its corpus.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mailshot::campaign::{Essentials, Source, TextPiece, add_utm, fields, parse, reading_minutes, text};
use mailshot::finding::Finding;
use mailshot::tags::TagTable;

/// Reads the issue and makes of it what templates are given.
pub(crate) fn run(input: &str) {
    let source = Source {
        slug: "weekly".to_owned(),
        dir: PathBuf::from("campaigns/weekly"),
        file: PathBuf::from("issue.md"),
        text: input.to_owned(),
    };
    let mut tags = TagTable::new([input]);
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
    let part = text(&campaign, None, &Essentials::default(), &tags);
    let mut inside = false;
    for piece in &part.pieces {
        match piece {
            TextPiece::Paragraph(_) => {
                assert!(!std::mem::replace(&mut inside, true), "a paragraph in another");
            }
            TextPiece::End => assert!(std::mem::replace(&mut inside, false), "the end of no paragraph"),
            TextPiece::Literal(_) | TextPiece::Tag(_) => {}
        }
    }
    assert!(!inside, "a paragraph without an end");
}

/// Every finding says in which line.
fn located(findings: &[Finding]) {
    for finding in findings {
        let line = finding.place.as_ref().and_then(|place| place.line);
        assert!(line.is_some(), "no line: {finding:?}");
    }
}
