//! A newcomer's first mistakes, as `check` tells them: every line of it, as it stands in the terminal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::Project;

const LAYOUT: &str = "mjml/standard.mjml";
const BLOCK: &str = "mjml/blocks/links.mjml";
const ISSUE: &str = "campaigns/weekly/issue.md";

/// A layout that is right.
const RIGHT_LAYOUT: &str = r#"<mjml>
  <mj-body>
    [% for block in blocks %][[ block.mjml ]][% endfor %]
    <mj-section>
      <mj-column>
        <mj-text padding="10px">Bye {{ first_name }}</mj-text>
        <mj-image src="https://x.example/a.png" alt="A" />
      </mj-column>
    </mj-section>
    <mj-section><mj-column><mj-text><a href="{{ unsubscribe_url }}">Leave</a></mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
"#;

/// A block that is right.
const RIGHT_BLOCK: &str = r"<mj-section>
  <mj-column>
    [% if block.title %]<mj-text>[[ block.title ]]</mj-text>[% endif %]
    [% for item in block.items %]
    <mj-text>[[ item.title ]]</mj-text>
    [% if item.body %]<mj-text>[[ item.body ]]</mj-text>[% endif %]
    [% endfor %]
  </mj-column>
</mj-section>
";

fn project() -> Project {
    let project = Project::of(1);
    project.write(LAYOUT, RIGHT_LAYOUT);
    project.write(BLOCK, RIGHT_BLOCK);
    project
}

/// What is said after these changes: to a file, from what, to what.
#[track_caller]
fn told(changes: &[(&str, &str, &str)], wanted: &str) {
    let project = project();
    for (file, from, to) in changes {
        project.write(file, project.read(file).replacen(from, to, 1));
    }
    says(&project, wanted);
}

/// What is said of a layout that includes this file.
#[track_caller]
fn included(path: &str, attributes: &str, file: &str, text: &str, wanted: &str) {
    let project = project();
    let include = format!("<mj-include path=\"{path}\"{attributes} />");
    // A style sheet leaves nothing behind where it stood.
    let kept = if attributes.contains("css") { TEXT } else { "" };
    project.replace(LAYOUT, TEXT, &format!("{kept}{include}"));
    project.write(file, text);
    says(&project, wanted);
}

#[track_caller]
fn says(project: &Project, wanted: &str) {
    let said = project.run("check weekly").stderr;
    let said = said.strip_suffix("next: mailshot preview weekly\n").unwrap_or(&said);
    assert_eq!(said, wanted.trim_start_matches('\n'), "\n{said}");
}

const TEXT: &str = r#"<mj-text padding="10px">Bye {{ first_name }}</mj-text>"#;

#[test]
fn what_is_right_is_left_alone() {
    told(&[], "");
    // Every mail program reads a bare `&` as what is meant.
    told(&[(LAYOUT, "Bye", "Salt & pepper, R&D")], "");
}

#[test]
fn a_misspelt_element() {
    told(
        &[(
            LAYOUT,
            r#"<mj-column>
        <mj-text padding="10px">Bye {{ first_name }}</mj-text>"#,
            r#"<mj-colum>
        <mj-text padding="10px">Bye {{ first_name }}</mj-text>"#,
        )],
        r"
error[unknown-element]: mjml/standard.mjml:5:7: there is no MJML element `<mj-colum>`
  5 |       <mj-colum>
    |       ^^^^^^^^^^
  help: did you mean `<mj-column>`?
",
    );
    told(
        &[(LAYOUT, TEXT, "<mj-txt>Bye</mj-txt>")],
        r"
error[unknown-element]: mjml/standard.mjml:6:9: there is no MJML element `<mj-txt>`
  6 |         <mj-txt>Bye</mj-txt>
    |         ^^^^^^^^
  help: did you mean `<mj-text>`?
",
    );
    told(
        &[(LAYOUT, TEXT, "<MJ-Text>Bye</MJ-Text>")],
        r"
warning[upper-case]: mjml/standard.mjml:6:9: `<MJ-Text>` is taken for `<mj-text>`: MJML is written in lower case
  6 |         <MJ-Text>Bye</MJ-Text>
    |         ^^^^^^^^^
  help: write `<mj-text>` and `</mj-text>`; no other program knows it so
",
    );
    told(
        &[(LAYOUT, "</mj-column>\n    </mj-section>\n    <mj", "</mj-colum>\n    </mj-section>\n    <mj")],
        r"
error[unbalanced-tag]: mjml/standard.mjml:8:7: `</mj-colum>` does not close `<mj-column>` (line 5)
  8 |       </mj-colum>
    |       ^^^^^^^^^^^
  help: write `</mj-column>`
",
    );
    told(
        &[(LAYOUT, TEXT, "<mj-p>Bye</mj-p>")],
        r"
error[unknown-element]: mjml/standard.mjml:6:9: there is no MJML element `<mj-p>`
  6 |         <mj-p>Bye</mj-p>
    |         ^^^^^^
  help: write the paragraph into an `<mj-text>`, as `<p>`
",
    );
}

