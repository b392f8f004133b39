//! `mj-carousel`: pictures of which one is seen, chosen by radio buttons that nobody sees. Outlook shows the first.

use super::{
    Artist, Element, Width,
    boxes::{pixels, px},
    is_raw,
    tag::Tag,
};

pub(super) fn draw(artist: &mut Artist<'_>, element: &Element, width: Width) -> String {
    let images: Vec<&Element> = element.elements().filter(|child| !is_raw(child)).collect();
    let Some(first) = images.first() else { return String::new() };
    let carousel = Carousel { id: artist.next_id(), element, images: &images, width };
    artist.head.style(style::sheet(&carousel.id, images.len(), element));
    let radios: String = (1..=images.len()).map(|number| carousel.radio(number)).collect();
    let shown = matches!(element.attribute("thumbnails"), Some("visible" | "supported"));
    let thumbnails = if shown { carousel.thumbnails() } else { String::new() };
    format!(
        "<!--[if !mso]><!--><div class=\"mj-carousel\">{radios}\
         <div class=\"mj-carousel-content mj-carousel-{}-content\" \
         style=\"display:table;width:100%;table-layout:fixed;text-align:center;font-size:0px;\">{thumbnails}{}</div></div>\
         <!--<![endif]--><!--[if mso]>{}<![endif]-->",
        carousel.id,
        carousel.main(),
        carousel.image(1, first)
    )
}

struct Carousel<'a> {
    id: String,
    element: &'a Element,
    images: &'a [&'a Element],
    width: Width,
}

impl Carousel<'_> {
    fn radio(&self, number: usize) -> String {
        let id = &self.id;
        Tag::new("input")
            .attr(
                "class",
                format!("mj-carousel-radio mj-carousel-{id}-radio mj-carousel-{id}-radio-{number}").as_str(),
            )
            .attr("checked", (number == 1).then_some("checked"))
            .attr("type", "radio")
            .attr("name", format!("mj-carousel-radio-{id}").as_str())
            .attr("id", format!("mj-carousel-{id}-radio-{number}").as_str())
            .style("display", "none")
            .style("mso-hide", "all")
            .open_closed()
    }

    fn thumbnails(&self) -> String {
        let id = &self.id;
        let thumbnails = (1..).zip(self.images).map(|(number, image)| {
            let value = |name| image.attribute(name);
            let given = |name| value(name).filter(|value| !value.is_empty());
            let width = given("tb-width").unwrap_or("110px");
            let display = match given("thumbnails").or(self.element.attribute("thumbnails")) {
                Some("supported") => "none",
                _ => "inline-block",
            };
            let classes = value("css-class").unwrap_or_default().split_whitespace();
            let classes = classes.map(|class| format!(" {class}-thumbnail")).collect::<Vec<_>>().concat();
            let link = Tag::new("a")
                .style("border", value("tb-border"))
                .style("border-radius", value("tb-border-radius"))
                .style("display", display)
                .style("overflow", "hidden")
                .style("width", width)
                .attr("href", format!("#{number}").as_str())
                .attr("target", value("target"))
                .attr(
                    "class",
                    format!(
                        "mj-carousel-thumbnail mj-carousel-{id}-thumbnail mj-carousel-{id}-thumbnail-{number}{classes}"
                    )
                    .as_str(),
                );
            let source = given("thumbnails-src").or(value("src"));
            let picture = Tag::new("img")
                .style("display", "block")
                .style("width", "100%")
                .style("height", "auto")
                .attr("src", source)
                .attr("alt", value("alt"))
                .attr("width", pixels(width).to_string().as_str());
            format!(
                "{}<label for=\"mj-carousel-{id}-radio-{number}\">{}</label></a>",
                link.open(),
                picture.open_closed()
            )
        });
        thumbnails.collect()
    }

    fn main(&self) -> String {
        let table = Tag::table()
            .style("caption-side", "top")
            .style("display", "table-caption")
            .style("table-layout", "fixed")
            .style("width", "100%")
            .attr("width", "100%")
            .attr("class", "mj-carousel-main")
            .open();
        let images: String =
            (1..).zip(self.images).map(|(number, image)| self.image(number, image)).collect();
        format!(
            "{table}<tbody><tr>{}<td style=\"padding:0px;\"><div class=\"mj-carousel-images\">{images}</div></td>{}</tr>\
             </tbody></table>",
            self.arrows("previous", "left-icon"),
            self.arrows("next", "right-icon")
        )
    }

    /// One arrow for each picture; the one that leads on from the picture that is seen is shown.
    fn arrows(&self, direction: &str, icon: &str) -> String {
        let id = &self.id;
        let width = self.element.attribute("icon-width");
        let picture = Tag::new("img")
            .attr("src", self.element.attribute(icon))
            .attr("alt", direction)
            .style("display", "block")
            .style("width", width)
            .style("height", "auto")
            .attr("width", pixels(width.unwrap_or_default()).to_string().as_str())
            .open_closed();
        let label = |number: usize| {
            format!(
                "<label for=\"mj-carousel-{id}-radio-{number}\" \
                 class=\"mj-carousel-{direction} mj-carousel-{direction}-{number}\">{picture}</label>"
            )
        };
        let labels = (1..=self.images.len()).map(label).collect::<Vec<_>>().concat();
        format!(
            "<td class=\"mj-carousel-{id}-icons-cell\" style=\"font-size:0px;display:none;mso-hide:all;padding:0px;\">\
             <div class=\"mj-carousel-{direction}-icons\" style=\"display:none;mso-hide:all;\">{labels}</div></td>"
        )
    }

    /// `mj-carousel-image`
    fn image(&self, number: usize, image: &Element) -> String {
        let value = |name| image.attribute(name);
        let picture = Tag::new("img")
            .attributes_of(image, &["title", "src", "alt"])
            .style("border-radius", value("border-radius"))
            .style("display", "block")
            .style("width", px(self.width).as_str())
            .style("max-width", "100%")
            .style("height", "auto")
            .attr("width", (self.width.trunc() + 0.0).to_string().as_str())
            .attr("border", "0")
            .open_closed();
        let hidden = number > 1;
        let class = format!(
            "mj-carousel-image mj-carousel-image-{number} {}",
            value("css-class").unwrap_or_default()
        );
        let outer = Tag::new("div")
            .attr("class", class.trim_end())
            .style("display", hidden.then_some("none"))
            .style("mso-hide", hidden.then_some("all"))
            .open();
        match value("href").filter(|href| !href.is_empty()) {
            Some(href) => {
                let link =
                    Tag::new("a").attr("href", href).attr("rel", value("rel")).attr("target", "_blank");
                format!("{outer}{}{picture}</a></div>", link.open())
            }
            None => format!("{outer}{picture}</div>"),
        }
    }
}

