//! Whether elements, attributes and values are those of MJML, each finding with the way out.

use std::collections::BTreeSet;

use super::{
    advice,
    document::Document,
    elements::{self, Content, Spec},
    html_attributes, links, page,
    problems::{Problem, Problems},
    source::Pos,
    tree::{Attribute, Element, Node, Text},
    values::{Checked, Kind},
};
use crate::{finding::nearest, tags::TagTable};

/// Checks the whole document.
pub(super) fn check(document: &Document, tags: &TagTable, problems: &mut Problems) {
    let classes = defined_classes(&document.head);
    let defaults = defaults(&document.head);
    let mut checker = Checker { tags, problems, classes, defaults };
    if let Some(spec) = elements::find("mjml") {
        checker.attributes(spec, &document.attributes);
    }
    for raw in &document.start {
        checker.element(raw);
    }
    checker.element(&document.head);
    checker.element(&document.body);
    let based = checker.defaults.iter().any(|(_, given)| given == "base-url");
    links::check(&document.body, based, tags, checker.problems);
}

fn defined_classes(head: &Element) -> BTreeSet<String> {
    let blocks = head.elements().filter(|element| element.name == "mj-attributes");
    let classes = blocks.flat_map(Element::elements).filter(|element| element.name == "mj-class");
    classes.filter_map(|class| class.attribute("name")).map(str::to_owned).collect()
}

fn defaults(head: &Element) -> BTreeSet<(String, String)> {
    let blocks = head.elements().filter(|element| element.name == "mj-attributes");
    let mut defaults = BTreeSet::new();
    for element in blocks.flat_map(Element::elements) {
        let to = match element.attribute("name") {
            Some(class) if element.name == "mj-class" => format!(".{class}"),
            _ => element.name.clone(),
        };
        defaults.extend(element.attributes.iter().map(|attribute| (to.clone(), attribute.name.clone())));
    }
    defaults
}

struct Checker<'a> {
    tags: &'a TagTable,
    problems: &'a mut Problems,
    classes: BTreeSet<String>,
    /// The attributes that `mj-attributes` gives: to an element, or to a class, which is written with a dot.
    defaults: BTreeSet<(String, String)>,
}

