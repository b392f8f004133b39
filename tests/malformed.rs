//! Malformed input of every kind, through the binary: `check` gives a message with file, line and column at once, and
//! never breaks off. How long each took is printed (`--nocapture`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails; the times are for people"
)]

mod support;

use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Instant;

use support::Project;

const LAYOUT: &str = "mjml/standard.mjml";
const ISSUE: &str = "campaigns/weekly/issue.md";
const FRONT: &str = "+++\nsubject = 's'\n+++\n";

/// What `check` finds first in a project that was broken so: place and message.
#[track_caller]
fn found(what: &str, break_it: impl FnOnce(&Project)) -> String {
    let project = Project::of(1);
    break_it(&project);
    let start = Instant::now();
    let output = project.run("check weekly --json");
    println!("{what}: {} ms", start.elapsed().as_millis());
    assert_eq!(output.code, 3, "{what}: {}", output.stderr);
    assert!(output.stdout.len() < 50_000, "{what}: {} bytes of findings", output.stdout.len());
    let report = output.json().remove(0);
    let finding =
        report["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "error");
    let finding = finding.unwrap_or_else(|| panic!("{what}: no error"));
    let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
    let number =
        |key: &str| finding[key].as_u64().map_or_else(|| "-".to_owned(), |number| number.to_string());
    format!("{}:{}:{}: {}", text("file"), number("line"), number("column"), text("message"))
}

/// The same for this layout.
#[track_caller]
fn layout(what: &str, text: impl AsRef<[u8]>) -> String {
    found(what, |project| project.write(LAYOUT, text))
}

/// The same for an issue with this body.
#[track_caller]
fn issue(what: &str, body: impl AsRef<[u8]>) -> String {
    found(what, |project| project.write(ISSUE, [FRONT.as_bytes(), body.as_ref()].concat()))
}

/// The same for a layout that includes `path`, in its second line.
#[track_caller]
fn include(path: &str, kind: &str, prepare: impl FnOnce(&Project)) -> String {
    found(path, |project| {
        project.write(
            LAYOUT,
            format!("<mjml><mj-body>\n<mj-include path=\"{path}\" type=\"{kind}\"/>\n</mj-body></mjml>"),
        );
        prepare(project);
    })
}

fn column(inner: &str) -> String {
    format!("<mjml><mj-body><mj-section><mj-column>{inner}</mj-column></mj-section></mj-body></mjml>")
}

fn pipe(project: &Project, file: &str) {
    assert!(Command::new("mkfifo").arg(project.path(file)).status().unwrap().success());
}

#[test]
fn next_to_nothing() {
    let texts =
        [("empty", ""), ("a byte order mark", "\u{feff}"), ("white space", " \r\n "), ("a lone <", "<")];
    for (what, text) in texts {
        let message = layout(what, text);
        assert_eq!(
            message, "mjml/standard.mjml:1:1: this is no MJML: there is no `<mjml>` element",
            "{what}"
        );
        assert_eq!(
            found(what, |project| project.write(ISSUE, text)),
            "campaigns/weekly/issue.md:1:1: does not begin with front matter",
            "{what}"
        );
    }
}

#[test]
fn what_is_no_text() {
    let at = |message: String| message.split(": ").next().unwrap().to_owned();
    assert_eq!(at(layout("NUL", column("<mj-text>a\0</mj-text>"))), "mjml/standard.mjml:1:49");
    assert_eq!(at(layout("no UTF-8", b"<mjml>\n  \xff</mjml>")), "mjml/standard.mjml:2:3");
    assert_eq!(at(issue("NUL in an issue", "a\0b")), "campaigns/weekly/issue.md:4:2");
    assert_eq!(at(issue("no UTF-8 in an issue", b"a\n\xff")), "campaigns/weekly/issue.md:5:1");
}

#[test]
fn nested_too_deep() {
    let many =
        |name: &str, count: usize| format!("<{name}>").repeat(count) + &format!("</{name}>").repeat(count);
    for (what, text) in [
        ("90,000 wrappers, never closed", format!("<mjml><mj-body>{}", "<mj-wrapper>".repeat(80_000))),
        ("40,000 wrappers", format!("<mjml><mj-body>{}</mj-body></mjml>", many("mj-wrapper", 40_000))),
        ("100,000 elements of HTML", column(&format!("<mj-text>{}</mj-text>", many("b", 100_000)))),
    ] {
        let message = layout(what, text);
        assert!(message.starts_with("mjml/standard.mjml:1:"), "{message}");
        assert!(message.contains("elements are nested more than"), "{message}");
    }
    for (what, body) in [("quotes", ">".repeat(20_000)), ("lists", "- ".repeat(15_000))] {
        let message = issue(what, body + "x");
        assert!(message.starts_with("campaigns/weekly/issue.md:4:"), "{message}");
        assert!(message.ends_with("this lies too deep"), "{message}");
    }
}

#[test]
fn too_many_and_too_long() {
    for (what, text, expected) in [
        (
            "100,000 siblings",
            column(&format!("<mj-text>{}</mj-text>", "<br>".repeat(100_000))),
            "more than 10000 elements in one email",
        ),
        (
            "200,000 attributes",
            column(&format!("<mj-text {}>x</mj-text>", "a=b ".repeat(200_000))),
            "more than 100 attributes on one tag",
        ),
        (
            "1,000,000 attributes",
            column(&format!("<mj-text {}>x</mj-text>", "a=b ".repeat(1_000_000))),
            "is larger than 1024 KiB",
        ),
        (
            "an attribute of 10 MB",
            column(&format!("<mj-text padding=\"{}\">x</mj-text>", "x".repeat(10_000_000))),
            "is larger than 1024 KiB",
        ),
        (
            "a text of 10 MB",
            column(&format!("<mj-text>{}</mj-text>", "x".repeat(10_000_000))),
            "is larger than 1024 KiB",
        ),
        (
            "a value of 1 MB",
            column(&format!("<mj-text padding=\"{}\">x</mj-text>", "x".repeat(1_000_000))),
            "`padding` of `<mj-text>`: `xxxx",
        ),
    ] {
        let message = layout(what, text);
        assert!(message.starts_with("mjml/standard.mjml:1:"), "{message}");
        assert!(message.contains(expected), "{what}: {message}");
    }
    let message = issue("an issue of 10 MB", "x".repeat(10_000_000));
    assert_eq!(message, "campaigns/weekly/issue.md:4:1048556: is larger than 1024 KiB");
}

#[test]
fn never_closed() {
    let long = "x".repeat(900_000);
    for (what, text, expected) in [
        ("a comment", format!("<mjml>\n <!-- {long}"), "this comment is never closed with `-->`"),
        (
            "a section of CDATA",
            format!("\n <mjml>\n<![CDATA[ {long}"),
            "`<mjml>` is not closed at the end of the file",
        ),
        (
            "a quote",
            format!("<mjml>\n <mj-body css-class=\"{long}"),
            "the quote of this attribute's value is never closed",
        ),
        (
            "a tag",
            format!("\n <mjml {}", " ".repeat(900_000)),
            "this `<` opens a tag that is never closed with `>`",
        ),
        (
            "300,000 tags",
            format!("\n {}", "<a ".repeat(300_000)),
            "a tag must not open inside another: the `>` of this one is missing",
        ),
    ] {
        let message = layout(what, text);
        let (place, said) = message.split_once(": ").unwrap();
        assert!(place.starts_with("mjml/standard.mjml:2:"), "{what}: {message}");
        assert_eq!(said, expected, "{what}");
    }
    let message = issue("a merge tag", "text {{ first_name");
    assert_eq!(message, "campaigns/weekly/issue.md:4:6: this `{{` has no `}}`");
    let message = issue("50,000 blocks", "::: promo\n".repeat(50_000));
    let expected =
        "campaigns/weekly/issue.md:54:1: dozens of blocks begin before this one and are never closed";
    assert_eq!(message, expected);
}

#[test]
fn includes_in_a_circle_or_too_deep() {
    let message = include("a.mjml", "mjml", |project| {
        project.write("mjml/a.mjml", "\n<mj-include path=\"b\"/>");
        project.write("mjml/b.mjml", "\n\n  <mj-include path=\"./a.mjml\"/>");
    });
    assert!(message.starts_with("mjml/b.mjml:3:"), "{message}");
    assert!(
        message.contains(
            "`mjml/a.mjml` includes itself: mjml/standard.mjml → mjml/a.mjml → mjml/b.mjml → mjml/a.mjml"
        ),
        "{message}"
    );
    let message = include("f0.mjml", "mjml", |project| {
        for number in 0..30 {
            project.write(&format!("mjml/f{number}.mjml"), format!("<mj-include path=\"f{}\"/>", number + 1));
        }
    });
    assert!(message.starts_with("mjml/f15.mjml:1:") && message.ends_with("more than 16 deep"), "{message}");
}

#[test]
fn includes_of_what_is_no_file_of_the_project() {
    let outside = |project: &Project, name: &str| symlink("/etc/hostname", project.path(name)).unwrap();
    for (message, expected) in [
        (include("../../../etc/hostname", "html", |_| ()), "lies outside of"),
        (include("/etc/hostname", "html", |_| ()), "lies outside of"),
        (
            include("link.mjml", "mjml", |project| outside(project, "mjml/link.mjml")),
            "leads out of the project",
        ),
        (
            include("link.html", "html", |project| outside(project, "mjml/link.html")),
            "leads out of the project",
        ),
        (
            include("etc/hostname", "html", |project| symlink("/etc", project.path("mjml/etc")).unwrap()),
            "leads out of the project",
        ),
        (
            include("zero.css", "css", |project| {
                symlink("/dev/zero", project.path("mjml/zero.css")).unwrap();
            }),
            "leads out of the project",
        ),
        (
            include("folder.mjml", "mjml", |project| project.write("mjml/folder.mjml/x", "")),
            "no regular file",
        ),
        (include("pipe.mjml", "mjml", |project| pipe(project, "mjml/pipe.mjml")), "no regular file"),
        (include("pipe.html", "html", |project| pipe(project, "mjml/pipe.html")), "no regular file"),
        (include("missing", "mjml", |_| ()), "there is no such file"),
    ] {
        assert!(message.starts_with("mjml/standard.mjml:2:"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let message = found("an issue that is a pipe", |project| {
        project.remove(ISSUE);
        pipe(project, ISSUE);
    });
    assert_eq!(message, "campaigns/weekly/issue.md:-:-: cannot be read: it is no regular file");
    let message = found("a layout that is a pipe", |project| {
        project.remove(LAYOUT);
        pipe(project, LAYOUT);
    });
    assert!(message.ends_with(": cannot be read: it is no regular file"), "{message}");
}

#[test]
fn a_file_that_nobody_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let mut readable = false;
    let message = include("secret.html", "html", |project| {
        project.write("mjml/secret.html", "<p>x</p>");
        let path = project.path("mjml/secret.html");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        readable = std::fs::read(&path).is_ok();
        if readable {
            // root may read anything: a file that is not there must do.
            std::fs::remove_file(&path).unwrap();
        }
    });
    assert!(message.starts_with("mjml/standard.mjml:2:"), "{message}");
    let expected = if readable { "there is no such file" } else { "cannot be read: Permission denied" };
    assert!(message.contains(expected), "{message}");
}
