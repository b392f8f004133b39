//! Merge tags come out as they went in, or there is an error.

use crate::compile::mjml::testing::{body, column, findings, html, text};

#[test]
fn come_out_of_every_place_as_they_went_in() {
    let tag = r#"{{ a["x & y"] ~ '<' ~ "\"" }}"#;
    for mjml in [
        text(tag),
        text(&format!("<a href='{tag}'>x</a>")),
        text(&format!("<a href={}>x</a>", "{{url}}")),
        column(&format!("<mj-button href=\"https://a.example/{tag}\">x</mj-button>")),
        column(&format!("<mj-image src=\"x\" alt=\"{tag}\" />")),
        column(&format!("<mj-table><tr><td>{tag}</td></tr></mj-table>")),
        column(&format!("<mj-raw><!--[if mso]><v:rect href=\"{tag}\"><![endif]--></mj-raw>")),
        body(&format!("<mj-section background-color=\"{tag}\"></mj-section>")),
        format!("<mjml><mj-head><mj-title>{tag}</mj-title></mj-head><mj-body></mj-body></mjml>"),
        format!("<mjml><mj-head><mj-preview>{tag}</mj-preview></mj-head><mj-body></mj-body></mjml>"),
    ] {
        let html = html(&mjml);
        assert!(html.contains("{{ url }}") || html.contains(tag), "{mjml}: {html}");
    }
}

#[test]
fn that_would_vanish_are_errors() {
    assert_eq!(
        findings(&column("<mj-spacer border=\"{{ name }}\" />"))[0],
        "mjml/l.mjml:1:58: `{{ name }}` got lost: attribute `border` of `<mj-spacer>` is not part of the HTML (put it where text is shown, or into an attribute that has an effect)"
    );
    assert_eq!(
        findings(&column("<mj-text titel=\"{{ name }}\">x</mj-text>"))[0],
        "mjml/l.mjml:1:48: `<mj-text>` has no attribute `titel` (it has no effect: remove it)"
    );
}

#[test]
fn cannot_stand_where_they_would_decide_the_layout_or_break_out() {
    for (mjml, wanted) in [
        (
            column("<mj-image src=\"x\" alt=\"\" width=\"{{ w }}\" />"),
            "a merge tag cannot decide `width` of `<mj-image>`",
        ),
        (
            column("<mj-text {{ a }}>x</mj-text>"),
            "a merge tag cannot stand between the attributes of an element",
        ),
        (text("<b {{ a }}>x</b>"), "a merge tag cannot stand between the attributes of an element"),
        (text("<style>{{ a }}</style>"), "a merge tag cannot stand in `<style>`"),
        (text("<a onclick=\"{{ a }}\">x</a>"), "a merge tag cannot stand in `onclick`"),
        (
            "<mjml><mj-head><mj-style>.{{ a }} {}</mj-style></mj-head><mj-body></mj-body></mjml>".to_owned(),
            "a merge tag cannot stand in a style sheet",
        ),
        (body("<mj-include path=\"{{ a }}.mjml\" />"), "a merge tag cannot decide which file is included"),
    ] {
        let said = findings(&mjml);
        assert!(said.iter().any(|finding| finding.contains(wanted)), "{mjml}: {said:?}");
    }
}
