//! `mj-navbar`: links in a line; on narrow screens, if wished, behind a button of three bars.

use super::{Artist, Element, boxes::PADDINGS, column::outlook_classes, is_raw, tag::Tag};
use crate::compile::mjml::{defaults, outlook};

pub(super) fn draw(artist: &mut Artist<'_>, element: &Element) -> String {
    artist.head.style_once("mj-navbar", style);
    let button = match element.attribute("hamburger") {
        Some("hamburger") => hamburger(artist, element),
        _ => String::new(),
    };
    let links: String = element
        .elements()
        .map(|child| if is_raw(child) { artist.raw(child) } else { link(artist, child) })
        .collect();
    let table = Tag::table().attr("align", element.attribute("align")).open();
    format!(
        "{button}<div class=\"mj-inline-links\">{}{links}{}</div>",
        outlook::only(&(table + "<tr>")),
        outlook::only("</tr></table>")
    )
}

fn style(narrow: &str) -> String {
    const BOX: &str = ".mj-menu-checkbox[type=\"checkbox\"]";
    format!(
        "noinput.mj-menu-checkbox {{ display:block!important; max-height:none!important; visibility:visible!important; }}
@media only screen and (max-width:{narrow}) {{
  {BOX} ~ .mj-inline-links {{ display:none!important; }}
  {BOX}:checked ~ .mj-inline-links, {BOX} ~ .mj-menu-trigger \
  {{ display:block!important; max-width:none!important; max-height:none!important; font-size:inherit!important; }}
  {BOX} ~ .mj-inline-links > a {{ display:block!important; }}
  {BOX}:checked ~ .mj-menu-trigger .mj-menu-icon-close {{ display:block!important; }}
  {BOX}:checked ~ .mj-menu-trigger .mj-menu-icon-open {{ display:none!important; }}
}}"
    )
}

fn hamburger(artist: &mut Artist<'_>, element: &Element) -> String {
    let value = |name: &str| element.attribute(name).unwrap_or_default();
    let id = artist.next_id();
    let own = ["color", "font-size", "font-family", "text-transform", "text-decoration", "line-height"];
    let label = Tag::new("label")
        .attr("for", id.as_str())
        .attr("class", "mj-menu-label")
        .style("display", "block")
        .style("cursor", "pointer")
        .style("mso-hide", "all")
        .style("-moz-user-select", "none")
        .style("user-select", "none")
        .attr("align", element.attribute("ico-align"));
    let label = own
        .iter()
        .chain(&PADDINGS)
        .fold(label, |label, property| label.style(property, element.attribute(&format!("ico-{property}"))));
    format!(
        "<!--[if !mso]><!--><input type=\"checkbox\" id=\"{id}\" class=\"mj-menu-checkbox\" \
         style=\"display:none !important; max-height:0; visibility:hidden;\" /><!--<![endif]-->\
         <div class=\"mj-menu-trigger\" \
         style=\"display:none;max-height:0px;max-width:0px;font-size:0px;overflow:hidden;\">{}\
         <span class=\"mj-menu-icon-open\" style=\"mso-hide:all;\">{}</span>\
         <span class=\"mj-menu-icon-close\" style=\"display:none;mso-hide:all;\">{}</span></label></div>",
        label.open(),
        value("ico-open"),
        value("ico-close")
    )
}

/// `mj-navbar-link`
fn link(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    let paddings = ["padding", "padding-top", "padding-left", "padding-right", "padding-bottom"];
    let cell = Tag::new("td")
        .styles_of(element, &paddings)
        .attr("class", outlook_classes(element).as_deref())
        .open();
    let href = format!("{}{}", value(defaults::BASE).unwrap_or_default(), value("href").unwrap_or_default());
    let class = value("css-class").filter(|class| !class.is_empty());
    let fonts = ["color", "font-family", "font-size", "font-style", "font-weight", "letter-spacing"];
    let link = Tag::new("a")
        .attr("class", class.map_or("mj-link".to_owned(), |class| format!("mj-link {class}")).as_str())
        .attr("href", value("href").map(|_| href.as_str()))
        .attributes_of(element, &["rel", "target", "name"])
        .style("display", "inline-block")
        .styles_of(element, &fonts)
        .styles_of(element, &["line-height", "text-decoration", "text-transform"])
        .styles_of(element, &paddings)
        .open();
    [&outlook::only(&cell), &*link, &artist.content(element), "</a>", &outlook::only("</td>")].concat()
}
