//! The front end as a whole: what a designer writes, what the reader gets, what is said about mistakes.

use proptest::prelude::*;

use super::testing::{Files, body, column, findings, html, text};

mod conditions {
    use super::{
        super::{
            html_rules::is_void,
            lexer::{Lexer, Token},
        },
        *,
    };

    /// HTML as Outlook reads it (`true`) or as everybody else does, the branch taken or not.
    fn seen_by(html: &str, outlook: bool, taken: bool) -> String {
        let mut html = html[html.find("<body").unwrap()..].to_owned();
        while let Some(start) = html.find("{% if x %}") {
            let end = html.find("{% endif %}").unwrap();
            let branch = if taken { html[start + 10..end].to_owned() } else { String::new() };
            html.replace_range(start..end + 11, &branch);
        }
        if outlook {
            return html
                .replace("<!--[if mso | IE]>", "")
                .replace("<!--[if mso]>", "")
                .replace("<![endif]-->", "");
        }
        let mut out = String::new();
        let mut rest = html.as_str();
        while let Some(start) = rest.find("<!--") {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            rest = &rest[rest.find("-->").unwrap() + 3..];
        }
        out + rest
    }

    /// Whether every tag of the body is closed by its own end tag.
    fn assert_balanced(html: &str) {
        let mut open: Vec<&str> = Vec::new();
        for token in Lexer::new(html) {
            match token.unwrap().1 {
                Token::Open { name, closed: false, .. } if !is_void(name) => open.push(name),
                Token::Close { name } if name != "html" => assert_eq!(open.pop(), Some(name), "{html}"),
                _ => {}
            }
        }
        assert!(open.is_empty(), "{open:?} is open at the end of {html}");
    }

    #[test]
    fn around_a_section_leave_balanced_html_in_every_view() {
        let section = "<mj-section background-url=\"https://a.example/b.png\"><mj-column><mj-text>pro</mj-text></mj-column></mj-section>";
        let plain = "<mj-section full-width=\"full-width\" background-color=\"#eee\"><mj-column><mj-text>all</mj-text></mj-column></mj-section>";
        let hero = "<mj-hero><mj-text>hero</mj-text></mj-hero>";
        let conditional = format!("{{% if x %}}{section}{{% endif %}}");
        let wrapper =
            |inner: &str, attributes: &str| format!("<mj-wrapper {attributes}>{inner}</mj-wrapper>");
        for mjml in [
            conditional.clone(),
            format!("{plain}{conditional}{plain}"),
            format!("{plain}{{% if x %}}{plain}{hero}{section}{{% endif %}}{hero}"),
            wrapper(&conditional, ""),
            wrapper(
                &format!("{plain}\n{conditional}\n{plain}"),
                "background-url=\"https://a.example/c.png\"",
            ),
            wrapper(
                &format!("{plain}{conditional}{conditional}"),
                "full-width=\"full-width\" css-class=\"c\"",
            ),
            format!("{{% if x %}}{}{{% endif %}}", wrapper(plain, "")),
            "<mj-section><mj-column>{% if x %}<mj-text>pro</mj-text>{% endif %}<mj-text>a</mj-text></mj-column></mj-section>".to_owned(),
            "<mj-hero>{% if x %}<mj-text>pro</mj-text>{% endif %}<mj-text>a</mj-text></mj-hero>".to_owned(),
        ] {
            let html = html(&body(&mjml));
            for outlook in [true, false] {
                for taken in [true, false] {
                    let seen = seen_by(&html, outlook, taken);
                    assert_balanced(&seen);
                    assert_eq!(seen.contains("pro"), taken && html.contains("pro"), "{seen}");
                    assert!(!seen.contains("[if") && !seen.contains("{%"), "{seen}");
                }
            }
        }
    }

    #[test]
    fn may_be_written_inside_a_comment() {
        let mjml = body("<!-- {% if x %} --><mj-section></mj-section><!--{% endif %}-->");
        let html = html(&mjml);
        assert!(
            html.contains("{% if x %}") && !html.contains("<!-- {%") && html.contains("{% endif %}"),
            "{html}"
        );
    }

    #[test]
    fn are_comments_between_tags_and_bare_in_attributes() {
        let mut files = Files::default();
        let mjml = text("{% if x %}<p title=\"{% if y %}a{% endif %}\">b</p>{% else %}c{% endif %}");
        let html = files.compile(&mjml).unwrap().text;
        let token = |n| files.tags.token(n);
        let wanted = format!(
            "<!--{}--><p title=\"{}a{}\">b</p><!--{}-->c<!--{}-->",
            token(0),
            token(1),
            token(2),
            token(3),
            token(4)
        );
        assert!(html.contains(&wanted), "{html}");
    }

