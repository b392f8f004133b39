//! What was written and is not in the message: a block that the layout forgets, words that a block's template forgets,
//! an HTML part that does not say how to leave the list or who sends it.

use super::sources::layout_file;
use crate::campaign::{Block, Campaign, Page};
use crate::config::Config;
use crate::finding::{Finding, Place};
use crate::tags::{Split, TagTable};

/// So many of the words that are missing are named.
const MAX_NAMED: usize = 4;

/// Warnings of everything of the kind.
pub(super) fn unsaid(
    html: &str,
    page: Option<&Page>,
    campaign: &Campaign,
    config: &Config,
    tags: &TagTable,
) -> Vec<Finding> {
    let layout = Place::file(layout_file(&campaign.front.layout.text));
    let mut findings = Vec::new();
    if let Some(page) = page {
        findings.extend(blocks(page, &layout, campaign, tags));
        if !page.says(&config.list.address, tags) {
            let finding = Finding::warning("no-address", "the layout does not print your postal address")
                .at(layout.clone())
                .help("the law asks for it in most places: print `[[ list.address ]]`");
            findings.push(finding);
        }
    }
    let leaves = |piece| matches!(piece, Split::Tag(index) if tags.get(index).source == "unsubscribe_url");
    if !tags.split(html).into_iter().any(leaves) {
        let finding = Finding::warning("no-unsubscribe", "the layout does not say how to leave the list")
            .at(layout)
            .help("readers look for it at the end: `<a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>`");
        findings.push(finding);
    }
    findings
}

fn blocks(page: &Page, layout: &Place, campaign: &Campaign, tags: &TagTable) -> Vec<Finding> {
    let said: Vec<_> =
        (0..).zip(&campaign.blocks).map(|(index, block)| page.unsaid(index, block, tags)).collect();
    if said.iter().any(Option::is_none) && !page.has_blocks() {
        let message = "the layout prints no block: nothing of issue.md is in the HTML of the message";
        let finding = Finding::warning("no-blocks", message)
            .at(layout.clone())
            .help("where the blocks belong: `[% for block in blocks %] [[ block.mjml ]] [% endfor %]`");
        return vec![finding];
    }
    let told = campaign.blocks.iter().zip(said).filter_map(|(block, unsaid)| match unsaid {
        None => Some(
            Finding::warning("unprinted-block", "this block is not in the HTML of the message")
                .at(block.place.clone())
                .help(format!("{layout} does not print it")),
        ),
        Some(words) if words.is_empty() => None,
        Some(words) => Some(unprinted_words(block, &words, tags)),
    });
    told.collect()
}

fn unprinted_words(block: &Block, words: &[String], tags: &TagTable) -> Finding {
    let named: Vec<_> =
        words.iter().take(MAX_NAMED).map(|word| format!("`{}`", tags.restore(word))).collect();
    let more = if words.len() > MAX_NAMED { " …" } else { "" };
    let message = format!("not all of this block is in the HTML of the message: {}{more}", named.join(", "));
    Finding::warning("unprinted-words", message)
        .at(block.place.clone())
        .help(format!("mjml/blocks/{}.mjml does not print them", block.kind))
}
