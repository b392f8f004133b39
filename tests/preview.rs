//! `mailshot preview`, through the binary: the issue as files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::Project;

/// The samples' names without their ends.
fn samples(project: &Project, folder: &str) -> Vec<String> {
    let names = project.names(folder);
    names.iter().filter_map(|name| name.strip_suffix(".eml")).map(str::to_owned).collect()
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
