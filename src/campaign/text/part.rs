//! The text part as a whole: what the layout says before the blocks, the blocks, what it says behind them.

use super::lines::Lines;
use super::page::{Page, PagePart};
use super::piece::{TextPart, TextPiece};
use super::said::{in_text, said_by_block, words};
use super::writer::{SEPARATOR, Writer};
use crate::campaign::marked::Marked;
use crate::campaign::parse::{Block, Campaign};
use crate::campaign::statements::{Flow, flow};
use crate::campaign::tree::Node;
use crate::campaign::wrap::WIDTH;
use crate::tags::{TagKind, TagTable};

/// What a text part says in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Essentials {
    /// The list's name.
    pub list_name: String,
    /// The postal address.
    pub address: String,
    /// The token of the address by which a reader leaves the list.
    pub unsubscribe_url: String,
}

/// Writes the text part of the issue on its page; without a page, of the issue alone.
///
/// Conditions stand around what they decide about, blank lines included: whichever way they go, no hole is left.
pub fn text(campaign: &Campaign, page: Option<&Page>, essentials: &Essentials, tags: &TagTable) -> TextPart {
    if let Some(page) = page {
        let part = Part { campaign, essentials, writer: Writer::new(tags) }.on_page(page);
        // A layout may tear its conditions apart in a way that no order of lines can follow.
        if is_balanced(&part.pieces, tags) {
            return part;
        }
    }
    Part { campaign, essentials, writer: Writer::new(tags) }.alone()
}

fn is_balanced(pieces: &[TextPiece], tags: &TagTable) -> bool {
    let mut depth = 0_usize;
    for piece in pieces {
        let TextPiece::Tag(index) = piece else { continue };
        match flow(tags, *index) {
            Some(Flow::Open) => depth += 1,
            Some(Flow::Close | Flow::Middle) if depth == 0 => return false,
            Some(Flow::Close) => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

struct Part<'a> {
    campaign: &'a Campaign,
    essentials: &'a Essentials,
    writer: Writer<'a>,
}

impl Part<'_> {
    fn on_page(mut self, page: &Page) -> TextPart {
        let mut out = Lines::default();
        let mut parts = page.parts.iter().peekable();
        let mut began = false;
        while let Some(part) = parts.next() {
            match part {
                PagePart::Layout(nodes) => {
                    if began && parts.peek().is_none() {
                        out.push("-".repeat(WIDTH));
                    }
                    out.append(self.writer.nodes(nodes, false), "", "");
                }
                PagePart::Block(index, drawn) => {
                    began = true;
                    let Some(block) = self.campaign.blocks.get(*index) else { continue };
                    let next = match parts.peek() {
                        Some(PagePart::Block(next, _)) => self.campaign.blocks.get(*next),
                        _ => None,
                    };
                    if self.tree_says_all(block, drawn) {
                        self.block(block, next, &mut out);
                    } else {
                        out.append(self.writer.nodes(drawn, false), "", "");
                    }
                }
            }
        }
        self.finish(out)
    }

    fn alone(mut self) -> TextPart {
        let mut out = Lines::default();
        for (index, block) in self.campaign.blocks.iter().enumerate() {
            self.block(block, self.campaign.blocks.get(index + 1), &mut out);
        }
        self.finish(out)
    }

    /// Whether every word and address that is drawn of the block stands in its tree too.
    fn tree_says_all(&self, block: &Block, drawn: &[Node]) -> bool {
        let tags = self.writer.tags;
        let mut said = said_by_block(block, tags);
        if let Some(label) = label(block) {
            in_text(label, tags, &mut said);
        }
        words(drawn, tags).is_subset(&said)
    }

    fn block(&mut self, block: &Block, next: Option<&Block>, out: &mut Lines) {
        if let Some(condition) = &block.condition {
            out.statement(&condition.open);
        }
        if let Some(label) = label(block) {
            let mut marked = Marked::default();
            marked.text(&format!("[{label}]"));
            out.paragraph(marked, None);
            out.blank();
        }
        if let Some(title) = &block.title {
            let mut heading = Lines::default();
            self.writer.heading(title, '=', &mut heading);
            if !heading.is_empty() {
                heading.blank();
            }
            out.append(heading, "", "");
        }
        out.append(self.writer.nodes(&block.body, false), "", "");
        let ends = block.kind != "prose" && next.is_some_and(begins_with_text);
        if is_separator(block) || ends {
            out.push(SEPARATOR.to_owned());
            out.blank();
        }
        if let Some(condition) = &block.condition {
            out.statement(&condition.close);
        }
    }

    /// The pieces; where the layout does not say how to leave the list, that too.
    fn finish(mut self, out: Lines) -> TextPart {
        let tags = self.writer.tags;
        let mut pieces = out.finish(tags);
        if !self.essentials.unsubscribe_url.is_empty() && !says_how_to_leave(&pieces, tags) {
            pieces.extend(self.farewell().finish(tags));
        }
        TextPart { pieces, urls: self.writer.urls }
    }

    fn farewell(&mut self) -> Lines {
        let mut out = Lines::default();
        out.push("-".repeat(WIDTH));
        for line in self.essentials.list_name.lines().chain(self.essentials.address.lines()) {
            let mut marked = Marked::default();
            marked.text(line);
            out.paragraph(marked, None);
        }
        let mut marked = Marked::default();
        marked.text("Unsubscribe: ");
        marked.append(&self.writer.address(&self.essentials.unsubscribe_url));
        out.paragraph(marked, None);
        out
    }
}

/// What stands above a block, such as "Sponsored".
fn label(block: &Block) -> Option<&str> {
    block.attributes.get("label").map(|label| label.trim()).filter(|label| !label.is_empty())
}

/// Whether a block says nothing, so that all it does is to stand between others.
fn is_separator(block: &Block) -> bool {
    block.title.is_none() && block.body.is_empty()
}

/// Whether a reader could take this block for the end of the one before.
fn begins_with_text(block: &Block) -> bool {
    block.kind == "prose" && !matches!(block.body.first(), Some(Node::Heading { .. } | Node::Rule))
}

/// Whether everybody is given the address by which to leave.
fn says_how_to_leave(pieces: &[TextPiece], tags: &TagTable) -> bool {
    let mut depth = 0_usize;
    pieces.iter().any(|piece| {
        let TextPiece::Tag(index) = piece else { return false };
        match flow(tags, *index) {
            Some(Flow::Open) => depth += 1,
            Some(Flow::Close) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let tag = tags.get(*index);
        depth == 0 && tag.kind == TagKind::Print && tag.source == "unsubscribe_url"
    })
}
