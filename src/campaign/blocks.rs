//! The blocks of an issue: what stands between `:::` lines, and the `prose` outside of them.

use std::collections::BTreeMap;

use comrak::nodes::{AstNode, NodeBlockDirective, NodeValue};
use comrak::{Arena, parse_document};

use super::html::{html, inline_html};
use super::markdown::{Reader, options};
use super::mask::{Line, Mask};
use super::origin::Origin;
use super::statements::{Flow, flow, unbalanced};
use super::tree::{Inline, Node};
use crate::finding::{Finding, Place, Written};
use crate::tags::TagTable;

const MAX_KIND: usize = 64;
/// Names by which a template knows the parts of a block.
const FIELDS: [&str; 7] = ["type", "title", "image", "button", "items", "body", "mjml"];

/// A block as it was written.
pub(super) struct Draft {
    pub(super) kind: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) attribute_places: BTreeMap<String, Place>,
    pub(super) condition: Option<Written>,
    pub(super) title: Option<Vec<Inline>>,
    pub(super) body: Vec<Node>,
    pub(super) place: Place,
}

/// The blocks of the Markdown that begins at byte `body` of the protected text, and what is wrong with it.
pub(super) fn read(origin: &Origin<'_>, body: usize, tags: &TagTable) -> (Vec<Draft>, Vec<Finding>) {
    let mask = Mask::new(origin.text(), body);
    if let Some(offset) = mask.open_fence {
        let finding = Finding::error("unclosed-code", "this code is never closed").at(origin.place(offset));
        return (Vec::new(), vec![finding.help("end it with a line of as many ` or ~ as it begins with")]);
    }
    if let Some(offset) = mask.too_deep {
        let finding =
            Finding::error("unclosed-block", "dozens of blocks begin before this one and are never closed");
        return (Vec::new(), vec![finding.at(origin.place(offset)).help("put a line `:::` where each ends")]);
    }
    let arena = Arena::new();
    let root = parse_document(&arena, &mask.text, &options());
    let mut reader = Reader::new(origin, &mask, tags);
    let mut blocks: Vec<Draft> = Vec::new();
    let mut prose: Option<Draft> = None;
    for node in root.children() {
        let value = node.data().value.clone();
        if let NodeValue::BlockDirective(directive) = value {
            blocks.extend(prose.take());
            blocks.extend(block(&mut reader, node, &directive));
        } else {
            let draft = prose.get_or_insert_with(|| Draft::prose(reader.place(node)));
            reader.node(node, 0, &mut draft.body);
        }
    }
    blocks.extend(prose);
    // A comment that stood alone leaves nothing.
    blocks.retain(|block| block.kind != "prose" || block.title.is_some() || !block.body.is_empty());
    for block in &blocks {
        reader.findings.extend(unbalanced_statement(block, tags));
    }
    (blocks, reader.findings)
}

impl Draft {
    fn prose(place: Place) -> Self {
        Self {
            kind: "prose".to_owned(),
            attributes: BTreeMap::new(),
            attribute_places: BTreeMap::new(),
            condition: None,
            title: None,
            body: Vec::new(),
            place,
        }
    }
}

fn block<'a>(
    reader: &mut Reader<'_>,
    node: &'a AstNode<'a>,
    directive: &NodeBlockDirective,
) -> Option<Draft> {
    let Some(line) = reader.mask.line(&directive.info) else {
        reader.error(node, "stray-block-end", "this `:::` closes nothing", "a block begins with `::: type`");
        return None;
    };
    let opening = match opening(line, reader.origin, reader.tags) {
        Ok(opening) => opening,
        Err(finding) => {
            reader.findings.push(finding);
            return None;
        }
    };
    let before = reader.findings.len();
    let mut body = Vec::new();
    for child in node.children() {
        reader.node(child, 0, &mut body);
    }
    let overtaken = reader.findings[before..].iter().any(|finding| finding.code == "unclosed-block");
    if !overtaken && !is_closed(reader.mask, node, directive) {
        let message = format!("the block `{}` is never closed", opening.kind);
        reader.error(node, "unclosed-block", &message, "put a line `:::` where it ends");
    }
    let title = opening.title.map(|(text, offset)| reader.title(&text, offset));
    Some(Draft {
        kind: opening.kind,
        attributes: opening.attributes,
        attribute_places: opening.attribute_places,
        condition: opening.condition,
        title,
        body,
        place: reader.place(node),
    })
}

/// comrak closes what is open at the end of the text without a word: whether the last line is a closing one.
fn is_closed(mask: &Mask, node: &AstNode<'_>, directive: &NodeBlockDirective) -> bool {
    let position = node.data().sourcepos;
    let last = mask.line_at(position.end.line).trim();
    position.end.line > position.start.line
        && last.len() >= directive.fence_length
        && last.bytes().all(|b| b == b':')
}

