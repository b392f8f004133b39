//! What people bring along who know HTML, word processors or other tools.

use super::{IMAGE, LAYOUT, TEXT, included, told};

/// What is said of this in place of a text of the layout.
#[track_caller]
fn text(written: &str, wanted: &str) {
    told(&[(LAYOUT, TEXT, written)], wanted);
}

#[test]
fn quotes_of_a_word_processor() {
    // To HTML they belong to the value: the link would lead nowhere, and nobody would be told.
    text(
        "<mj-text color=“red”><a href=„https://x.example/a b“>x</a></mj-text>",
        r#"
error[curly-quotes]: mjml/standard.mjml:6:24: the quotes around the value of `color` are typographic ones
  6 |         <mj-text color=“red”><a href=„https://x.example/a b“>x</a></mj-text>
    |                        ^^^^^
  help: word processors make them: write straight ones, `"`
error[curly-quotes]: mjml/standard.mjml:6:38: the quotes around the value of `href` are typographic ones
  6 |         <mj-text color=“red”><a href=„https://x.example/a b“>x</a></mj-text>
    |                                      ^^^^^^^^^^^^^^^^^^^^^^^
  help: word processors make them: write straight ones, `"`
"#,
    );
    text(
        "<mj-text color=\"red”>x</mj-text>",
        r#"
error[broken-tag]: mjml/standard.mjml:6:24: this attribute's value begins with a straight quote and ends with a typographic one
  6 |         <mj-text color="red”>x</mj-text>
    |                        ^
  help: word processors make them: write a straight `"` where the value ends
"#,
    );
}

#[test]
fn html_for_which_mjml_has_elements() {
    text(
        "Hello <b>you</b>,<br>welcome",
        r#"
error[stray-text]: mjml/standard.mjml:6:9: text stands directly in `<mj-column>`: "Hello"
  6 |         Hello <b>you</b>,<br>welcome
    |         ^^^^^
  help: put it into an `<mj-text>`
"#,
    );
    text(
        "<img src=\"a.png\">",
        r#"
error[unknown-element]: mjml/standard.mjml:6:9: `<img>` is HTML and cannot stand directly in `<mj-column>`
  6 |         <img src="a.png">
    |         ^^^^
  help: a picture is an `<mj-image src="…" alt="…" />`
"#,
    );
    told(
        &[(LAYOUT, "<mjml>\n", "<mjml>\n<mj-head><style>p {}</style><title>x</title></mj-head>\n")],
        r"
error[unknown-element]: mjml/standard.mjml:2:10: `<style>` is HTML and cannot stand directly in `<mj-head>`
  2 | <mj-head><style>p {}</style><title>x</title></mj-head>
    |          ^^^^^^^
  help: a style sheet is an `<mj-style>`, in `<mj-head>`
error[unknown-element]: mjml/standard.mjml:2:29: `<title>` is HTML and cannot stand directly in `<mj-head>`
  2 | <mj-head><style>p {}</style><title>x</title></mj-head>
    |                             ^^^^^^^
  help: the title is an `<mj-title>`, in `<mj-head>`
",
    );
    text(
        "<mj-social><a href=\"https://x.example\">x</a></mj-social>",
        r#"
error[unknown-element]: mjml/standard.mjml:6:20: `<a>` is HTML and cannot stand directly in `<mj-social>`
  6 |         <mj-social><a href="https://x.example">x</a></mj-social>
    |                    ^^
  help: `<mj-social>` holds `<mj-raw>` or `<mj-social-element>`
"#,
    );
}

