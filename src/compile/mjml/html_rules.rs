//! The rules of HTML by which it is read and written here: what a writer may leave out (WHATWG HTML 13.1.2.4, "optional
//! tags"), what an element may hold, how a value is quoted.

use std::borrow::Cow;

/// Elements without content and without an end tag.
const VOID: [&str; 15] = [
    "area", "base", "basefont", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr",
];

/// Elements whose end tag may be left out.
const OPTIONAL_END: [&str; 14] = [
    "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "colgroup",
    "caption",
];

/// Elements whose start ends an open paragraph.
const ENDS_P: [&str; 42] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
    "li",
    "dt",
    "dd",
    "td",
    "th",
    "tr",
    "tbody",
    "thead",
    "tfoot",
    "caption",
];

/// Whether it has neither content nor an end tag.
pub(super) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Whether its content is text up to its end tag, whatever it looks like.
pub(super) fn is_raw_text(name: &str) -> bool {
    matches!(name, "style" | "script" | "textarea" | "title" | "xmp" | "mj-style")
}

/// Whether its end tag may be left out.
pub(super) fn end_is_optional(name: &str) -> bool {
    OPTIONAL_END.contains(&name)
}

/// Whether the start tag `start` ends the innermost open element `open`.
pub(super) fn ends(open: &str, start: &str) -> bool {
    let rows = ["tr", "tbody", "thead", "tfoot"];
    match open {
        "p" => ENDS_P.contains(&start),
        "li" => start == "li",
        "dt" | "dd" => matches!(start, "dt" | "dd"),
        "td" | "th" => matches!(start, "td" | "th") || rows.contains(&start),
        "tr" => rows.contains(&start),
        "caption" | "colgroup" => start == "colgroup" || rows.contains(&start),
        "tbody" | "thead" | "tfoot" => rows[1..].contains(&start),
        "option" => matches!(start, "option" | "optgroup"),
        "optgroup" => start == "optgroup",
        _ => false,
    }
}

/// Whether a paragraph outside of this element is out of reach from within it ("button scope").
pub(super) fn shields_p(name: &str) -> bool {
    matches!(name, "table" | "td" | "th" | "caption" | "button" | "object" | "template" | "marquee")
}

/// Whether text directly inside is moved out by every HTML parser ("foster parenting").
pub(super) fn holds_no_text(name: &str) -> bool {
    matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
}

/// Whether the value of this attribute is code (`onclick`).
pub(super) fn is_handler(attribute: &str) -> bool {
    attribute.len() > 2 && attribute.to_ascii_lowercase().starts_with("on")
}

/// An attribute's value, its entities as they were written, for between double quotes.
pub(super) fn quotable(value: &str) -> Cow<'_, str> {
    if !value.contains(['"', '<', '>']) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;"))
}
