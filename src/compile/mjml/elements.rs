//! The elements of MJML 4: what each holds and which attributes it has, by MJML's own documentation
//! (<https://documentation.mjml.io>), less what mrml cannot draw.

use super::{
    attributes::{
        ACCORDION_ICON, Attr, BACKGROUND, BORDERS, CLASSES, COLUMN, DIRECTION, FONT, HORIZONTAL, IN_COLUMN,
        INNER_PADDING, LINK, PADDING, RADIUS, SECTION, SOCIAL_ICON, TEXT_LOOK, VERTICAL,
    },
    values::Kind::{
        self, Boolean, Color, Integer, LineHeight, OneOf, Pixels, Sides, Size, SizeOrWord, Spacing, Text,
    },
};

/// What stands between start and end tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// The MJML elements of [`Spec::children`].
    Elements,
    /// HTML.
    Html,
    /// Plain text.
    Text,
    /// A style sheet.
    Css,
    /// Nothing.
    Nothing,
}

/// An element.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) content: Content,
    pub(super) children: &'static [&'static str],
    attributes: &'static [&'static [Attr]],
}

impl Spec {
    /// What the value of this attribute must be, if the element has it.
    pub(super) fn kind(&self, attribute: &str) -> Option<Kind> {
        self.all_attributes().find(|(name, _)| *name == attribute).map(|(_, kind)| kind)
    }

    /// The names of its attributes.
    pub(super) fn attribute_names(&self) -> impl Iterator<Item = &'static str> {
        self.all_attributes().map(|(name, _)| name)
    }

    fn all_attributes(&self) -> impl Iterator<Item = Attr> {
        let drawn =
            self.name.starts_with("mj-") && !self.attributes.is_empty() && !UNDRAWN.contains(&self.name);
        let classes: &[Attr] = if drawn { CLASSES } else { &[] };
        self.attributes.iter().copied().flatten().chain(classes).copied()
    }
}

/// Elements with attributes that draw nothing themselves.
const UNDRAWN: [&str; 6] =
    ["mj-breakpoint", "mj-font", "mj-html-attribute", "mj-raw", "mj-selector", "mj-style"];

/// The element of this name.
pub(super) fn find(name: &str) -> Option<&'static Spec> {
    ELEMENTS.iter().find(|spec| spec.name == name)
}

/// The names of all elements.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ELEMENTS.iter().map(|spec| spec.name)
}

/// The elements that may hold this one.
pub(super) fn parents(name: &str) -> impl Iterator<Item = &'static str> {
    ELEMENTS.iter().filter(move |spec| spec.children.contains(&name)).map(|spec| spec.name)
}

/// What a column or a hero may hold.
const PIECES: &[&str] = &[
    "mj-accordion",
    "mj-button",
    "mj-carousel",
    "mj-divider",
    "mj-image",
    "mj-navbar",
    "mj-raw",
    "mj-social",
    "mj-spacer",
    "mj-table",
    "mj-text",
];

const fn element(
    name: &'static str,
    content: Content,
    children: &'static [&'static str],
    attributes: &'static [&'static [Attr]],
) -> Spec {
    Spec { name, content, children, attributes }
}

const fn container(
    name: &'static str,
    children: &'static [&'static str],
    attributes: &'static [&'static [Attr]],
) -> Spec {
    element(name, Content::Elements, children, attributes)
}

