//! `mj-hero`: a section with a picture behind its text.

use super::{
    Artist, Element, Width,
    boxes::{self, padding, px},
    column,
    tag::Tag,
};
use crate::compile::mjml::outlook;

const PADDINGS: [&str; 5] = ["padding", "padding-top", "padding-left", "padding-right", "padding-bottom"];

pub(super) fn draw(artist: &mut Artist<'_>, element: &Element, width: Width) -> String {
    let value = |name| element.attribute(name);
    let pixels = px(width);
    let table = Tag::table()
        .attr("align", "center")
        .style("width", pixels.as_str())
        .attr("width", width.trunc().to_string().as_str());
    let cell = Tag::new("td")
        .style("line-height", "0")
        .style("font-size", "0")
        .style("mso-line-height-rule", "exactly");
    let image = Tag::new("v:image")
        .style("border", "0")
        .style("height", value("background-height"))
        .style("mso-position-horizontal", "center")
        .style("position", "absolute")
        .style("top", "0")
        .style("width", value("background-width").or(Some(&pixels)))
        .style("z-index", "-3")
        .attr("src", value("background-url"))
        .attr("xmlns:v", "urn:schemas-microsoft-com:vml");
    let outer = Tag::new("div")
        .attr("align", value("align"))
        .attr("class", value("css-class"))
        .style("margin", "0 auto")
        .style("max-width", pixels.as_str());
    let content = content(artist, element, width);
    format!(
        "{}{}{}<tbody><tr style=\"vertical-align:top;\">{}</tr></tbody></table></div>{}",
        outlook::only(&format!("{}<tr>{}{}", table.open(), cell.open(), image.open_closed())),
        outer.open(),
        Tag::table().style("width", "100%").open(),
        with_background(element, &content),
        outlook::only("</td></tr></table>")
    )
}

/// The cell with the picture behind it; of a fluid height it is kept open by two cells with the picture's ratio.
fn with_background(element: &Element, content: &str) -> String {
    let value = |name| element.attribute(name);
    let color = value("background-color").unwrap_or_default();
    let background = match value("background-url").filter(|url| !url.is_empty()) {
        Some(url) => {
            let url = url.replace('\'', "%27");
            let position = value("background-position").unwrap_or_default();
            format!("{color} url('{url}') no-repeat {position} / cover")
        }
        None => color.to_owned(),
    };
    let cell = Tag::new("td")
        .attr("background", value("background-url"))
        .style("background", background.as_str())
        .style("background-position", value("background-position"))
        .style("background-repeat", "no-repeat")
        .style("border-radius", value("border-radius"))
        .styles_of(element, &PADDINGS)
        .style("vertical-align", value("vertical-align"));
    if value("mode") == Some("fluid-height") {
        let size = |name| value(name).map_or(0.0, boxes::pixels);
        let (height, width) = (size("background-height"), size("background-width"));
        // Without both sizes MJML writes `NaN%`, which does nothing either.
        let percent = if width > 0.0 { (height / width * 100.0).round() } else { 0.0 };
        let side = Tag::new("td")
            .style("width", "0.01%")
            .style("padding-bottom", format!("{percent}%").as_str())
            .style("mso-padding-bottom-alt", "0")
            .open();
        return format!("{side}</td>{}{content}</td>{side}</td>", cell.open());
    }
    let height = value("height").map_or(0.0, boxes::pixels);
    let height = height - padding(element, "padding", "top") - padding(element, "padding", "bottom");
    let cell = cell.attr("height", height.to_string().as_str()).style("height", px(height).as_str());
    format!("{}{content}</td>", cell.open())
}

fn content(artist: &mut Artist<'_>, element: &Element, width: Width) -> String {
    let value = |name| element.attribute(name);
    let align = value("align");
    let outer = Tag::new("table")
        .attr("align", align)
        .attr("border", "0")
        .attr("cellpadding", "0")
        .attr("cellspacing", "0")
        .style("width", px(width).as_str())
        .attr("width", width.to_string().as_str());
    let color = value("inner-background-color");
    let cell = PADDINGS.iter().fold(Tag::new("td").style("background-color", color), |cell, padding| {
        cell.style(padding, element.attribute(&format!("inner-{padding}")))
    });
    let inner = Tag::new("div")
        .attr("align", align)
        .attr("class", "mj-hero-content")
        .style("background-color", color)
        .style("float", align)
        .style("margin", "0px auto")
        .style("width", value("width"));
    let table = Tag::table().style("width", "100%").style("margin", "0px").open();
    let room = width - padding(element, "padding", "left") - padding(element, "padding", "right");
    let rows = column::rows(artist, element, room);
    format!(
        "{}{}{table}<tbody><tr><td>{table}<tbody>{rows}</tbody></table></td></tr>\
         </tbody></table></div>{}",
        outlook::only(&format!("{}<tr>{}", outer.open(), cell.open())),
        inner.open(),
        outlook::only("</td></tr></table>")
    )
}
