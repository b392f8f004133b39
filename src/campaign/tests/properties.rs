//! What holds for whatever is written.

use proptest::prelude::*;

use super::super::{Essentials, Html, PLACE, TextPiece, fields, text};
use super::*;
use crate::campaign::raw::{Piece, pieces};

/// Markdown that means something, with a number in every word, so that each can be looked for.
fn markdown() -> impl Strategy<Value = String> {
    let inline = prop_oneof![
        Just("W"),
        Just("*W W*"),
        Just("**W**"),
        Just("~~W~~"),
        Just("`W`"),
        Just("[W W](https://a.example/x)"),
        Just("**[W](https://a.example)**"),
        Just("![W](p.png)"),
        Just("{{ a }}"),
        Just("{% if a %}W{% endif %}"),
        Just("W · W"),
        Just("<b>W</b>"),
        Just("W & W < W > \"W\""),
        Just("漢字W"),
        Just("W  \nW"),
        Just("W\nW"),
    ];
    let line = prop::collection::vec(inline, 1..6).prop_map(|parts| parts.join(" "));
    let shape = prop_oneof![
        Just("L"),
        Just("## L"),
        Just("- L\n- L"),
        Just("- L\n\n- L\n  - L"),
        Just("1. L\n2. L"),
        Just("> L\n>\n> - L"),
        Just("| W | W |\n|---|---|\n| W | W |"),
        Just("```\nW\nW\n```"),
        Just("---"),
        Just("<div>\n<p>W {{ a }} W</p>W\n</div>"),
        Just("{% if a %}\nL\n{% endif %}"),
        Just("{% if a %}\n- L\n{% endif %}"),
        Just("::: promo W W\n![W](p.png)\n### L\nL\n:::"),
        Just("::: links if='a' W\n- [W](https://a.example) · W\n  L\n- **W** L\n:::"),
        Just("::: divider\n:::"),
    ];
    let part = (shape, prop::collection::vec(line, 6)).prop_map(|(shape, lines)| {
        let mut lines = lines.into_iter();
        shape.chars().fold(String::new(), |out, c| {
            let indent = if out.rsplit('\n').next() == Some("> ") { "> " } else { "" };
            match c {
                'L' => out + &lines.next().unwrap().replace('\n', &format!("\n{indent}")),
                c => out + &c.to_string(),
            }
        })
    });
    prop::collection::vec(part, 1..8).prop_map(|parts| {
        let mut number = 0;
        parts.join("\n\n").chars().fold(String::new(), |out, c| {
            number += usize::from(c == 'W');
            if c == 'W' { format!("{out}word{number}w") } else { out + &c.to_string() }
        })
    })
}

/// Every word of a source.
fn words_of(source: &str) -> Vec<&str> {
    source.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("word")).collect()
}

/// What is wrong with the nesting of `html`, if anything.
fn unbalanced(html: &str) -> Option<String> {
    let mut open: Vec<String> = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) if tag.raw.ends_with("/>") => {}
            Piece::Tag(tag) if tag.closing => {
                if open.pop().as_ref() != Some(&tag.name) {
                    return Some(format!("</{}>", tag.name));
                }
            }
            Piece::Tag(tag) => open.push(tag.name),
            Piece::Text(text) if text.contains('<') => return Some(text.to_owned()),
            Piece::Text(_) | Piece::Comment { .. } => {}
            Piece::Broken(raw) => return Some(raw.to_owned()),
        }
    }
    open.pop()
}

/// HTML without the places of its raw tags.
fn without_places(html: &str) -> String {
    let parts = html.split(PLACE[0]);
    parts.map(|part| part.split_once(PLACE[1]).map_or(part, |(_, html)| html)).collect()
}

fn drawn(campaign: &Campaign, named: &[&str]) -> String {
    let named = named.iter().map(ToString::to_string).collect();
    campaign.blocks.iter().fold(String::new(), |mut out, block| {
        let fields = fields(block, &named);
        let Html(body) = &fields.body;
        let body = without_places(body);
        assert_eq!(unbalanced(&body), None, "{body}");
        out.push_str(&serde_json::to_string(&fields).unwrap());
        out
    })
}

/// The text part with its tags as tokens.
fn written(campaign: &Campaign, tags: &TagTable) -> String {
    let pieces = text(campaign, None, &Essentials::default(), tags).pieces;
    pieces.iter().fold(String::new(), |out, piece| match piece {
        TextPiece::Literal(text) => out + text,
        TextPiece::Tag(index) => out + &tags.token(*index),
        TextPiece::Paragraph(_) | TextPiece::End => out,
    })
}

/// Without white space, without what stands before quoted lines, and without marks.
fn squeezed(text: &str) -> String {
    let line = |line: &str| {
        line.trim_start_matches([' ', '>'])
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect::<String>()
    };
    text.lines().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_word_vanishes(source in markdown()) {
        let (campaign, tags) = with_body(&source);
        let part = written(&campaign, &tags);
        let bare = drawn(&campaign, &[]);
        let full = drawn(&campaign, &["title", "image", "button", "items"]);
        for word in words_of(&source) {
            prop_assert!(part.contains(word), "{word} is not in the text\n{source}\n---\n{part}");
            prop_assert!(bare.contains(word), "{word} is not in the body\n{source}\n---\n{bare}");
            prop_assert!(full.contains(word), "{word} is not in the fields\n{source}\n---\n{full}");
        }
    }

    #[test]
    fn the_text_says_whatever_the_html_says(source in markdown()) {
        let (campaign, tags) = with_body(&source);
        let text = squeezed(&written(&campaign, &tags));
        for block in &campaign.blocks {
            let title = block.title.as_deref().map(crate::campaign::inline_html).unwrap_or_default();
            let html = title + &crate::campaign::html(&block.body);
            let shown = scraper::Html::parse_fragment(&html);
            let words = shown.root_element().text().flat_map(str::split_whitespace).collect::<Vec<_>>();
            let everything = scraper::Selector::parse("[href], [alt]").unwrap();
            let attributes = shown.select(&everything).flat_map(|element| {
                ["href", "alt"].into_iter().filter_map(move |name| element.value().attr(name))
            });
            for said in words.into_iter().chain(attributes).filter(|said| said.contains(char::is_alphanumeric)) {
                prop_assert!(text.contains(&squeezed(said)), "{said} is not in the text\n{source}\n---\n{text}");
            }
        }
    }

    #[test]
    fn nothing_written_makes_it_panic(source in "([ -~]|[\n:>`*_#|\\-\\[\\](){}%<!/]|\\{\\{ a \\}\\}|\\{% if a %\\}|::: p\n|é|漢|\u{fe0f}|\t){0,120}") {
        if let Ok((campaign, tags)) = try_parse(&format!("+++\nsubject = 's'\n+++\n{source}")) {
            let _ = written(&campaign, &tags);
            let _ = super::super::words(&campaign);
        }
        let _ = try_parse(&format!("+++\n{source}\n+++\ntext"));
        let _ = try_parse(&source);
    }

    #[test]
    fn what_is_parsed_without_raw_html_is_well_formed(source in "([a-z ]|[\n:>`*_#|\\-\\[\\]()!&\"'~.]|\\{\\{ a \\}\\}|https://a\\.example|1\\. |\n\n|    ){0,120}") {
        if let Ok((campaign, _)) = try_parse(&format!("+++\nsubject = 's'\n+++\n{source}")) {
            drawn(&campaign, &["title", "image", "button", "items"]);
        }
    }
}
