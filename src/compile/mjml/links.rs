//! Addresses of a layout or block that no mail program can follow or show. (Those of an issue are judged when it is
//! read.)

use super::{
    problems::{Problem, Problems},
    tree::{Attribute, Element, Node},
};
use crate::campaign;
use crate::tags::TagTable;

/// The elements whose `href` a reader follows as it is; what `mj-social-element` makes of its own depends on its name.
const LINKS: [&str; 6] = ["mj-button", "mj-image", "mj-carousel-image", "mj-navbar-link", "a", "area"];

/// Warns of every such address in and below `element`. `based`: something gives `mj-navbar` a `base-url`.
pub(super) fn check(element: &Element, based: bool, tags: &TagTable, problems: &mut Problems) {
    for attribute in &element.attributes {
        address(&element.name, attribute, based, tags, problems);
    }
    for node in &element.children {
        if let Node::Element(child) = node {
            check(child, based || element.attribute("base-url").is_some(), tags, problems);
        }
    }
}

fn address(element: &str, attribute: &Attribute, based: bool, tags: &TagTable, problems: &mut Problems) {
    let Some(value) = attribute.value.as_deref().map(str::trim) else { return };
    let judged = match attribute.name.as_str() {
        "href" if LINKS.contains(&element) => campaign::check_link(value, tags),
        // A file of the project is looked for where pictures are embedded.
        "src" | "background-url" if value.contains(':') => campaign::check_picture(value, tags),
        _ => return,
    };
    match judged {
        Err(refusal) if !(based && refusal.is_relative() && element == "mj-navbar-link") => {
            let help = match refusal.code {
                "empty-link" => "say where it leads, as in `href=\"https://…\"`",
                _ => refusal.help,
            };
            let problem = Problem::warning(refusal.code, attribute.pos, refusal.message).in_value(value);
            problems.push(problem.help(help));
        }
        _ => {}
    }
}