const fn html(name: &'static str, attributes: &'static [&'static [Attr]]) -> Spec {
    element(name, Content::Html, &[], attributes)
}

const fn empty(name: &'static str, attributes: &'static [&'static [Attr]]) -> Spec {
    element(name, Content::Nothing, &[], attributes)
}

static ELEMENTS: &[Spec] = &[
    container(
        "mjml",
        &["mj-head", "mj-body", "mj-raw"],
        &[&[("lang", Text), ("dir", Text), ("owa", Text), ("version", Text)]],
    ),
    container(
        "mj-head",
        &[
            "mj-attributes",
            "mj-breakpoint",
            "mj-font",
            "mj-html-attributes",
            "mj-preview",
            "mj-raw",
            "mj-style",
            "mj-title",
        ],
        &[],
    ),
    container("mj-attributes", &[], &[]),
    empty("mj-breakpoint", &[&[("width", Pixels)]]),
    empty("mj-font", &[&[("name", Text), ("href", Text)]]),
    container("mj-html-attributes", &["mj-selector"], &[]),
    container("mj-selector", &["mj-html-attribute"], &[&[("path", Text)]]),
    element("mj-html-attribute", Content::Text, &[], &[&[("name", Text)]]),
    html("mj-preview", &[]),
    element("mj-style", Content::Css, &[], &[&[("inline", Text)]]),
    element("mj-title", Content::Text, &[], &[]),
    container(
        "mj-body",
        &["mj-hero", "mj-raw", "mj-section", "mj-wrapper"],
        &[&[("width", Pixels), ("background-color", Color)]],
    ),
    container(
        "mj-wrapper",
        &["mj-hero", "mj-raw", "mj-section"],
        &[BACKGROUND, BORDERS, PADDING, SECTION, &[("gap", Pixels)]],
    ),
    container("mj-section", &["mj-column", "mj-group", "mj-raw"], &[BACKGROUND, BORDERS, PADDING, SECTION]),
    container(
        "mj-group",
        &["mj-column", "mj-raw"],
        &[&[
            ("background-color", Color),
            ("direction", DIRECTION),
            ("vertical-align", VERTICAL),
            ("width", Size),
        ]],
    ),
    container("mj-column", PIECES, &[COLUMN, BORDERS, RADIUS, PADDING]),
    container(
        "mj-hero",
        PIECES,
        &[
            IN_COLUMN,
            PADDING,
            INNER_PADDING,
            RADIUS,
            &[
                ("align", HORIZONTAL),
                ("background-color", Color),
                ("background-height", Size),
                ("background-position", Text),
                ("background-url", Text),
                ("background-width", Size),
                ("height", Size),
                ("inner-background-color", Color),
                ("mode", OneOf(&["fixed-height", "fluid-height"])),
                ("vertical-align", VERTICAL),
                ("width", Size),
            ],
        ],
    ),
    html(
        "mj-text",
        &[
            IN_COLUMN,
            FONT,
            TEXT_LOOK,
            PADDING,
            &[
                ("align", OneOf(&["left", "right", "center", "justify"])),
                ("background-color", Color),
                ("height", Size),
                ("vertical-align", VERTICAL),
            ],
        ],
    ),
    html(
        "mj-button",
        &[
            IN_COLUMN,
            FONT,
            TEXT_LOOK,
            PADDING,
            INNER_PADDING,
            BORDERS,
            RADIUS,
            LINK,
            &[
                ("align", HORIZONTAL),
                ("background-color", Color),
                ("height", Size),
                ("text-align", HORIZONTAL),
                ("vertical-align", VERTICAL),
                ("width", Size),
            ],
        ],
    ),
    html(
        "mj-table",
        &[
            IN_COLUMN,
            FONT,
            PADDING,
            &[
                ("align", HORIZONTAL),
                ("border", Text),
                ("cellpadding", Integer),
                ("cellspacing", Integer),
                ("role", OneOf(&["none", "presentation"])),
                ("table-layout", OneOf(&["auto", "fixed", "initial", "inherit"])),
                ("vertical-align", VERTICAL),
                ("width", SizeOrWord("auto")),
            ],
        ],
    ),
    html("mj-raw", &[&[("position", OneOf(&["file-start"]))]]),
    empty(
        "mj-image",
        &[
            IN_COLUMN,
            PADDING,
            BORDERS,
            RADIUS,
            LINK,
            &[
                ("align", HORIZONTAL),
                ("alt", Text),
                ("fluid-on-mobile", Boolean),
                ("font-size", Pixels),
                ("height", SizeOrWord("auto")),
                ("max-height", Size),
                ("sizes", Text),
                ("src", Text),
                ("srcset", Text),
                ("usemap", Text),
                ("width", Pixels),
            ],
        ],
    ),
    empty(
        "mj-divider",
        &[
            IN_COLUMN,
            PADDING,
            &[
                ("align", HORIZONTAL),
                ("border-color", Color),
                ("border-style", Text),
                ("border-width", Pixels),
                ("width", Size),
            ],
        ],
    ),
    empty("mj-spacer", &[IN_COLUMN, PADDING, BORDERS, &[("height", Size)]]),
    container(
        "mj-social",
        &["mj-raw", "mj-social-element"],
        &[
            IN_COLUMN,
            FONT,
            PADDING,
            SOCIAL_ICON,
            RADIUS,
            &[
                ("align", HORIZONTAL),
                ("inner-padding", Sides),
                ("mode", OneOf(&["horizontal", "vertical"])),
                ("table-layout", OneOf(&["auto", "fixed"])),
            ],
        ],
    ),
    html(
        "mj-social-element",
        &[
            FONT,
            PADDING,
            SOCIAL_ICON,
            RADIUS,
            LINK,
            &[
                ("align", HORIZONTAL),
                ("alt", Text),
                ("background-color", Color),
                ("icon-position", OneOf(&["left", "right"])),
                ("sizes", Text),
                ("src", Text),
                ("srcset", Text),
            ],
        ],
    ),
    container(
        "mj-navbar",
        &["mj-navbar-link", "mj-raw"],
        &[
            PADDING,
            &[
                ("align", HORIZONTAL),
                ("base-url", Text),
                ("hamburger", Text),
                ("ico-align", HORIZONTAL),
                ("ico-close", Text),
                ("ico-color", Color),
                ("ico-font-family", Text),
                ("ico-font-size", Size),
                ("ico-line-height", LineHeight),
                ("ico-open", Text),
                ("ico-padding", Sides),
                ("ico-padding-bottom", Size),
                ("ico-padding-left", Size),
                ("ico-padding-right", Size),
                ("ico-padding-top", Size),
                ("ico-text-decoration", Text),
                ("ico-text-transform", Text),
            ],
        ],
    ),
    html("mj-navbar-link", &[FONT, TEXT_LOOK, PADDING, LINK]),
    container("mj-accordion", &["mj-accordion-element", "mj-raw"], &[IN_COLUMN, ACCORDION_ICON, PADDING]),
    container(
        "mj-accordion-element",
        &["mj-accordion-title", "mj-accordion-text", "mj-raw"],
        &[ACCORDION_ICON, &[("background-color", Color)]],
    ),
    html("mj-accordion-title", &[FONT, PADDING, &[("background-color", Color)]]),
    html("mj-accordion-text", &[FONT, PADDING, &[("background-color", Color), ("letter-spacing", Spacing)]]),
    container(
        "mj-carousel",
        &["mj-carousel-image"],
        &[
            IN_COLUMN,
            PADDING,
            RADIUS,
            &[
                ("align", HORIZONTAL),
                ("icon-width", Size),
                ("left-icon", Text),
                ("right-icon", Text),
                ("tb-border", Text),
                ("tb-border-radius", Sides),
                ("tb-hover-border-color", Color),
                ("tb-selected-border-color", Color),
                ("tb-width", Size),
                ("thumbnails", OneOf(&["visible", "hidden", "supported"])),
            ],
        ],
    ),
    empty(
        "mj-carousel-image",
        &[
            RADIUS,
            LINK,
            &[
                ("alt", Text),
                ("src", Text),
                ("tb-border", Text),
                ("tb-border-radius", Sides),
                ("thumbnails-src", Text),
            ],
        ],
    ),
];
