//! `mj-column` and `mj-group`: the cells of a section, and the rows of a column.

use super::{
    Artist, Element,
    boxes::{self, BORDERS, Length, PADDINGS, Width, padding, px},
    is_raw,
    tag::Tag,
};
use crate::compile::mjml::outlook;

/// What a section this wide holds, each element in a cell for Outlook.
pub(super) fn cells(artist: &mut Artist<'_>, section: &Element, width: Width) -> String {
    let siblings = siblings(section);
    let mut out = String::new();
    for child in section.elements() {
        if is_raw(child) {
            out.push_str(&artist.raw(child));
            continue;
        }
        let cell = Tag::new("td")
            .attr("align", child.attribute("align"))
            .attr("class", outlook_classes(child).as_deref())
            .style("vertical-align", child.attribute("vertical-align"))
            .style("width", px(share(child, siblings).of(width)).as_str());
        let drawn = match child.name.as_str() {
            "mj-group" => group(artist, child, width, siblings),
            _ => column(artist, child, width, siblings, "100%"),
        };
        out.extend([&outlook::only(&cell.open()), &*drawn, &outlook::only("</td>")]);
    }
    out
}

/// The elements that share the width.
fn siblings(container: &Element) -> Width {
    let count = container.elements().filter(|child| !is_raw(child)).count();
    u32::try_from(count).map_or(1.0, f64::from)
}

/// The width of a column or group: its own, or an equal share.
fn share(element: &Element, siblings: Width) -> Length {
    element.attribute("width").map_or(Length::Percent(100.0 / siblings), Length::parse)
}

/// The same in pixels, as what stands inside reckons with it: an equal share has no fraction.
fn whole(element: &Element, width: Width, siblings: Width) -> Width {
    match element.attribute("width").map(Length::parse) {
        None => (width / siblings).trunc(),
        Some(length) => length.of(width),
    }
}

/// Outlook cannot be told from others by a media query, but by a class.
pub(super) fn outlook_classes(element: &Element) -> Option<String> {
    let classes = element.attribute("css-class")?;
    Some(classes.split(' ').map(|class| format!("{class}-outlook")).collect::<Vec<_>>().join(" "))
}

fn classes(element: &Element, own: &str) -> String {
    let more = element.attribute("css-class").filter(|classes| !classes.is_empty());
    more.map_or_else(
        || format!("{own} mj-outlook-group-fix"),
        |more| format!("{own} mj-outlook-group-fix {more}"),
    )
}

/// The class that gives an element this width on wide screens.
fn width_class(artist: &mut Artist<'_>, width: Length, number: impl Fn(Width) -> String) -> String {
    let name = match width {
        Length::Percent(share) => format!("mj-column-per-{}", number(share)),
        Length::Pixels(width) => format!("mj-column-px-{}", number(width)),
    };
    artist.head.column_class(&name, width);
    name
}

fn group(artist: &mut Artist<'_>, element: &Element, width: Width, siblings: Width) -> String {
    let share = share(element, siblings);
    let class = width_class(artist, share, |number| number.trunc().to_string());
    let color = element.attribute("background-color");
    let start = Tag::new("div")
        .attr("class", classes(element, &class).as_str())
        .style("font-size", "0")
        .style("line-height", "0")
        .style("text-align", "left")
        .style("display", "inline-block")
        .style("width", "100%")
        .styles_of(element, &["direction", "vertical-align", "background-color"])
        .open();
    let table = Tag::new("table").attr("bgcolor", color.filter(|color| *color != "none"));
    let table = table.attr("border", "0").attr("cellpadding", "0").attr("cellspacing", "0");
    let table = table.attr("role", "presentation").open();
    let mut out = start + &outlook::only(&(table + "<tr>"));
    let inside = whole(element, width, siblings)
        - padding(element, "padding", "left")
        - padding(element, "padding", "right");
    let columns = self::siblings(element);
    for child in element.elements() {
        if is_raw(child) {
            out.push_str(&artist.raw(child));
            continue;
        }
        let cell = Tag::new("td")
            .styles_of(child, &["align", "vertical-align"])
            .style("width", px(self::share(child, columns).of(inside).trunc()).as_str());
        let mobile = match child.attribute("width").map(Length::parse) {
            None => format!("{}%", (100.0 / columns).trunc()),
            Some(Length::Percent(_)) => child.attribute("width").unwrap_or_default().to_owned(),
            // Of nothing there is no share: MJML writes `Infinity%`, which says nothing either.
            Some(Length::Pixels(_)) if inside.abs() < 1.0 => "100%".to_owned(),
            Some(Length::Pixels(width)) => format!("{}%", width / inside.trunc() * 100.0 + 0.0),
        };
        let column = column(artist, child, inside, columns, &mobile);
        out.extend([&outlook::only(&cell.open()), &*column, &outlook::only("</td>")]);
    }
    out + &outlook::only("</tr></table>") + "</div>"
}

