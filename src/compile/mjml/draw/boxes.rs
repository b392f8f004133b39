//! MJML's arithmetic of widths, digit by digit: it reads the leading pixels of a length and takes no unit into
//! account, so that a padding of 30 % counts 30 pixels.

use super::Element;

/// A width in pixels.
pub(in super::super) type Width = f64;

/// The attributes of a padding, in the order in which MJML writes most of them.
pub(super) const PADDINGS: [&str; 5] =
    ["padding", "padding-top", "padding-right", "padding-bottom", "padding-left"];
/// The attributes of a border, likewise.
pub(super) const BORDERS: [&str; 6] =
    ["border", "border-bottom", "border-left", "border-radius", "border-right", "border-top"];

/// What an element takes of its width on both sides: paddings and borders.
pub(super) fn sides(element: &Element) -> Width {
    padding(element, "padding", "left") + padding(element, "padding", "right") + borders(element, "border")
}

/// The padding on one side; `name` is `padding`, `inner-padding` …
pub(super) fn padding(element: &Element, name: &str, side: &str) -> Width {
    if let Some(value) = element.attribute(&format!("{name}-{side}")).filter(|value| !value.is_empty()) {
        return pixels(value);
    }
    let values: Vec<&str> = element.attribute(name).unwrap_or_default().split_whitespace().take(4).collect();
    let at = match (values.len(), side) {
        (4, "left") => 3,
        (3 | 4, "bottom") => 2,
        (2..=4, "left" | "right") => 1,
        _ => 0,
    };
    values.get(at).map_or(0.0, |value| pixels(value))
}

/// The borders left and right together; `name` is `border` or `inner-border`.
pub(super) fn borders(element: &Element, name: &str) -> Width {
    ["left", "right"].iter().map(|side| border(element, name, side)).sum()
}

/// The width of the border on one side.
fn border(element: &Element, name: &str, side: &str) -> Width {
    let own = element.attribute(&format!("{name}-{side}")).filter(|value| !value.is_empty());
    border_width(own.or_else(|| element.attribute(name)).unwrap_or_default())
}

/// The width of a border that is written `2px solid red`: the first number in it.
pub(in super::super) fn border_width(value: &str) -> Width {
    let number = value.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    number.map_or(0.0, pixels)
}

/// What is left for the content of an element in a container of this width. Fractions of a pixel are dropped.
pub(in super::super) fn inside(element: &Element, container: Width) -> Width {
    container.trunc() - sides(element) + 0.0
}

/// The whole number that `text` begins with.
pub(in super::super) fn pixels(text: &str) -> Width {
    leading(text, |c| c.is_ascii_digit())
}

/// The number that `text` begins with.
pub(super) fn number(text: &str) -> Width {
    leading(text, |c| c.is_ascii_digit() || c == '.')
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> Width {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let end = digits.find(|c| !belongs(c)).unwrap_or(digits.len());
    let number: Width = digits[..end].parse().unwrap_or(0.0);
    if digits.len() < text.len() { -number } else { number }
}

/// A width as an attribute gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Length {
    Pixels(Width),
    Percent(Width),
}

impl Length {
    /// Reads `50%` with its fraction, and pixels without.
    pub(super) fn parse(text: &str) -> Self {
        if text.trim().ends_with('%') { Self::Percent(number(text)) } else { Self::Pixels(pixels(text)) }
    }

    /// In pixels, in a container of this width.
    pub(super) fn of(self, container: Width) -> Width {
        match self {
            Self::Pixels(width) => width,
            Self::Percent(share) => container * share / 100.0,
        }
    }
}

/// `17px`
pub(super) fn px(width: Width) -> String {
    // Nothing has no sign.
    format!("{}px", width + 0.0)
}
