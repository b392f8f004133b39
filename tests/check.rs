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
    assert_eq!(
        output.stdout,
        "17 recipients of 18 rows; 1 gets the `[merge]` value of `first_name`\n0 errors, 0 warnings\n"
    );
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
fn a_template_that_cannot_be_drawn_hides_no_other_mistake() {
    let project = Project::of(1);
    project.replace(ISSUE, "{{ first_name }}", "{{ frist_name }}");
    project.replace(ISSUE, "::: links", "::: promo\nFine.\n:::\n\n::: lniks");
    project.replace("mjml/blocks/promo.mjml", "block.label", "blokc.label");
    project.replace("mjml/standard.mjml", "[[ reading_minutes ]]", "[[ reading_minuets ]] {{ lats_name }}");
    let report = project.run("check weekly --json").json().remove(0);
    let messages: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| &finding["message"]).collect();
    assert_eq!(
        messages,
        [
            "`blokc.label` is not defined",
            "`frist_name` is no column of the list",
            "there is no block `lniks`",
            "`reading_minuets` is not defined",
            "`lats_name` is no column of the list",
        ]
    );
}

#[test]
fn an_attribute_that_no_template_reads_is_a_warning() {
    let project = Project::of(1);
    project.replace(ISSUE, "::: links", "::: links icon=\"x\"");
    let output = project.expect(0, "check weekly");
    assert_eq!(
        output.stderr.lines().take(4).collect::<Vec<_>>(),
        [
            "warning[unread-attribute]: campaigns/weekly/issue.md:11:11: the block `links` has no attribute `icon`",
            "  11 | ::: links icon=\"x\" Worth your time",
            "     |           ^^^^",
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

#[test]
fn lines_of_settings_and_lists_are_not_shown() {
    let project = Project::of(1);
    project.append("mailshot.toml", "[relay.main]\nhost = \"a.example\"\npasswort = \"hunter2\"\n");
    let said = project.expect(3, "check weekly").stderr;
    assert!(said.starts_with("error: mailshot.toml:19:1: unknown key `passwort`"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let project = Project::of(0);
    project.append("subscribers.csv", "someone@example.com,A\n");
    let said = project.expect(3, "check weekly").stderr;
    assert!(said.starts_with("error: subscribers.csv:2: ") && !said.contains("someone@"), "{said}");
}

#[test]
fn colours_are_for_those_who_want_them() {
    let project = Project::of(1);
    project.replace(ISSUE, "first_name", "frist_name");
    let plain = project.run("check weekly").stderr;
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    assert_eq!(project.run("check weekly --color never").stderr, plain);
    let coloured = project.run("check weekly --color always").stderr;
    assert!(
        coloured.contains("\u{1b}[1;31merror[merge-tag]\u{1b}[0m: campaigns/weekly/issue.md:7:7: "),
        "{coloured:?}"
    );
    assert!(coloured.contains("Hello \u{1b}[1;31m{{ frist_name }}\u{1b}[0m!\n"), "{coloured:?}");
    assert!(coloured.contains("\u{1b}[1;31m^^^^^^^^^^^^^^^^\u{1b}[0m\n"), "{coloured:?}");
    let without: String =
        coloured.split('\u{1b}').map(|part| part.split_once('m').map_or(part, |(_, text)| text)).collect();
    assert_eq!(
        format!("error[{}", without.split_once('[').unwrap().1),
        plain,
        "the colours are all that differs"
    );
}

#[test]
fn nothing_of_a_file_reaches_the_terminal_as_it_is() {
    let project = Project::of(1);
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{200b}\u{7f}";
    let text = format!("<mj-text>\t日本🫠 {hostile}</td> {hostile}=\"x\"</mj-text>");
    let attribute = format!("<mj-text {hostile}=\"1\" {}=\"2\">x</mj-text>", "a".repeat(100_000));
    for inner in [text, attribute] {
        let layout = format!(
            "\u{feff}<mjml><mj-body>\r\n<mj-section><mj-column>{inner}</mj-column></mj-section>\r\n[% for block in blocks %][[ block.mjml ]][% endfor %]</mj-body></mjml>"
        );
        project.write("mjml/standard.mjml", layout);
        let said = project.run("check weekly").stderr;
        assert!(said.contains("mjml/standard.mjml:2:"), "{said}");
        assert!(said.contains("<U+202E>") && said.contains("␛]0;owned"), "{said}");
        let obeyed = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{200b}".contains(c));
        assert!(!said.contains(obeyed), "{said:?}");
        assert!(said.lines().all(|line| line.chars().count() < 1_000), "{said}");
    }
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let project = Project::of(1);
    let long = format!("{}{{{{ frist_name }}}}{}", "word ".repeat(3_000), " word".repeat(3_000));
    project.replace(ISSUE, "{{ first_name }}", &long);
    let said = project.run("check weekly").stderr;
    let lines: Vec<&str> = said.lines().take(3).collect();
    assert_eq!(
        lines[0],
        "error[merge-tag]: campaigns/weekly/issue.md:7:15007: `frist_name` is no column of the list"
    );
    let caret = lines[2].find('^').unwrap();
    assert_eq!(lines[1].chars().skip(caret).take(16).collect::<String>(), "{{ frist_name }}");
    assert_eq!(lines[2].trim_start_matches([' ', '|']), "^".repeat(16));
    assert!(
        lines[1].starts_with("  7 | …") && lines[1].ends_with('…') && lines[1].chars().count() <= 100,
        "{said}"
    );
}
