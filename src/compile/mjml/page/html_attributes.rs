//! `mj-html-attributes`: attributes for the elements of the finished body that a selector means.

use super::{
    edit::Edits,
    select::Selector,
    tree::{Page, PageError},
};
use crate::compile::mjml::source::Pos;

/// One `mj-selector`.
#[derive(Debug)]
pub(in super::super) struct Attributes {
    pub(in super::super) selectors: Vec<Selector>,
    /// Name and value, as it stands between double quotes.
    pub(in super::super) values: Vec<(String, String)>,
    pub(in super::super) pos: Pos,
}

/// `html`, the inside of the body, with these attributes; and the positions of the selectors that mean no element.
/// `preview` says that the first element is the preview, which is nobody's.
pub(in super::super) fn set(
    html: &str,
    all: &[Attributes],
    preview: bool,
) -> Result<(String, Vec<Pos>), PageError> {
    let start =
        if preview { Page::parse(html)?.nodes.first().map_or(0, |preview| preview.closed) } else { 0 };
    let page = Page::parse(&html[start..])?;
    page.bear(all.iter().map(|one| one.selectors.len()).sum())?;
    let mut edits = Edits::default();
    let mut idle = Vec::new();
    for one in all {
        let nodes: Vec<usize> = one.selectors.iter().flat_map(|selector| selector.select(&page)).collect();
        if nodes.is_empty() {
            idle.push(one.pos);
        }
        for node in nodes {
            for (name, value) in &one.values {
                edits.set(node, name, value);
            }
        }
    }
    Ok(([&html[..start], &edits.apply(&page)].concat(), idle))
}