/// The style sheet by which radio buttons show pictures.
mod style {
    use super::Element;

    /// For a carousel of this id with so many pictures.
    pub(super) fn sheet(id: &str, count: usize, element: &Element) -> String {
        let value = |name| element.attribute(name).unwrap_or_default();
        let each = |rule: &dyn Fn(usize) -> String| (1..=count).map(rule).collect::<Vec<_>>().join(",");
        let steps = |count: usize| "+ * ".repeat(count);
        // From the radio button of a picture, over those behind it, to the content.
        let checked = |n: usize| {
            format!(".mj-carousel-{id}-radio-{n}:checked {}+ .mj-carousel-content", steps(count - n))
        };
        let next = |n: usize| n % count + 1;
        let previous = |n: usize| (n + count - 2) % count + 1;
        let any = each(&|n| {
            format!(
                ".mj-carousel-{id}-radio:checked {}+ .mj-carousel-content .mj-carousel-image",
                steps(n - 1)
            )
        });
        let chosen = each(&|n| format!("{} .mj-carousel-image-{n}", checked(n)));
        let nexts = each(&|n| format!("{} .mj-carousel-next-{}", checked(n), next(n)));
        let previouses = each(&|n| format!("{} .mj-carousel-previous-{}", checked(n), previous(n)));
        let selected = each(&|n| format!("{} .mj-carousel-{id}-thumbnail-{n}", checked(n)));
        let thumbnails = each(&|n| format!("{} .mj-carousel-{id}-thumbnail", checked(n)));
        let hovered = |n: usize| format!("{}+ .mj-carousel-main", steps(count - n));
        let hidden =
            each(&|n| format!(".mj-carousel-{id}-thumbnail:hover {} .mj-carousel-image", hovered(n)));
        let seen =
            each(&|n| format!(".mj-carousel-{id}-thumbnail-{n}:hover {} .mj-carousel-image-{n}", hovered(n)));
        let icon_width = value("icon-width");
        let (selected_color, hover_color) =
            (value("tb-selected-border-color"), value("tb-hover-border-color"));
        let rest = "+ *".repeat(count - 1);
        format!(
            ".mj-carousel {{ -webkit-user-select: none; -moz-user-select: none; user-select: none; }}
.mj-carousel-{id}-icons-cell {{ display: table-cell !important; width: {icon_width} !important; }}
.mj-carousel-radio, .mj-carousel-next, .mj-carousel-previous {{ display: none !important; }}
.mj-carousel-thumbnail, .mj-carousel-next, .mj-carousel-previous {{ touch-action: manipulation; }}
{any} {{ display: none !important; }}
{chosen} {{ display: block !important; }}
.mj-carousel-previous-icons, .mj-carousel-next-icons, {nexts}, {previouses} {{ display: block !important; }}
{selected} {{ border-color: {selected_color} !important; }}
{thumbnails} {{ display: inline-block !important; }}
.mj-carousel-image img + div, .mj-carousel-thumbnail img + div {{ display: none !important; }}
{hidden} {{ display: none !important; }}
.mj-carousel-thumbnail:hover {{ border-color: {hover_color} !important; }}
{seen} {{ display: block !important; }}
.mj-carousel noinput {{ display:block !important; }}
.mj-carousel noinput .mj-carousel-image-1 {{ display: block !important; }}
.mj-carousel noinput .mj-carousel-arrows, .mj-carousel noinput .mj-carousel-thumbnails {{ display: none !important; }}
[owa] .mj-carousel-thumbnail {{ display: none !important; }}
@media screen yahoo {{
  .mj-carousel-{id}-icons-cell, .mj-carousel-previous-icons, .mj-carousel-next-icons {{ display: none !important; }}
  .mj-carousel-{id}-radio-1:checked {rest}+ .mj-carousel-content .mj-carousel-{id}-thumbnail-1 {{ border-color: transparent; }}
}}"
        )
    }
}
