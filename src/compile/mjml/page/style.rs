//! The style of one element while style sheets are written into it, in the order of juice, MJML's inliner: what the
//! `style` attribute says wins over every rule, a rule's `!important` over both, and then specificity and order.

use super::css::{self, Declaration};
use super::select::Specificity;

/// What decides between two declarations: importance and origin, specificity, order.
pub(super) type Rank = (u8, Specificity, usize);

/// A rule wins with this over other rules and over a `style` attribute.
const IMPORTANT: u8 = 2;
/// A `style` attribute wins with this over rules.
const OWN: u8 = 1;

/// A declaration that holds so far.
#[derive(Debug, Clone)]
struct Held {
    value: String,
    rank: Rank,
}

/// One property. A rule may declare it several times, for old programs and new ones: then all are kept.
#[derive(Debug)]
struct Property {
    name: String,
    /// Of one origin, in its order.
    values: Vec<Held>,
    /// Which rule; nothing for the `style` attribute.
    origin: Option<usize>,
}

/// The declarations that hold for an element.
#[derive(Debug, Default)]
pub(super) struct Style {
    properties: Vec<Property>,
    /// A `style` attribute in which not all is a declaration (a condition of the merge stands in it), untouched.
    sealed: Option<String>,
}

impl Style {
    /// Of an element with this `style` attribute; `opaque` says that it must not be taken to pieces.
    pub(super) fn new(attribute: Option<&str>, opaque: impl Fn(&str) -> bool) -> Self {
        let mut style = Self::default();
        let Some(attribute) = attribute else { return style };
        let declarations = match decoded(attribute) {
            Some(text) if !opaque(attribute) => css::declarations(&text).into_iter().collect(),
            _ => Err(String::new()),
        };
        match declarations {
            Ok::<Vec<Declaration>, _>(declarations) => {
                for (order, declaration) in declarations.iter().enumerate() {
                    style.declare(declaration, None, [0; 3], order);
                }
            }
            Err(_) => style.sealed = Some(attribute.trim().to_owned()),
        }
        style
    }

    /// Adds what a rule declares, unless something stronger holds. `order` counts through all style sheets.
    pub(super) fn declare(
        &mut self,
        declaration: &Declaration,
        rule: Option<usize>,
        specificity: Specificity,
        order: usize,
    ) {
        let origin = if rule.is_none() { OWN } else { 0 };
        let weight = origin + if declaration.important { IMPORTANT } else { 0 };
        let held = Held { value: declaration.value.clone(), rank: (weight, specificity, order) };
        let found = self.properties.iter().position(|property| property.name == declaration.property);
        if let Some(at) = found {
            let property = &mut self.properties[at];
            if property.values.last().is_some_and(|last| last.rank > held.rank) {
                return;
            }
            if property.origin == rule {
                property.values.push(held);
                return;
            }
            // What wins anew stands behind all others.
            self.properties.remove(at);
        }
        self.properties.push(Property {
            name: declaration.property.clone(),
            values: vec![held],
            origin: rule,
        });
    }

    /// What a property holds.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let property = self.properties.iter().find(|property| property.name == name)?;
        property.values.last().map(|held| held.value.as_str())
    }

    /// Every value that is kept.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().flat_map(|property| &property.values).map(|held| held.value.as_str())
    }

    /// Changes every value.
    pub(super) fn map(&mut self, change: impl Fn(&str) -> String) {
        for held in self.properties.iter_mut().flat_map(|property| &mut property.values) {
            held.value = change(&held.value);
        }
    }

    /// Every property and what it holds, in their order.
    pub(super) fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties
            .iter()
            .filter_map(|property| Some((property.name.as_str(), property.values.last()?.value.as_str())))
    }

    /// The `style` attribute, for between double quotes: weaker declarations first, so that `padding-top` of a strong
    /// rule is not undone by `padding` of a weak one. `!important` is left out, for with it no media query could change
    /// the property again, dark mode for one.
    pub(super) fn attribute(&self) -> String {
        let mut all: Vec<(&Held, &str)> = Vec::new();
        for property in &self.properties {
            // MJML's inliner takes variables out, and `content` is of pseudo-elements.
            if property.name != "content" && !property.name.starts_with("--") {
                all.extend(property.values.iter().map(|held| (held, property.name.as_str())));
            }
        }
        all.sort_by_key(|(held, _)| held.rank);
        let own = all.partition_point(|(held, _)| held.rank.0 < IMPORTANT);
        let written = |(held, name): &(&Held, &str)| format!("{name}: {};", encoded(&held.value));
        let weak = all[..own].iter().map(written);
        // Its last `;` may be that of an entity.
        let sealed = self.sealed.iter().map(|sealed| {
            let sealed = if sealed.contains('&') { sealed } else { sealed.trim_end_matches(';') };
            format!("{sealed};")
        });
        weak.chain(sealed).chain(all[own..].iter().map(written)).collect::<Vec<_>>().join(" ")
    }
}

/// A value of HTML without entities; nothing, if it holds one that is not known here.
fn decoded(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let name = after.split_once(';').map(|(name, _)| name).filter(|name| is_entity(name));
        out.push(name.map_or(Some('&'), character)?);
        rest = name.map_or(after, |name| &after[name.len() + 1..]);
    }
    out.push_str(rest);
    Some(out)
}

fn is_entity(name: &str) -> bool {
    let name = name.strip_prefix('#').unwrap_or(name);
    !name.is_empty() && name.len() < 10 && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let number = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16)).ok()?;
        return char::from_u32(number).filter(|c| !c.is_control());
    }
    Some(match name {
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

/// A value for between double quotes.
fn encoded(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "'").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styled(own: &str, rules: &[(&str, Specificity)]) -> String {
        let mut style = Style::new(Some(own), |text| text.contains("TOKEN"));
        for (rule, (css, specificity)) in rules.iter().enumerate() {
            for declaration in css::declarations(css).iter().flatten() {
                style.declare(declaration, Some(rule), *specificity, rule);
            }
        }
        style.attribute()
    }

    #[test]
    fn the_stronger_declaration_wins_and_stands_last() {
        let (class, name) = ([0, 1, 0], [0, 0, 1]);
        for (own, rules, wanted) in [
            ("", &[("color: red", name), ("color: blue", name)][..], "color: blue;"),
            ("", &[("color: red", class), ("color: blue", name)], "color: red;"),
            ("color: red", &[("color: blue", class)], "color: red;"),
            ("color: red; top: 0", &[("color: blue !important", name)], "top: 0; color: blue;"),
            ("color: red !important", &[("color: blue !important", class)], "color: red;"),
            ("", &[("padding-top: 1px", class), ("padding: 0", name)], "padding: 0; padding-top: 1px;"),
            ("", &[("color: red; color: rgb(1,2,3)", name)], "color: red; color: rgb(1,2,3);"),
            ("font-family: &quot;A&quot;, b", &[("top: 0", name)], "top: 0; font-family: 'A', b;"),
            (
                "background: url(x?a=1&amp;b=2)",
                &[("top: 0", name)],
                "top: 0; background: url(x?a=1&amp;b=2);",
            ),
        ] {
            assert_eq!(styled(own, rules), wanted, "{own} {rules:?}");
        }
    }

    #[test]
    fn what_cannot_be_taken_to_pieces_stays_whole() {
        let rules = [("top: 0; left: 0 !important", [0, 1, 0])];
        for own in ["TOKENcolor: red;TOKEN", "color: red; broken", "content: &eacute;"] {
            assert_eq!(styled(own, &rules), format!("top: 0; {own}; left: 0;"));
        }
    }
}