#[test]
fn names_written_almost_as_mjml_does() {
    for (written, name, column) in
        [("<mjtext>x</mjtext>", "mjtext", 8), ("<mj_text>x</mj_text>", "mj_text", 9)]
    {
        text(
            written,
            &format!(
                "
error[unknown-element]: mjml/standard.mjml:6:9: there is no MJML element `<{name}>`
  6 |         {written}
    |         {}
  help: did you mean `<mj-text>`?
",
                "^".repeat(column),
            ),
        );
    }
    text(
        "<mj-video src=\"x.mp4\" />",
        r#"
error[unknown-element]: mjml/standard.mjml:6:9: there is no MJML element `<mj-video>`
  6 |         <mj-video src="x.mp4" />
    |         ^^^^^^^^^
  help: mail programs play no films: show a picture of it, `<mj-image href="…" … />`, that leads there
"#,
    );
    text(
        "< mj-text>x</ mj-text>",
        r"
error[stray-text]: mjml/standard.mjml:6:9: this `<` begins no tag
  6 |         < mj-text>x</ mj-text>
    |         ^
  help: no space may stand between `<` and the name
",
    );
    text(
        "Bye</mj-text>",
        r"
error[unbalanced-tag]: mjml/standard.mjml:6:12: `</mj-text>` closes nothing
  6 |         Bye</mj-text>
    |            ^^^^^^^^^^
  help: remove it, or write `<mj-text>` where it begins
",
    );
}

#[test]
fn css_in_attributes() {
    text(
        "<mj-text padding:10px font-size=\"16px;\" color=\"ff0000\"\nline-height=\"150 %\" align=\"\">x</mj-text>",
        r#"
error[bad-value]: mjml/standard.mjml:6:42: `font-size` of `<mj-text>`: `16px;` ends in a sign that does not belong to it
  6 |         <mj-text padding:10px font-size="16px;" color="ff0000"
    |                                          ^^^^^
  help: write `16px`
error[bad-value]: mjml/standard.mjml:6:56: `color` of `<mj-text>`: `ff0000` is no colour
  6 |         <mj-text padding:10px font-size="16px;" color="ff0000"
    |                                                        ^^^^^^
  help: write `#ff0000`
error[bad-value]: mjml/standard.mjml:7:14: `line-height` of `<mj-text>`: `150 %` has a space before its unit
  7 | line-height="150 %" align="">x</mj-text>
    |              ^^^^^
  help: write `150%`
error[bad-value]: mjml/standard.mjml:7:28: `align` of `<mj-text>`: it is empty
  7 | line-height="150 %" align="">x</mj-text>
    |                            ^
  help: write one of `left`, `right`, `center`, `justify`
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `padding:10px`
  6 |         <mj-text padding:10px font-size="16px;" color="ff0000"
    |                  ^^^^^^^^^^^^
  help: write `padding="…"`
"#,
    );
    text(
        "<mj-text color=\"blu\">x</mj-text>",
        r#"
error[bad-value]: mjml/standard.mjml:6:25: `color` of `<mj-text>`: `blu` is no colour
  6 |         <mj-text color="blu">x</mj-text>
    |                         ^^^
  help: did you mean `blue`?
"#,
    );
}

#[test]
fn links_that_lead_nowhere() {
    text(
        "<mj-button href=\"www.x.example\">A</mj-button>\n<mj-text><a href=\"jane@x.example\">B</a> <a href=\"#\">C</a></mj-text>",
        r##"
warning[relative-link]: mjml/standard.mjml:6:26: `www.x.example` is a relative link, which a reader's mail program cannot resolve
  6 |         <mj-button href="www.x.example">A</mj-button>
    |                          ^^^^^^^^^^^^^
  help: write the whole address, beginning with https://
warning[relative-link]: mjml/standard.mjml:7:19: `jane@x.example` is an address for mail, not a link
  7 | <mj-text><a href="jane@x.example">B</a> <a href="#">C</a></mj-text>
    |                   ^^^^^^^^^^^^^^
  help: write `mailto:` before it
warning[empty-link]: mjml/standard.mjml:7:50: this link leads nowhere
  7 | <mj-text><a href="jane@x.example">B</a> <a href="#">C</a></mj-text>
    |                                                  ^
  help: say where it leads, as in `href="https://…"`
"##,
    );
    text(
        "<mj-button link=\"https://x.example\">Go</mj-button>",
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:20: `<mj-button>` has no attribute `link`
  6 |         <mj-button link="https://x.example">Go</mj-button>
    |                    ^^^^
  help: did you mean `href`?
"#,
    );
    told(
        &[(LAYOUT, IMAGE, "<mj-image src=\"file:///a.png\" alt=\"A\" />")],
        r#"
warning[bad-picture]: mjml/standard.mjml:7:24: `file:` pictures do not work in mail programs
  7 |         <mj-image src="file:///a.png" alt="A" />
    |                        ^^^^^^^^^^^^^
  help: use an https address, or a file beside issue.md
"#,
    );
}

