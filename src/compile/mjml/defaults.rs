//! What MJML's elements have without being told: their attributes' defaults, and what a parent hands down.

use super::tree::{Attribute, Element};

const FONT: (&str, &str) = ("font-family", "Ubuntu, Helvetica, Arial, sans-serif");
const SMALL: (&str, &str) = ("font-size", "13px");
const APART: (&str, &str) = ("padding", "10px 25px");
const CENTER: (&str, &str) = ("align", "center");
const NEW_TAB: (&str, &str) = ("target", "_blank");

/// The defaults of the elements that are drawn here; mrml knows those of the others.
const DEFAULTS: &[(&str, &[(&str, &str)])] = &[
    (
        "mj-accordion",
        &[
            ("border", "2px solid black"),
            FONT,
            ("icon-align", "middle"),
            ("icon-wrapped-url", "https://i.imgur.com/bIXv1bk.png"),
            ("icon-wrapped-alt", "+"),
            ("icon-unwrapped-url", "https://i.imgur.com/w4uTygT.png"),
            ("icon-unwrapped-alt", "-"),
            ("icon-position", "right"),
            ("icon-height", "32px"),
            ("icon-width", "32px"),
            APART,
        ],
    ),
    ("mj-accordion-text", &[SMALL, ("line-height", "1"), ("padding", "16px")]),
    ("mj-accordion-title", &[SMALL, ("padding", "16px")]),
    (
        "mj-button",
        &[
            CENTER,
            ("background-color", "#414141"),
            ("border", "none"),
            ("border-radius", "3px"),
            ("color", "#ffffff"),
            FONT,
            SMALL,
            ("font-weight", "normal"),
            ("inner-padding", "10px 25px"),
            ("line-height", "120%"),
            APART,
            NEW_TAB,
            ("text-decoration", "none"),
            ("text-transform", "none"),
            ("vertical-align", "middle"),
        ],
    ),
    (
        "mj-carousel",
        &[
            CENTER,
            ("border-radius", "6px"),
            ("icon-width", "44px"),
            ("left-icon", "https://i.imgur.com/xTh3hln.png"),
            ("right-icon", "https://i.imgur.com/os7o9kz.png"),
            ("thumbnails", "visible"),
            ("tb-border", "2px solid transparent"),
            ("tb-border-radius", "6px"),
            ("tb-hover-border-color", "#fead0d"),
            ("tb-selected-border-color", "#cccccc"),
        ],
    ),
    ("mj-carousel-image", &[("alt", ""), NEW_TAB]),
    ("mj-column", &[("direction", "ltr"), ("vertical-align", "top")]),
    (
        "mj-divider",
        &[
            ("border-color", "#000000"),
            ("border-style", "solid"),
            ("border-width", "4px"),
            APART,
            ("width", "100%"),
            CENTER,
        ],
    ),
    ("mj-group", &[("direction", "ltr")]),
    (
        "mj-hero",
        &[
            ("mode", "fixed-height"),
            ("height", "0px"),
            ("background-position", "center center"),
            ("padding", "0px"),
            ("background-color", "#ffffff"),
            ("vertical-align", "top"),
        ],
    ),
    ("mj-image", &[("alt", ""), CENTER, ("border", "0"), ("height", "auto"), APART, NEW_TAB, SMALL]),
    (
        "mj-navbar",
        &[
            CENTER,
            ("ico-align", "center"),
            ("ico-open", "&#9776;"),
            ("ico-close", "&#8855;"),
            ("ico-color", "#000000"),
            ("ico-font-size", "30px"),
            ("ico-font-family", FONT.1),
            ("ico-text-transform", "uppercase"),
            ("ico-padding", "10px"),
            ("ico-text-decoration", "none"),
            ("ico-line-height", "30px"),
        ],
    ),
    (
        "mj-navbar-link",
        &[
            ("color", "#000000"),
            FONT,
            SMALL,
            ("font-weight", "normal"),
            ("line-height", "22px"),
            ("padding", "15px 10px"),
            NEW_TAB,
            ("text-decoration", "none"),
            ("text-transform", "uppercase"),
        ],
    ),
    (
        "mj-social",
        &[
            CENTER,
            ("border-radius", "3px"),
            ("color", "#333333"),
            FONT,
            SMALL,
            ("icon-size", "20px"),
            ("line-height", "22px"),
            ("mode", "horizontal"),
            APART,
            ("text-decoration", "none"),
        ],
    ),
    (
        "mj-social-element",
        &[
            ("alt", ""),
            ("align", "left"),
            ("icon-position", "left"),
            ("color", "#000000"),
            ("border-radius", "3px"),
            FONT,
            SMALL,
            ("line-height", "1"),
            ("padding", "4px"),
            ("text-padding", "4px 4px 4px 0"),
            NEW_TAB,
            ("text-decoration", "none"),
            ("vertical-align", "middle"),
        ],
    ),
    ("mj-spacer", &[("height", "20px")]),
    (
        "mj-table",
        &[
            ("align", "left"),
            ("border", "none"),
            ("cellpadding", "0"),
            ("cellspacing", "0"),
            ("color", "#000000"),
            FONT,
            SMALL,
            ("line-height", "22px"),
            APART,
            ("table-layout", "auto"),
            ("width", "100%"),
        ],
    ),
    ("mj-text", &[("align", "left"), ("color", "#000000"), FONT, SMALL, ("line-height", "1"), APART]),
];

