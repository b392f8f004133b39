//! `mj-html-attributes`: whether they are well written, and what they come to.

use super::{
    html_rules,
    page::{Attributes, Selector},
    problems::{Problem, Problems},
    tree::{Element, Node},
};
use crate::tags::TagTable;

/// Checks an `mj-selector`.
pub(super) fn check_selector(element: &Element, tags: &TagTable, problems: &mut Problems) {
    let Some(path) = element.attributes.iter().find(|attribute| attribute.name == "path") else {
        let problem = Problem::error("bad-selector", element.pos, "this `<mj-selector>` has no `path`");
        return problems
            .push(problem.help("name the elements by a CSS selector, such as `path=\".name a\"`"));
    };
    let value = path.value.as_deref().unwrap_or_default();
    if tags.touches(value) {
        return;
    }
    if let Err(error) = Selector::parse(value) {
        let problem = Problem::error("bad-selector", path.pos, format!("`{value}`: {error}"));
        problems.push(problem.help("write a CSS selector, such as `.name a`"));
    }
}

/// Checks an `mj-html-attribute`.
pub(super) fn check_attribute(element: &Element, tags: &TagTable, problems: &mut Problems) {
    let Some(name) = element.attribute("name").filter(|name| !name.is_empty()) else {
        let problem =
            Problem::error("bad-html-attribute", element.pos, "this `<mj-html-attribute>` has no `name`");
        return problems.push(problem.help("say which attribute it gives: `name=\"title\"`"));
    };
    if html_rules::is_handler(name)
        && element.children.iter().filter_map(Node::text).any(|text| tags.touches(text))
    {
        let message = format!("a merge tag cannot stand in `{name}`");
        let problem = Problem::error("tag-in-style", element.pos, message);
        problems.push(problem.help("nothing can keep a subscriber's data from breaking out of it"));
    }
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !first || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')) {
        let message = format!("`{name}` cannot be the name of an attribute");
        let problem = Problem::error("bad-html-attribute", element.pos, message);
        problems.push(problem.help("letters, digits, `-`, `_`, `:` and `.` make a name"));
    }
}

/// What the `mj-selector`s of a checked head come to. Of two with the same path the later adds to the earlier, as in
/// MJML.
pub(super) fn gather(head: &Element) -> Vec<Attributes> {
    let mut all: Vec<(&str, Attributes)> = Vec::new();
    let blocks = head.elements().filter(|element| element.name == "mj-html-attributes");
    for selector in blocks.flat_map(Element::elements) {
        let path = selector.attribute("path").unwrap_or_default();
        let Ok(selectors) = Selector::parse(path) else { continue };
        let attributes = selector.elements().map(|attribute| {
            let value: String = attribute.children.iter().filter_map(Node::text).collect();
            (attribute.attribute("name").unwrap_or_default().to_owned(), value.trim().to_owned())
        });
        if let Some((_, known)) = all.iter_mut().find(|(known, _)| *known == path) {
            known.values.extend(attributes);
        } else {
            let values = attributes.collect();
            all.push((path, Attributes { selectors, values, pos: selector.pos }));
        }
    }
    all.into_iter().map(|(_, attributes)| attributes).collect()
}
