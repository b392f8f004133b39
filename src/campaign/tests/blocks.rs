//! Blocks and Markdown: what is taken for what, and what is refused.

use super::super::{Inline, Node};
use super::*;

fn kinds(body: &str) -> String {
    let (campaign, _) = with_body(body);
    let kinds: Vec<_> =
        campaign.blocks.iter().map(|block| format!("{} {}", block.kind, block.place)).collect();
    kinds.join(", ")
}

#[test]
fn the_sample_is_six_blocks() {
    let (campaign, tags) = try_parse(SAMPLE).unwrap();
    let seen: Vec<String> = campaign
        .blocks
        .iter()
        .map(|block| {
            let title = block.title.as_deref().map(super::super::inline_html);
            format!("{} {:?} {title:?} line {}", block.kind, block.attributes, block.place.line.unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            "sponsor {\"icon\": \"🔌\"} None line 8",
            "prose {} None line 12",
            "promo {\"label\": \"Sponsored\"} None line 18",
            "events {} Some(\"Dates for your diary\") line 25",
            "links {} Some(\"Culture, people &amp; teams\") line 31",
        ]
    );
    assert!(campaign.warnings.is_empty());
    assert_eq!(tags.len(), 2);
}

#[test]
fn an_opening_line_takes_colons_quotes_urls_and_tags() {
    let (campaign, tags) = with_body(
        "::: promo url=\"https://a.example/?x=1&amp;y\" note='say \"hi\" \\n' who=\"{{ company }}\" if='plan == \"pro\"' Why: *now*? a=b\nx\n:::\n",
    );
    let block = &campaign.blocks[0];
    assert_eq!(block.attributes["url"], "https://a.example/?x=1&amp;y");
    assert_eq!(block.attributes["note"], "say \"hi\" \\n");
    assert_eq!(tags.restore(&block.attributes["who"]), "{{ company }}");
    assert_eq!(super::super::inline_html(block.title.as_ref().unwrap()), "Why: <em>now</em>? a=b");
    let condition = block.condition.as_ref().unwrap();
    assert_eq!(
        (condition.text.as_str(), condition.place.to_string()),
        ("plan == \"pro\"", "issue.md:4:89".into())
    );
    assert_eq!(tags.restore(&condition.open), "{% if plan == \"pro\" %}");
    assert_eq!(tags.restore(&condition.close), "{% endif %}");
}

#[test]
fn a_title_is_a_line_of_text_whatever_it_begins_with() {
    for (title, expected) in [
        ("1. Culture", "1. Culture"),
        ("# C #", "# C #"),
        ("- x - y", "- x - y"),
        ("`a`", "<code>a</code>"),
        ("**All** [of it][ref]", "<strong>All</strong> <a href=\"https://r.example\">of it</a>"),
        ("{{ first_name }}'s week", "{{ first_name }}'s week"),
        ("A & B <i>c</i>", "A &amp; B <i>c</i>"),
    ] {
        let (campaign, tags) =
            with_body(&format!("::: links {title}\n:::\n\ntext\n\n[ref]: https://r.example\n"));
        let html = super::super::inline_html(campaign.blocks[0].title.as_ref().unwrap());
        assert_eq!(tags.restore(&html), expected);
    }
    assert_eq!(errors("::: links The [page](page.html)\n:::\n").split(':').nth(2), Some("15"));
}

#[test]
fn blocks_and_prose_alternate() {
    assert_eq!(
        kinds("one\n\n---\ntwo\n::: divider\n:::\n:::links\n- a\n:::\n\n\n::::: promo\nx\n:::::\nend"),
        "prose issue.md:4:1, divider issue.md:8:1, links issue.md:10:1, promo issue.md:15:1, prose issue.md:18:1"
    );
}

#[test]
fn colons_in_code_are_code() {
    let html = body_html(&with_body(
        "::: prose\n```\n::: promo label=\"x:y\"\n:::\n```\n:::\n\n    ::: note a:b\n\n`::: x`\n",
    ));
    assert!(html.contains("<pre><code>::: promo label=&quot;x:y&quot;\n:::\n</code></pre>"), "{html}");
    assert!(html.contains("<pre><code>::: note a:b\n</code></pre>") && html.contains("<code>::: x</code>"));
}

#[test]
fn blocks_that_are_not_closed_or_not_opened() {
    insta::assert_snapshot!(errors("::: promo\ntext\n"), @"issue.md:4:1: the block `promo` is never closed (put a line `:::` where it ends)");
    insta::assert_snapshot!(errors("::: promo"), @"issue.md:4:1: the block `promo` is never closed (put a line `:::` where it ends)");
    insta::assert_snapshot!(errors("text\n:::\nmore\n"), @"issue.md:5:1: this `:::` closes nothing (a block begins with `::: type`)");
    insta::assert_snapshot!(errors("::: promo\ntext\n::: links\n- a\n:::\n"), @"issue.md:6:1: this block begins before the one of line 4 is closed (put a line `:::` where that block ends)");
    insta::assert_snapshot!(errors("- a\n  ::: promo\n  :::\n"), @"issue.md:5:3: a block cannot stand inside a quote or a list (begin its line with `:::` and leave a blank line before it)");
    insta::assert_snapshot!(errors("<div>\n::: promo\n:::\n</div>\n"), @"issue.md:4:1: a block begins inside of raw HTML (leave a blank line between the HTML and the `:::`)");
    insta::assert_snapshot!(errors("a\n\n```rust\nfn\n"), @"issue.md:6:1: this code is never closed (end it with a line of as many ` or ~ as it begins with)");
}

#[test]
fn opening_lines_that_cannot_be() {
    insta::assert_snapshot!(errors("::: Promo\n:::\n"), @"issue.md:4:1: `Promo` is no type of block (a block begins with `::: type`, a name of lower-case letters, digits, `-` and `_`)");
    insta::assert_snapshot!(errors("::: {{ kind }}\n:::\n"), @"issue.md:4:1: `{{ kind }}` is no type of block (a block begins with `::: type`, a name of lower-case letters, digits, `-` and `_`)");
    insta::assert_snapshot!(errors("::: promo label=Sponsored\n:::\n"), @"issue.md:4:11: the value of `label` does not stand in quotes (write `key=\"value\"`, with straight quotes)");
    insta::assert_snapshot!(errors("::: promo label=“Sponsored”\n:::\n"), @"issue.md:4:11: the value of `label` does not stand in quotes (write `key=\"value\"`, with straight quotes)");
    insta::assert_snapshot!(errors("::: promo label=\"Sponsored\n:::\n"), @"issue.md:4:11: the value of `label` has no closing `\"` (an attribute ends on the line it begins)");
    insta::assert_snapshot!(errors("::: promo a='1' b='2' a='3'\n:::\n"), @"issue.md:4:23: `a` is given twice (keep one of them)");
    insta::assert_snapshot!(errors("::: promo if='a' if='b'\n:::\n"), @"issue.md:4:18: `if` is given twice (keep one of them)");
    insta::assert_snapshot!(errors("::: promo title='A'\n:::\n"), @"issue.md:4:11: `title` is no attribute (the title is the rest of the line, everything else stands between the `:::` lines)");
    insta::assert_snapshot!(errors("::: promo Label='A'\n:::\n"), @"issue.md:4:11: `Label` is no name of an attribute (lower-case letters, digits and `_`, beginning with a letter)");
    insta::assert_snapshot!(errors("::: promo if='{{ plan }}'\n:::\n"), @"issue.md:4:15: a condition is written without braces (such as if='plan == \"pro\"')");
    insta::assert_snapshot!(errors("::: promo if=' '\n:::\n"), @"issue.md:4:15: the condition is empty (delete `if`)");
}

#[test]
fn every_error_is_told_at_once_and_in_order() {
    let findings = try_parse("+++\nsubjet = 's'\n+++\n[x](y)\n\n::: Promo\n:::\n").unwrap_err();
    let lines: Vec<_> = findings.iter().map(|f| f.place.as_ref().unwrap().line.unwrap()).collect();
    assert_eq!(lines, [2, 4, 6]);
}

#[test]
fn markdown_becomes_well_formed_html() {
    let parsed = with_body(concat!(
        "# A *b* **c** ~~d~~ `e<f`\n\nline one  \nline two\\\nthree & \"four\" -- 'five'...\n\n",
        "> quote\n\n3. three\n4. four\n   - deep\n\n- loose\n\n- list\n\n| a | b |\n|:-:|--:|\n| 1 \\| 2 | |\n\n***\n\n",
        "```rust\nlet a = \"<\";\n```\n\n![alt \"x\"](p.png \"t & u\") <https://a.example/?a=1&b=2> www.b.example me@c.example\n"
    ));
    insta::assert_snapshot!(body_html(&parsed), @r#"
    <h1>A <em>b</em> <strong>c</strong> <s>d</s> <code>e&lt;f</code></h1>
    <p>line one<br />
    line two<br />
    three &amp; &quot;four&quot; -- 'five'...</p>
    <blockquote>
    <p>quote</p>
    </blockquote>
    <ol start="3">
    <li>three</li>
    <li>four
    <ul>
    <li>deep</li>
    </ul></li>
    </ol>
    <ul>
    <li><p>loose</p></li>
    <li><p>list</p></li>
    </ul>
    <table>
    <thead>
    <tr><th align="center">a</th><th align="right">b</th></tr>
    </thead>
    <tbody>
    <tr><td align="center">1 | 2</td><td align="right"></td></tr>
    </tbody>
    </table>
    <hr />
    <pre><code>let a = &quot;&lt;&quot;;
    </code></pre>
    <p><img src="p.png" alt="alt &quot;x&quot;" title="t &amp; u" /> <a href="https://a.example/?a=1&amp;b=2">https://a.example/?a=1&amp;b=2</a> <a href="http://www.b.example">www.b.example</a> <a href="mailto:me@c.example">me@c.example</a></p>
    "#);
}

#[test]
fn merge_tags_pass_through_whatever_is_in_them() {
    let body = r#"*{{ a|default("*x*") }}* [{{ "](" }}]({{ url }}) ![p]({{ pic }}) `{{ code }}` <b title="{{ t }}">{{ '<' }}</b>"#;
    assert_eq!(
        body_html(&with_body(body)),
        r#"<p><em>{{ a|default("*x*") }}</em> <a href="{{ url }}">{{ "](" }}</a> <img src="{{ pic }}" alt="p" /> <code>{{ code }}</code> <b title="{{ t }}">{{ '<' }}</b></p>
"#
    );
}

#[test]
fn statements_on_lines_of_their_own_leave_no_empty_paragraph() {
    let html = body_html(&with_body(
        "{% if a %}\nHello\nyou\n{% else %}\nBye\n{% endif %}\n\nInline {% if b %}x{% endif %}.\n",
    ));
    assert_eq!(
        html,
        "{% if a %}\n<p>Hello\nyou</p>\n{% else %}\n<p>Bye</p>\n{% endif %}\n<p>Inline {% if b %}x{% endif %}.</p>\n"
    );
}

#[test]
fn statements_between_items_part_the_list() {
    let html =
        body_html(&with_body("{% if a %}\n1. one\n{% if b %}\n2. two\n{% endif %}\n3. three\n{% endif %}\n"));
    assert_eq!(
        html,
        "{% if a %}\n<ol>\n<li>one</li>\n</ol>\n{% if b %}\n<ol start=\"2\">\n<li>two</li>\n</ol>\n{% endif %}\n\
         <ol start=\"3\">\n<li>three</li>\n</ol>\n{% endif %}\n"
    );
    let inside = body_html(&with_body("- one\n  {% if a %}\n  more\n  {% endif %}\n- two\n"));
    assert_eq!(inside, "<ul>\n<li>one\n{% if a %}\nmore\n{% endif %}</li>\n<li>two</li>\n</ul>\n");
    let quote = body_html(&with_body("{% if a %}\n> quote\n{% endif %}\n"));
    assert_eq!(quote, "{% if a %}\n<blockquote>\n<p>quote</p>\n</blockquote>\n{% endif %}\n");
}

#[test]
fn branches_end_in_the_block_they_begin_in() {
    insta::assert_snapshot!(errors("{% if a %}\n::: promo\nx\n:::\n{% endif %}\n"), @r"
    issue.md:4:1: `{% if a %}` is not ended in the block it begins in (write `{% endif %}` where it ends; a condition around a whole block is written on it: `::: promo if='…'`)
    issue.md:8:1: `{% endif %}` belongs to no `{% if … %}` of this block (a condition around a whole block is written on it: `::: promo if='…'`)
    ");
    insta::assert_snapshot!(errors("|a|\n|-|\n|1|\n{% if x %}\n|2|\n{% endif %}\n").lines().next().unwrap(), @"issue.md:7:1: a condition cannot stand between the rows of a table (put it into a cell, or around the whole table with blank lines between)");
}

#[test]
fn links_and_pictures_are_looked_at_where_they_stand() {
    insta::assert_snapshot!(errors("{{ first_name }} é [a](page) and\n> - **[b](javascript:x)**\n\n<a href='/x'>c</a> ![](p.png) [](https://a.example) [d][e] <img src=\"../p.png\">\n"), @r"
    issue.md:4:20: `page` is a relative link, which a reader's mail program cannot resolve (write the whole address, beginning with https://)
    issue.md:5:7: `javascript:` links do not work in mail programs (link to http, https, mailto or tel)
    issue.md:7:1: `/x` is a relative link, which a reader's mail program cannot resolve (write the whole address, beginning with https://)
    issue.md:7:1: `[…][…]` has no definition, so it is plain text (define it on a line of its own: `[name]: https://…`)
    issue.md:7:20: this picture has no alternative text (say in its brackets what it shows; many readers see no pictures)
    issue.md:7:31: this link has no text, so nobody can see it (write the text between the brackets)
    issue.md:7:60: `../p.png` is not a file in the campaign's folder (put the picture beside issue.md and name it as it is)
    issue.md:7:60: this picture has no alternative text (say in its brackets what it shows; many readers see no pictures)
    ");
}

#[test]
fn raw_html_stands_but_notes_and_scripts_do_not() {
    let html =
        body_html(&with_body("<!-- note -->\n\na <!-- b --><b>c</b>\n\n<div class=\"x\">\nd\n</div>\n"));
    assert_eq!(html, "<p>a <b>c</b></p>\n<div class=\"x\">\nd\n</div>\n");
    assert!(errors("<script>x</script>\n").contains("mail programs drop it"));
    assert!(errors("a <mj-text>x</mj-text>\n").contains("`<mj-text>` is MJML"));
    assert!(
        errors("text\n\n<!-- never closed\n\nall of this\n")
            .starts_with("issue.md:6:1: this HTML never ends")
    );
}

#[test]
fn definitions_of_links_are_seen_from_every_block() {
    let (campaign, _) = with_body(
        "::: promo\n[Survey][s]\n\n[t]: https://t.example\n:::\n\n[Text][t]\n\n[s]: https://s.example\n",
    );
    let urls: Vec<_> = campaign
        .blocks
        .iter()
        .filter_map(|block| match block.body.first()? {
            Node::Paragraph(content) => match content.first()? {
                Inline::Link(link) => Some(link.url.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(urls, ["https://s.example", "https://t.example"]);
}

#[test]
fn depth_has_a_limit() {
    assert!(errors(&"> ".repeat(5000)).contains("this lies too deep"));
    assert!(errors(&format!("{}x{}", "![".repeat(60), "](p.png)".repeat(60))).contains("this lies too deep"));
    assert!(
        errors(&(0..300).flat_map(|n| ["  ".repeat(n), "- x\n".to_owned()]).collect::<String>())
            .contains("too deep")
    );
}