#[test]
fn an_element_in_the_wrong_place() {
    told(
        &[(
            LAYOUT,
            r#"      <mj-column>
        <mj-text padding="10px">Bye {{ first_name }}</mj-text>
"#,
            r#"      <mj-text padding="10px">Bye {{ first_name }}</mj-text>
      <mj-column>
"#,
        )],
        r#"
error[misplaced-element]: mjml/standard.mjml:5:7: `<mj-text>` cannot stand in `<mj-section>`
  5 |       <mj-text padding="10px">Bye {{ first_name }}</mj-text>
    |       ^^^^^^^^
  help: it belongs in `<mj-column>` or `<mj-hero>`: put `<mj-column>` around it
"#,
    );
    told(
        &[(LAYOUT, TEXT, "Bye for now")],
        r#"
error[stray-text]: mjml/standard.mjml:6:9: text stands directly in `<mj-column>`: "Bye for now"
  6 |         Bye for now
    |         ^^^^^^^^^^^
  help: put it into an `<mj-text>`
"#,
    );
    told(
        &[(LAYOUT, TEXT, "<p>Bye</p>")],
        r"
error[unknown-element]: mjml/standard.mjml:6:9: `<p>` is HTML and cannot stand directly in `<mj-column>`
  6 |         <p>Bye</p>
    |         ^^^
  help: put it into an `<mj-text>` or `<mj-raw>`
",
    );
    told(
        &[(LAYOUT, TEXT, "<mj-section></mj-section>")],
        r"
error[misplaced-element]: mjml/standard.mjml:6:9: `<mj-section>` cannot stand in `<mj-column>`
  6 |         <mj-section></mj-section>
    |         ^^^^^^^^^^^^
  help: it belongs in `<mj-body>` or `<mj-wrapper>`: close the `<mj-column>` before it
",
    );
    told(
        &[(
            LAYOUT,
            "    <mj-section>\n      <mj-column>\n",
            r#"    <mj-button href="https://x.example">Go</mj-button>
    <mj-section>
      <mj-column>
"#,
        )],
        r#"
error[misplaced-element]: mjml/standard.mjml:4:5: `<mj-button>` cannot stand in `<mj-body>`
  4 |     <mj-button href="https://x.example">Go</mj-button>
    |     ^^^^^^^^^^
  help: it belongs in `<mj-column>` or `<mj-hero>`: put `<mj-section><mj-column>` around it
"#,
    );
}