impl Checker<'_> {
    /// An element that stands where it may.
    fn element(&mut self, element: &Element) {
        let Some(spec) = elements::find(&element.name) else { return };
        self.attributes(spec, &element.attributes);
        match spec.content {
            Content::Elements if spec.name == "mj-attributes" => self.defaults(element),
            Content::Elements => {
                // Of text with HTML in it, one word about its beginning is enough.
                let mut in_text = false;
                for node in &element.children {
                    match node {
                        Node::Element(child) if in_text && is_html(child) && spec.name != "mj-head" => {}
                        Node::Element(child) => {
                            in_text = is_html(child);
                            self.child(spec, child);
                        }
                        Node::Text(_) => in_text |= !node.is_blank(),
                        Node::Comment(_) => {}
                    }
                }
            }
            Content::Html => {}
            Content::Text => self.plain(element),
            Content::Css => self.css(element),
            Content::Nothing => self.nothing(element),
        }
        match spec.name {
            "mj-selector" => html_attributes::check_selector(element, self.tags, self.problems),
            "mj-html-attribute" => html_attributes::check_attribute(element, self.tags, self.problems),
            _ => {}
        }
        self.lacking(element);
    }

    /// What an element needs to be of any use; it may have it from `mj-attributes`.
    fn lacking(&mut self, element: &Element) {
        let needs: &[(&str, &str, &str)] = match element.name.as_str() {
            "mj-image" | "mj-carousel-image" => &[
                ("src", "no-src", "give the picture, as in `src=\"logo.png\"` or `src=\"https://…\"`"),
                (
                    "alt",
                    "no-alt",
                    "say what it shows, for readers with pictures off; `alt=\"\"` if it only decorates",
                ),
            ],
            "mj-button" | "mj-navbar-link" => &[(
                "href",
                "no-href",
                "say where it leads, as in `href=\"https://…\"`: without it nobody can follow it",
            )],
            _ => &[],
        };
        for (name, code, help) in needs {
            if element.attribute(name).is_none()
                && !self.is_given(element, name)
                && !is_misnamed(element, name)
            {
                let message = format!("this `<{}>` has no `{name}`", element.name);
                self.problems.push(Problem::warning(code, element.pos, message).help(*help));
            }
        }
    }

    /// Whether the head gives this attribute to all elements, those of this name, or those of a class it has.
    fn is_given(&self, element: &Element, name: &str) -> bool {
        let classes: Vec<&str> =
            element.attribute("mj-class").unwrap_or_default().split_whitespace().collect();
        self.defaults.iter().any(|(to, given)| {
            given == name
                && match to.strip_prefix('.') {
                    Some(class) => classes.contains(&class),
                    None => *to == element.name || to == "mj-all",
                }
        })
    }

    fn child(&mut self, parent: &Spec, child: &Element) {
        let known = elements::find(&child.name).is_some();
        if parent.children.contains(&child.name.as_str()) {
            self.element(child);
        } else if known {
            let message = format!("`<{}>` cannot stand in `<{}>`", child.name, parent.name);
            let problem = Problem::error("misplaced-element", child.pos, message);
            self.problems.push(problem.help(advice::place(&child.name, parent.name)));
        } else {
            self.problems.push(advice::unknown(child, parent.name));
        }
    }

    /// What stands in `mj-attributes`, elements that give attributes and hold nothing; or in an `mj-class`, which may
    /// give attributes to elements below those that have it.
    fn defaults(&mut self, block: &Element) {
        for node in &block.children {
            let Node::Element(element) = node else { continue };
            let is_class = element.name == "mj-class";
            if is_class {
                self.defaults(element);
            }
            let strays = |node: &Node| match node {
                Node::Element(_) => !is_class,
                Node::Text(_) => !node.is_blank(),
                Node::Comment(_) => false,
            };
            if element.children.iter().any(strays) {
                let held = if is_class { "no text" } else { "nothing" };
                let message = format!("`<{}>` only gives attributes: it holds {held}", element.name);
                self.problems.push(Problem::error("stray-content", element.pos, message).help("empty it"));
            }
            if is_class && element.attribute("name").is_none() {
                let problem =
                    Problem::error("nameless-class", element.pos, "this `<mj-class>` has no `name`");
                self.problems.push(problem.help("elements take it up with `mj-class=\"name\"`"));
            } else if is_class || element.name == "mj-all" {
                self.loose_attributes(element);
            } else if let Some(spec) = elements::find(&element.name) {
                self.attributes(spec, &element.attributes);
            } else {
                let name = &element.name;
                let message = format!("there is no MJML element `<{name}>` to give attributes to");
                let problem = Problem::error("unknown-element", element.pos, message);
                let known = elements::names().chain(["mj-all", "mj-class"]);
                self.problems.push(match advice::nearest_name(name, known) {
                    Some(near) => problem.help(format!("did you mean `<{near}>`?")),
                    None => problem.help("name an element, `<mj-all>` or `<mj-class name=\"…\">`"),
                });
            }
        }
    }

    /// Attributes for elements that are not known here: each must be an attribute of some element.
    fn loose_attributes(&mut self, element: &Element) {
        let owner = element.name.clone();
        for attribute in &element.attributes {
            if owner == "mj-class" && attribute.name == "name" {
                continue;
            }
            let kinds: Vec<Kind> = elements::names()
                .filter_map(elements::find)
                .filter_map(|spec| spec.kind(&attribute.name))
                .collect();
            match kinds.first() {
                // Elements differ in what they take: then only the element that gets it can tell.
                Some(kind) if kinds.iter().all(|other| other == kind) => self.value(&owner, *kind, attribute),
                Some(_) => {}
                None => self.unknown_attribute(&owner, attribute, &all_attribute_names()),
            }
        }
    }

    fn attributes(&mut self, spec: &Spec, attributes: &[Attribute]) {
        for attribute in attributes {
            if self.tags.touches(&attribute.name) {
                self.tag_in_markup(attribute.pos);
                continue;
            }
            let Some(kind) = spec.kind(&attribute.name) else {
                let known: Vec<_> = spec.attribute_names().collect();
                self.unknown_attribute(spec.name, attribute, &known);
                continue;
            };
            if attribute.name == "mj-class" {
                self.class_names(attribute);
            }
            self.value(spec.name, kind, attribute);
        }
    }

    fn value(&mut self, element: &str, kind: Kind, attribute: &Attribute) {
        let name = &attribute.name;
        let Some(value) = &attribute.value else {
            let message = format!("`{name}` of `<{element}>` has no value");
            let problem = Problem::warning("bad-value", attribute.pos, message);
            self.problems.push(problem.help(format!("write `{name}=\"…\"`")));
            return;
        };
        if self.tags.touches(value) {
            let fixed = matches!(
                element,
                "mj-font"
                    | "mj-breakpoint"
                    | "mj-class"
                    | "mj-style"
                    | "mj-selector"
                    | "mj-html-attribute"
                    | "mjml"
            );
            if !kind.may_hold_tags() || fixed || name == "mj-class" {
                let message = format!("a merge tag cannot decide `{name}` of `<{element}>`");
                let help = "the layout is reckoned once per issue; a merge tag prints once per subscriber";
                let problem = Problem::error("tag-in-layout", attribute.pos, message).in_value("");
                self.problems.push(problem.help(help));
            }
            return;
        }
        match kind.check(value) {
            Checked::Good(_) => {}
            Checked::Bad { why, help } => {
                let message = format!("`{name}` of `<{element}>`: {why}");
                let problem = Problem::error("bad-value", attribute.pos, message).in_value(part(&why));
                self.problems.push(problem.help(help));
            }
            Checked::Doubtful { why, .. } => {
                let message = format!("`{name}` of `<{element}>`: {why}");
                let problem = Problem::warning("bad-value", attribute.pos, message).in_value(part(&why));
                self.problems.push(problem.help("give it in pixels"));
            }
        }
    }

    fn class_names(&mut self, attribute: &Attribute) {
        for class in attribute.value.iter().flat_map(|value| value.split_whitespace()) {
            if self.classes.contains(class) || self.tags.touches(class) {
                continue;
            }
            let message = format!("there is no `<mj-class name=\"{class}\">`");
            let problem = Problem::warning("unknown-class", attribute.pos, message).in_value(class);
            self.problems.push(match nearest(class, self.classes.iter().map(String::as_str)) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(
                    "define it in `<mj-attributes>`, or remove it; for CSS classes there is `css-class`",
                ),
            });
        }
    }

    fn unknown_attribute(&mut self, element: &str, attribute: &Attribute, known: &[&'static str]) {
        let name = &attribute.name;
        let message = format!("`<{element}>` has no attribute `{name}`");
        // Where nothing is drawn a stray attribute does no harm, but a merge tag would be lost with it.
        let problem = match &attribute.value {
            Some(value) if self.tags.touches(value) => {
                Problem::error("unknown-attribute", attribute.pos, message)
            }
            _ => Problem::warning("unknown-attribute", attribute.pos, message),
        };
        self.problems.push(problem.help(advice::attribute(name, known)));
    }

    fn tag_in_markup(&mut self, pos: Pos) {
        let message = "a merge tag cannot stand between the attributes of an element";
        let help = "put it inside the quotes of an attribute's value";
        self.problems.push(Problem::error("tag-in-markup", pos, message).help(help));
    }

    fn plain(&mut self, element: &Element) {
        if let Some(inner) = element.elements().next() {
            let message =
                format!("`<{}>` holds plain text: `<{}>` cannot stand in it", element.name, inner.name);
            let problem = Problem::error("misplaced-element", inner.pos, message);
            self.problems.push(problem.help("remove the tag; write `&lt;` for a plain `<`"));
        }
    }

    fn css(&mut self, element: &Element) {
        let inline = element.attributes.iter().find(|attribute| attribute.name == "inline");
        if let Some(attribute) = inline.filter(|attribute| attribute.value.as_deref() != Some("inline")) {
            let message = "this style sheet is not inlined: only `inline=\"inline\"` says so";
            let problem = Problem::warning("bad-value", attribute.pos, message);
            self.problems.push(problem.help("write that, or remove the attribute"));
        }
        for node in &element.children {
            let Node::Text(css) = node else { continue };
            if let Some((token, _)) = self.tags.find(&css.text, 0) {
                let message = "a merge tag cannot stand in a style sheet";
                let help = "use a class per case and an `{% if … %}` in the text, or a `style` attribute";
                let pos = css.pos.plus(token.start);
                self.problems.push(Problem::error("tag-in-style", pos, message).help(help));
            }
            if element.attribute("inline") == Some("inline") {
                self.not_inlined(css);
            }
            if let Some(at) = css.text.to_ascii_lowercase().find("</style") {
                let message = "this style sheet holds `</style`, which would end it early";
                let problem = Problem::error("broken-style", css.pos.plus(at), message);
                self.problems.push(problem.help("remove it"));
            }
        }
    }

    fn not_inlined(&mut self, css: &Text) {
        let plain = page::plain(&css.text);
        for complaint in page::complaints(&plain) {
            // Entities were unwrapped: after one, where exactly it stands is not known.
            let exact = css.text.get(..complaint.offset).is_some_and(|before| !before.contains('&'));
            let pos = if exact { css.pos.plus(complaint.offset) } else { css.pos };
            let problem = Problem::warning("not-inlined", pos, complaint.message);
            self.problems.push(problem.help(complaint.help));
        }
    }

    fn nothing(&mut self, element: &Element) {
        let filled =
            element.children.iter().find(|node| !node.is_blank() && !matches!(node, Node::Comment(_)));
        if filled.is_some() {
            let message = format!("`<{}>` holds nothing, but something stands in it", element.name);
            let help = format!("write `<{} … />` and move the content behind it", element.name);
            self.problems.push(Problem::error("stray-content", element.pos, message).help(help));
        }
    }
}

/// Whether an element is of HTML and not of MJML.
pub(super) fn is_html(element: &Element) -> bool {
    !element.name.starts_with("mj")
}

/// Whether the element has this attribute by another name, which is told.
fn is_misnamed(element: &Element, name: &str) -> bool {
    let Some(spec) = elements::find(&element.name) else { return false };
    let known: Vec<_> = spec.attribute_names().collect();
    let meant = format!("did you mean `{name}`?");
    let unknown = element.attributes.iter().filter(|attribute| spec.kind(&attribute.name).is_none());
    unknown.map(|attribute| advice::attribute(&attribute.name, &known)).any(|advice| advice == meant)
}

fn all_attribute_names() -> Vec<&'static str> {
    elements::names().filter_map(elements::find).flat_map(Spec::attribute_names).collect()
}

/// What a complaint about a value quotes first: the part of the value that is wrong.
fn part(why: &str) -> &str {
    why.split('`').nth(1).unwrap_or_default()
}
