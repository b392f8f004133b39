//! What MJML's defaults, `mj-all`, a parent, an element's name in `mj-attributes`, its own `mj-class` and that of an
//! element around it give an element, in this order, written onto the element; what stands there already counts most.
//!
//! In MJML's order: of two classes the later wins (mrml: the earlier), their `css-class` names add up (mrml: one is
//! lost), and a default of an element wins over what its parent hands down. An element is given attributes that MJML
//! does not list for it, too: a column takes an `align` from a class, for Outlook.

use std::collections::BTreeMap;

use super::{
    defaults,
    document::Document,
    elements,
    tree::{Attribute, Element, Node},
    values::{self, Kind},
};

/// Defaults by `mj-all`, element name, or class name.
#[derive(Default)]
struct Defaults {
    all: Vec<Attribute>,
    elements: BTreeMap<String, Vec<Attribute>>,
    classes: BTreeMap<String, Vec<Attribute>>,
    /// By class name and element name: what a class gives to elements below those that have it.
    below: BTreeMap<(String, String), Vec<Attribute>>,
}

/// Writes all defaults onto the elements of the body and takes `mj-attributes` out of the head.
pub(super) fn apply(document: &mut Document) {
    let mut defaults = Defaults::default();
    document.head.children.retain(|node| match node.element() {
        Some(block) if block.name == "mj-attributes" => {
            block.elements().for_each(|element| defaults.read(element));
            false
        }
        _ => true,
    });
    defaults.apply(&mut document.body, &[], "");
}

impl Defaults {
    fn read(&mut self, element: &Element) {
        let target = match element.name.as_str() {
            "mj-all" => &mut self.all,
            "mj-class" => match element.attribute("name") {
                Some(name) => {
                    for child in element.elements() {
                        // Of two for one element the later counts alone.
                        self.below.insert((name.to_owned(), child.name.clone()), known(child).collect());
                    }
                    self.classes.entry(name.to_owned()).or_default()
                }
                None => return,
            },
            name => self.elements.entry(name.to_owned()).or_default(),
        };
        for attribute in known(element) {
            put(target, attribute);
        }
    }

    /// `around` are the classes of the next element around it that has any.
    fn apply(&self, element: &mut Element, handed: &[Attribute], around: &str) {
        let Some(spec) = elements::find(&element.name) else { return };
        let classes = element.attribute("mj-class").unwrap_or(around).to_owned();
        if element.name != "mj-raw" {
            let own = std::mem::take(&mut element.attributes);
            let by_element = self.elements.get(&element.name).into_iter().flatten();
            let mut out = Vec::new();
            for attribute in defaults::of(element) {
                put(&mut out, attribute);
            }
            for attribute in self.all.iter().chain(handed).chain(by_element) {
                put(&mut out, attribute.clone());
            }
            for attribute in self.of_classes(&own) {
                put(&mut out, attribute);
            }
            let below = around
                .split_whitespace()
                .filter_map(|class| self.below.get(&(class.to_owned(), element.name.clone())));
            for attribute in below.flatten() {
                put(&mut out, attribute.clone());
            }
            // Their font is that of what holds them, unless they name one themselves.
            if matches!(element.name.as_str(), "mj-accordion-title" | "mj-accordion-text") {
                out.retain(|attribute| attribute.name != "font-family");
            }
            for attribute in own.into_iter().filter(|attribute| attribute.name != "mj-class") {
                put(&mut out, attribute);
            }
            for attribute in &mut out {
                if let Some(long) = attribute.value.as_deref().and_then(values::long_color)
                    && spec.kind(&attribute.name) == Some(Kind::Color)
                {
                    attribute.value = Some(long);
                }
            }
            element.attributes = out;
        }
        let handed = defaults::handed_down(element);
        for node in &mut element.children {
            if let Node::Element(child) = node {
                self.apply(child, &handed, &classes);
            }
        }
    }

    fn of_classes(&self, own: &[Attribute]) -> Vec<Attribute> {
        let names =
            own.iter().find(|attribute| attribute.name == "mj-class").and_then(|a| a.value.as_deref());
        let mut out: Vec<Attribute> = Vec::new();
        for attribute in
            names.into_iter().flat_map(str::split_whitespace).filter_map(|n| self.classes.get(n)).flatten()
        {
            let before =
                out.iter().find(|other| other.name == attribute.name).and_then(|other| other.value.clone());
            let mut attribute = attribute.clone();
            if let ("css-class", Some(before), Some(value)) =
                (attribute.name.as_str(), before, &attribute.value)
            {
                attribute.value = Some(format!("{before} {value}"));
            }
            put(&mut out, attribute);
        }
        out
    }
}

/// The attributes of an element of `mj-attributes` that some element has.
fn known(element: &Element) -> impl Iterator<Item = Attribute> {
    let known = |attribute: &&Attribute| {
        let names_class = element.name == "mj-class" && attribute.name == "name";
        !names_class
            && elements::names().filter_map(elements::find).any(|spec| spec.kind(&attribute.name).is_some())
    };
    element.attributes.iter().filter(known).cloned()
}

/// Sets an attribute; one of that name is replaced.
fn put(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes.iter_mut().find(|other| other.name == attribute.name) {
        Some(other) => *other = attribute,
        None => attributes.push(attribute),
    }
}
