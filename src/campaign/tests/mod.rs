//! What an operator writes and what readers see of it: issues from end to end through this module.

mod blocks;
mod fields;
mod front;
mod properties;
mod text;

use std::path::PathBuf;

use super::{Campaign, Source, parse};
use crate::finding::Finding;
use crate::tags::TagTable;

/// The sample that the documentation shows.
const SAMPLE: &str = include_str!("sample.md");

fn source(text: &str) -> Source {
    Source {
        slug: "tmw-450".into(),
        dir: PathBuf::from("campaigns/tmw-450"),
        file: PathBuf::from("issue.md"),
        text: text.to_owned(),
    }
}

fn try_parse(text: &str) -> Result<(Campaign, TagTable), Vec<Finding>> {
    let mut tags = TagTable::new([text]);
    let campaign = parse(&source(text), &mut tags)?;
    Ok((campaign, tags))
}

/// Parses an issue with this body; the front matter takes the first three lines.
fn with_body(body: &str) -> (Campaign, TagTable) {
    try_parse(&format!("+++\nsubject = \"s\"\n+++\n{body}"))
        .unwrap_or_else(|findings| panic!("{body}\n{}", lines(&findings)))
}

/// The findings of an issue with this body.
fn errors(body: &str) -> String {
    match try_parse(&format!("+++\nsubject = \"s\"\n+++\n{body}")) {
        Ok((campaign, _)) => lines(&campaign.warnings),
        Err(findings) => lines(&findings),
    }
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The HTML of all bodies with merge tags as written.
fn body_html((campaign, tags): &(Campaign, TagTable)) -> String {
    tags.restore(&campaign.blocks.iter().map(|block| super::html(&block.body)).collect::<String>())
}
