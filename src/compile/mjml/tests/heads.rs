//! What a head gives to the body: attributes for chosen elements, style sheets, a preview; and raw HTML outside of it.

use crate::compile::mjml::testing::{Files, column, findings, html};

/// A document with this head, and this text in its body.
fn document(head: &str, text: &str) -> String {
    column(&format!("<mj-text>{text}</mj-text>"))
        .replace("<mjml>", &format!("<mjml><mj-head>{head}</mj-head>"))
}

fn selector(path: &str, attribute: &str) -> String {
    format!(
        "<mj-html-attributes>\n<mj-selector path=\"{path}\">{attribute}</mj-selector></mj-html-attributes>"
    )
}

#[test]
fn attributes_are_given_to_what_a_selector_means() {
    let title = "<mj-html-attribute name=\"title\"> \"{{ name }}\" &amp; {% if vip %}you{% endif %} </mj-html-attribute>";
    let head = format!("{}<mj-preview>see <a class=\"x\">this</a></mj-preview>", selector("a.x", title));
    let html =
        html(&document(&head, "<a class=\"x\">one</a><!--[if mso]><a class=\"x\"><![endif]--><a>two</a>"));
    let wanted = "<a class=\"x\" title=\"&quot;{{ name }}&quot; &amp; {% if vip %}you{% endif %}\">one</a><!--[if mso]><a class=\"x\"><![endif]--><a>two</a>";
    assert!(html.contains(wanted), "{html}");
    assert!(html.contains(">see <a class=\"x\">this</a></div>"), "{html}");
}

#[test]
fn attributes_that_cannot_be_given_say_why() {
    for (head, wanted) in [
        (
            selector("p &gt;", ""),
            "mjml/l.mjml:2:14: `p &gt;`: this is no CSS selector, or one that mail knows nothing of (write a CSS selector, such as `.name a`)",
        ),
        (
            selector("a:hover", ""),
            "mjml/l.mjml:2:14: `a:hover`: what a reader does later (`:hover`, `:visited` …) cannot be known now (write a CSS selector, such as `.name a`)",
        ),
        (
            selector(".nobody", ""),
            "mjml/l.mjml:2:1: this `<mj-selector>` means no element of the body (look at what its `path` says, or remove it)",
        ),
        (
            selector("p", "<mj-html-attribute>x</mj-html-attribute>"),
            "mjml/l.mjml:2:23: this `<mj-html-attribute>` has no `name` (say which attribute it gives: `name=\"title\"`)",
        ),
        (
            selector("p", "<mj-html-attribute name=\"on load\">x</mj-html-attribute>"),
            "mjml/l.mjml:2:23: `on load` cannot be the name of an attribute (letters, digits, `-`, `_`, `:` and `.` make a name)",
        ),
        (
            selector("p", "<mj-html-attribute name=\"onclick\">{{ a }}</mj-html-attribute>"),
            "mjml/l.mjml:2:23: a merge tag cannot stand in `onclick` (nothing can keep a subscriber's data from breaking out of it)",
        ),
        (
            "<mj-html-attributes><mj-selector /></mj-html-attributes>".to_owned(),
            "mjml/l.mjml:1:36: this `<mj-selector>` has no `path` (name the elements by a CSS selector, such as `path=\".name a\"`)",
        ),
        (
            selector("{{ a }}", ""),
            "mjml/l.mjml:2:20: a merge tag cannot decide `path` of `<mj-selector>` (the layout is reckoned once per issue; a merge tag prints once per subscriber)",
        ),
    ] {
        let said = findings(&document(&head, "<p>x</p>"));
        assert!(said.iter().any(|finding| finding == wanted), "{head}: {said:#?}");
    }
}

#[test]
fn what_is_not_inlined_is_said_where_it_stands() {
    let css = "p { top: 0 }\n  a:hover { color: red }\n@media print { p { left: 0 } }";
    let mut files = Files::default().with("mjml/x.css", css);
    let said = files
        .findings(&document("<mj-include path=\"x.css\" type=\"css\" css-inline=\"inline\" />", "<p>x</p>"));
    assert_eq!(
        said,
        [
            "mjml/x.css:2:3: `a:hover` is not inlined: what a reader does later (`:hover`, `:visited` …) cannot be known now (put it into an `<mj-style>` without `inline`)",
            "mjml/x.css:3:1: `@media` cannot be inlined and has no effect here (put it into an `<mj-style>` without `inline`)",
        ]
    );
}

#[test]
fn inlining_leaves_conditions_between_rows_where_they_are() {
    let table = "<table>{% if pro %}<tr><td class=\"a\">x</td></tr>{% endif %}</table><p style=\"{% if pro %}color: red{% endif %}\">y</p>";
    let html = html(&document("<mj-style inline=\"inline\">.a, p { top: 0 }</mj-style>", table));
    let wanted = "<table>{% if pro %}<tr><td class=\"a\" style=\"top: 0;\">x</td></tr>{% endif %}</table><p style=\"top: 0; {% if pro %}color: red{% endif %};\">y</p>";
    assert!(html.contains(wanted), "{html}");
}

#[test]
fn rules_without_end_for_elements_without_end_are_refused() {
    let head = format!("<mj-style inline=\"inline\">{}</mj-style>", "i{top:0}".repeat(20_000));
    let said = findings(&document(&head, &"<i>x</i>".repeat(5_000)));
    assert_eq!(
        said,
        ["mjml/l.mjml:1:1: the inlined style sheets have too many rules for a page of so many elements"]
    );
}

#[test]
fn raw_html_stands_before_everything_and_keeps_its_comments() {
    let start = "<mj-raw position=\"file-start\"><!-- by {{ name }} --></mj-raw>";
    let mjml = column("<mj-raw><!-- kept --></mj-raw><mj-text><!-- dropped --></mj-text>");
    let html = html(&mjml.replace("<mj-body>", &format!("{start}<mj-body>")));
    assert!(html.starts_with("<!-- by {{ name }} -->\n<!doctype html>"), "{html}");
    assert!(html.contains("<!-- kept -->") && !html.contains("dropped"), "{html}");

    let lost = mjml.replace("<mj-body>", "<mj-raw>x</mj-raw><mj-body>");
    assert_eq!(
        findings(&lost),
        [
            "mjml/l.mjml:1:7: `<mj-raw>` stands directly in `<mjml>` (give it `position=\"file-start\"`, or move it into `<mj-head>` or `<mj-body>`)"
        ]
    );
}

#[test]
fn a_class_may_hold_nothing_but_elements_that_give_attributes() {
    let class =
        |inner: &str| format!("<mj-attributes><mj-class name=\"a\">{inner}</mj-class></mj-attributes>");
    let said = |inner: &str| findings(&document(&class(inner), "x"));
    assert_eq!(said("<mj-text color=\"red\" />"), [""; 0]);
    assert!(said("<mj-text colour=\"red\" />")[0].contains("did you mean `color`?"));
    assert!(said("<mj-text>x</mj-text>")[0].contains("it holds nothing"));
    for inner in ["x", "<mj-text color=\"red\" />x"] {
        assert_eq!(
            said(inner),
            ["mjml/l.mjml:1:31: `<mj-class>` only gives attributes: it holds no text (empty it)"]
        );
    }
}
