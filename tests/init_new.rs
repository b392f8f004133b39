//! `mailshot init` and `mailshot new`, through the binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Project, Running};

#[test]
fn a_new_project_works_at_once() {
    let project = Project::empty();
    let output = project.expect(0, "init");
    assert!(output.stdout.lines().all(|line| line.starts_with("wrote ")), "{}", output.stdout);
    assert!(output.stderr.ends_with("next: mailshot preview first-issue\n"), "{}", output.stderr);
    let checked = project.expect(0, "check first-issue");
    assert!(checked.stdout.ends_with("0 errors, 0 warnings\n"), "{checked:?}");
    assert_eq!(
        project.expect(0, "preview first-issue").stdout,
        "3 samples in preview/first-issue/index.html\n"
    );
    project.expect(0, "send first-issue --capture");
    assert_eq!(project.names(".mailshot/captured/1").len(), 3);
    assert_eq!(project.read(".gitignore"), ".mailshot/\npreview/\n");
}

#[test]
fn a_project_may_be_made_in_a_folder_of_its_own() {
    let project = Project::empty();
    let output = project.expect(0, "init my-newsletter");
    assert!(
        output.stderr.ends_with("next: cd my-newsletter && mailshot preview first-issue\n"),
        "{}",
        output.stderr
    );
    project.expect(0, "-C my-newsletter check first-issue");
    let mut command = project.command("check first-issue");
    command.current_dir(project.path("my-newsletter/mjml/blocks"));
    assert_eq!(Running::of(command).finish().code, 0);
    let files = project.json("init other --json").remove(0);
    assert!(files["files"].as_array().unwrap().contains(&"mailshot.toml".into()), "{files}");
}

#[test]
fn nothing_is_overwritten() {
    let project = Project::empty();
    project.write("subscribers.csv", "email\nmine@example.com\n");
    assert_eq!(
        project.expect(3, "init").stderr,
        "error: subscribers.csv: exists already\n  help: nothing was written, for nothing is ever overwritten\n"
    );
    assert_eq!(project.names("."), ["subscribers.csv"]);
    project.remove("subscribers.csv");
    project.expect(0, "init");
    let refused = project.expect(3, "init");
    assert!(
        refused.stderr.starts_with("error: mailshot.toml: exists already, and so do "),
        "{}",
        refused.stderr
    );
    assert_eq!(
        project.expect(3, "new first-issue").stderr,
        "error: campaigns/first-issue: exists already\n  help: choose another slug; nothing is ever overwritten\n"
    );
}

#[test]
fn a_new_campaign_cannot_go_out_before_it_is_written() {
    let project = Project::of(2);
    let output = project.expect(0, "new week-8");
    assert_eq!(output.stdout, "wrote campaigns/week-8/issue.md\n");
    let refused = project.expect(3, "send week-8 --capture").stderr;
    assert!(refused.contains("campaigns/week-8/issue.md:2:13: there is no subject"), "{refused}");
    assert!(refused.contains("https://"), "{refused}");
    let file = "campaigns/week-8/issue.md";
    project.replace(file, "subject   = \"\"", "subject   = \"Week 8\"");
    project.replace(file, "(https://)", "(https://weekly.example/eight)");
    project.expect(0, "send week-8 --capture");
}

#[test]
fn the_next_campaign_begins_as_the_last_one() {
    let project = Project::of(2);
    project.write("campaigns/weekly/picture.png", "");
    let output = project.expect(0, "new week-8 --from weekly");
    assert_eq!(output.stdout, "wrote campaigns/week-8/issue.md, after weekly\n");
    assert!(
        output.stderr.contains("`mailshot check week-8` lists what is left to write"),
        "{}",
        output.stderr
    );
    let text = project.read("campaigns/week-8/issue.md");
    assert!(text.contains("# last subject: \"Week {{ issue.number }}\"\nsubject = \"\"\n"), "{text}");
    assert!(text.contains("issue.number = 8\n") && text.contains("issue.date = 2026-03-09\n"), "{text}");
    assert!(!text.contains("weekly.example/two"), "{text}");
    assert_eq!(project.names("campaigns/week-8"), ["issue.md"]);
    let report = project.run("check week-8 --json").json().remove(0);
    assert_eq!(report["errors"], 2, "{report}");
}

#[test]
fn a_slug_that_cannot_be_and_a_campaign_that_is_not_there_are_refused() {
    let project = Project::of(1);
    assert!(project.expect(3, "new Week!").stderr.starts_with("error: `Week!` cannot name a campaign\n"));
    assert!(project.expect(3, "new ../up").stderr.contains("cannot name a campaign"));
    assert_eq!(
        project.expect(3, "new week-8 --from wekly").stderr,
        "error: there is no campaign `wekly`\n  help: did you mean `weekly`?\n"
    );
    assert_eq!(project.names("campaigns"), ["weekly"]);
    assert!(Project::empty().expect(3, "new week-8").stderr.contains("`mailshot init` makes a project"));
}