    #[test]
    fn in_the_wrong_place_say_what_to_do() {
        for (mjml, wanted) in [
            (
                body("<mj-section>{% if x %}<mj-column></mj-column>{% endif %}</mj-section>"),
                "mjml/l.mjml:1:28: `{% if x %}` stands around a column: a column more or less changes the width of the others (put the condition around the whole `<mj-section>`, once for each case, or inside an `<mj-column>`)",
            ),
            (
                "<mjml><mj-head>{% if x %}{% endif %}</mj-head><mj-body></mj-body></mjml>".to_owned(),
                "mjml/l.mjml:1:16: `{% if x %}` stands in `<mj-head>`, which is read once per issue (a merge tag decides once per subscriber: put it into the body)",
            ),
            (
                column("<mj-text>{% if x %}a</mj-text><mj-text>b{% endif %}</mj-text>"),
                "mjml/l.mjml:1:48: `{% if x %}` is not closed in `<mj-text>`, where it began (put its `{% endif %}` into the same element, or both around the whole of it)",
            ),
            (
                text("<b>{% if x %}</b>a{% endif %}"),
                "mjml/l.mjml:1:51: `{% if x %}` is not closed in `<b>`, where it began (put its `{% endif %}` into the same element, or both around the whole of it)",
            ),
            (
                text("<a href=\"{% else %}\">a</a>"),
                "mjml/l.mjml:1:57: `{% else %}` has no `{% if … %}` in the attribute `href` (a condition begins and ends in the same element)",
            ),
            (
                body("{{ name }}"),
                "mjml/l.mjml:1:16: `{{ name }}` stands directly in `<mj-body>`, where no text can stand (put it into an `<mj-text>`)",
            ),
            (
                text("<table>{{ name }}<tr><td>a</td></tr></table>"),
                "mjml/l.mjml:1:55: `{{ name }}` stands directly in `<table>`, where no text can stand (put it into an `<mj-text>`)",
            ),
        ] {
            assert_eq!(findings(&mjml)[0], wanted);
        }
    }
}

mod merge_tags {
    use super::*;

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
            findings(&column("<mj-button href=\"https://a.example\" title=\"{{ name }}\">x</mj-button>"))[0],
            "mjml/l.mjml:1:82: `{{ name }}` got lost: attribute `title` of `<mj-button>` is not part of the HTML (put it where text is shown, or into an attribute that has an effect)"
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
                "<mjml><mj-head><mj-style>.{{ a }} {}</mj-style></mj-head><mj-body></mj-body></mjml>"
                    .to_owned(),
                "a merge tag cannot stand in a style sheet",
            ),
            (
                body("<mj-include path=\"{{ a }}.mjml\" />"),
                "a merge tag cannot decide which file is included",
            ),
        ] {
            let said = findings(&mjml);
            assert!(said.iter().any(|finding| finding.contains(wanted)), "{mjml}: {said:?}");
        }
    }
}

mod mistakes {
    use super::*;

