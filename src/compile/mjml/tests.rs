//! The front end as a whole: what a designer writes, what the reader gets, what is said about mistakes.

use super::testing::{Files, body, column, html, text};

mod conditions;
mod documents;
mod heads;
mod includes;
mod merge_tags;
mod mistakes;
mod soup;

#[test]
fn the_comments_of_those_who_write_templates_stay_with_them() {
    let mjml = body(
        "<!-- todo: ask Ann --><mj-section><mj-column><mj-text>a<!-- b -->c<!--[if mso]><i>d</i><![endif]--></mj-text></mj-column></mj-section>\
         <!--[if mso]><p>e</p><![endif]-->",
    );
    let html = html(&mjml);
    assert!(!html.contains("Ann") && html.contains("ac<!--[if mso]><i>d</i><![endif]-->"), "{html}");
    assert!(html.contains("<!--[if mso]><p>e</p><![endif]-->"), "{html}");
}

#[test]
fn html_as_people_write_it_is_closed_and_quoted() {
    for (inner, wanted) in [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("a<BR>b", "a<br />b"),
        ("<a href=https://x.example/?a=1&b=2>c</a>", "<a href=\"https://x.example/?a=1&b=2\">c</a>"),
        ("a < b <3", "a &lt; b &lt;3"),
        ("<![CDATA[<b>x</b>]]>", "<b>x</b>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<table><tr><td>a<td>b<tr><td>c</table>",
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        ),
    ] {
        let mjml = text(inner);
        assert!(html(&mjml).contains(&format!(">{wanted}</div>")), "{inner}: {}", html(&mjml));
    }
}

#[test]
fn space_between_inline_elements_is_kept() {
    assert!(html(&text("<b>a</b>\n<i>b</i>")).contains("<b>a</b>\n<i>b</i>"));
}

#[test]
fn entities_are_left_as_they_are() {
    let mjml = column(
        "<mj-text>a&nbsp;&mdash;&amp;</mj-text><mj-button href=\"https://a.example/?a=1&amp;b=2&c=3\">&#128640;</mj-button>",
    );
    let html = html(&mjml);
    assert!(
        html.contains("a&nbsp;&mdash;&amp;")
            && html.contains("?a=1&amp;b=2&c=3\"")
            && html.contains("&#128640;"),
        "{html}"
    );
}

#[test]
fn deep_html_is_inlined_without_an_overflow() {
    let divs = format!("{}x{}", "<div>".repeat(190), "</div>".repeat(190));
    let mjml = column(&format!("<mj-text>{divs}</mj-text>"));
    let mjml = mjml
        .replace("<mjml>", "<mjml><mj-head><mj-style inline=\"inline\">div { top: 0 }</mj-style></mj-head>");
    assert!(html(&mjml).matches("<div style=\"top: 0").count() >= 190);
}

#[test]
fn a_picture_is_known_by_the_name_of_its_file() {
    let images = [
        "<mj-image alt=\"\" src=\"a%20b&amp;c.png\" />",
        "<mj-image alt=\"\" src=\"https://a.example/d.png\" />",
    ];
    let compiled = Files::default().compile(&column(&images.concat())).unwrap();
    let known: Vec<_> = compiled.pictures.iter().map(|(name, place)| format!("{name} {place}")).collect();
    assert_eq!(known, ["a b&c.png mjml/l.mjml:1:61"]);
}
