//! `mailshot preview`, through the binary: the issue as files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use mailshot::message::{TokenError, Tokens};
use serde_json::Value;
use support::{Project, SECRET};

/// The samples' names without their ends.
fn samples(project: &Project, folder: &str) -> Vec<String> {
    let names = project.names(folder);
    names.iter().filter_map(|name| name.strip_suffix(".eml")).map(str::to_owned).collect()
}

/// What the page holds.
fn data(project: &Project) -> Value {
    let page = project.read("preview/weekly/index.html");
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(data).unwrap()
}

/// `0003-c@example.com: empty first_name: …, plan == "pro" is true`
fn reasons(data: &Value) -> Vec<String> {
    let reason = |sample: &Value| {
        let why: Vec<_> = sample["why"].as_array().unwrap().iter().map(|why| why.as_str().unwrap()).collect();
        format!("{}: {}", sample["stem"].as_str().unwrap(), why.join(", "))
    };
    data["samples"].as_array().unwrap().iter().map(reason).collect()
}

#[test]
fn the_page_and_three_files_for_each_sample_are_written() {
    let project = Project::of(40);
    let output = project.expect(0, "preview weekly");
    assert_eq!(output.stdout, "6 samples in preview/weekly/index.html\n");
    assert_eq!(output.stderr, "next: open it, then mailshot test weekly\n");
    let samples = samples(&project, "preview/weekly");
    assert_eq!(samples.len(), 6, "{samples:?}");
    assert!(samples.contains(&"0001-reader1@example.com".to_owned()), "{samples:?}");
    for sample in &samples {
        for end in ["html", "txt", "eml"] {
            assert!(project.exists(&format!("preview/weekly/{sample}.{end}")), "{sample}.{end}");
        }
    }
    let page = project.read("preview/weekly/index.html");
    assert!(page.contains("Week 7") && page.contains("A short one."), "{page}");
    assert!(!project.exists(".mailshot"), "a preview is no run");
}

#[test]
fn a_sample_is_what_that_subscriber_would_get() {
    let project = Project::of(3);
    project.append("subscribers.csv", "braces@example.com,<b>{{ 7*7 }}</b>,pro\nempty@example.com,,pro\n");
    project.expect(0, "preview weekly --as braces@example.com --as EMPTY@example.com");
    assert_eq!(samples(&project, "preview/weekly"), ["0001-braces@example.com", "0002-empty@example.com"]);
    let html = project.read("preview/weekly/0001-braces@example.com.html");
    assert!(html.contains("Hello &lt;b&gt;{{ 7*7 }}&lt;/b&gt;!"), "{html}");
    let text = project.read("preview/weekly/0001-braces@example.com.txt");
    assert!(text.contains("Hello <b>{{ 7*7 }}</b>!"), "{text}");
    assert!(project.read("preview/weekly/0002-empty@example.com.txt").contains("Hello there!"));
}

#[test]
fn all_of_them_or_so_many_and_elsewhere() {
    let project = Project::of(12);
    project.expect(0, "preview weekly --all --out looks");
    assert_eq!(samples(&project, "looks/weekly").len(), 12);
    project.expect(0, "preview weekly --sample 2 --out looks");
    let samples_now = samples(&project, "looks/weekly");
    let expected = ["0001-reader1@example.com", "0007-reader7@example.com", "0010-reader10@example.com"];
    assert_eq!(samples_now, expected, "two of twelve, the longest name, and nothing of last time");
    let result = project.json("preview weekly --sample 100 --json").remove(0);
    assert_eq!((&result["samples"], &result["page"]), (&12.into(), &"preview/weekly/index.html".into()));
    project.expect(2, "preview weekly --all --sample 3");
}

#[test]
fn only_those_who_would_be_mailed_are_sampled() {
    let project = Project::of(6);
    project.replace("mailshot.toml", "[merge]", "where = \"plan == 'pro'\"\n[merge]");
    project.expect(0, "preview weekly --all");
    assert_eq!(
        samples(&project, "preview/weekly"),
        ["0001-reader2@example.com", "0002-reader4@example.com", "0003-reader6@example.com"]
    );
}

