//! Merge tags, and the tags of the issue phase.

use super::{BLOCK, LAYOUT, told};

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
fn names_of_the_issue() {
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
}

#[test]
fn statements_and_filters_of_the_issue() {
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
    told(
        &[(LAYOUT, "Bye", "[# Bye")],
        r#"
error[template]: mjml/standard.mjml:6:33: this `[#` is never closed
  6 |         <mj-text padding="10px">[# Bye {{ first_name }}</mj-text>
    |                                 ^^
  help: end the note with `#]`
"#,
    );
    told(
        &[(LAYOUT, "Bye", r#"[[ issue.date|date("%d) ]]"#)],
        r#"
error[template]: mjml/standard.mjml:6:52: the quote that opens here is not closed
  6 |         <mj-text padding="10px">[[ issue.date|date("%d) ]] {{ first_name }}</mj-text>
    |                                                    ^
  help: close it before `]]` or `%]`
"#,
    );
    told(
        &[(LAYOUT, "Bye", r#"[[ issue.number|date("%d") ]]"#)],
        r#"
error[template]: mjml/standard.mjml:6:49: `7` is not a date
  6 |         <mj-text padding="10px">[[ issue.number|date("%d") ]] {{ first_name }}</mj-text>
    |                                                 ^^^^
  help: write it as YYYY-MM-DD
"#,
    );
}

#[test]
fn tags_of_other_programs() {
    told(
        &[(LAYOUT, "{{ first_name }}", "*|FNAME|* {FIRST_NAME}")],
        r#"
warning[foreign-tag]: mjml/standard.mjml:6:37: `*|FNAME|*` is no merge tag here: readers would see it as it stands
  6 |         <mj-text padding="10px">Bye *|FNAME|* {FIRST_NAME}</mj-text>
    |                                     ^^^^^^^^^
  help: a merge tag is a column's name in two braces: `{{ first_name }}`
warning[foreign-tag]: mjml/standard.mjml:6:47: `{FIRST_NAME}` is no merge tag here: readers would see it as it stands
  6 |         <mj-text padding="10px">Bye *|FNAME|* {FIRST_NAME}</mj-text>
    |                                               ^^^^^^^^^^^^
  help: write `{{ first_name }}`
"#,
    );
    told(
        &[(LAYOUT, "Bye", "{{#if plan}}Bye{{/if}}")],
        r#"
error[merge-tag]: mjml/standard.mjml:6:33: `#if plan` cannot be read: unexpected character
  6 |         <mj-text padding="10px">{{#if plan}}Bye{{/if}} {{ first_name }}</mj-text>
    |                                 ^^^^^^^^^^^^
  help: a condition is written `{% if plan == "pro" %} … {% else %} … {% endif %}`
error[merge-tag]: mjml/standard.mjml:6:48: `/if` cannot be read: unexpected `/`
  6 |         <mj-text padding="10px">{{#if plan}}Bye{{/if}} {{ first_name }}</mj-text>
    |                                                ^^^^^^^
  help: a condition is written `{% if plan == "pro" %} … {% else %} … {% endif %}`
"#,
    );
    told(
        &[(LAYOUT, "Bye", "{% for x in y %}Bye{% endfor %}")],
        r#"
error[merge-tag]: mjml/standard.mjml:6:33: `for` is not known in merge tags
  6 |         <mj-text padding="10px">{% for x in y %}Bye{% endfor %} {{ first_name }}</mj-text>
    |                                 ^^^^^^^^^^^^^^^^
  help: what repeats is drawn once per issue: `[% for … %]` in the mjml/ files
error[merge-tag]: mjml/standard.mjml:6:52: `endfor` is not known in merge tags
  6 |         <mj-text padding="10px">{% for x in y %}Bye{% endfor %} {{ first_name }}</mj-text>
    |                                                    ^^^^^^^^^^^^
  help: what repeats is drawn once per issue: `[% for … %]` in the mjml/ files
"#,
    );
}
