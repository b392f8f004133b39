//! A newcomer's first mistakes, as `check` tells them: every line of it, as it stands in the terminal.

#![allow(clippy::too_many_lines, reason = "tables of mistakes and what is said of them")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod habits;
mod lost;
mod markup;
mod places;
#[path = "../support/mod.rs"]
mod support;
mod tags;

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
    <mj-section><mj-column><mj-text><a href="{{ unsubscribe_url }}">Leave</a> [[ list.address ]]</mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
"#;
/// An element of it.
const TEXT: &str = r#"<mj-text padding="10px">Bye {{ first_name }}</mj-text>"#;
/// And another.
const IMAGE: &str = r#"<mj-image src="https://x.example/a.png" alt="A" />"#;

/// A block that is right.
const RIGHT_BLOCK: &str = r#"<mj-section>
  <mj-column>
    [% if block.title %]<mj-text>[[ block.title ]]</mj-text>[% endif %]
    [% for item in block.items %]
    <mj-text>[[ item.title ]]</mj-text>
    [% if item.body %]<mj-text>[[ item.body ]]</mj-text>[% endif %]
    <mj-button href="[[ item.url ]]">Read</mj-button>
    [% endfor %]
  </mj-column>
</mj-section>
"#;

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
        let text = project.read(file);
        assert!(text.contains(from), "{file} does not hold {from:?}");
        project.write(file, text.replacen(from, to, 1));
    }
    says(&project, wanted);
}

/// What is said of a layout that includes this file, under this path and with these attributes.
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

#[test]
fn what_is_right_is_left_alone() {
    told(&[], "");
    // Every mail program reads a bare `&` as what is meant.
    told(&[(LAYOUT, "Bye", "Salt & pepper, R&D")], "");
}
