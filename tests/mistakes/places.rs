//! Mistakes are shown in the file that was written, through blocks, includes and the front matter.

use super::{BLOCK, ISSUE, LAYOUT, included, told};

#[test]
fn what_came_from_the_issue_is_shown_there() {
    told(
        &[
            (ISSUE, "::: links", r#"::: links pad="10 20px""#),
            (BLOCK, "<mj-text>[[ item.title ]]", r#"<mj-text padding="[[ block.pad ]]">[[ item.title ]]"#),
        ],
        r#"
error[bad-value]: campaigns/weekly/issue.md:11:16: `padding` of `<mj-text>`: `10` has no unit
  11 | ::: links pad="10 20px" Worth your time
     |                ^^^^^^^
  help: write `10px`
"#,
    );
    told(
        &[(
            BLOCK,
            "<mj-text>[[ item.title ]]",
            r#"<mj-text padding="[[ block.pad|default("7") ]]">[[ item.title ]]"#,
        )],
        r#"
error[bad-value]: mjml/blocks/links.mjml:5:23: `padding` of `<mj-text>`: `7` has no unit
  5 |     <mj-text padding="[[ block.pad|default("7") ]]">[[ item.title ]]</mj-text>
    |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `7px`
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"padding="[[ issue.number ]]""#)],
        r"
error[bad-value]: campaigns/weekly/issue.md:4:16: `padding` of `<mj-text>`: `7` has no unit
  4 | issue.number = 7
    |                ^
  help: write `7px`
",
    );
    told(
        &[(BLOCK, "[[ item.title ]]", "[[ block.pad ]]")],
        r#"
error[missing-field]: campaigns/weekly/issue.md:11:1: the block `links` needs the attribute `pad="…"`
  11 | ::: links Worth your time
     | ^^^^^^^^^
  help: mjml/blocks/links.mjml:5 prints it; around it `[% if block.pad %] … [% endif %]` makes it optional
"#,
    );
    told(
        &[(ISSUE, "A paragraph with", "Some\n<i>text</td></i> with")],
        r"
error[unbalanced-tag]: campaigns/weekly/issue.md:10:8: `</td>` closes nothing: what is open here is `<i>` (line 10)
  10 | <i>text</td></i> with [a link](https://weekly.example/story).
     |        ^^^^^
  help: remove it, or write `</i>`
",
    );
    told(
        &[(ISSUE, "What it says.", "What <b>it says.")],
        r"
error[unbalanced-tag]: campaigns/weekly/issue.md:13:8: `<b>` is not closed before `</mj-text>` (mjml/blocks/links.mjml:6:47)
  13 |   What <b>it says.
     |        ^^^
  help: add `</b>`, or write `&lt;` if this `<` is meant as text
",
    );
    told(
        &[(ISSUE, "A paragraph", "<div>\n<table>\n</div>\n\nA paragraph")],
        r"
error[unbalanced-tag]: campaigns/weekly/issue.md:10:1: `<table>` is not closed before `</div>` (line 11)
  10 | <table>
     | ^^^^^^^
  help: add `</table>`, or write `&lt;` if this `<` is meant as text
",
    );
    told(
        &[(
            ISSUE,
            "issue.number = 7",
            r#"issue.number = 7
merge.frist_name = "you""#,
        )],
        r#"
error[unknown-column]: campaigns/weekly/issue.md:5:7: `frist_name` in `[merge]` is no column of the list
  5 | merge.frist_name = "you"
    |       ^^^^^^^^^^
  help: did you mean `first_name`?
"#,
    );
}

#[test]
fn an_included_file_is_named_itself() {
    included(
        "parts/foter.mjml",
        "",
        "mjml/parts/footer.mjml",
        "<mj-text>f</mj-text>\n",
        r#"
error[unreadable-file]: mjml/standard.mjml:6:27: `mjml/parts/foter.mjml`: there is no such file
  6 |         <mj-include path="parts/foter.mjml" />
    |                           ^^^^^^^^^^^^^^^^
  help: did you mean `footer.mjml`?
"#,
    );
    included(
        "parts/footer.mjml",
        "",
        "mjml/parts/footer.mjml",
        "<mj-text>\n  f <b>x</mj-text>\n",
        r"
error[unbalanced-tag]: mjml/parts/footer.mjml:2:5: `<b>` is not closed before `</mj-text>` (line 2)
  2 |   f <b>x</mj-text>
    |     ^^^
  help: add `</b>`, or write `&lt;` if this `<` is meant as text
",
    );
    included(
        "parts/footer.mjml",
        "",
        "mjml/parts/footer.mjml",
        "<mj-text>\n  f [[ nothing ]]</mj-text>\n",
        r"
error[undefined-name]: mjml/parts/footer.mjml:2:8: `nothing` is not defined
  2 |   f [[ nothing ]]</mj-text>
    |        ^^^^^^^
  help: names of the issue phase are campaign, dir, issue, lang, list, preheader, reading_minutes, sender, subject, block, blocks
",
    );
    included(
        "parts/f.html",
        r#" type="html""#,
        "mjml/parts/f.html",
        "<p>\n  é {{ frist_name }}</p>\n",
        r"
error[merge-tag]: mjml/parts/f.html:2:5: `frist_name` is no column of the list
  2 |   é {{ frist_name }}</p>
    |     ^^^^^^^^^^^^^^^^
  help: did you mean `first_name`?
",
    );
    included(
        "parts/f.css",
        r#" type="css""#,
        "mjml/parts/f.css",
        "a { color: red }\np { color: {{ plan }} }\n",
        r"
error[tag-in-style]: mjml/parts/f.css:2:12: a merge tag cannot stand in a style sheet
  2 | p { color: {{ plan }} }
    |            ^^^^^^^^^^
  help: use a class per case and an `{% if … %}` in the text, or a `style` attribute
",
    );
}
