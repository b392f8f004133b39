//! `mj-accordion`: rows that open and close by a checkbox that nobody sees; where it does nothing they are open.

use super::{Artist, Element, is_raw, tag::Tag};
use crate::compile::mjml::{defaults, draw::content::html};

const STYLE: &str = "
noinput.mj-accordion-checkbox { display:block!important; }
@media yahoo, only screen and (min-width:0) {
  .mj-accordion-element { display:block; }
  input.mj-accordion-checkbox, .mj-accordion-less { display:none!important; }
  input.mj-accordion-checkbox + * .mj-accordion-title { cursor:pointer; touch-action:manipulation; \
  -webkit-user-select:none; -moz-user-select:none; user-select:none; }
  input.mj-accordion-checkbox + * .mj-accordion-content { overflow:hidden; display:none; }
  input.mj-accordion-checkbox + * .mj-accordion-more { display:block!important; }
  input.mj-accordion-checkbox:checked + * .mj-accordion-content { display:block; }
  input.mj-accordion-checkbox:checked + * .mj-accordion-more { display:none!important; }
  input.mj-accordion-checkbox:checked + * .mj-accordion-less { display:block!important; }
}
.moz-text-html input.mj-accordion-checkbox + * .mj-accordion-title { cursor: auto; touch-action: auto; \
-webkit-user-select: auto; -moz-user-select: auto; user-select: auto; }
.moz-text-html input.mj-accordion-checkbox + * .mj-accordion-content { overflow: hidden; display: block; }
.moz-text-html input.mj-accordion-checkbox + * .mj-accordion-ico { display: none; }
@goodbye { @gmail }
";

const PADDINGS: [&str; 5] = ["padding", "padding-bottom", "padding-left", "padding-right", "padding-top"];

pub(super) fn draw(artist: &mut Artist<'_>, element: &Element) -> String {
    artist.head.style_once("mj-accordion", |_| STYLE.to_owned());
    let table = Tag::new("table")
        .attr("cellspacing", "0")
        .attr("cellpadding", "0")
        .attr("class", "mj-accordion")
        .style("width", "100%")
        .style("border-collapse", "collapse")
        .style("border", element.attribute("border"))
        .style("border-bottom", "none")
        .style("font-family", element.attribute("font-family"))
        .open();
    let rows: String = element
        .elements()
        .map(|child| if is_raw(child) { artist.raw(child) } else { row(artist, child) })
        .collect();
    format!("{table}<tbody>{rows}</tbody></table>")
}

/// `mj-accordion-element`
fn row(artist: &Artist<'_>, element: &Element) -> String {
    let row = Tag::new("tr").attr("class", element.attribute("css-class")).open();
    let cell = Tag::new("td").style("padding", "0px");
    let cell = cell.styles_of(element, &["background-color"]).open();
    let label = Tag::new("label").attr("class", "mj-accordion-element").style("font-size", "13px");
    let label = label.styles_of(element, &["font-family"]).open();
    let has = |name: &str| element.elements().any(|child| child.name == name);
    let mut parts = String::new();
    if !has("mj-accordion-title") {
        parts += &title(artist, &missing(element, "mj-accordion-title"));
    }
    for child in element.elements() {
        parts += &match child.name.as_str() {
            "mj-accordion-title" => title(artist, child),
            "mj-accordion-text" => text(artist, child),
            _ => artist.raw(child),
        };
    }
    if !has("mj-accordion-text") {
        parts += &text(artist, &missing(element, "mj-accordion-text"));
    }
    format!(
        "{row}{cell}{label}<!--[if !mso | IE]><!-->\
         <input class=\"mj-accordion-checkbox\" type=\"checkbox\" style=\"display:none;\" /><!--<![endif]-->\
         <div>{parts}</div></label></td></tr>"
    )
}

/// A title or text that is not there is drawn empty.
fn missing(parent: &Element, name: &str) -> Element {
    let mut element = Element::new(name, parent.pos, Vec::new());
    element.attributes = defaults::handed_down(parent);
    let own: Vec<_> = defaults::of(&element).filter(|a| element.attribute(&a.name).is_none()).collect();
    element.attributes.extend(own);
    element
}

/// The font of a title or text is its own, or that of what holds it.
fn font(element: &Element) -> Option<&str> {
    element.attribute("font-family").or_else(|| element.attribute(defaults::FAMILY))
}

fn table(element: &Element) -> String {
    let table = Tag::new("table").attr("cellspacing", "0").attr("cellpadding", "0");
    table.style("width", "100%").style("border-bottom", element.attribute("border")).open()
}

/// `mj-accordion-title`
fn title(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    let cell = Tag::new("td")
        .attr("class", value("css-class"))
        .style("width", "100%")
        .styles_of(element, &["background-color", "color", "font-size"])
        .style("font-family", font(element))
        .style("font-weight", value("font-weight"))
        .styles_of(element, &PADDINGS)
        .open();
    let words = format!("{cell}{}</td>", html(artist.tags, &element.children).trim());
    let icon_cell = Tag::new("td")
        .attr("class", "mj-accordion-ico")
        .style("padding", "16px")
        .style("background", value("background-color"))
        .style("vertical-align", value("icon-align"))
        .open();
    let icon = |kind: &str, class: &str| {
        let image = Tag::new("img")
            .attr("src", element.attribute(&format!("icon-{kind}-url")))
            .attr("alt", element.attribute(&format!("icon-{kind}-alt")))
            .attr("class", class)
            .style("display", "none");
        image.style("width", value("icon-width")).style("height", value("icon-height")).open_closed()
    };
    let icons = format!(
        "<!--[if !mso | IE]><!-->{icon_cell}{}{}</td><!--<![endif]-->",
        icon("wrapped", "mj-accordion-more"),
        icon("unwrapped", "mj-accordion-less")
    );
    let (first, second) =
        if value("icon-position") == Some("right") { (words, icons) } else { (icons, words) };
    let table = table(element);
    format!("<div class=\"mj-accordion-title\">{table}<tbody><tr>{first}{second}</tr></tbody></table></div>")
}

/// `mj-accordion-text`
fn text(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    let cell = Tag::new("td")
        .attr("class", value("css-class"))
        .style("background", value("background-color"))
        .style("font-size", value("font-size"))
        .style("font-family", font(element))
        .styles_of(element, &["font-weight", "letter-spacing", "line-height", "color"])
        .styles_of(element, &PADDINGS)
        .open();
    let words = html(artist.tags, &element.children);
    let table = table(element);
    format!(
        "<div class=\"mj-accordion-content\">{table}<tbody><tr>{cell}{}</td></tr></tbody></table></div>",
        words.trim()
    )
}