/// An unclosed tag is shown where it opens, and the message says where that was noticed.
#[test]
fn what_is_not_closed_is_shown_where_it_opens() {
    told(
        &[(LAYOUT, "      </mj-column>\n", "")],
        r"
error[unbalanced-tag]: mjml/standard.mjml:5:7: `<mj-column>` is not closed before `</mj-section>` (line 8)
  5 |       <mj-column>
    |       ^^^^^^^^^^^
  help: add `</mj-column>` where it ends
",
    );
    told(
        &[(LAYOUT, "Bye {{ first_name }}</mj-text>", "Bye")],
        r#"
error[misplaced-element]: mjml/standard.mjml:7:9: `<mj-image>` cannot stand inside `<mj-text>`, which holds HTML (line 6)
  7 |         <mj-image src="https://x.example/a.png" alt="A" />
    |         ^^^^^^^^^
  help: close it with `</mj-text>` before this tag
"#,
    );
    told(
        &[(LAYOUT, "Bye", "<b>Bye")],
        r#"
error[unbalanced-tag]: mjml/standard.mjml:6:33: `<b>` is not closed before `</mj-text>` (line 6)
  6 |         <mj-text padding="10px"><b>Bye {{ first_name }}</mj-text>
    |                                 ^^^
  help: add `</b>`, or write `&lt;` if this `<` is meant as text
"#,
    );
    told(
        &[(LAYOUT, "Bye", "Bye</td>")],
        r#"
error[unbalanced-tag]: mjml/standard.mjml:6:36: `</td>` closes nothing
  6 |         <mj-text padding="10px">Bye</td> {{ first_name }}</mj-text>
    |                                    ^^^^^
  help: remove it, or write `<td>` where it begins
"#,
    );
    told(
        &[(
            LAYOUT,
            TEXT,
            r#"<!-- a note
        <mj-text padding="10px">Bye {{ first_name }}</mj-text>"#,
        )],
        r"
error[broken-tag]: mjml/standard.mjml:6:9: this comment is never closed with `-->`
  6 |         <!-- a note
    |         ^^^^
  help: end the comment with `-->`
",
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"padding="10px"#)],
        r#"
error[broken-tag]: mjml/standard.mjml:6:26: the quote that opens this attribute's value is not closed: the value would go on to the next quote
  6 |         <mj-text padding="10px>Bye {{ first_name }}</mj-text>
    |                          ^
  help: write a `"` where the value ends
"#,
    );
    told(
        &[(LAYOUT, r#""https://x.example/a.png""#, r#""https://x.example/a.png"#)],
        r#"
error[broken-tag]: mjml/standard.mjml:7:23: the quote that opens this attribute's value is not closed: the value would go on to the next quote
  7 |         <mj-image src="https://x.example/a.png alt="A" />
    |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write a `"` where the value ends
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px">"#, r#"padding="10px""#)],
        r#"
error[broken-tag]: mjml/standard.mjml:6:18: nothing may follow the closing quote of this attribute's value but a space or `>`
  6 |         <mj-text padding="10px"Bye {{ first_name }}</mj-text>
    |                  ^^^^^^^
  help: write a space or `>` behind it; a quote inside of a value is written `&quot;`
"#,
    );
    told(
        &[(LAYOUT, "</mjml>\n", "")],
        r"
error[unbalanced-tag]: mjml/standard.mjml:1:1: `<mjml>` is not closed at the end of the file
  1 | <mjml>
    | ^^^^^^
  help: add `</mjml>` where it ends
",
    );
}

#[test]
fn attributes() {
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"padding="10px 25""#)],
        r#"
error[bad-value]: mjml/standard.mjml:6:32: `padding` of `<mj-text>`: `25` has no unit
  6 |         <mj-text padding="10px 25">Bye {{ first_name }}</mj-text>
    |                                ^^
  help: write `25px`
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"paddng="10px""#)],
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `paddng`
  6 |         <mj-text paddng="10px">Bye {{ first_name }}</mj-text>
    |                  ^^^^^^
  help: did you mean `padding`?
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"colour="navy""#)],
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `colour`
  6 |         <mj-text colour="navy">Bye {{ first_name }}</mj-text>
    |                  ^^^^^^
  help: did you mean `color`?
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"font_size="16px""#)],
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `font_size`
  6 |         <mj-text font_size="16px">Bye {{ first_name }}</mj-text>
    |                  ^^^^^^^^^
  help: did you mean `font-size`?
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"class="big""#)],
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `class`
  6 |         <mj-text class="big">Bye {{ first_name }}</mj-text>
    |                  ^^^^^
  help: did you mean `css-class`?
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"src="a.png""#)],
        r#"
warning[unknown-attribute]: mjml/standard.mjml:6:18: `<mj-text>` has no attribute `src`
  6 |         <mj-text src="a.png">Bye {{ first_name }}</mj-text>
    |                  ^^^
  help: it has no effect here: `src` is an attribute of `<mj-image>`, `<mj-social-element>` or `<mj-carousel-image>`
"#,
    );
}

#[test]
fn values_of_attributes() {
    told(
        &[(LAYOUT, r#"padding="10px""#, r##"color="#12""##)],
        r##"
error[bad-value]: mjml/standard.mjml:6:25: `color` of `<mj-text>`: `#12` is no colour
  6 |         <mj-text color="#12">Bye {{ first_name }}</mj-text>
    |                         ^^^
  help: write a name such as `navy`, or `#` and 3 or 6 hexadecimal digits
"##,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"align="centre""#)],
        r#"
error[bad-value]: mjml/standard.mjml:6:25: `align` of `<mj-text>`: `centre` is not known here
  6 |         <mj-text align="centre">Bye {{ first_name }}</mj-text>
    |                         ^^^^^^
  help: write one of `left`, `right`, `center`, `justify`
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"mj-class="big""#)],
        r#"
warning[unknown-class]: mjml/standard.mjml:6:28: there is no `<mj-class name="big">`
  6 |         <mj-text mj-class="big">Bye {{ first_name }}</mj-text>
    |                            ^^^
  help: define it in `<mj-attributes>`, or remove it; for CSS classes there is `css-class`
"#,
    );
    told(
        &[(LAYOUT, r#"padding="10px""#, r#"padding="{{ plan }}""#)],
        r#"
error[tag-in-layout]: mjml/standard.mjml:6:27: a merge tag cannot decide `padding` of `<mj-text>`
  6 |         <mj-text padding="{{ plan }}">Bye {{ first_name }}</mj-text>
    |                           ^^^^^^^^^^
  help: the layout is reckoned once per issue; a merge tag prints once per subscriber
"#,
    );
    told(
        &[(LAYOUT, r#"src="https://x.example/a.png" "#, "")],
        r#"
warning[no-src]: mjml/standard.mjml:7:9: this `<mj-image>` has no `src`
  7 |         <mj-image alt="A" />
    |         ^^^^^^^^^
  help: give the picture, as in `src="logo.png"` or `src="https://…"`
"#,
    );
    told(
        &[(LAYOUT, TEXT, "<mj-button>Go</mj-button>")],
        r#"
warning[no-href]: mjml/standard.mjml:6:9: this `<mj-button>` has no `href`
  6 |         <mj-button>Go</mj-button>
    |         ^^^^^^^^^^^
  help: say where it leads, as in `href="https://…"`: without it nobody can follow it
"#,
    );
    told(
        &[(LAYOUT, "https://x.example/a.png", "logo.png")],
        r#"
error[missing-picture]: mjml/standard.mjml:7:24: there is no picture `logo.png`
  7 |         <mj-image src="logo.png" alt="A" />
    |                        ^^^^^^^^
  help: put it beside issue.md or into mjml/, or use its https address
"#,
    );
}

#[test]
fn merge_tags() {
    told(
        &[(LAYOUT, "{{ first_name }}", "{{ frist_name }}")],
        r#"
error[merge-tag]: mjml/standard.mjml:6:37: `frist_name` is no column of the list
  6 |         <mj-text padding="10px">Bye {{ frist_name }}</mj-text>
    |                                     ^^^^^^^^^^^^^^^^
  help: did you mean `first_name`?
"#,
    );
    told(
        &[(LAYOUT, "{{ first_name }}", "{{ reading_minutes }}")],
        r#"
error[merge-tag]: mjml/standard.mjml:6:37: `reading_minutes` is not known per subscriber
  6 |         <mj-text padding="10px">Bye {{ reading_minutes }}</mj-text>
    |                                     ^^^^^^^^^^^^^^^^^^^^^
  help: it belongs to the issue, which is filled in once: write `[[ reading_minutes ]]` in the mjml/ files
"#,
    );
    told(
        &[(BLOCK, "[[ item.title ]]", "{{ item.title }}")],
        r"
error[merge-tag]: mjml/blocks/links.mjml:5:14: `item` is not known per subscriber
  5 |     <mj-text>{{ item.title }}</mj-text>
    |              ^^^^^^^^^^^^^^^^
  help: it belongs to the issue, which is filled in once: write `[[ item.title ]]` in the mjml/ files
",
    );
    told(
        &[(LAYOUT, "Bye", r#"{% if plan == "pro" %}Bye"#)],
        r#"
error[crossed-condition]: mjml/standard.mjml:6:33: `{% if plan == "pro" %}` is not closed in `<mj-text>`, where it began
  6 |         <mj-text padding="10px">{% if plan == "pro" %}Bye {{ first_name }}</mj-text>
    |                                 ^^^^^^^^^^^^^^^^^^^^^^
  help: put its `{% endif %}` into the same element, or both around the whole of it
"#,
    );
    told(
        &[(LAYOUT, "Bye", r#"<b style="color: {{ plan }}">Bye</b>"#)],
        r#"
error[tag-in-style]: mjml/standard.mjml:6:50: `{{ plan }}` cannot stand inside a style
  6 |         <mj-text padding="10px"><b style="color: {{ plan }}">Bye</b> {{ first_name }}</mj-tex…
    |                                                  ^^^^^^^^^^
  help: choose between fixed styles with {% if … %} instead
"#,
    );
}

#[test]
fn tags_of_the_issue() {
    told(
        &[(LAYOUT, "{{ first_name }}", "[[ first_name ]]")],
        r#"
error[wrong-tag-kind]: mjml/standard.mjml:6:40: `first_name` is per subscriber
  6 |         <mj-text padding="10px">Bye [[ first_name ]]</mj-text>
    |                                        ^^^^^^^^^^
  help: write `{{ first_name }}`, or `{% if first_name … %}` to decide
"#,
    );
    told(
        &[(LAYOUT, "Bye", r#"[% if plan == "pro" %]Bye[% endif %]"#)],
        r#"
error[wrong-tag-kind]: mjml/standard.mjml:6:39: `plan` is per subscriber
  6 |         <mj-text padding="10px">[% if plan == "pro" %]Bye[% endif %] {{ first_name }}</mj-tex…
    |                                       ^^^^
  help: write `{{ plan }}`, or `{% if plan … %}` to decide
"#,
    );
    told(
        &[(LAYOUT, "Bye", "Issue [[ issue.nubmer ]]")],
        r#"
error[undefined-name]: mjml/standard.mjml:6:42: `issue.nubmer` is not defined
  6 |         <mj-text padding="10px">Issue [[ issue.nubmer ]] {{ first_name }}</mj-text>
    |                                          ^^^^^^^^^^^^
  help: did you mean `issue.number`?
"#,
    );
    told(
        &[(LAYOUT, "Bye", "[% if isue.number %]Bye[% endif %]")],
        r#"
error[undefined-name]: mjml/standard.mjml:6:39: `isue.number` is not defined
  6 |         <mj-text padding="10px">[% if isue.number %]Bye[% endif %] {{ first_name }}</mj-text>
    |                                       ^^^^^^^^^^^
  help: did you mean `issue.number`?
"#,
    );
    told(
        &[(BLOCK, "[[ item.title ]]", "[[ item.titel ]]")],
        r"
error[undefined-name]: mjml/blocks/links.mjml:5:17: `item.titel` is not defined
  5 |     <mj-text>[[ item.titel ]]</mj-text>
    |                 ^^^^^^^^^^
  help: did you mean `item.title`?
",
    );
    told(
        &[(BLOCK, "[[ item.title ]]", "[[ block.titel ]]")],
        r"
error[undefined-name]: mjml/blocks/links.mjml:5:17: `block.titel` is not defined
  5 |     <mj-text>[[ block.titel ]]</mj-text>
    |                 ^^^^^^^^^^^
  help: did you mean `block.title`?
",
    );
    told(
        &[(LAYOUT, "Bye", r#"[[ issue.date|dat("%d") ]]"#)],
        r#"
error[template]: mjml/standard.mjml:6:47: there is no filter `dat`
  6 |         <mj-text padding="10px">[[ issue.date|dat("%d") ]] {{ first_name }}</mj-text>
    |                                               ^^^
  help: did you mean `date`?
"#,
    );
    told(
        &[(LAYOUT, "[[ block.mjml ]]", "[[ block.mjml ]")],
        r#"
error[template]: mjml/standard.mjml:3:30: this `[[` is not closed with `]]` where it should be
  3 |     [% for block in blocks %][[ block.mjml ][% endfor %]
    |                              ^^
  help: it prints one value: `[[ issue.number ]]`, with filters `[[ issue.date|date("%d %B") ]]`
"#,
    );
    told(
        &[(LAYOUT, "[% endfor %]", "")],
        r"
error[template]: mjml/standard.mjml:3:5: this `[% for … %]` is never ended
  3 |     [% for block in blocks %][[ block.mjml ]]
    |     ^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `[% endfor %]` where it ends
",
    );
    told(
        &[(LAYOUT, "[% endfor %]", "[% endif %]")],
        r"
error[template]: mjml/standard.mjml:3:49: `[% endif %]` stands where `[% for … %]` (line 3) is still to be ended
  3 |     [% for block in blocks %][[ block.mjml ]][% endif %]
    |                                                 ^^^^^
  help: write `[% endfor %]` before it
",
    );
    told(
        &[(LAYOUT, "[% for", "[% fro")],
        r"
error[template]: mjml/standard.mjml:3:8: there is no statement `fro`
  3 |     [% fro block in blocks %][[ block.mjml ]][% endfor %]
    |        ^^^
  help: did you mean `for`?
",
    );
}

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
