//! Elements, attributes and values.

use super::{LAYOUT, TEXT, told};

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
  help: put it into an `<mj-text>`
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
        &[(LAYOUT, TEXT, "<mj-style>p { margin: 0 }</mj-style>")],
        r"
error[misplaced-element]: mjml/standard.mjml:6:9: `<mj-style>` cannot stand in `<mj-column>`
  6 |         <mj-style>p { margin: 0 }</mj-style>
    |         ^^^^^^^^^^
  help: it belongs in `<mj-head>`: move it there
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
        &[(LAYOUT, r#"alt="A" />"#, r#"alt="A">"#)],
        r#"
error[unbalanced-tag]: mjml/standard.mjml:7:9: `<mj-image>` is not closed before `</mj-column>` (line 8)
  7 |         <mj-image src="https://x.example/a.png" alt="A">
    |         ^^^^^^^^^
  help: end the tag with `/>`: `<mj-image … />` holds nothing
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
fn values() {
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
}

#[test]
fn what_is_missing() {
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
fn links_that_lead_nowhere() {
    told(
        &[(
            LAYOUT,
            TEXT,
            r##"<mj-button href="www.x.example">A</mj-button><mj-text><a href="#">B</a> <a href="">C</a></mj-text>"##,
        )],
        r##"
warning[relative-link]: mjml/standard.mjml:6:26: `www.x.example` is a relative link, which a reader's mail program cannot resolve
  6 |         <mj-button href="www.x.example">A</mj-button><mj-text><a href="#">B</a> <a href="">C<…
    |                          ^^^^^^^^^^^^^
  help: write the whole address, beginning with https://
warning[empty-link]: mjml/standard.mjml:6:72: this link leads nowhere
  6 | …j-button href="www.x.example">A</mj-button><mj-text><a href="#">B</a> <a href="">C</a></mj-t…
    |                                                               ^
  help: say where it leads, as in `href="https://…"`
warning[empty-link]: mjml/standard.mjml:6:90: this link leads nowhere
  6 | ….x.example">A</mj-button><mj-text><a href="#">B</a> <a href="">C</a></mj-text>
    |                                                               ^
  help: say where it leads, as in `href="https://…"`
"##,
    );
    told(
        &[(
            LAYOUT,
            TEXT,
            r#"<mj-navbar base-url="https://x.example"><mj-navbar-link href="/a">A</mj-navbar-link></mj-navbar>"#,
        )],
        "",
    );
}

#[test]
fn html_around_it() {
    told(
        &[(LAYOUT, "<mjml>", "<html><mjml>")],
        r"
error[no-mjml]: mjml/standard.mjml:1:1: `<html>` is HTML, not MJML
  1 | <html><mjml>
    | ^^^^^^
  help: a layout is `<mjml>`, in it `<mj-head>` if need be, and `<mj-body>`
",
    );
}

#[test]
fn a_space_before_the_unit() {
    told(
        &[(LAYOUT, r#"alt="A""#, r#"alt="A" width="50 %""#)],
        r#"
error[bad-value]: mjml/standard.mjml:7:64: `width` of `<mj-image>`: `50 %` has a space before its unit
  7 |         <mj-image src="https://x.example/a.png" alt="A" width="50 %" />
    |                                                                ^^^^
  help: write `50%`
"#,
    );
}
