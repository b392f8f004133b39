use super::super::*;
use super::*;

fn text_of(parsed: &(Campaign, TagTable)) -> String {
    let (campaign, tags) = parsed;
    let frame = Frame {
        masthead: vec!["Tech Manager Weekly".into(), "No. 450 · 27 October 2025".into()],
        list_name: "Tech Manager Weekly".into(),
        address: "1 Example Street, London".into(),
        unsubscribe_url: "https://x.example/u".into(),
        view_url: Some("https://x.example/450".into()),
    };
    tags.restore(&text(campaign, &frame, tags).text)
}

#[test]
fn dump() {
    let parsed = try_parse(SAMPLE).unwrap();
    for b in &parsed.0.blocks {
        println!("{:?} {:?} {}", b.kind, b.attributes, b.place);
        let f = super::super::fields(
            b,
            &["title", "image", "button", "items"].into_iter().map(String::from).collect(),
        );
        println!("{}", serde_json::to_string_pretty(&f).unwrap());
    }
    println!("{}", text_of(&parsed));
    println!("{}", errors("::: promo a: https://x\ntext\n\n::: links\n- a\n:::\n\n[x](y) ![](../z)\n"));
    println!(
        "{}",
        body_html(&with_body(
            "{% if a %}\n- one\n{% if b %}\n- two\n{% endif %}\n- three\n{% else %}\n> quote\n{% endif %}\n\n1. a\n{% if x %}\n2. b\n\n{% endif %}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{% if x %}\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n{% endif %}\n"
        ))
    );
}
