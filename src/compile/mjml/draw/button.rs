//! `mj-button`

use super::{
    Artist, Element,
    boxes::{self, BORDERS, Length, padding, px},
    tag::Tag,
};

pub(super) fn draw(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    let table = Tag::table()
        .style("border-collapse", "separate")
        .style("width", value("width"))
        .style("line-height", "100%");
    let color = value("background-color");
    let cell = Tag::new("td")
        .attr("align", "center")
        .attr("bgcolor", color.filter(|color| *color != "none"))
        .attr("role", "presentation")
        .styles_of(element, &BORDERS)
        .style("cursor", "auto")
        .styles_of(element, &["font-style", "height"])
        .style("mso-padding-alt", value("inner-padding"))
        .style("text-align", value("text-align"))
        .style("background", color)
        .attr("valign", value("vertical-align"));
    let name = if value("href").is_some_and(|href| !href.is_empty()) { "a" } else { "p" };
    let link = Tag::new(name)
        .attr("href", value("href"))
        .attr("name", value("name"))
        .attr("rel", value("rel"))
        .attr("title", value("title"))
        .style("display", "inline-block")
        .style("width", link_width(element).as_deref())
        .style("background", color)
        .styles_of(element, &["color", "font-family", "font-size", "font-style", "font-weight"])
        .styles_of(element, &["line-height", "letter-spacing"])
        .style("margin", "0")
        .styles_of(element, &["text-decoration", "text-transform"])
        .style("padding", value("inner-padding"))
        .style("mso-padding-alt", "0px")
        .style("border-radius", value("border-radius"))
        .attr("target", value("target").filter(|_| name == "a"));
    format!(
        "{}<tbody><tr>{}{}{}</{name}></td></tr></tbody></table>",
        table.open(),
        cell.open(),
        link.open(),
        artist.content(element)
    )
}

/// The link fills the button's width; a share of an unknown width cannot be told.
fn link_width(element: &Element) -> Option<String> {
    let Length::Pixels(width) = Length::parse(element.attribute("width")?) else { return None };
    let inner = padding(element, "inner-padding", "left") + padding(element, "inner-padding", "right");
    Some(px(width - inner - boxes::borders(element, "border")))
}
