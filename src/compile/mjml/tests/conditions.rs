//! Conditions: where they may stand, and that either branch leaves the HTML in balance.

use crate::compile::mjml::{
    html_rules::is_void,
    lexer::{Lexer, Token},
    testing::{Files, body, column, findings, html, text},
};

/// HTML as Outlook reads it (`true`) or as everybody else does, the branch taken or not.
pub(super) fn seen_by(html: &str, outlook: bool, taken: bool) -> String {
    let mut html = html[html.find("<body").unwrap()..].to_owned();
    while let Some(start) = html.find("{% if x %}") {
        let end = html.find("{% endif %}").unwrap();
        let branch = if taken { html[start + 10..end].to_owned() } else { String::new() };
        html.replace_range(start..end + 11, &branch);
    }
    if outlook {
        while let Some(start) = html.find("<!--[if !mso") {
            let end = "<!--<![endif]-->";
            let to = start + html[start..].find(end).unwrap() + end.len();
            html.replace_range(start..to, "");
        }
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
pub(super) fn assert_balanced(html: &str) {
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
    let wrapper = |inner: &str, attributes: &str| format!("<mj-wrapper {attributes}>{inner}</mj-wrapper>");
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
            "mjml/l.mjml:1:55: `{{ name }}` stands directly in `<table>`, where no text can stand (put it into a `<td>`)",
        ),
    ] {
        assert_eq!(findings(&mjml)[0], wanted);
    }
}
