//! Links of a layout or block that no reader can follow. (Those of an issue are looked at when it is read.)

use super::{
    problems::{Problem, Problems},
    tree::{Element, Node},
};
use crate::campaign;
use crate::tags::TagTable;

/// The elements whose `href` a reader follows as it is; what `mj-social-element` makes of its own depends on its name.
const LINKS: [&str; 6] = ["mj-button", "mj-image", "mj-carousel-image", "mj-navbar-link", "a", "area"];

/// Warns of every such link in and below `element`. `based`: something gives `mj-navbar` a `base-url`.
pub(super) fn check(element: &Element, based: bool, tags: &TagTable, problems: &mut Problems) {
    let attribute = element.attributes.iter().find(|attribute| attribute.name == "href");
    if let Some(attribute) = attribute.filter(|_| LINKS.contains(&element.name.as_str())) {
        let url = attribute.value.as_deref().unwrap_or_default().trim();
        match campaign::check_link(url, tags) {
            Err(refusal) if !(based && refusal.is_relative() && element.name == "mj-navbar-link") => {
                let problem = Problem::warning(refusal.code, attribute.pos, refusal.message).in_value(url);
                problems.push(problem.help(refusal.help));
            }
            _ => {}
        }
    }
    for node in &element.children {
        if let Node::Element(child) = node {
            check(child, based || element.attribute("base-url").is_some(), tags, problems);
        }
    }
}
