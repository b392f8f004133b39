//! `mailshot check`, through the binary: every finding, with its place, and every row rendered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::json;
use support::Project;

const ISSUE: &str = "campaigns/weekly/issue.md";

#[test]
fn a_sound_campaign_has_no_findings_and_says_who_gets_a_fallback() {
    let project = Project::of(4);
    project.append("subscribers.csv", "x@example.com,,free\ny@example.com,,free\n");
    let output = project.expect(0, "check weekly");
    assert_eq!(
        output.stdout,
        "6 recipients of 6 rows; 2 get the `[merge]` value of `first_name`\n0 errors, 0 warnings\n"
    );
    assert_eq!(output.stderr, "next: mailshot preview weekly\n");
    assert_eq!(project.json("check weekly --json"), [json!({ "errors": 0, "warnings": 0, "findings": [] })]);
    assert!(!project.exists(".mailshot"), "a check leaves nothing behind");
}

#[test]
fn the_example_has_no_findings() {
    let output = Project::example().expect(0, "check tmw-450");
    assert!(output.stdout.ends_with("0 errors, 0 warnings\n"), "{output:?}");
}

#[test]
fn findings_have_the_keys_that_scripts_know() {
    let project = Project::of(1);
    project.replace(ISSUE, "first_name", "frist_name");
    let output = project.expect(3, "check weekly --json");
    assert_eq!(output.stderr, "");
    assert_eq!(
        output.json(),
        [json!({ "errors": 1, "warnings": 0, "findings": [{
            "severity": "error",
            "code": "merge-tag",
            "file": "campaigns/weekly/issue.md",
            "line": 7,
            "column": 7,
            "message": "`frist_name` is no column of the list",
            "help": "did you mean `first_name`?",
        }] })]
    );
}

#[test]
fn several_mistakes_are_told_at_once() {
    let project = Project::of(1);
    project.replace(ISSUE, "{{ first_name }}", "{{ frist_name }} {{ lats_name }}");
    project.replace(ISSUE, "Week {{ issue.number }}", "Week {{ issue.nubmer }}");
    let report = project.run("check weekly --json").json().remove(0);
    let places: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["line"].as_u64().unwrap())
        .collect();
    assert_eq!(places, [2, 7, 7], "{report}");
}

#[test]
fn an_attribute_that_no_template_reads_is_a_warning() {
    let project = Project::of(1);
    project.replace(ISSUE, "::: links", "::: links icon=\"x\"");
    let output = project.expect(0, "check weekly");
    assert_eq!(
        output.stderr.lines().take(2).collect::<Vec<_>>(),
        [
            "warning: campaigns/weekly/issue.md:11:1: the block `links` has no attribute `icon`",
            "  help: mjml/blocks/links.mjml reads no attributes",
        ]
    );
    assert!(output.stdout.ends_with("0 errors, 1 warning\n"), "{}", output.stdout);
}

#[test]
fn every_row_is_rendered_and_not_only_the_first() {
    let project = Project::of(30);
    project.replace(ISSUE, "(https://weekly.example/story)", "({{ story }})");
    let list = project.read("subscribers.csv");
    let rows: Vec<String> = list
        .lines()
        .enumerate()
        .map(|(n, row)| match n {
            0 => format!("{row},story"),
            20 => format!("{row},javascript:alert(1)"),
            _ => format!("{row},https://weekly.example/{n}"),
        })
        .collect();
    project.write("subscribers.csv", rows.join("\n"));
    let report = project.run("check weekly --json").json().remove(0);
    assert_eq!(report["errors"], 1, "{report}");
    assert_eq!(
        (&report["findings"][0]["file"], &report["findings"][0]["line"]),
        (&"subscribers.csv".into(), &21.into())
    );
    let refused = project.expect(3, "send weekly --capture");
    assert!(refused.stderr.starts_with("error: subscribers.csv:21: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("campaigns/weekly/issue.md:9:"), "{}", refused.stderr);
}

#[test]
fn text_that_is_asked_true_or_false_is_an_error_where_it_looks_boolean() {
    let project = Project::of(1);
    project.replace(ISSUE, "Hello ", "{% if vip %}Dear{% else %}Hello{% endif %} ");
    project.write("subscribers.csv", "email,first_name,vip\na@example.com,A,no\n");
    let refused = project.expect(3, "check weekly");
    assert!(
        refused.stderr.starts_with(
            "error: subscribers.csv:2: `vip` holds `no`, but is text: any text but the empty one counts as true\n  \
             help: in mailshot.toml, [list.columns]: vip = { column = \"vip\", type = \"bool\" }\n"
        ),
        "{}",
        refused.stderr
    );
    project.append("mailshot.toml", "[list.columns]\nvip = { column = \"vip\", type = \"bool\" }\n");
    project.expect(0, "check weekly");
    project.expect(0, "preview weekly");
    let text = project.read("preview/weekly/0001-a@example.com.txt");
    assert!(text.contains("Hello A!") && !text.contains("Dear"), "{text}");
}

#[test]
fn another_list_can_be_checked() {
    let project = Project::of(1);
    project.write("other.csv", "email,first_name\na@example.com,A\nb@example.com,B\n");
    let output = project.expect(0, "check weekly --subscribers other.csv");
    assert!(output.stdout.starts_with("2 recipients of 2 rows"), "{}", output.stdout);
}
