//! `mj-social`: icons of social networks, in a line or one below the other.

use super::{
    Artist, Element,
    boxes::{PADDINGS, pixels},
    is_raw,
    tag::Tag,
};
use crate::compile::mjml::outlook;

pub(super) fn draw(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name);
    if value("mode") != Some("horizontal") {
        let rows: String = element
            .elements()
            .map(|child| if is_raw(child) { artist.raw(child) } else { row(artist, child) })
            .collect();
        return format!("{}<tbody>{rows}</tbody></table>", Tag::table().style("margin", "0px").open());
    }
    let table = || Tag::table().attr("align", value("align"));
    let each = table().style("float", "none").style("display", "inline-table").open();
    let mut out = outlook::only(&(table().open() + "<tr>"));
    for child in element.elements() {
        if is_raw(child) {
            out += &artist.raw(child);
            continue;
        }
        let row = row(artist, child);
        out.extend([&outlook::only("<td>"), &each, "<tbody>", &row, "</tbody></table>"]);
        out += &outlook::only("</td>");
    }
    out + &outlook::only("</tr></table>")
}

/// `mj-social-element`
fn row(artist: &Artist<'_>, element: &Element) -> String {
    let value = |name| element.attribute(name).filter(|value| !value.is_empty());
    let network = value("name").and_then(Network::find);
    let href = value("href").map(|href| network.as_ref().map_or(href.to_owned(), |it| it.share(href)));
    let link =
        |style: Tag| style.attr("href", href.as_deref()).attributes_of(element, &["rel", "target"]).open();
    let (before, after) = match href {
        Some(_) => (link(Tag::new("a")), "</a>"),
        None => (String::new(), ""),
    };
    let icon = icon(element, network.as_ref(), |image| format!("{before}{image}{after}"));
    let content = artist.content(element);
    let words = if content.is_empty() {
        String::new()
    } else {
        let cell = Tag::new("td")
            .style("vertical-align", "middle")
            .style("padding", element.attribute("text-padding"))
            .style("text-align", element.attribute("align"))
            .open();
        let name = if href.is_some() { "a" } else { "span" };
        let properties = [
            "color",
            "font-size",
            "font-weight",
            "font-style",
            "font-family",
            "line-height",
            "text-decoration",
        ];
        let text = Tag::new(name).styles_of(element, &properties);
        let text = if href.is_some() { link(text) } else { text.open() };
        format!("{cell}{text}{content}</{name}></td>")
    };
    let (first, second) =
        if element.attribute("icon-position") == Some("left") { (icon, words) } else { (words, icon) };
    format!("{}{first}{second}</tr>", Tag::new("tr").attr("class", element.attribute("css-class")).open())
}

/// The cell of the icon.
fn icon(element: &Element, network: Option<&Network>, linked: impl Fn(&str) -> String) -> String {
    let value = |name| element.attribute(name).filter(|value| !value.is_empty());
    let cell = Tag::new("td").styles_of(element, &PADDINGS).styles_of(element, &["vertical-align"]).open();
    let size = value("icon-size");
    let color = value("background-color").or(network.map(|network| network.color));
    let radius = element.attribute("border-radius");
    let table =
        Tag::table().style("background", color).style("border-radius", radius).style("width", size).open();
    let inner = Tag::new("td")
        .style("padding", element.attribute("icon-padding"))
        .style("font-size", "0")
        .style("height", value("icon-height").or(size))
        .style("vertical-align", "middle")
        .style("width", size)
        .open();
    let source = value("src").map(str::to_owned).or_else(|| network.map(Network::icon));
    let image = Tag::new("img")
        .attributes_of(element, &["alt", "title"])
        .attr("src", source.as_deref())
        .style("border-radius", radius)
        .style("display", "block")
        .attr("width", size.map(|size| pixels(size).to_string()).as_deref())
        .attr("sizes", value("sizes"))
        .attr("srcset", value("srcset"))
        .open_closed();
    format!("{cell}{table}<tbody><tr>{inner}{}</td></tr></tbody></table></td>", linked(&image))
}

/// A network that MJML knows.
struct Network {
    name: &'static str,
    color: &'static str,
    /// The address that shares another one, which stands at the end or before `&`.
    share: Option<(&'static str, &'static str)>,
}

const fn network(
    name: &'static str,
    color: &'static str,
    share: Option<(&'static str, &'static str)>,
) -> Network {
    Network { name, color, share }
}

static NETWORKS: [Network; 17] = [
    network("facebook", "#3b5998", Some(("https://www.facebook.com/sharer/sharer.php?u=", ""))),
    network("twitter", "#55acee", Some(("https://twitter.com/intent/tweet?url=", ""))),
    network("x", "#000000", Some(("https://twitter.com/intent/tweet?url=", ""))),
    network("google", "#dc4e41", Some(("https://plus.google.com/share?url=", ""))),
    network(
        "pinterest",
        "#bd081c",
        Some(("https://pinterest.com/pin/create/button/?url=", "&media=&description=")),
    ),
    network(
        "linkedin",
        "#0077b5",
        Some(("https://www.linkedin.com/shareArticle?mini=true&url=", "&title=&summary=&source=")),
    ),
    network("instagram", "#3f729b", None),
    network("web", "#4BADE9", None),
    network("snapchat", "#FFFA54", None),
    network("youtube", "#EB3323", None),
    network("tumblr", "#344356", Some(("https://www.tumblr.com/widgets/share/tool?canonicalUrl=", ""))),
    network("github", "#000000", None),
    network("xing", "#296366", Some(("https://www.xing.com/app/user?op=share&url=", ""))),
    network("vimeo", "#53B4E7", None),
    network("medium", "#000000", None),
    network("soundcloud", "#EF7F31", None),
    network("dribbble", "#D95988", None),
];

impl Network {
    /// By its name; `facebook-noshare` leads to the address itself.
    fn find(name: &str) -> Option<Self> {
        let plain = name.strip_suffix("-noshare");
        let known = NETWORKS.iter().find(|network| network.name == plain.unwrap_or(name))?;
        Some(Self { share: known.share.filter(|_| plain.is_none()), ..*known })
    }

    fn share(&self, href: &str) -> String {
        self.share.map_or_else(|| href.to_owned(), |(before, after)| format!("{before}{href}{after}"))
    }

    fn icon(&self) -> String {
        let file = match self.name {
            "x" => "twitter-x",
            "google" => "google-plus",
            name => name,
        };
        format!("https://www.mailjet.com/images/theme/v1/icons/ico-social/{file}.png")
    }
}
