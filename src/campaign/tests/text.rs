//! The text part, as a person reads it.

use super::super::{Frame, UrlPlace, add_utm, text};
use super::*;

fn frame() -> Frame {
    Frame {
        masthead: vec!["Tech Manager Weekly".into(), "No. 450 · 27 October 2025".into()],
        list_name: "Tech Manager Weekly".into(),
        address: "1 Example Street\nLondon".into(),
        unsubscribe_url: "https://x.example/u".into(),
        view_url: Some("https://x.example/450".into()),
    }
}

/// The text of the issue alone, with merge tags as written.
fn body(body: &str) -> String {
    let (campaign, tags) = with_body(body);
    let text = tags.restore(&text(&campaign, &Frame::default(), &tags).text);
    text.split(&"-".repeat(72)).next().unwrap().to_owned()
}

/// What a subscriber reads for whom no condition holds.
fn without_branches(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{% if") {
        out.push_str(before);
        rest = after.split_once("{% endif %}").unwrap().1;
    }
    out + rest
}

#[test]
fn the_sample_reads_well() {
    let (campaign, tags) = try_parse(SAMPLE).unwrap();
    insta::assert_snapshot!(tags.restore(&text(&campaign, &frame(), &tags).text), @r#"
    Tech Manager Weekly
    ===================
    No. 450 · 27 October 2025

    Thanks to Acme (https://acme.example/?a=1&b=2) for supporting this
    week's issue …

    * * *

    Hello {{ first_name }}, it's Monday!

    OKRs as metrics?
    ================

    This week the community …

    [Sponsored]

    [Picture: Survey: mind the gap]

    Mind the gap
    ------------

    Last chance …

    Take the survey: https://example.com/survey

    Dates for your diary
    ====================

    - Deep dives · 3 March · London
      An afternoon of …

    - The finance edition (https://example.com/finance) · 9 May

    Culture, people & teams
    =======================

    - Two things can be true (https://example.com/two)
      Why leaders hold both. She said "no".

    - The bowling alley (https://example.com/alley) · HBR

    ------------------------------------------------------------------------
    Tech Manager Weekly
    1 Example Street
    London
    Unsubscribe: https://x.example/u
    View in browser: https://x.example/450
    "#);
}

#[test]
fn every_kind_of_markdown_has_its_text() {
    insta::assert_snapshot!(body(concat!(
        "# Big *title*\n\n### Small\n\nSome _emphasis_, **weight**, ~~no~~, `code` and [a link](https://a.example), ",
        "<https://b.example/x>, www.c.example, me@d.example, [mail](mailto:e@f.example?subject=x), [top](#top).  \nNew line.\n\n",
        "> Quoted text that is long enough to be wrapped onto a second line of the quotation.\n>\n> > Deeper\n\n",
        "9. Nine\n10. Ten is an item whose text goes on and on until it has to be wrapped somewhere\n    - inner\n\n    second paragraph\n\n",
        "- **Lead-in.** And text.\n- **Another.** More.\n\n",
        "Code:\n\n    indented code\n\n      more\n\n| Head | B |\n|---|---|\n| one | two |\n| three | |\n\n---\n\n",
        "![A chart](chart.png) [![Logo](l.png)](https://l.example)\n\n",
        "<div>Raw <b>HTML</b> &amp; <a href=\"https://r.example\">link</a><br>end</div>\n",
    )), @r#"
    Big _title_
    ===========

    Small
    -----

    Some _emphasis_, *weight*, ~no~, `code` and a link (https://a.example),
    https://b.example/x, http://www.c.example, me@d.example, mail
    (e@f.example), top.
    New line.

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

    Head | B
    --------
    one | two
    three |

    * * *

    [Picture: A chart] [Picture: Logo] (https://l.example)

    Raw HTML & link (https://r.example)
    end
    "#);
}

#[test]
fn buttons_labels_entries_and_separators() {
    insta::assert_snapshot!(body(concat!(
        "::: promo label=\"Sponsored\"\nText\n\n**[Take the survey](https://a.example/s)**\n:::\n\nProse after it.\n\n",
        "::: divider\n:::\n\nMore prose.\n\n::: events Dates\n- **Dinner** · 3 March · London\n- [Talk](https://b.example) · 9 May\n:::\n",
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
    - Talk (https://b.example) · 9 May
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
        "Before\n\n{% if a %}\nHidden\n\nparagraphs\n{% endif %}\n\nBetween\n\n",
        "::: promo if='b' Hidden\nblock\n:::\n\n- one\n{% if c %}\n- hidden\n{% endif %}\n- two\n\n> {% if d %}\n> hidden\n> {% endif %}\n> quoted\n",
    );
    let all = body(source);
    assert!(all.contains("{% if a %}Hidden\n\nparagraphs\n\n{% endif %}Between\n"), "{all}");
    assert!(all.contains("{% if b %}Hidden\n======\n\nblock\n\n* * *\n\n{% endif %}- one\n"), "{all}");
    assert_eq!(without_branches(&all), "Before\n\nBetween\n\n- one\n\n- two\n\n> quoted\n\n");
}

#[test]
fn merge_tags_in_addresses_are_told_from_those_in_text() {
    let (campaign, tags) = with_body(
        "{{ t0 }} [x]({{ u1 }}/{{ i2 }}) https://a.example/?q={{ i3 }}\n\n**[{{ t4 }}]({{ u5 }})** \n\n[m](mailto:{{ t6 }})\n\n`https://x/{{ t7 }}`\n",
    );
    let mut tags = tags;
    let unsubscribe = tags.add(crate::tags::Tag { source: "u8".into(), ..tags.get(1).clone() });
    let frame = Frame { unsubscribe_url: unsubscribe, ..frame() };
    let part = text(&campaign, &frame, &tags);
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
    assert!(tags.restore(&part.text).contains("\nUnsubscribe: {{ u8 }}\n"));
}

#[test]
fn a_bare_address_is_written_once_even_with_utm() {
    let (mut campaign, tags) = with_body("https://a.example and www.b.example\n");
    add_utm(&mut campaign, &[("source".to_owned(), "x".to_owned())].into(), &tags);
    let text = text(&campaign, &Frame::default(), &tags).text;
    assert!(text.starts_with(
        "https://a.example?utm_source=x&utm_campaign=tmw-450 and\nhttp://www.b.example?utm_source=x&utm_campaign=tmw-450\n"
    ), "{text}");
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