#[test]
fn from_a_folder_within_the_project_it_lands_at_its_top() {
    let project = Project::of(1);
    let mut command = project.command("preview weekly");
    command.current_dir(project.path("campaigns/weekly"));
    let output = support::Running::of(command).finish();
    assert_eq!(output.code, 0, "{output:?}");
    let page = project.path("preview/weekly/index.html");
    assert_eq!(output.stdout, format!("1 sample in {}\n", page.canonicalize().unwrap().display()));
    assert_eq!(project.names("campaigns/weekly"), ["issue.md"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let project = Project::of(1);
    project.write("preview", "a file in the way");
    let refused = project.expect(3, "preview weekly");
    assert!(refused.stderr.starts_with("error: preview/weekly"), "{}", refused.stderr);
    assert!(refused.stderr.ends_with("help: choose another folder with --out\n"), "{}", refused.stderr);
    assert_eq!(project.read("preview"), "a file in the way");
}

#[test]
fn nothing_of_the_operator_is_deleted() {
    let project = Project::of(1);
    project.write("looks/weekly/notes.txt", "mine");
    project.write("looks/weekly/0001-mine.md", "mine");
    project.expect(0, "preview weekly --out looks");
    assert_eq!(project.read("looks/weekly/notes.txt"), "mine");
    assert_eq!(project.read("looks/weekly/0001-mine.md"), "mine");
}

const LIST: &str = "email,first_name,plan
a@example.com,Ada,free
not an address,Nobody,free
b@example.com,ليلى,free
A@EXAMPLE.COM,Ada Again,free
c@example.com,,pro
d@example.com,Maximiliane-Charlotte,free
e@example.com,too,many,fields
f@example.com,Jo,free
";

#[test]
fn the_awkward_are_chosen_and_say_why_and_nothing_of_the_list_is_passed_over_in_silence() {
    let project = Project::of(0);
    project.write("subscribers.csv", LIST);
    project.append("campaigns/weekly/issue.md", "\n::: prose if='plan == \"pro\"'\nFor members.\n:::\n");
    project.append("campaigns/weekly/issue.md", "\n::: prose if='plan == \"gold\"'\nFor nobody.\n:::\n");
    let output = project.expect(0, "preview weekly --sample 1");
    assert_eq!(output.stdout, "4 samples in preview/weekly/index.html\n");
    assert!(output.stderr.starts_with("1 error in the list: see the page, or `mailshot check weekly`\n"));
    let data = data(&project);
    assert_eq!(
        reasons(&data),
        [
            "0001-a@example.com: plan == \"pro\" is false, plan == \"gold\" is false",
            "0002-b@example.com: right-to-left first_name",
            "0003-c@example.com: empty first_name: “there” stands for it, plan == \"pro\" is true",
            "0004-d@example.com: longest first_name: 21 characters",
        ]
    );
    let findings = data["findings"].as_array().unwrap();
    let lines: Vec<_> = findings.iter().map(|finding| (&finding["code"], &finding["line"])).collect();
    let expected = [("invalid-address", 3), ("duplicate", 5), ("csv-ragged-row", 8)];
    assert_eq!(
        lines,
        expected.map(|(code, line)| (code.into(), line.into())).each_ref().map(|(a, b)| (a, b))
    );
    let notes: Vec<_> = data["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    assert_eq!(
        notes[0],
        "5 of 7 rows get this issue; left out: 1 for an address that came before, 1 for an invalid address"
    );
    assert!(notes[1].starts_with("nobody on the list sees what is written where plan == \"gold\" is true"));
    assert_eq!(notes.len(), 2);
}

#[test]
fn who_cannot_be_merged_is_not_shown_and_stops_nobody_else() {
    let project = Project::of(3);
    project.append("campaigns/weekly/issue.md", "\n[Your page]({{ plan }})\n");
    project.write(
        "subscribers.csv",
        "email,first_name,plan\na@example.com,Ada,https://a.example/\nb@example.com,Bo,\nc@example.com,Cy,https://c.example/\n",
    );
    for arguments in ["preview weekly", "preview weekly --all"] {
        project.expect(0, arguments);
        assert_eq!(samples(&project, "preview/weekly"), ["0001-a@example.com", "0003-c@example.com"]);
        assert_eq!(data(&project)["findings"][0]["line"], 3);
    }
    let refused = project.expect(3, "preview weekly --as b@example.com");
    assert!(refused.says("a tag that opens a URL must give a whole http(s) URL"), "{}", refused.stderr);
    assert_eq!(samples(&project, "preview/weekly"), [""; 0], "half a gallery, or an old one, is left");
    assert!(!project.exists("preview/weekly/index.html"));
}

#[test]
fn only_the_operator_may_read_what_holds_addresses() {
    let project = Project::of(2);
    fs::create_dir_all(project.path("preview/weekly")).unwrap();
    project.expect(0, "preview weekly");
    let mode = |name: &str| fs::metadata(project.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("preview/weekly"), 0o700);
    for name in project.names("preview/weekly") {
        assert_eq!(mode(&format!("preview/weekly/{name}")), 0o600, "{name}");
    }
}

#[test]
fn the_unsubscribe_links_of_samples_are_inert_though_the_secret_is_at_hand() {
    let project = Project::of(1);
    project.replace("mailshot.toml", "[merge]", "unsubscribe_mailto = \"leave@weekly.example\"\n[merge]");
    project.expect(0, "preview weekly");
    let live = Tokens::new(SECRET.as_bytes()).unwrap();
    for (ending, count) in [("html", 1), ("txt", 1), ("eml", 2)] {
        let file = project.read(&format!("preview/weekly/0001-reader1@example.com.{ending}"));
        let file = if ending == "eml" { file.split("\r\n\r\n").next().unwrap().to_owned() } else { file };
        let starts = ["https://weekly.example/u/", "mailto:leave@weekly.example?subject=unsubscribe%20"];
        let tokens: Vec<String> = starts
            .iter()
            .flat_map(|start| file.split(start).skip(1))
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
            .collect();
        assert_eq!(tokens.len(), count, "{ending}: {file}");
        for token in tokens {
            assert_eq!(live.open(&token), Err(TokenError::Inert));
        }
    }
}
