//! A source → a campaign, or everything that is wrong with it at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::blocks::{self, Draft};
use super::front::{self, FrontMatter};
use super::load::Source;
use super::origin::Origin;
use super::tree::{Image, Inline, Node, each_image, each_inline_image};
use crate::finding::{Finding, Place};
use crate::tags::{Tag, TagKind, TagTable};

/// An issue and how it is sent.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// The name of its folder.
    pub slug: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Its `issue.md`, as the operator names it.
    pub file: PathBuf,
    /// What stands before the text.
    pub front: FrontMatter,
    /// The text.
    pub blocks: Vec<Block>,
    /// What is worth a look; no errors.
    pub warnings: Vec<Finding>,
}

/// One typed piece of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The type: a file in `mjml/blocks/`. `prose` for what stands outside of `:::` lines.
    pub kind: String,
    /// `key="…"` on its first line, but for `if`; merge tags are tokens.
    pub attributes: BTreeMap<String, String>,
    /// Where the value of each was written.
    pub attribute_places: BTreeMap<String, Place>,
    /// `if='…'`: who sees it.
    pub condition: Option<Condition>,
    /// The rest of its first line.
    pub title: Option<Vec<Inline>>,
    /// What stands between the `:::` lines.
    pub body: Vec<Node>,
    /// Where it begins.
    pub place: Place,
}

/// Who sees a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The expression.
    pub text: String,
    /// Where it was written.
    pub place: Place,
    /// The token of `{% if … %}`, for before the block.
    pub open: String,
    /// The token of `{% endif %}`, for behind it.
    pub close: String,
}

/// Where the pictures of an issue were written, by their sources; of one that is used twice, where it is first.
pub fn picture_places(campaign: &Campaign) -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    let mut take = |image: &Image| {
        places.entry(image.src.clone()).or_insert_with(|| image.place.clone());
    };
    for block in &campaign.blocks {
        each_inline_image(block.title.as_deref().unwrap_or_default(), &mut take);
        each_image(&block.body, &mut take);
    }
    places
}

/// Reads the front matter and the blocks of `source`. Its merge tags go into `tags`, which must have been made
/// with its text.
pub fn parse(source: &Source, tags: &mut TagTable) -> Result<Campaign, Vec<Finding>> {
    let origin = Origin::protect(source, tags).map_err(|finding| vec![finding])?;
    let (range, body) = front::cut(&origin).map_err(|finding| vec![finding])?;
    let front = front::read(&origin, range, tags);
    let (drafts, mut findings) = blocks::read(&origin, body, tags);
    let front = match front {
        Ok(front) => Some(front),
        Err(more) => {
            findings.splice(0..0, more);
            None
        }
    };
    if drafts.is_empty() && findings.is_empty() {
        findings.push(
            Finding::error("empty-issue", "there is nothing below the front matter")
                .at(origin.place(body))
                .help("write the issue there"),
        );
    }
    findings.sort_by_key(|finding| {
        let place = finding.place.as_ref();
        (place.and_then(|place| place.line), place.and_then(|place| place.column))
    });
    match front {
        Some(front) if !findings.iter().any(Finding::is_error) => Ok(Campaign {
            slug: source.slug.clone(),
            dir: source.dir.clone(),
            file: source.file.clone(),
            front,
            blocks: drafts.into_iter().map(|draft| block(draft, tags)).collect(),
            warnings: findings,
        }),
        _ => Err(findings),
    }
}

/// The block of a draft: its condition becomes tags like any other.
fn block(draft: Draft, tags: &mut TagTable) -> Block {
    let condition = draft.condition.map(|written| {
        let mut token = |source: String| {
            let place = written.place.clone();
            tags.add(Tag {
                kind: TagKind::Statement,
                source,
                trim_before: false,
                trim_after: false,
                place,
                written_bytes: 0,
            })
        };
        let open = token(format!("if {}", written.text));
        let close = token("endif".to_owned());
        Condition { text: written.text, place: written.place, open, close }
    });
    Block {
        kind: draft.kind,
        attributes: draft.attributes,
        attribute_places: draft.attribute_places,
        condition,
        title: draft.title,
        body: draft.body,
        place: draft.place,
    }
}
