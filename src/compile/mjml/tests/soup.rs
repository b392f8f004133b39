//! Whatever comes in: no panic, no HTML that lost a merge tag, always a finding that says why.

use proptest::prelude::*;

use crate::{compile::mjml::testing::Files, finding::Finding};

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<mjml>",
        "</mjml>",
        "<mj-head>",
        "</mj-head>",
        "<mj-body>",
        "</mj-body>",
        "<mj-section>",
        "</mj-section>",
        "<mj-column>",
        "</mj-column>",
        "<mj-text>",
        "</mj-text>",
        "<mj-raw>",
        "</mj-raw>",
        "<mj-wrapper>",
        "</mj-wrapper>",
        "<mj-image src=\"x\" alt=\"\" />",
        "<mj-button href=\"{{ u }}\">",
        "</mj-button>",
        "<p>",
        "</p>",
        "<td>",
        "</td>",
        "<tr>",
        "<table>",
        "</table>",
        "<b>",
        "</b>",
        "<br>",
        "{{ a }}",
        "{% if a %}",
        "{% endif %}",
        "text",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "\"",
        "'",
        "<",
        ">",
        "&",
        "\u{FDD0}1\u{FDD1}",
        "\u{FDD2}0\u{FDD3}",
        "\0",
        "é",
        "\r\n",
        "<mj-include path=\"a\"/>",
        "<mj-style inline=\"inline\">",
        "</mj-style>",
        "<mj-html-attributes><mj-selector path=\"p, .x > b\"><mj-html-attribute name=\"title\">",
        "</mj-html-attribute></mj-selector></mj-html-attributes>",
        "<mj-preview>",
        "<mj-attributes><mj-class name=\"a\"><mj-text color=\"red\"/>",
        "<mj-raw position=\"file-start\">",
        "p:not( { color: red } @media {",
        "<mj-social>",
        "<mj-social-element name=\"x\">",
        "<mj-carousel>",
        "<mj-carousel-image src=\"x\"/>",
        "<mj-navbar hamburger=\"hamburger\">",
        "<mj-accordion>",
        "<mj-hero width=\"-1px\">",
        "<mj-group width=\"0%\">",
        "<mj-title>",
        "</mj-title>",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const TEMPLATE: &str = "<mjml><mj-head><mj-title>T {{ a }}</mj-title><mj-attributes><mj-all padding=\"0 10px\"/></mj-attributes>\
<mj-style inline=\"inline\">p { color: red }</mj-style></mj-head><mj-body>{% if a %}<mj-section background-url=\"x\"><mj-column width=\"50%\">\
<mj-text>Hello <b>{{ name }}</b> &amp; <p class='x'>you</mj-text><mj-button href=\"{{ u }}\">Go</mj-button></mj-column></mj-section>{% endif %}\
<mj-wrapper><mj-section><mj-group><mj-column><mj-social><mj-social-element name=\"web\" href=\"#\">x</mj-social-element></mj-social></mj-column></mj-group></mj-section></mj-wrapper></mj-body></mjml>";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_makes_it_panic(text in pieces()) {
        let _ = Files::default().with("mjml/a.mjml", "<mj-section />").compile(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Files::default().compile(&String::from_utf8_lossy(&bytes));
    }

    /// A template with a piece cut out, doubled or put in either compiles with all its tags, or there is a finding.
    #[test]
    fn a_mutated_template_compiles_or_says_why(from in 0..TEMPLATE.len(), len in 0..40_usize, insert in pieces()) {
        let to = (from + len).min(TEMPLATE.len());
        let insert: String = insert.chars().take(30).collect();
        for text in [
            format!("{}{}", &TEMPLATE[..from], &TEMPLATE[to..]),
            format!("{}{}", &TEMPLATE[..to], &TEMPLATE[from..]),
            format!("{}{insert}{}", &TEMPLATE[..from], &TEMPLATE[from..]),
        ] {
            match Files::default().compile(&text) {
                Ok(html) => prop_assert!(html.text.starts_with("<!doctype html>") || html.text.starts_with("<!DOCTYPE html>"), "{}", html.text),
                Err(findings) => {
                    prop_assert!(findings.iter().any(Finding::is_error));
                    prop_assert!(!findings.iter().any(|f| f.code == "mjml-renderer"), "{findings:?}\n{text}");
                }
            }
        }
    }
}
