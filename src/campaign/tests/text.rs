//! The text part, as a person reads it.

use super::super::{Essentials, Marks, Page, TextPart, TextPiece, UrlPlace, add_utm, fill, text};
use super::*;
use crate::tags::TagKind;

/// What a reader gets for whom conditions hold or not, and for whom each tag prints `value` (or itself).
fn merged(part: &TextPart, tags: &TagTable, holds: bool, value: Option<&str>) -> String {
    let mut out = String::new();
    let mut paragraph: Option<(&crate::campaign::Shape, String)> = None;
    let mut open = 0_usize;
    for piece in &part.pieces {
        let hidden = open > 0 && !holds;
        match piece {
            TextPiece::Paragraph(shape) if !hidden => paragraph = Some((shape, String::new())),
            TextPiece::End => {
                if let Some((shape, marked)) = paragraph.take() {
                    out.extend(fill(&marked, shape).iter().flat_map(|line| [line, "\n"]));
                }
            }
            TextPiece::Tag(index) if tags.get(*index).kind == TagKind::Statement => {
                let ends = tags.get(*index).source == "endif";
                open = if ends { open - 1 } else { open + 1 };
            }
            _ if hidden => {}
            TextPiece::Paragraph(_) => {}
            TextPiece::Literal(_) | TextPiece::Tag(_) => {
                let written = match piece {
                    TextPiece::Literal(text) => text.clone(),
                    TextPiece::Tag(index) => value.map_or_else(|| tags.get(*index).written(), str::to_owned),
                    _ => String::new(),
                };
                match &mut paragraph {
                    Some((_, marked)) => marked.push_str(&written),
                    None => out.push_str(&written),
                }
            }
        }
    }
    out
}

/// The text of the issue alone, with merge tags as written and all conditions true.
fn body(body: &str) -> String {
    body_for(body, true)
}

fn body_for(body: &str, holds: bool) -> String {
    let (campaign, tags) = with_body(body);
    merged(&text(&campaign, None, &Essentials::default(), &tags), &tags, holds, None)
}

/// The text of the sample's blocks in a page of this layout, whose `BLOCKS` stands for all of them.
fn on_page(body: &str, layout: &str, draw: impl Fn(usize, &crate::campaign::Block) -> String) -> String {
    let (campaign, tags) = with_body(body);
    let marks = Marks::new(&tags);
    let drawn = campaign.blocks.iter().enumerate().map(|(index, block)| {
        format!("{}{}{}", marks.before(index), draw(index, block), marks.behind(index))
    });
    let html = layout.replace("BLOCKS", &drawn.collect::<String>());
    let page = Page::read(&html, &marks, &tags);
    let essentials = Essentials {
        list_name: "The Weekly".into(),
        address: "1 Example Street\nLondon".into(),
        unsubscribe_url: "https://x.example/u".into(),
    };
    merged(&text(&campaign, Some(&page), &essentials, &tags), &tags, true, None)
}

/// A page that says nothing but its blocks.
fn draw_body(_: usize, block: &crate::campaign::Block) -> String {
    let title = block.title.as_deref().map(crate::campaign::inline_html).unwrap_or_default();
    format!("<h2>{title}</h2>{}", crate::campaign::html(&block.body))
}

