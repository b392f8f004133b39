//! What a template is given, and that what it does not name stays.

use super::super::{Fields, add_utm, fields};
use super::*;

const ALL: [&str; 4] = ["title", "image", "button", "items"];

fn of(body: &str, named: &[&str]) -> Fields {
    let (campaign, _) = with_body(body);
    fields(&campaign.blocks[0], &named.iter().map(ToString::to_string).collect())
}

fn json(body: &str, named: &[&str]) -> serde_json::Value {
    serde_json::to_value(of(body, named)).unwrap()
}

#[test]
fn a_promo_is_taken_apart() {
    let body = "::: promo\n[![Survey](survey.png \"Now\")](https://a.example)\n### Mind *the* gap\nLast & chance\n**[Take it](https://b.example/?a&b)**\n:::\n";
    assert_eq!(
        json(body, &ALL),
        serde_json::json!({
            "title": "Mind <em>the</em> gap",
            "image": {"src": "survey.png", "alt": "Survey", "url": "https://a.example", "title": "Now"},
            "button": {"text": "Take it", "url": "https://b.example/?a&b"},
            "body": "<p>Last &amp; chance</p>\n",
        })
    );
}

#[test]
fn what_is_not_named_stays_in_the_body_in_order() {
    let body = "::: promo Title\n![Survey](survey.png)\n### Mind the gap\nLast chance\n\n- [a](https://a.example)\n\n[**Take it**](https://b.example)\n:::\n";
    assert_eq!(
        of(body, &[]).body.0,
        "<h2>Title</h2>\n<p><img src=\"survey.png\" alt=\"Survey\" /></p>\n<h3>Mind the gap</h3>\n<p>Last chance</p>\n\
         <ul>\n<li><a href=\"https://a.example\">a</a></li>\n</ul>\n\
         <p><a href=\"https://b.example\"><strong>Take it</strong></a></p>\n"
    );
    let titled = of(body, &["title", "button"]);
    assert_eq!(titled.title.unwrap().0, "Title");
    assert_eq!(titled.button.unwrap().text.0, "Take it");
    assert!(titled.body.0.contains("<h3>Mind the gap</h3>") && titled.body.0.contains("<img"));
}

#[test]
fn what_only_looks_like_a_field_is_text() {
    assert!(of("Text first\n\n## Later heading\n", &ALL).title.is_none());
    assert!(of("**[Not last](https://a.example)**\n\nText\n", &ALL).button.is_none());
    assert!(of("**See [this](https://a.example)**\n", &ALL).button.is_none());
    assert!(of("[Plain](https://a.example)\n", &ALL).button.is_none());
    assert!(of("See ![it](p.png) here\n", &ALL).image.is_none());
    assert!(of("- [a](https://a.example)\n- plain\n", &ALL).items.is_none());
}

#[test]
fn items_have_title_meta_and_body() {
    let body = concat!(
        "- [**A**](https://a.example) · HBR · by *X* · \n  Two\n  lines\n",
        "- **[B](https://b.example)** runs on · late\n",
        "- **C** · 3 March · [London](https://l.example)\n\n  Para\n\n  Second\n",
        "- [D·d](https://d.example)\n  - deep\n",
    );
    assert_eq!(
        json(body, &ALL)["items"],
        serde_json::json!([
            {"title": "A", "url": "https://a.example", "meta": ["HBR", "by <em>X</em>"], "body": "Two\nlines"},
            {"title": "B", "url": "https://b.example", "meta": ["late"], "body": "runs on"},
            {"title": "C", "meta": ["3 March", "<a href=\"https://l.example\">London</a>"], "body": "<p>Para</p>\n<p>Second</p>"},
            {"title": "D·d", "url": "https://d.example", "meta": [], "body": "<ul>\n<li>deep</li>\n</ul>"},
        ])
    );
}

#[test]
fn templates_print_html_as_it_is_and_text_escaped() {
    let fields =
        of("::: promo A & B\n![x < y](p.png)\n\n**[Go *now*](https://a.example/?a=1&b=2)**\n:::\n", &ALL);
    let block: std::collections::BTreeMap<_, _> = fields.into_values().collect();
    let mut env = minijinja::Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let out = env
        .render_str(
            "{{ block.title }}|{{ block.image.alt }}|{{ block.button.text }}|{{ block.items is undefined }}|{{ block.body }}",
            minijinja::context! { block },
        )
        .unwrap();
    assert_eq!(out, "A &amp; B|x &lt; y|Go <em>now</em>|True|");
}

#[test]
fn utm_reaches_every_link_and_button() {
    let (mut campaign, tags) = with_body(
        "::: promo [t](https://t.example)\n> - *[a](https://a.example)*\n\n|[h](https://h.example)|\n|-|\n|[c](https://c.example)|\n\n**[b](https://b.example)**\n:::\n",
    );
    add_utm(&mut campaign, &[("source".to_owned(), "tmw".to_owned())].into(), &tags);
    let fields = fields(&campaign.blocks[0], &["title".to_owned(), "button".to_owned()].into());
    let all = serde_json::to_string(&fields).unwrap();
    for host in ["t", "a", "h", "c", "b"] {
        let plain = format!("https://{host}.example?utm_source=tmw&utm_campaign=tmw-450");
        assert!(all.contains(&plain) || all.contains(&plain.replace('&', "&amp;")), "{host}: {all}");
    }
}