fn column(
    artist: &mut Artist<'_>,
    element: &Element,
    width: Width,
    siblings: Width,
    mobile_width: &str,
) -> String {
    let share = share(element, siblings);
    let class = width_class(artist, share, |number| number.to_string().replacen('.', "-", 1));
    let start = Tag::new("div")
        .attr("class", classes(element, &class).as_str())
        .style("font-size", "0px")
        .style("text-align", "left")
        .style("direction", element.attribute("direction"))
        .style("display", "inline-block")
        .style("vertical-align", element.attribute("vertical-align"))
        .style("width", mobile_width)
        .open();
    let inside =
        whole(element, width, siblings) - boxes::sides(element) - boxes::borders(element, "inner-border");
    let rows = rows(artist, element, inside);
    format!("{start}{}</div>", with_gutter(element, &rows))
}

fn has(element: &Element, attribute: &str) -> bool {
    element.attribute(attribute).is_some_and(|value| !value.is_empty())
}

/// The column's table; where the column has a padding, in a cell that has it.
fn with_gutter(element: &Element, rows: &str) -> String {
    let (round, inner_round) = (has(element, "border-radius"), has(element, "inner-border-radius"));
    let outer = |tag: Tag| {
        let tag = tag.styles_of(element, &["background-color"]).styles_of(element, &BORDERS);
        tag.style("vertical-align", element.attribute("vertical-align"))
    };
    let separate = |tag: Tag, round: bool| tag.style("border-collapse", round.then_some("separate"));
    if !PADDINGS.iter().any(|name| element.attribute(name).is_some()) {
        let table = separate(outer(Tag::table()), round || inner_round).attr("width", "100%");
        return format!("{}<tbody>{rows}</tbody></table>", table.open());
    }
    let gutter = separate(Tag::table().attr("width", "100%"), round);
    let cell = separate(outer(Tag::new("td")), round).styles_of(element, &PADDINGS);
    let inner = BORDERS.iter().fold(
        Tag::table().style("background-color", element.attribute("inner-background-color")),
        |tag, border| tag.style(border, element.attribute(&format!("inner-{border}"))),
    );
    format!(
        "{}<tbody><tr>{}{}<tbody>{rows}</tbody></table></td></tr></tbody></table>",
        gutter.open(),
        cell.open(),
        separate(inner, inner_round).attr("width", "100%").open()
    )
}

/// An element of a wrapper, in a row for Outlook.
pub(in super::super) fn outlook_row(element: &Element, width: Width, html: &str) -> String {
    let cell = Tag::new("td")
        .attr("align", element.attribute("align"))
        .attr("class", outlook_classes(element).as_deref())
        .attr("width", px(width).as_str());
    [&outlook::only(&format!("<tr>{}", cell.open())), html, &outlook::only("</td></tr>")].concat()
}

/// The elements of a column or hero, each in a row.
pub(super) fn rows(artist: &mut Artist<'_>, container: &Element, width: Width) -> String {
    let mut out = String::new();
    for child in container.elements() {
        if is_raw(child) {
            out.push_str(&artist.raw(child));
            continue;
        }
        let color = child.attribute("container-background-color");
        let cell = Tag::new("td")
            .attr("align", child.attribute("align"))
            .attr("background", color.filter(|_| container.name == "mj-hero"))
            .attr("class", child.attribute("css-class"))
            .style("background", color)
            .style("font-size", "0px")
            .styles_of(child, &PADDINGS)
            .style("word-break", "break-word");
        out.extend(["<tr>", &cell.open(), &artist.piece(child, width), "</td></tr>"]);
    }
    out
}
