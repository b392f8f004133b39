//! The attributes that MJML elements share, in groups.

use super::values::Kind::{self, Color, LineHeight, OneOf, Pixels, Sides, Size, Spacing, Text};

/// An attribute and what its value must be.
pub(super) type Attr = (&'static str, Kind);

pub(super) const HORIZONTAL: Kind = OneOf(&["left", "center", "right"]);
pub(super) const VERTICAL: Kind = OneOf(&["top", "middle", "bottom"]);
pub(super) const DIRECTION: Kind = OneOf(&["ltr", "rtl"]);

/// On every element that is drawn.
pub(super) const CLASSES: &[Attr] = &[("css-class", Text), ("mj-class", Text)];
pub(super) const PADDING: &[Attr] = &[
    ("padding", Sides),
    ("padding-top", Size),
    ("padding-right", Size),
    ("padding-bottom", Size),
    ("padding-left", Size),
];
pub(super) const INNER_PADDING: &[Attr] = &[
    ("inner-padding", Sides),
    ("inner-padding-top", Size),
    ("inner-padding-right", Size),
    ("inner-padding-bottom", Size),
    ("inner-padding-left", Size),
];
pub(super) const BORDERS: &[Attr] = &[
    ("border", Text),
    ("border-top", Text),
    ("border-right", Text),
    ("border-bottom", Text),
    ("border-left", Text),
];
pub(super) const RADIUS: &[Attr] = &[("border-radius", Sides)];
pub(super) const COLUMN: &[Attr] = &[
    ("background-color", Color),
    ("direction", DIRECTION),
    ("inner-background-color", Color),
    ("inner-border", Text),
    ("inner-border-top", Text),
    ("inner-border-right", Text),
    ("inner-border-bottom", Text),
    ("inner-border-left", Text),
    ("inner-border-radius", Sides),
    ("vertical-align", VERTICAL),
    ("width", Size),
    ("mobile-width", Text),
];
pub(super) const FONT: &[Attr] = &[
    ("color", Color),
    ("font-family", Text),
    ("font-size", Pixels),
    ("font-style", Text),
    ("font-weight", Text),
    ("line-height", LineHeight),
];
pub(super) const TEXT_LOOK: &[Attr] =
    &[("letter-spacing", Spacing), ("text-decoration", Text), ("text-transform", Text)];
pub(super) const LINK: &[Attr] =
    &[("href", Text), ("name", Text), ("rel", Text), ("target", Text), ("title", Text)];
pub(super) const BACKGROUND: &[Attr] = &[
    ("background-color", Color),
    ("background-position", Text),
    ("background-position-x", Text),
    ("background-position-y", Text),
    ("background-repeat", OneOf(&["repeat", "no-repeat"])),
    ("background-size", Text),
    ("background-url", Text),
];
pub(super) const SECTION: &[Attr] = &[
    ("border-radius", Sides),
    ("direction", DIRECTION),
    ("full-width", OneOf(&["full-width", "false", ""])),
    ("text-align", HORIZONTAL),
    ("text-padding", Sides),
];
pub(super) const IN_COLUMN: &[Attr] = &[("container-background-color", Color)];
pub(super) const ACCORDION_ICON: &[Attr] = &[
    ("border", Text),
    ("font-family", Text),
    ("icon-align", VERTICAL),
    ("icon-height", Size),
    ("icon-position", OneOf(&["left", "right"])),
    ("icon-unwrapped-alt", Text),
    ("icon-unwrapped-url", Text),
    ("icon-width", Size),
    ("icon-wrapped-alt", Text),
    ("icon-wrapped-url", Text),
];
pub(super) const SOCIAL_ICON: &[Attr] = &[
    ("icon-height", Size),
    ("icon-padding", Sides),
    ("icon-size", Size),
    ("text-decoration", Text),
    ("text-padding", Sides),
    ("vertical-align", VERTICAL),
];
