//! What was meant by an element, an attribute or a place that MJML does not know.

use std::collections::{BTreeMap, VecDeque};

use super::elements::{self, Spec};
use crate::finding::nearest;

/// More names than this are not listed.
const MOST: usize = 5;

/// Elements that people look for who know HTML, another framework or MJML 3, and what they are here.
const ELSEWHERE: [(&str, &str); 9] = [
    ("mj-row", "a row of columns is an `<mj-section>`"),
    ("mj-container", "`<mj-body>` itself holds the sections; an `<mj-wrapper>` goes around several"),
    ("mj-heading", "write the heading into an `<mj-text>`, as `<h1>` to `<h6>`"),
    ("mj-paragraph", "write the paragraph into an `<mj-text>`, as `<p>`"),
    ("mj-p", "write the paragraph into an `<mj-text>`, as `<p>`"),
    ("mj-list", "write the list into an `<mj-text>`, as `<ul>` or `<ol>`"),
    ("mj-link", "write the link into an `<mj-text>`, as `<a href=\"…\">`; a button is an `<mj-button>`"),
    ("mj-a", "write the link into an `<mj-text>`, as `<a href=\"…\">`; a button is an `<mj-button>`"),
    ("mj-html", "HTML goes into an `<mj-raw>` or an `<mj-text>`"),
];

/// Attributes that people look for who know HTML or CSS.
const BY_ANOTHER_NAME: [(&str, &[&str]); 9] = [
    ("class", &["css-class"]),
    ("id", &["css-class"]),
    ("bgcolor", &["background-color", "container-background-color"]),
    ("background", &["background-url", "background-color", "container-background-color"]),
    ("background-image", &["background-url"]),
    ("text-color", &["color"]),
    ("margin", &["padding"]),
    ("url", &["href", "background-url", "src"]),
    ("link", &["href"]),
];

/// What an unknown MJML element in `parent` was meant to be.
pub(super) fn element(name: &str, parent: &Spec) -> String {
    if let Some((_, advice)) = ELSEWHERE.iter().find(|(wrong, _)| *wrong == name) {
        return (*advice).to_owned();
    }
    // What may stand here is meant rather than what may not.
    let here = nearest(name, parent.children.iter().copied());
    match here.or_else(|| nearest(name, elements::names().chain(["mj-include"]))) {
        Some(near) => format!("did you mean `<{near}>`?"),
        None => format!("`<{}>` holds {}", parent.name, list(parent.children.iter().copied())),
    }
}

/// Where an element belongs that cannot stand in `parent`.
pub(super) fn place(name: &str, parent: &str) -> String {
    let parents: Vec<&str> = elements::parents(name).collect();
    let belongs = || format!("it belongs in {}", list(parents.iter().copied()));
    match way(parent, name).as_deref() {
        _ if parents.is_empty() => "remove it".to_owned(),
        None | Some([])
            if parents.iter().any(|parent| matches!(*parent, "mj-head" | "mj-attributes" | "mjml")) =>
        {
            format!("{}: move it there", belongs())
        }
        None | Some([]) => format!("{}: close the `<{parent}>` before it", belongs()),
        Some(around) => {
            format!("{}: put `<{}>` around it", belongs(), around.join("><"))
        }
    }
}

/// The elements that must stand between `outer` and `inner`, outermost first, as few as possible.
fn way(outer: &str, inner: &str) -> Option<Vec<&'static str>> {
    let mut before: BTreeMap<&str, Option<&'static str>> = BTreeMap::from([(outer, None)]);
    let mut queue = VecDeque::from([outer]);
    while let Some(name) = queue.pop_front() {
        let Some(spec) = elements::find(name) else { continue };
        if name != outer && spec.children.contains(&inner) {
            let mut way = vec![spec.name];
            while let Some(Some(name)) = way.last().and_then(|name| before.get(name)) {
                way.push(name);
            }
            way.reverse();
            return Some(way);
        }
        // A hero holds what a column holds, but is no answer to somebody who forgot the column.
        for child in spec.children.iter().filter(|child| **child != "mj-hero") {
            if !before.contains_key(child) {
                before.insert(child, (name != outer).then_some(spec.name));
                queue.push_back(child);
            }
        }
    }
    None
}

/// What an attribute that the element does not have was meant to be; `known` are those it has.
pub(super) fn attribute(name: &str, known: &[&'static str]) -> String {
    if name == "style" {
        return "write CSS into an `<mj-style>`, for a class that this element gets with `css-class`"
            .to_owned();
    }
    let other_names = BY_ANOTHER_NAME.iter().filter(|(wrong, _)| *wrong == name);
    if let Some(right) = other_names.flat_map(|(_, right)| *right).find(|right| known.contains(*right)) {
        return format!("did you mean `{right}`?");
    }
    let owners: Vec<&str> = elements::names()
        .filter_map(elements::find)
        .filter(|spec| spec.kind(name).is_some())
        .map(|spec| spec.name)
        .collect();
    if !owners.is_empty() {
        return format!("it has no effect here: `{name}` is an attribute of {}", list(owners.into_iter()));
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "it has no effect: remove it".to_owned(),
    }
}

/// `<a>`, `<b>` or `<c>`; of many the first.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`<{name}>`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] if names.len() <= MOST => format!("{} or {last}", first.join(", ")),
        _ => format!("{} and others", names[..MOST].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_with_the_way_to_it() {
        assert_eq!(
            place("mj-text", "mj-section"),
            "it belongs in `<mj-column>` or `<mj-hero>`: put `<mj-column>` around it"
        );
        assert_eq!(way("mj-body", "mj-button"), Some(vec!["mj-section", "mj-column"]));
        assert_eq!(way("mj-wrapper", "mj-column"), Some(vec!["mj-section"]));
        assert_eq!(
            place("mj-section", "mj-column"),
            "it belongs in `<mj-body>` or `<mj-wrapper>`: close the `<mj-column>` before it"
        );
    }

    #[test]
    fn an_attribute_is_known_by_its_other_names_and_its_owners() {
        let known = |element: &str| elements::find(element).unwrap().attribute_names().collect::<Vec<_>>();
        for (element, name, advice) in [
            ("mj-text", "colour", "did you mean `color`?"),
            ("mj-text", "paddng", "did you mean `padding`?"),
            ("mj-text", "font_size", "did you mean `font-size`?"),
            ("mj-text", "Padding", "did you mean `padding`?"),
            ("mj-text", "class", "did you mean `css-class`?"),
            ("mj-section", "background", "did you mean `background-url`?"),
            ("mj-column", "background", "did you mean `background-color`?"),
            ("mj-column", "zebra", "it has no effect: remove it"),
            (
                "mj-section",
                "width",
                "it has no effect here: `width` is an attribute of `<mj-breakpoint>`, `<mj-body>`, `<mj-group>`, `<mj-column>`, `<mj-hero>` and others",
            ),
        ] {
            assert_eq!(attribute(name, &known(element)), advice, "{element} {name}");
        }
    }
}
