//! `mj-image`, `mj-divider`, `mj-spacer` and `mj-table`: elements of one piece.

use super::{
    Artist, Element, Width,
    boxes::{self, Length, padding, px},
    tag::Tag,
};
use crate::compile::mjml::outlook;

/// `mj-image`
pub(super) fn image(artist: &mut Artist<'_>, element: &Element, container: Width) -> String {
    let value = |name| element.attribute(name);
    artist.head.style_once("mj-image", |narrow| {
        format!(
            "@media only screen and (max-width:{narrow}) {{ \
             table.mj-full-width-mobile {{ width: 100% !important; }} \
             td.mj-full-width-mobile {{ width: auto !important; }} }}"
        )
    });
    let box_width = boxes::inside(element, container);
    let own = value("width").filter(|width| !width.is_empty()).map(boxes::pixels);
    let width = own.map_or(box_width, |own| own.min(box_width));
    let mobile = value("fluid-on-mobile").filter(|fluid| *fluid == "true").map(|_| "mj-full-width-mobile");
    let pixels = px(width.trunc());
    // No attribute of its own: a class may give it.
    let full = value("full-width").filter(|full| *full == "full-width").map(|_| "100%");
    let table = Tag::table()
        .style("min-width", full)
        .style("max-width", full)
        .style("width", full.map(|_| pixels.as_str()))
        .style("border-collapse", "collapse")
        .style("border-spacing", "0px")
        .attr("class", mobile);
    let cell = Tag::new("td").style("width", full.is_none().then_some(pixels.as_str())).attr("class", mobile);
    let height = value("height").filter(|height| !height.is_empty());
    let height = height
        .map(|height| if height == "auto" { height.to_owned() } else { boxes::pixels(height).to_string() });
    let borders = ["border", "border-left", "border-right", "border-top", "border-bottom", "border-radius"];
    let image = Tag::new("img")
        .attributes_of(element, &["alt", "src", "srcset", "sizes"])
        .styles_of(element, &borders)
        .style("display", "block")
        .style("outline", "none")
        .style("text-decoration", "none")
        .styles_of(element, &["height", "max-height"])
        .style("min-width", full)
        .style("width", "100%")
        .style("max-width", full)
        .style("font-size", value("font-size"))
        .attr("title", value("title"))
        .attr("width", width.to_string().as_str())
        .attr("usemap", value("usemap"))
        .attr("height", height.as_deref())
        .open();
    let linked = if value("href").is_some_and(|href| !href.is_empty()) {
        let link = Tag::new("a").attributes_of(element, &["href", "target", "rel", "name", "title"]);
        format!("{}{image}</a>", link.open())
    } else {
        image
    };
    format!("{}<tbody><tr>{}{linked}</td></tr></tbody></table>", table.open(), cell.open())
}

/// `mj-divider`: a paragraph with a border above; for Outlook a table, which knows no width of a paragraph.
pub(super) fn divider(element: &Element, container: Width) -> String {
    let value = |name| element.attribute(name).unwrap_or_default();
    let border = format!("{} {} {}", value("border-style"), value("border-width"), value("border-color"));
    let margin = match value("align") {
        "left" => "0px",
        "right" => "0px 0px 0px auto",
        _ => "0px auto",
    };
    let line = |tag: Tag, width: &str| {
        let tag = tag.style("border-top", border.as_str()).style("font-size", "1px");
        tag.style("margin", margin).style("width", width)
    };
    let room = container.trunc() - padding(element, "padding", "left") - padding(element, "padding", "right");
    let width = match Length::parse(value("width")) {
        Length::Percent(share) => px(room * (share.trunc() / 100.0)),
        Length::Pixels(_) => value("width").to_owned(),
    };
    let paragraph = line(Tag::new("p"), value("width"));
    let table =
        line(Tag::table().attr("align", element.attribute("align")), &width).attr("width", width.as_str());
    let table = table.open() + "<tr><td style=\"height:0;line-height:0;\">&nbsp;</td></tr></table>";
    format!("{}</p>{}", paragraph.open(), outlook::only(&table))
}

/// `mj-spacer`
pub(super) fn spacer(element: &Element) -> String {
    let height = element.attribute("height");
    format!("{}&#8202;</div>", Tag::new("div").style("height", height).style("line-height", height).open())
}

/// `mj-table`
pub(super) fn table(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    let width = value("width").map(|width| match Length::parse(width) {
        Length::Pixels(pixels) if width != "auto" => pixels.to_string(),
        _ => width.to_owned(),
    });
    let spaced = value("cellspacing").is_some_and(|spacing| boxes::number(spacing) > 0.0);
    let table = Tag::new("table")
        .attributes_of(element, &["cellpadding", "cellspacing", "role"])
        .attr("width", width.as_deref())
        .attr("border", "0")
        .styles_of(
            element,
            &["color", "font-family", "font-size", "line-height", "table-layout", "width", "border"],
        )
        .style("border-collapse", spaced.then_some("separate"));
    format!("{}{}</table>", table.open(), artist.content(element))
}
