//! What mrml draws wrong of wrappers and sections, mended in its output.
//!
//! Every wrapper and every section begins with one table for Outlook, in the order of the document; that is how
//! their pieces are told apart. Content is not in the page yet, only stand-ins for it.

use super::{draw, outlook, tree::Element};

/// The start of the one cell of a section's table for Outlook.
const OUTLOOK_CELL: &str = "<tr><td style=\"line-height:0px;font-size:0px;mso-line-height-rule:exactly;\">";
/// The style of the box that gives a section its width.
const BOX: &str = "margin:0px auto;max-width:";

/// A wrapper or section, as far as mrml draws it wrong.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Its classes: mrml adds a suffix to the last of them only.
    classes: Option<String>,
    /// What its wrapper puts between sections, which mrml does not know.
    gap: Option<String>,
    /// Whether it stands first in its wrapper, without a gap before it.
    first: bool,
    /// The radius that mrml gives to the table of a full-width section, too.
    radius: Option<String>,
}

impl Grid {
    /// Of an element; `gap` is that of the wrapper around it.
    pub(super) fn new(element: &Element, gap: Option<&str>, first: bool) -> Self {
        let value = |name: &str| element.attribute(name).filter(|value| !value.is_empty());
        let full_width = value("full-width") == Some("full-width");
        Self {
            classes: value("css-class").filter(|classes| classes.contains(' ')).map(str::to_owned),
            gap: gap.map(str::to_owned),
            first,
            radius: value("border-radius").filter(|_| full_width).map(str::to_owned),
        }
    }
}

/// A share of the width, for mrml: a number of pixels, as MJML reckons with it, in a spelling that nobody uses.
pub(super) fn disguised(lengths: &str) -> String {
    let lengths = lengths.split_whitespace().map(|length| match length.strip_suffix('%') {
        Some(number) => format!("00{number}px"),
        None => length.to_owned(),
    });
    lengths.collect::<Vec<_>>().join(" ")
}

/// A border, for mrml, which reckons with a first word in pixels alone: the width that MJML reckons with stands before
/// it, with a sign that nobody writes.
pub(super) fn disguised_border(border: &str) -> String {
    let width = draw::border_width(border);
    let first = border.split_whitespace().next().unwrap_or_default();
    if border.is_empty() || first == format!("{width}px") {
        return border.to_owned();
    }
    format!("+{width}px {border}")
}

/// The page as MJML draws it; `grid` is in the order of the document. Nothing, if the page has another number of
/// wrappers and sections.
pub(super) fn mend(html: &str, grid: &[Grid]) -> Option<String> {
    let mut pieces: Vec<String> = html.split(OUTLOOK_CELL).map(undisguised).collect();
    if pieces.len() != grid.len() + 1 {
        return None;
    }
    for (at, section) in grid.iter().enumerate() {
        if let Some(classes) = &section.classes {
            let each: Vec<_> = classes.split_whitespace().map(|class| format!("{class}-outlook")).collect();
            pieces[at] =
                pieces[at].replace(&format!("\"{classes}-outlook\""), &format!("\"{}\"", each.join(" ")));
        }
        if let Some(gap) = &section.gap {
            let table = pieces[at].rfind("<table").unwrap_or(0);
            drop_color(&mut pieces[at], table);
            if !section.first {
                declare(&mut pieces[at], table, &format!("padding-top:{gap};"));
                if let Some(place) = pieces[at + 1].find(BOX) {
                    declare(&mut pieces[at + 1], place, &format!("margin-top:{gap};"));
                }
            }
        }
        if let Some(radius) = &section.radius {
            let declaration = format!("border-radius:{radius};");
            if let Some(place) = pieces[at].rfind(&declaration) {
                pieces[at].replace_range(place..place + declaration.len(), "");
            }
        }
    }
    // Two comments for Outlook with nothing between them become one, as in MJML: a fifth of the bytes.
    let between = [outlook::CLOSE, outlook::OPEN].concat();
    Some(pieces.join(OUTLOOK_CELL).replace(&between, ""))
}

/// Adds a declaration to the style that begins or stands at `from`.
fn declare(html: &mut String, from: usize, declaration: &str) {
    if let Some(end) = html[from..].find(";\"") {
        html.insert_str(from + end + 1, declaration);
    }
}

/// Between sections with a gap the wrapper is to be seen, not the section.
fn drop_color(html: &mut String, table: usize) {
    let Some(start) = html[table..].find(" bgcolor=\"").map(|at| table + at) else { return };
    if let Some(end) = html[start + 10..].find('"') {
        html.replace_range(start..=(start + 10 + end), "");
    }
}

fn undisguised(html: &str) -> String {
    undisguised_lengths(&undisguised_borders(html))
}

fn undisguised_borders(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(":+") {
        out.push_str(before);
        out.push(':');
        let border = after.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("px ");
        rest = border.unwrap_or_else(|| {
            out.push('+');
            after
        });
    }
    out + rest
}

fn undisguised_lengths(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("00") {
        let (before, found) = rest.split_at(at);
        let starts = before.ends_with([' ', ':']);
        let number =
            found[2..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or("", |end| &found[2..2 + end]);
        let is_share = starts && !number.is_empty() && found[2 + number.len()..].starts_with("px");
        if is_share {
            out.extend([before, number, "%"]);
            rest = &found[2 + number.len() + 2..];
        } else {
            out.extend([before, "0"]);
            rest = &found[1..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_borders_come_back_as_they_were_written() {
        for lengths in ["30%", "10px 1.5%", "0px 0%", "100px"] {
            let style = format!("padding:{}; margin:100px; top:0", disguised(lengths));
            assert_eq!(undisguised(&style), format!("padding:{lengths}; margin:100px; top:0"));
        }
        for border in ["none", "2px solid red", "solid 2px", "1.5px solid", "0", "thick", ""] {
            let style = format!("border-left:{};", disguised_border(border));
            assert_eq!(undisguised(&style), format!("border-left:{border};"));
        }
        assert_eq!(
            undisguised("a:+b;color:#000000;width:1000px;x: 00"),
            "a:+b;color:#000000;width:1000px;x: 00"
        );
    }
}