#[test]
fn the_sample_reads_well() {
    let (campaign, tags) = try_parse(SAMPLE).unwrap();
    let essentials = Essentials {
        list_name: "Tech Manager Weekly".into(),
        address: "1 Example Street\nLondon".into(),
        unsubscribe_url: "https://x.example/u".into(),
    };
    let part = text(&campaign, None, &essentials, &tags);
    insta::assert_snapshot!(merged(&part, &tags, true, None), @r#"
    Thanks to Acme [1] for supporting this week's issue …
    [1] https://acme.example/?a=1&b=2

    * * *

    Hello {{ first_name }}, it's Monday!

    OKRs as metrics?
    ================

    This week the community …

    [Sponsored]

    [Survey: mind the gap]

    Mind the gap
    ------------

    Last chance …

    Take the survey: https://example.com/survey

    Dates for your diary
    ====================

    - Deep dives · 3 March · London
      An afternoon of …

    - The finance edition · 9 May
      https://example.com/finance

    Culture, people & teams
    =======================

    - Two things can be true
      https://example.com/two
      Why leaders hold both. She said "no".

    - The bowling alley · HBR
      https://example.com/alley

    ------------------------------------------------------------------------
    Tech Manager Weekly
    1 Example Street
    London
    Unsubscribe: https://x.example/u
    "#);
}

#[test]
fn every_kind_of_markdown_has_its_text() {
    insta::assert_snapshot!(body(concat!(
        "# Big *title*\n\n### Small [with a link](https://h.example)\n\nSome _emphasis_, **weight**, ~~no~~, `code` and [a link](https://a.example), ",
        "<https://b.example/x>, www.c.example, me@d.example, [mail](mailto:e@f.example?subject=x), [post](mailto:g@h.example), [top](#top).  \nNew line.\n\n",
        "> Quoted text that is long enough to be wrapped onto a second line of the quotation.\n>\n> > Deeper\n\n",
        "9. Nine\n10. Ten is an item whose text goes on and on until it has to be wrapped somewhere\n    - inner\n\n    second paragraph\n\n",
        "- **Lead-in.** And text.\n- **Another.** More.\n\n",
        "Code:\n\n    indented code\n\n      more\n\n| Head | B |\n|---|--:|\n| one | two |\n| three | |\n\n---\n\n",
        "![A chart](chart.png)\n\n![](p.png) [![Logo](l.png)](https://l.example) and [![](m.png)](https://m.example)\n\n",
        "<div>Raw <b>HTML</b> &amp; <a href=\"https://r.example?a=1&amp;b=2\">link</a><br>end<ul><li>one<li>two</ul></div>\n\n",
        "Inline <a href='https://i.example'>raw <i>link</i></a> &eacute;<br>break.\n",
    )), @r#"
    Big _title_
    ===========

    Small with a link
    -----------------
    https://h.example

    Some _emphasis_, *weight*, ~no~, `code` and a link [1],
    https://b.example/x, http://www.c.example, me@d.example, mail [2], post
    <g@h.example>, top.
    New line.
    [1] https://a.example
    [2] mailto:e@f.example?subject=x

    > Quoted text that is long enough to be wrapped onto a second line of
    > the quotation.
    >
    > > Deeper

    9. Nine

    10. Ten is an item whose text goes on and on until it has to be wrapped
        somewhere

        - inner

        second paragraph

    - *Lead-in.* And text.
    - *Another.* More.

    Code:

        indented code

          more

    Head     B
    -----  ---
    one    two
    three

    * * *

    [A chart]

    [Logo] [1] and https://m.example
    [1] https://l.example

    Raw *HTML* & link [1]
    end
    [1] https://r.example?a=1&b=2

    - one
    - two

    Inline raw _link_ [1] é
    break.
    [1] https://i.example
    "#);
}

#[test]
fn buttons_labels_entries_and_separators() {
    insta::assert_snapshot!(body(concat!(
        "::: promo label=\"Sponsored\"\nText\n\n**[Take the survey](https://a.example/s)**\n:::\n\nProse after it.\n\n",
        "::: divider\n:::\n\nMore prose.\n\n::: events Dates\n- **Dinner** · 3 March · London\n- [Talk](https://b.example) · 9 May\n:::\n",
        "::: links Short\n- **One**\n- **Two** · x\n:::\n",
    )), @r#"
    [Sponsored]

    Text

    Take the survey: https://a.example/s

    * * *

    Prose after it.

    * * *

    More prose.

    Dates
    =====

    - Dinner · 3 March · London

    - Talk · 9 May
      https://b.example

    Short
    =====

    - One
    - Two · x
    "#);
}

#[test]
fn a_table_too_wide_for_its_columns_is_told_row_by_row() {
    let long = "a cell with many words in it ".repeat(3);
    insta::assert_snapshot!(
        body(&format!("| Head | Other |\n|---|---|\n| {long} | b |\n| {{{{ x }}}} | |\n")), @r#"
    Head: a cell with many words in it a cell with many words in it a cell
      with many words in it
    Other: b

    Head: {{ x }}
    "#);
}

#[test]
fn wide_scripts_wrap_by_columns_and_not_before_their_full_stop() {
    let text = body(
        "## 今週の話題\n\n今日は、とても天気が良いので、みんなで公園へ散歩に行きました。そのあとで、お茶を飲みながら、来週の計画について話し合いました。\n",
    );
    insta::assert_snapshot!(text, @r#"
    今週の話題
    ==========

    今日は、とても天気が良いので、みんなで公園へ散歩に行きました。そのあと
    で、お茶を飲みながら、来週の計画について話し合いました。
    "#);
}

#[test]
fn a_branch_not_taken_leaves_no_hole() {
    let source = concat!(
        "Before\n\n{% if a %}\nHidden\n\nparagraphs\n{% endif %}\n\nBetween{% if b %} or [here](https://h.example){% endif %}.\n\n",
        "::: promo if='b' Hidden\nblock\n:::\n\n- one\n{% if c %}\n- hidden\n{% endif %}\n- two\n\n> {% if d %}\n> hidden\n> {% endif %}\n> quoted\n\n",
        "**{% if a %}bold{% endif %}** end ![{% if a %}alt{% endif %}](p.png)\n",
    );
    let all = body(source);
    assert!(all.contains("Hidden\n\nparagraphs\n\nBetween or here [1].\n[1] https://h.example\n"), "{all}");
    assert!(all.contains("Hidden\n======\n\nblock\n\n* * *\n\n- one\n"), "{all}");
    assert!(all.ends_with("*bold* end [alt]\n\n"), "{all}");
    assert_eq!(body_for(source, false), "Before\n\nBetween.\n\n- one\n- two\n\n> quoted\n\nend\n\n");
}

#[test]
fn lines_fit_whatever_a_tag_prints() {
    let source = "Hello {{ first_name }}, and welcome to a paragraph that is long enough to be wrapped twice, at the least.\n\n- Item for {{ first_name }} which goes on a bit\n\n## For {{ first_name }}\n";
    let (campaign, tags) = with_body(source);
    let part = text(&campaign, None, &Essentials::default(), &tags);
    for name in
        ["Al", "Wolfeschlegelsteinhausenbergerdorff Welchevoralternwarengewissenhaft", &"x".repeat(200)]
    {
        let merged = merged(&part, &tags, true, Some(name));
        assert!(merged.lines().all(|line| line.len() <= 72), "{merged}");
        assert!(name.len() > 2 || merged.ends_with("For Al\n======\n\n"), "{merged}");
    }
    insta::assert_snapshot!(merged(&part, &tags, true, Some("Long name Long name Long name Long name Long name Long name")), @r#"
    Hello Long name Long name Long name Long name Long name Long name, and
    welcome to a paragraph that is long enough to be wrapped twice, at the
    least.

    - Item for Long name Long name Long name Long name Long name Long name
      which goes on a bit

    For Long name Long name Long name Long name Long name Long name
    ===============================================================
    "#);
}

#[test]
fn merge_tags_in_addresses_are_told_from_those_in_text() {
    let (campaign, tags) = with_body(
        "{{ t0 }} [x]({{ u1 }}/{{ i2 }}) https://a.example/?q={{ i3 }}\n\n**[{{ t4 }}]({{ u5 }})** \n\n[m](mailto:{{ t6 }})\n\n`https://x/{{ t7 }}`\n",
    );
    let mut tags = tags;
    let unsubscribe = tags.add(crate::tags::Tag { source: "u8".into(), ..tags.get(1).clone() });
    let essentials = Essentials { unsubscribe_url: unsubscribe, ..Essentials::default() };
    let part = text(&campaign, None, &essentials, &tags);
    let found: Vec<_> =
        part.urls.iter().map(|(index, place)| (tags.get(*index).source.as_str(), *place)).collect();
    assert_eq!(
        found,
        [
            ("u1", UrlPlace::Start),
            ("i2", UrlPlace::Inside),
            ("i3", UrlPlace::Inside),
            ("u5", UrlPlace::Start),
            ("u8", UrlPlace::Start)
        ]
    );
    assert!(merged(&part, &tags, true, None).contains("\nUnsubscribe: {{ u8 }}\n"));
}

#[test]
fn a_bare_address_is_written_once_even_with_utm() {
    let (mut campaign, tags) = with_body("https://a.example and www.b.example\n");
    add_utm(&mut campaign, &[("source".to_owned(), "x".to_owned())].into(), &tags);
    let text = merged(&text(&campaign, None, &Essentials::default(), &tags), &tags, true, None);
    assert_eq!(
        text,
        "https://a.example?utm_source=x&utm_campaign=tmw-450 and\nhttp://www.b.example?utm_source=x&utm_campaign=tmw-450\n\n"
    );
}

#[test]
fn what_the_layout_says_around_the_blocks_is_said_in_its_own_words() {
    let layout = concat!(
        "<html><head><title>No</title><style>No</style></head><body><div style=\"display: none\">No</div>",
        "<!--[if mso]>No<![endif]--><table><tr><td><h1>Wochenblatt</h1></td></tr><tr><td>Ausgabe&nbsp;9</td></tr></table>",
        "BLOCKS<div>&#8202;</div><p>Sie <b>erhalten</b> dies,<br />weil Sie&#8230;</p>",
        "<p><a href=\"{{ u }}\">Abmelden</a> | <a href=\"https://x.example/9\">Im Browser</a></p></body></html>"
    );
    insta::assert_snapshot!(on_page("Hallo!\n\n::: links Titel\n- [Eins](https://a.example)\n:::\n", layout, draw_body), @r#"
    Wochenblatt
    ===========

    Ausgabe 9

    Hallo!

    Titel
    =====

    - Eins
      https://a.example

    ------------------------------------------------------------------------
    Sie *erhalten* dies,
    weil Sie…

    Abmelden: {{ u }}
    Im Browser: https://x.example/9

    ------------------------------------------------------------------------
    The Weekly
    1 Example Street
    London
    Unsubscribe: https://x.example/u
    "#);
}

#[test]
fn icons_leave_no_trace_where_words_stand_beside_them() {
    let social = |icon: &str, words: &str| {
        format!(
            "<table role=\"presentation\"><tr><td><a href=\"https://s.example/us\">{icon}</a></td><td><a href=\"https://s.example/us\">{words}</a></td></tr></table>"
        )
    };
    let layout = [
        social("<img src=\"s.png\" alt=\"\">", "Mastodon"),
        social("<img src=\"s.png\" alt=\"Post\">", "Post on it"),
        social("Right", "<img src=\"s.png\">"),
        social("<img src=\"s.png\" alt=\"A heron\">", "Follow us"),
        "<a href=\"https://s.example/alone\"><img src=\"s.png\"></a>".to_owned(),
        "<table><tr><td><img src=\"i.png\"></td><td>Title</td></tr></table>".to_owned(),
        "<table><caption>Tides</caption><tr><th></th><th>Day</th><th>High</th></tr><tr><td><img src=\"i.png\"></td><td>Monday</td><td>06.12</td></tr><tr><td></td><td colspan=2>No boats at all.</td></tr></table>"
            .to_owned(),
        "<table><tr><th rowspan=2>Ash</th><td>one</td></tr><tr><td>two</td></tr></table>".to_owned(),
        "<p><del>Tuesday</del> <ins>Wednesday</ins>.</p>".to_owned(),
    ];
    insta::assert_snapshot!(on_page("Hello!\n", &format!("{}BLOCKS", layout.concat()), draw_body), @r#"
    Mastodon: https://s.example/us

    Post on it: https://s.example/us

    Right: https://s.example/us

    [A heron]: https://s.example/us

    Follow us: https://s.example/us

    https://s.example/alone

    Title

    Tides

    Day               High
    ----------------  -----
    Monday            06.12
    No boats at all.

    Ash

    one

    two

    ~Tuesday~ Wednesday.

    Hello!

    ------------------------------------------------------------------------
    The Weekly
    1 Example Street
    London
    Unsubscribe: https://x.example/u
    "#);
}

#[test]
fn a_block_whose_template_says_more_is_read_from_what_is_drawn() {
    let draw = |_: usize, block: &crate::campaign::Block| {
        format!(
            "<table role=\"presentation\"><tr><td aria-hidden=\"true\">No</td><td><p>Question of the week</p>{}</td></tr></table><p>By {}</p><table><tr><td><a href=\"https://q.example\">Answer</a></td></tr></table>",
            crate::campaign::html(&block.body),
            block.attributes["author"]
        )
    };
    insta::assert_snapshot!(
        on_page("::: quiz author=\"Ada\"\nWhat is **dark**?\n\n- One\n- Two\n:::\n", "BLOCKS", draw), @r#"
    Question of the week

    What is *dark*?

    - One
    - Two

    By Ada

    Answer: https://q.example

    ------------------------------------------------------------------------
    The Weekly
    1 Example Street
    London
    Unsubscribe: https://x.example/u
    "#);
}

#[test]
fn reading_time_counts_what_is_read() {
    let minutes = |body: &str| super::super::reading_minutes(&with_body(body).0);
    assert_eq!(minutes("short"), 1);
    assert_eq!(minutes(&"word ".repeat(230)), 1);
    assert_eq!(minutes(&"word ".repeat(231)), 2);
    assert_eq!(minutes(&"字".repeat(920)), 2);
    assert_eq!(
        super::super::words(
            &with_body("::: links A title\n- [one two](https://a.example/three) · four\n:::\n").0
        ),
        5
    );
}
