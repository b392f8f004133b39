//! What was meant by an element, an attribute or a place that MJML does not know.

use std::collections::{BTreeMap, VecDeque};

use super::{elements, problems::Problem, tree::Element};
use crate::finding::nearest;

/// More names than this are not listed.
const MOST: usize = 5;

/// Elements that people look for who know HTML, another framework or MJML 3, and what they are here.
const ELSEWHERE: [(&str, &str); 11] = [
    ("mj", "the name of an element is one word, such as `<mj-text>`"),
    ("mj-row", "a row of columns is an `<mj-section>`"),
    ("mj-container", "`<mj-body>` itself holds the sections; an `<mj-wrapper>` goes around several"),
    ("mj-heading", "write the heading into an `<mj-text>`, as `<h1>` to `<h6>`"),
    ("mj-paragraph", "write the paragraph into an `<mj-text>`, as `<p>`"),
    ("mj-p", "write the paragraph into an `<mj-text>`, as `<p>`"),
    ("mj-list", "write the list into an `<mj-text>`, as `<ul>` or `<ol>`"),
    ("mj-link", "write the link into an `<mj-text>`, as `<a href=\"…\">`; a button is an `<mj-button>`"),
    ("mj-a", "write the link into an `<mj-text>`, as `<a href=\"…\">`; a button is an `<mj-button>`"),
    (
        "mj-video",
        "mail programs play no films: show a picture of it, `<mj-image href=\"…\" … />`, that leads there",
    ),
    ("mj-html", "HTML goes into an `<mj-raw>` or an `<mj-text>`"),
];

/// Elements of HTML that are text, or around it.
const HTML: [&str; 36] = [
    "a",
    "article",
    "aside",
    "b",
    "blockquote",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "i",
    "label",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "small",
    "span",
    "strong",
    "sub",
    "u",
    "ul",
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

/// An element that MJML does not know, in one of this name.
pub(super) fn unknown(element: &Element, parent: &str) -> Problem {
    let name = element.name.as_str();
    let error = |message: String| Problem::error("unknown-element", element.pos, message);
    if matches!(name, "mj-all" | "mj-class") {
        return error(format!("`<{name}>` gives attributes to other elements"))
            .help("it belongs in `<mj-attributes>`, in `<mj-head>`");
    }
    if let Some(help) = html(name, parent) {
        return error(format!("`<{name}>` is HTML and cannot stand directly in `<{parent}>`")).help(help);
    }
    let problem = error(format!("there is no MJML element `<{name}>`"));
    if let Some((_, advice)) = ELSEWHERE.iter().find(|(wrong, _)| *wrong == name) {
        return problem.help(*advice);
    }
    // What may stand here is meant rather than what may not.
    let children = elements::find(parent).map_or(&[][..], |parent| parent.children);
    let known = elements::names().chain(["mj-include", "mj-all", "mj-class"]);
    match nearest_name(name, children.iter().copied()).or_else(|| nearest_name(name, known)) {
        Some(near) => problem.help(format!("did you mean `<{near}>`?")),
        None => problem.help(format!("`<{parent}>` holds {}", list(children.iter().copied()))),
    }
}

/// The one of these elements that was meant by a name. All begin alike, so that is not compared.
pub(super) fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare = ["mj-", "mj_"].into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let own = |known: &'a str| -> &'a str { known.strip_prefix("mj-").unwrap_or(known) };
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(bare, known.iter().copied().map(own));
    // As in `<mjtext>`.
    let near = near.or_else(|| nearest(bare.strip_prefix("mj")?, known.iter().copied().map(own)));
    // As in `<mj-img>`, of which too little is left: then the first letter must be right.
    let alike = |known: &&'a str| own(known).chars().next() == bare.chars().next();
    let whole = || nearest(name, known.iter().copied().filter(alike));
    known.iter().copied().find(|known| Some(own(known)) == near).or_else(whole)
}

/// What HTML is in MJML, where an element of this name may not stand.
fn html(name: &str, parent: &str) -> Option<String> {
    let in_column = matches!(parent, "mj-column" | "mj-hero");
    let drawn = matches!(parent, "mj-body" | "mj-wrapper" | "mj-section" | "mj-group");
    let piece = |what: &str| match (in_column, drawn) {
        (true, _) => Some(what.to_owned()),
        (_, true) => Some(format!("{what}, in an `<mj-column>`")),
        _ => None,
    };
    let fixed = |what: &str| Some(what.to_owned());
    let found = match name {
        "style" => fixed("a style sheet is an `<mj-style>`, in `<mj-head>`"),
        "title" => fixed("the title is an `<mj-title>`, in `<mj-head>`"),
        "meta" | "link" => fixed("put it into an `<mj-raw>` in `<mj-head>`"),
        "script" => fixed("remove it: mail programs run no scripts"),
        "img" => piece("a picture is an `<mj-image src=\"…\" alt=\"…\" />`"),
        "hr" => piece("a line is an `<mj-divider />`"),
        "button" => piece("a button is an `<mj-button href=\"…\">`"),
        "br" => piece("put it into an `<mj-text>`; a gap is an `<mj-spacer height=\"20px\" />`"),
        "center" => piece("centred text is an `<mj-text align=\"center\">`"),
        "table" | "tr" | "td" => piece("put the table into an `<mj-text>`, or its rows into an `<mj-table>`"),
        _ if HTML.contains(&name) => piece("put it into an `<mj-text>`"),
        _ => return None,
    };
    let holds = || elements::find(parent).map(|spec| list(spec.children.iter().copied()));
    found.or_else(|| match parent {
        "mj-head" => fixed("the head shows nothing: what is to be read belongs in `<mj-body>`"),
        _ => Some(format!("`<{parent}>` holds {}", holds()?)),
    })
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
    // As in a style sheet: `padding:10px`.
    if let Some((css, _)) = name.split_once(':')
        && known.contains(&css)
    {
        return format!("write `{css}=\"…\"`");
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
