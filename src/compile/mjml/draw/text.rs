//! `mj-text`

use super::{Artist, Element, tag::Tag};
use crate::compile::mjml::outlook;

pub(super) fn draw(artist: &Artist<'_>, element: &Element) -> String {
    let properties =
        ["font-family", "font-size", "font-style", "font-weight", "letter-spacing", "line-height"];
    let start = Tag::new("div")
        .styles_of(element, &properties)
        .style("text-align", element.attribute("align"))
        .styles_of(element, &["text-decoration", "text-transform", "color", "height"])
        .open();
    let text = format!("{start}{}</div>", artist.content(element));
    let Some(height) = element.attribute("height") else { return text };
    // Outlook knows no height but that of a cell.
    let cell = Tag::new("td").attr("height", height).style("vertical-align", "top").style("height", height);
    let before = format!("{}<tr>{}", Tag::table().open(), cell.open());
    [outlook::only(&before), text, outlook::only("</td></tr></table>")].concat()
}