/// What a parent hands to each child: its own attribute, and the child's. Only what the parent has is handed down.
const HANDED: &[(&str, &[(&str, &str)])] = &[
    ("mj-accordion", ACCORDION),
    ("mj-accordion-element", ACCORDION),
    (
        "mj-carousel",
        &[
            ("border-radius", "border-radius"),
            ("tb-border", "tb-border"),
            ("tb-border-radius", "tb-border-radius"),
            ("tb-width", "tb-width"),
        ],
    ),
    ("mj-navbar", &[("base-url", BASE)]),
    (
        "mj-social",
        &[
            ("inner-padding", "padding"),
            ("border-radius", "border-radius"),
            ("color", "color"),
            ("font-family", "font-family"),
            ("font-size", "font-size"),
            ("font-weight", "font-weight"),
            ("font-style", "font-style"),
            ("icon-size", "icon-size"),
            ("icon-height", "icon-height"),
            ("icon-padding", "icon-padding"),
            ("text-padding", "text-padding"),
            ("line-height", "line-height"),
            ("text-decoration", "text-decoration"),
        ],
    ),
];

const ACCORDION: &[(&str, &str)] = &[
    ("border", "border"),
    ("icon-align", "icon-align"),
    ("icon-width", "icon-width"),
    ("icon-height", "icon-height"),
    ("icon-position", "icon-position"),
    ("icon-wrapped-url", "icon-wrapped-url"),
    ("icon-wrapped-alt", "icon-wrapped-alt"),
    ("icon-unwrapped-url", "icon-unwrapped-url"),
    ("icon-unwrapped-alt", "icon-unwrapped-alt"),
    (FAMILY, FAMILY),
    ("font-family", FAMILY),
];

/// The name under which an accordion hands its font down: no attribute that can be written.
pub(super) const FAMILY: &str = "handed font-family";
/// The name under which a navbar hands its base URL down.
pub(super) const BASE: &str = "handed base-url";

/// The default attributes of an element.
pub(super) fn of(element: &Element) -> impl Iterator<Item = Attribute> {
    let defaults = DEFAULTS.iter().find(|(name, _)| *name == element.name).map(|(_, defaults)| *defaults);
    let pos = element.pos;
    defaults.into_iter().flatten().map(move |(name, value)| Attribute {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
        pos,
    })
}

/// What this element, its attributes complete, hands down to its children.
pub(super) fn handed_down(element: &Element) -> Vec<Attribute> {
    let handed = HANDED.iter().find(|(name, _)| *name == element.name).map(|(_, handed)| *handed);
    let handed = handed.into_iter().flatten().filter_map(|(own, childs)| {
        let attribute = element.attributes.iter().find(|attribute| attribute.name == *own)?;
        Some(Attribute { name: (*childs).to_owned(), ..attribute.clone() })
    });
    // Of two under one name the later is nearer to the child.
    let mut out: Vec<Attribute> = Vec::new();
    for attribute in handed {
        out.retain(|other| other.name != attribute.name);
        out.push(attribute);
    }
    out
}
