//! What is said about mistakes: where, what, and the way out.

use crate::compile::mjml::testing::{body, column, findings, text};

#[test]
fn each_says_where_and_what_to_do() {
    for (mjml, wanted) in [
        (
            body("<mj-sektion></mj-sektion>"),
            "mjml/l.mjml:1:16: there is no MJML element `<mj-sektion>` (did you mean `<mj-section>`?)",
        ),
        (
            body("<mj-text>a</mj-text>"),
            "mjml/l.mjml:1:16: `<mj-text>` cannot stand in `<mj-body>` (it belongs in `<mj-column>` or `<mj-hero>`: put `<mj-section><mj-column>` around it)",
        ),
        (
            body("<div>a</div>"),
            "mjml/l.mjml:1:16: `<div>` is HTML and cannot stand directly in `<mj-body>` (put it into an `<mj-text>`, in an `<mj-column>`)",
        ),
        (
            body("<mj-section>\n  Hello you</mj-section>"),
            "mjml/l.mjml:2:3: text stands directly in `<mj-section>`: \"Hello you\" (put it into an `<mj-text>` in an `<mj-column>`)",
        ),
        (
            column("<mj-text colour=\"red\">a</mj-text>"),
            "mjml/l.mjml:1:48: `<mj-text>` has no attribute `colour` (did you mean `color`?)",
        ),
        (
            column("<mj-text padding=\"abc\">a</mj-text>"),
            "mjml/l.mjml:1:57: `padding` of `<mj-text>`: `abc` is no length (write one to four lengths such as `10px 25px`)",
        ),
        (
            column("<mj-text mj-class=\"big\">a</mj-text>"),
            "mjml/l.mjml:1:58: there is no `<mj-class name=\"big\">` (define it in `<mj-attributes>`, or remove it; for CSS classes there is `css-class`)",
        ),
        (
            "<mjml></mjml>".to_owned(),
            "mjml/l.mjml:1:1: there is no `<mj-body>` (put the sections between `<mj-body>` and `</mj-body>`)",
        ),
        (
            "<mjml><mj-body></mj-body>\n<mj-body></mj-body></mjml>".to_owned(),
            "mjml/l.mjml:2:1: this is a second `<mj-body>` (line 1) (put all sections into one `<mj-body>`)",
        ),
        (
            String::new(),
            "mjml/l.mjml:1:1: this is no MJML: there is no `<mjml>` element (a layout begins with `<mjml>` and holds `<mj-body>`)",
        ),
        (
            text("<b>a"),
            "mjml/l.mjml:1:48: `<b>` is not closed before `</mj-text>` (line 1) (add `</b>`, or write `&lt;` if this `<` is meant as text)",
        ),
        (
            text("a</td>"),
            "mjml/l.mjml:1:49: `</td>` closes nothing (remove it, or write `<td>` where it begins)",
        ),
        (
            column("<mj-text>a\n<mj-button>b</mj-button></mj-text>"),
            "mjml/l.mjml:2:1: `<mj-button>` cannot stand inside `<mj-text>`, which holds HTML (line 1) (close it with `</mj-text>` before this tag)",
        ),
        (
            column("<mj-image src=\"x.png>\n<mj-text css-class=\"a\">b</mj-text>"),
            "mjml/l.mjml:1:53: the quote that opens this attribute's value is not closed: the value would go on to the next quote (write a `\"` where the value ends)",
        ),
        (
            column("<mj-image src=\"x\" />"),
            "mjml/l.mjml:1:39: this `<mj-image>` has no `alt` (say what it shows, for readers with pictures off; `alt=\"\"` if it only decorates)",
        ),
        (
            column("<mj-divider>a</mj-divider>"),
            "mjml/l.mjml:1:39: `<mj-divider>` holds nothing, but something stands in it (write `<mj-divider … />` and move the content behind it)",
        ),
        (
            text("<p>a<div>b</div></p>"),
            "mjml/l.mjml:1:64: `</p>` closes nothing (a block such as `<div>`, `<ul>` or `<table>` ends the paragraph: write `</p>` before it)",
        ),
        (
            text("<p><b>a<div>b</div></b></p>"),
            "mjml/l.mjml:1:55: a `<div>` cannot stand inside this `<p>`: mail programs end the paragraph (line 1) (close the `<p>` before the `<div>`)",
        ),
    ] {
        let said = findings(&mjml);
        assert_eq!(said.first().map_or("", String::as_str), wanted, "{mjml}");
    }
}

#[test]
fn too_much_is_refused() {
    assert!(findings(&body(&"<mj-section/>".repeat(10_001)))[0].contains("more than 10000 elements"));
    assert!(findings(&" ".repeat(2 * 1024 * 1024 + 1))[0].contains("more than 2 MiB"));
}