    #[test]
    fn each_says_where_and_what_to_do() {
        for (mjml, wanted) in [
            (
                body("<mj-sektion></mj-sektion>"),
                "mjml/l.mjml:1:16: there is no MJML element `<mj-sektion>` (did you mean `<mj-section>`?)",
            ),
            (
                body("<mj-text>a</mj-text>"),
                "mjml/l.mjml:1:16: `<mj-text>` cannot stand in `<mj-body>` (it belongs in `<mj-column>` or `<mj-hero>`)",
            ),
            (
                body("<div>a</div>"),
                "mjml/l.mjml:1:16: `<div>` is HTML and cannot stand directly in `<mj-body>` (put it into an `<mj-text>` in an `<mj-column>`, or into an `<mj-raw>`)",
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
                "mjml/l.mjml:1:48: `padding` of `<mj-text>`: `abc` is no length (write one to four lengths such as `10px 25px`)",
            ),
            (
                column("<mj-text mj-class=\"big\">a</mj-text>"),
                "mjml/l.mjml:1:48: there is no `<mj-class name=\"big\">` (define it in `<mj-attributes>`, or remove it; for CSS classes there is `css-class`)",
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
                "mjml/l.mjml:1:49: `</td>` closes nothing: what is open here is `<mj-text>` (line 1) (remove it, or write `</mj-text>`)",
            ),
            (
                column("<mj-text>a\n<mj-button>b</mj-button></mj-text>"),
                "mjml/l.mjml:2:1: `<mj-button>` cannot stand inside `<mj-text>`, which holds HTML (line 1) (close it with `</mj-text>` before this tag)",
            ),
            (
                column("<mj-image src=\"x.png>\n<mj-text css-class=\"a\">b</mj-text>"),
                "mjml/l.mjml:1:49: nothing may follow the closing quote of this attribute's value but a space or `>` (look for a missing `\"` here or in the line before; write `&quot;` for a quote inside a value)",
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
}

mod includes {
    use super::*;

    #[test]
    fn a_whole_file_gives_its_head_and_its_sections() {
        let part = "<mjml><mj-head><mj-title>T</mj-title><mj-include path=\"x.css\" type=\"css\" css-inline=\"inline\" /></mj-head>\
                    <mj-body><mj-section><mj-column><mj-include path=\"../b/text\" /></mj-column></mj-section></mj-body></mjml>";
        let mut files = Files::default()
            .with("mjml/parts/a.mjml", part)
            .with("mjml/parts/x.css", ".x { color: red }")
            .with("mjml/b/text.mjml", "<mj-text><b class=\"x\">{{ name }}</b></mj-text>")
            .with("mjml/b/raw.html", "<i>raw<br></i>");
        let html = files.html(&body(
            "<mj-include path=\"./parts/a\" /><mj-include path=\"b/raw.html\" type=\"html\" /><mj-include path=\"parts/a.mjml\" />",
        ));
        assert!(html.contains("<title>T</title>"));
        assert_eq!(html.matches("<b class=\"x\" style=\"color: red;\">{{ name }}</b>").count(), 2, "{html}");
        assert!(html.contains("<i>raw<br></i>"), "{html}");
    }

    #[test]
    fn what_cannot_be_included_says_why() {
        let mut files = Files::default()
            .with("mjml/a.mjml", "<mj-include path=\"b.mjml\" />")
            .with("mjml/b.mjml", "\n<mj-include path=\"a.mjml\" />")
            .with("mjml/broken.mjml", "<mj-section>\n</mj-column>")
            .with("mjml/tag.mjml", "\n{{ x");
        for (include, wanted) in [
            (
                "path=\"a\"",
                "mjml/b.mjml:2:1: `mjml/a.mjml` includes itself: mjml/l.mjml → mjml/a.mjml → mjml/b.mjml → mjml/a.mjml (remove one of these includes)",
            ),
            (
                "path=\"l.mjml\"",
                "mjml/l.mjml:1:16: `mjml/l.mjml` includes itself: mjml/l.mjml → mjml/l.mjml (remove one of these includes)",
            ),
            (
                "path=\"../../x\"",
                "mjml/l.mjml:1:16: `../../x` lies outside of /p (includes stay inside the project)",
            ),
            (
                "path=\"/etc/passwd\"",
                "mjml/l.mjml:1:16: `/etc/passwd` lies outside of /p (includes stay inside the project)",
            ),
            (
                "path=\"https://a.example/x\"",
                "mjml/l.mjml:1:16: `https://a.example/x` is an address (includes are files of this project)",
            ),
            ("path=\"none\"", "mjml/l.mjml:1:16: `mjml/none.mjml`: cannot be read: entity not found"),
            (
                "path=\"broken\"",
                "mjml/broken.mjml:2:1: `</mj-column>` closes nothing: what is open here is `<mj-section>` (line 1) (remove it, or write `</mj-section>`)",
            ),
            (
                "path=\"tag\"",
                "mjml/tag.mjml:2:1: this `{{` has no `}}` (close the merge tag with `}}` on the same line or soon after)",
            ),
            (
                "path=\"x\" type=\"cs\"",
                "mjml/l.mjml:1:16: `cs` is no type of include (did you mean `type=\"css\"`?)",
            ),
            ("", "mjml/l.mjml:1:16: this `<mj-include>` names no file (write `path=\"…\"`)"),
        ] {
            assert_eq!(files.findings(&body(&format!("<mj-include {include} />")))[0], wanted);
        }
    }

    #[test]
    fn a_bomb_of_includes_is_refused() {
        let mut files = Files::default();
        for level in 0..10 {
            let include = format!("<mj-include path=\"f{}\" />", level + 1);
            files = files.with(&format!("mjml/f{level}.mjml"), &include.repeat(3));
        }
        files = files.with("mjml/f10.mjml", "<mj-section />");
        let said = files.findings(&body("<mj-include path=\"f0\" />"));
        assert!(said[0].contains("more than 200 includes"), "{said:?}");
    }
}

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
                    prop_assert!(findings.iter().any(crate::finding::Finding::is_error));
                    prop_assert!(!findings.iter().any(|f| f.code == "mjml-renderer"), "{findings:?}\n{text}");
                }
            }
        }
    }
}
