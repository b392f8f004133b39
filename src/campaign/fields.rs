//! A block as its template sees it: what the template names is taken out of the body, the rest stays there.
//! One mapping for every type of block, so that nothing that was written can vanish.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::Serialize;

use super::html::{placed_html, placed_inline, placed_item};
use super::parse::Block;
use super::parts::{self, Entry};
use super::tree::{Inline, Node};

/// HTML. A template prints it as it is, every other text escaped. Behind the `<` or `</` of raw tags stand line and
/// column between [`PLACE`](super::html::PLACE).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Html(pub String);

/// The fields of a block; what is absent is left out when serialised, but for the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// The rest of the block's first line, or else a leading heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Html>,
    /// The first paragraph that is one picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Picture>,
    /// A last paragraph that is one bold link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button: Option<Button>,
    /// The first list whose every item begins with a link or a bold phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Item>>,
    /// All that is left.
    pub body: Html,
}

/// A picture; plain text throughout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// An http(s) URL, or a file beside `issue.md`.
    pub src: String,
    /// The words that stand for it; may be empty.
    pub alt: String,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What a pointer over it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What it says.
    pub text: Html,
    /// Where it leads.
    pub url: String,
}

/// An entry of a list of links or events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The link's text or the bold phrase.
    pub title: Html,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What follows on that line, between ` · `.
    pub meta: Vec<Html>,
    /// The rest; a single paragraph without `<p>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Html>,
}

impl From<Html> for Value {
    fn from(html: Html) -> Self {
        Self::from_safe_string(html.0)
    }
}

impl From<Picture> for Value {
    fn from(picture: Picture) -> Self {
        object([
            ("src", Some(Self::from(picture.src))),
            ("alt", Some(Self::from(picture.alt))),
            ("url", picture.url.map(Self::from)),
            ("title", picture.title.map(Self::from)),
        ])
    }
}

impl From<Button> for Value {
    fn from(button: Button) -> Self {
        object([("text", Some(Self::from(button.text))), ("url", Some(Self::from(button.url)))])
    }
}

impl From<Item> for Value {
    fn from(item: Item) -> Self {
        let meta: Vec<Self> = item.meta.into_iter().map(Self::from).collect();
        object([
            ("title", Some(Self::from(item.title))),
            ("url", item.url.map(Self::from)),
            ("meta", Some(Self::from(meta))),
            ("body", item.body.map(Self::from)),
        ])
    }
}

/// An object of those that are there.
fn object<const N: usize>(fields: [(&'static str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Value::from(there.collect::<BTreeMap<_, _>>())
}

impl Fields {
    /// The same, each piece of HTML changed.
    #[must_use]
    pub fn map_html(mut self, mut change: impl FnMut(&str) -> String) -> Self {
        let items = self.items.iter_mut().flatten();
        let in_items = items.flat_map(|item| {
            item.meta.iter_mut().chain(item.body.as_mut()).chain(std::iter::once(&mut item.title))
        });
        let button = self.button.as_mut().map(|button| &mut button.text);
        for html in in_items.chain(self.title.as_mut()).chain(button).chain(std::iter::once(&mut self.body)) {
            html.0 = change(&html.0);
        }
        self
    }

    /// Name and value, as templates know them, of each field that is there.
    pub fn into_values(self) -> impl Iterator<Item = (&'static str, Value)> {
        let items = self.items.map(|items| items.into_iter().map(Value::from).collect::<Vec<_>>());
        let fields = [
            ("title", self.title.map(Value::from)),
            ("image", self.image.map(Value::from)),
            ("button", self.button.map(Value::from)),
            ("items", items.map(Value::from)),
            ("body", Some(Value::from(self.body))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The fields of `block` for a template that reads those in `named`.
pub fn fields(block: &Block, named: &BTreeSet<String>) -> Fields {
    let reads = |field: &str| named.contains(field);
    let mut body = block.body.clone();
    let mut out = Fields::default();
    match &block.title {
        Some(title) if reads("title") => out.title = Some(Html(placed_inline(title))),
        Some(title) => body.insert(0, Node::Heading { level: 2, content: title.clone() }),
        None if reads("title") => out.title = leading_heading(&mut body),
        None => {}
    }
    if reads("button") {
        out.button = body.last().and_then(parts::paragraph).and_then(parts::button).map(|link| {
            body.pop();
            Button { text: Html(placed_inline(&link.content)), url: link.url }
        });
    }
    if reads("image") {
        out.image = take(&mut body, picture);
    }
    if reads("items") {
        out.items = take(&mut body, items);
    }
    out.body = Html(placed_html(&body));
    out
}

/// Takes out the first node of which `read` makes something.
fn take<T>(body: &mut Vec<Node>, read: impl Fn(&Node) -> Option<T>) -> Option<T> {
    let (index, found) = body.iter().enumerate().find_map(|(index, node)| Some((index, read(node)?)))?;
    body.remove(index);
    Some(found)
}

/// The heading a body begins with; pictures may stand before it.
fn leading_heading(body: &mut Vec<Node>) -> Option<Html> {
    let index = body.iter().position(|node| picture(node).is_none())?;
    let Node::Heading { content, .. } = &body[index] else { return None };
    let title = Html(placed_inline(content));
    body.remove(index);
    Some(title)
}

fn picture(node: &Node) -> Option<Picture> {
    let (image, link) = parts::paragraph(node).and_then(parts::picture)?;
    Some(Picture {
        src: image.src.clone(),
        alt: image.alt.clone(),
        url: link.map(|link| link.url.clone()),
        title: Some(image.title.clone()).filter(|title| !title.is_empty()),
    })
}

fn items(node: &Node) -> Option<Vec<Item>> {
    let Node::List(list) = node else { return None };
    Some(parts::entries(list)?.into_iter().map(|entry| item(entry, list.tight)).collect())
}

fn item(entry: Entry, tight: bool) -> Item {
    let part = |part: &Vec<Inline>| Html(placed_inline(part));
    let body = match entry.body.as_slice() {
        [] => None,
        [Node::Paragraph(content)] => Some(placed_inline(content)),
        nodes => Some(placed_item(nodes, tight)),
    };
    Item {
        title: part(&entry.title),
        url: entry.link.map(|link| link.url),
        meta: entry.meta.iter().map(part).collect(),
        body: body.map(Html),
    }
}