#[test]
fn a_page_that_is_no_layout() {
    let no_mjml = |name: &str, line: u32, shown: &str| {
        format!(
            "
error[no-mjml]: mjml/standard.mjml:{line}:{}: `<{name}>` is HTML, not MJML
  {line} | {shown}
    | {}{}
  help: a layout is `<mjml>`, in it `<mj-head>` if need be, and `<mj-body>`
",
            1 + shown.len() - shown.trim_start().len(),
            " ".repeat(shown.len() - shown.trim_start().len()),
            "^".repeat(name.len() + 2),
        )
    };
    told(&[(LAYOUT, "<mjml>", "<html>"), (LAYOUT, "</mjml>", "</html>")], &no_mjml("html", 1, "<html>"));
    told(
        &[(LAYOUT, "<mj-body>", "<body>"), (LAYOUT, "</mj-body>", "</body>")],
        &no_mjml("body", 2, "  <body>"),
    );
    told(
        &[(LAYOUT, "<mj-body>", "<mj-boddy>"), (LAYOUT, "</mj-body>", "</mj-boddy>")],
        r"
error[unknown-element]: mjml/standard.mjml:2:3: there is no MJML element `<mj-boddy>`
  2 |   <mj-boddy>
    |   ^^^^^^^^^^
  help: did you mean `<mj-body>`?
",
    );
    // Everything in it would be out of place, which says nothing more.
    told(
        &[(LAYOUT, "  <mj-body>\n", ""), (LAYOUT, "  </mj-body>\n", "")],
        r"
error[no-body]: mjml/standard.mjml:1:1: there is no `<mj-body>`
  1 | <mjml>
    | ^^^^^^
  help: put the sections between `<mj-body>` and `</mj-body>`
",
    );
    told(
        &[(LAYOUT, "<mjml>\n  <mj-body>", "<mj-body>"), (LAYOUT, "</mjml>\n", "")],
        r"
error[no-mjml]: mjml/standard.mjml:1:1: this is no MJML: there is no `<mjml>` element
  1 | <mj-body>
    | ^^^^^^^^^
  help: a layout begins with `<mjml>` and holds `<mj-body>`
",
    );
}

#[test]
fn includes_of_other_kinds_and_from_elsewhere() {
    let wrong = |path: &str, said: &str, help: &str| {
        format!(
            "
{said}
  6 |         <mj-include path=\"{path}\" />
    |                           {}
  help: {help}
",
            "^".repeat(path.len()),
        )
    };
    for (path, file, said, help) in [
        (
            "mjml/parts/f.mjml",
            "mjml/parts/f.mjml",
            "error[unreadable-file]: mjml/standard.mjml:6:27: `mjml/mjml/parts/f.mjml`: there is no such file",
            "a path is relative to the file that includes it: write `parts/f.mjml`",
        ),
        (
            "parts",
            "mjml/parts/f.mjml",
            "error[unreadable-file]: mjml/standard.mjml:6:27: `mjml/parts.mjml`: there is no such file",
            "`mjml/parts` is a folder: name a file in it",
        ),
        (
            "parts\\f.mjml",
            "mjml/parts/f.mjml",
            "error[bad-include]: mjml/standard.mjml:6:27: `parts\\f.mjml` is written with `\\`",
            "write `/` between folders and files",
        ),
        (
            "a.html",
            "mjml/a.html",
            "error[bad-include]: mjml/standard.mjml:6:27: `mjml/a.html` is included as if it were MJML",
            "add `type=\"html\"`",
        ),
    ] {
        included(path, "", file, "<p>x</p>", &wrong(path, said, help));
    }
    told(
        &[(LAYOUT, TEXT, "<mj-include src=\"parts/f.mjml\" />")],
        r#"
error[bad-include]: mjml/standard.mjml:6:21: `<mj-include>` has no attribute `src`
  6 |         <mj-include src="parts/f.mjml" />
    |                     ^^^
  help: did you mean `path`?
"#,
    );
}