/// What an opening line says.
struct Opening {
    kind: String,
    attributes: BTreeMap<String, String>,
    attribute_places: BTreeMap<String, Place>,
    condition: Option<Written>,
    /// The title and where it stands.
    title: Option<(String, usize)>,
}

/// Reads `::: type key="…" key='…' title`.
fn opening(line: &Line, origin: &Origin<'_>, tags: &TagTable) -> Result<Opening, Finding> {
    let text = line.text.as_str();
    let at = |rest: &str| line.offset + (text.len() - rest.len());
    let error = |code, rest: &str, message: String, help: &str| {
        Finding::error(code, tags.restore(&message)).at(origin.place(at(rest))).help(help)
    };
    let rest = text.trim_start_matches(':').trim_start();
    let (kind, mut rest) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    if !is_kind(kind) || tags.touches(kind) {
        return Err(error(
            "bad-block",
            text,
            format!("`{kind}` is no type of block"),
            "a block begins with `::: type`, a name of lower-case letters, digits, `-` and `_`",
        ));
    }
    let mut opening = Opening {
        kind: kind.to_owned(),
        attributes: BTreeMap::new(),
        attribute_places: BTreeMap::new(),
        condition: None,
        title: None,
    };
    loop {
        rest = rest.trim_start();
        let Some((name, value)) = attribute_start(rest) else { break };
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let message = format!("the value of `{name}` does not stand in quotes");
            return Err(error("bad-attribute", rest, message, "write `key=\"value\"`, with straight quotes"));
        };
        let inner = &value[1..];
        let Some(end) = inner.find(quote) else {
            let message = format!("the value of `{name}` has no closing `{quote}`");
            return Err(error("bad-attribute", rest, message, "an attribute ends on the line it begins"));
        };
        let (content, after) = (&inner[..end], &inner[end + 1..]);
        if name == "if" && opening.condition.is_none() {
            opening.condition = Some(condition(content, origin.place(at(inner)), tags)?);
        } else if FIELDS.contains(&name) {
            let help = "the title is the rest of the line, everything else stands between the `:::` lines";
            return Err(error("bad-attribute", rest, format!("`{name}` is no attribute"), help));
        } else if !is_attribute(name) {
            let help = "lower-case letters, digits and `_`, beginning with a letter";
            return Err(error("bad-attribute", rest, format!("`{name}` is no name of an attribute"), help));
        } else if name == "if" || opening.attributes.insert(name.to_owned(), content.to_owned()).is_some() {
            return Err(error(
                "duplicate-attribute",
                rest,
                format!("`{name}` is given twice"),
                "keep one of them",
            ));
        } else {
            opening.attribute_places.insert(name.to_owned(), origin.place(at(inner)));
        }
        rest = after;
    }
    let title = rest.trim();
    opening.title = (!title.is_empty()).then(|| (title.to_owned(), at(rest)));
    Ok(opening)
}

/// `name=` at the beginning of `text`, and what follows it.
fn attribute_start(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))?;
    let value = text[end..].strip_prefix('=')?;
    (end > 0).then_some((&text[..end], value))
}

fn is_kind(name: &str) -> bool {
    name.len() <= MAX_KIND
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

fn is_attribute(name: &str) -> bool {
    is_kind(name) && !name.contains('-')
}

fn condition(text: &str, place: Place, tags: &TagTable) -> Result<Written, Finding> {
    if tags.touches(text) {
        return Err(Finding::error("bad-condition", "a condition is written without braces")
            .at(place)
            .help("such as if='plan == \"pro\"'"));
    }
    if text.trim().is_empty() {
        return Err(Finding::error("bad-condition", "the condition is empty").at(place).help("delete `if`"));
    }
    Ok(Written { text: text.trim().to_owned(), place })
}

/// A branch that does not end in the block it begins in would tear the message apart.
fn unbalanced_statement(block: &Draft, tags: &TagTable) -> Option<Finding> {
    let title = block.title.as_deref().map(inline_html).unwrap_or_default();
    let index = unbalanced(&title, tags).or_else(|| unbalanced(&html(&block.body), tags))?;
    let tag = tags.get(index);
    let whole = "a condition around a whole block is written on it: `::: promo if='…'`";
    let (message, help) = match flow(tags, index) {
        Some(Flow::Open) => (
            format!("`{}` is not ended in the block it begins in", tag.written()),
            format!("write `{{% endif %}}` where it ends; {whole}"),
        ),
        _ => (format!("`{}` belongs to no `{{% if … %}}` of this block", tag.written()), whole.to_owned()),
    };
    Some(Finding::error("unbalanced-tag", message).at(tag.place.clone()).help(help))
}
