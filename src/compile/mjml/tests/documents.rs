//! Any document of the right shape compiles, and is in balance for every reader.

use proptest::prelude::*;

use super::conditions::{assert_balanced, seen_by};
use crate::compile::mjml::testing::{body, html};

const CONDITION: (&str, &str) = ("{% if x %}", "{% endif %}");

fn maybe_conditional(element: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (element, 0..3_u8).prop_map(|(element, choice)| match choice {
        0 => format!("{}{element}{}", CONDITION.0, CONDITION.1),
        1 => format!("<!-- note -->\n  {element}"),
        _ => element,
    })
}

fn attributes() -> impl Strategy<Value = String> {
    let attribute = prop::sample::select(vec![
        "",
        "padding=\"0 10px\"",
        "background-color=\"#eee\"",
        "border=\"1px solid red\"",
        "css-class=\"{{ plan }}\"",
        "border-radius=\"8px\"",
        "padding-left='0'",
        "direction=\"rtl\"",
    ]);
    attribute.prop_map(str::to_owned)
}

fn element(name: &'static str, inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (attributes(), inner)
        .prop_map(move |(attributes, inner)| format!("<{name} {attributes}>{inner}</{name}>"))
}

fn many(inner: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(inner, 0..=most).prop_map(|parts| parts.join("\r\n\t"))
}

fn piece() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<mj-text>Hello {{ name }}<p>a<p>b</mj-text>",
        "<mj-text height=\"20px\">a {% if y %}<b>b</b>{% else %}c{% endif %}<br></mj-text>",
        "<mj-button href={{url}}>Go</mj-button>",
        "<mj-image src=\"https://a.example/x.png\" alt=\"&quot;\" href=\"https://a.example\" />",
        "<mj-divider width='50%'></mj-divider>",
        "<mj-spacer height=\"20px\" />",
        "<mj-table><tr><td>a<td>b</tr>{% if y %}<tr><td>c</tr>{% endif %}</mj-table>",
        "<mj-raw><tr><td>raw</td></tr></mj-raw>",
        "<mj-social><mj-social-element name=\"github\" href=\"https://a.example\">x</mj-social-element></mj-social>",
        "<mj-navbar hamburger=\"hamburger\"><mj-navbar-link href=\"/a\">a</mj-navbar-link></mj-navbar>",
        "<mj-accordion><mj-accordion-element><mj-accordion-title>t</mj-accordion-title><mj-accordion-text>x</mj-accordion-text></mj-accordion-element></mj-accordion>",
        "<mj-carousel><mj-carousel-image src=\"a\" alt=\"\" /><mj-carousel-image src=\"b\" alt=\"\" /></mj-carousel>",
    ]);
    maybe_conditional(piece.prop_map(str::to_owned))
}

fn section() -> impl Strategy<Value = String> {
    let column = || element("mj-column", many(piece(), 3));
    let group = element("mj-group", many(column(), 2))
        .prop_map(|group| group.replace("<mj-group", "<mj-group width=\"50%\""));
    let columns = many(prop_oneof![3 => column(), 1 => group], 3);
    let section = element("mj-section", columns);
    let hero = element("mj-hero", many(piece(), 2));
    let looks = prop::sample::select(vec![
        "",
        "full-width=\"full-width\"",
        "background-url=\"https://a.example/'b'.png\"",
        "full-width=\"full-width\" background-url=\"x\"",
    ]);
    let section = (section, looks)
        .prop_map(|(section, looks)| section.replacen("<mj-section", &format!("<mj-section {looks}"), 1));
    maybe_conditional(prop_oneof![4 => section, 1 => hero])
}

fn document() -> impl Strategy<Value = String> {
    let wrapper = element("mj-wrapper", many(section(), 3));
    many(prop_oneof![2 => section(), 1 => wrapper], 4).prop_map(|inner| body(&inner))
}

/// The document with no condition inside another, as the views below want it.
fn flat(mjml: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut rest = mjml;
    while let Some(at) = rest.find("{%") {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find("%}").unwrap_or(0) + 2;
        let tag = &rest[at..end];
        let opens = tag.starts_with("{% if");
        depth += usize::from(opens);
        if depth == 1 && tag != "{% else %}" {
            out.push_str(if opens { CONDITION.0 } else { CONDITION.1 });
        }
        depth -= usize::from(tag == "{% endif %}");
        rest = &rest[end..];
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn are_in_balance_with_and_without_outlook_in_both_branches(mjml in document()) {
        let html = html(&flat(&mjml));
        for (outlook, taken) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_balanced(&seen_by(&html, outlook, taken));
        }
    }
}
