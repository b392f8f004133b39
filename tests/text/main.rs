//! The text part, from end to end: every issue here is previewed for readers who differ, and read as they would.
//!
//! `UPDATE=1 cargo test --test text` writes the expected texts anew; look at what changed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod page;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use support::Project;
use unicode_width::UnicodeWidthStr;

/// No line is wider, but for what must stay whole.
const COLUMNS: usize = 78;
const SETTINGS: &str = "[sender]
from = \"The Weekly <hello@weekly.example>\"
bounce = \"bounces@weekly.example\"
[list]
id = \"list.weekly.example\"
name = \"The Weekly\"
address = \"1 Example Street, London\"
subscribers = \"subscribers.csv\"
unsubscribe = \"https://weekly.example/u/{token}\"
view = \"https://weekly.example/{slug}\"
secret_env = \"MAILSHOT_SECRET\"
[merge]
first_name = \"there\"
";
/// Short and long names, none, and one from right to left; members and others.
const LIST: &str = "email,first_name,plan
ada@example.com,Ada,pro
wolf@example.com,Hubert Blaine Wolfeschlegelsteinhausenbergerdorff the Elder of Welchenburg,free
empty@example.com,,free
layla@example.com,ليلى,pro
";

/// What one reader gets.
struct Sample {
    issue: String,
    reader: String,
    html: String,
    text: String,
}

/// Every issue for every reader.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let project = Project::example();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/text");
    project.write("mailshot.toml", SETTINGS);
    project.write("subscribers.csv", LIST);
    for file in ["blocks/quiz.mjml", "blocks/quote.mjml", "wochenblatt.mjml"] {
        project.write(&format!("mjml/{file}"), fs::read(here.join("mjml").join(file)).unwrap());
    }
    let mut issues = vec!["tmw-450".to_owned()];
    for entry in fs::read_dir(here.join("issues")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let issue = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            for picture in pictures(&text) {
                project.write(&format!("campaigns/{issue}/{picture}"), PNG);
            }
            project.write(&format!("campaigns/{issue}/issue.md"), text);
            issues.push(issue);
        }
    }
    assert!(issues.len() > 12);
    issues.sort();
    issues.iter().flat_map(|issue| samples(&project, issue)).collect()
});

/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82";

/// The files that the pictures of an issue name.
fn pictures(issue: &str) -> impl Iterator<Item = &str> {
    issue.split("](").skip(1).map(|rest| rest.split([')', ' ']).next().unwrap_or_default()).filter(|name| {
        Path::new(name).extension().is_some_and(|extension| extension == "png") && !name.contains("://")
    })
}

fn samples(project: &Project, issue: &str) -> Vec<Sample> {
    project.expect(0, &format!("preview {issue} --all"));
    let folder = format!("preview/{issue}");
    let names = project.names(&folder);
    let stems: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".eml")).collect();
    assert_eq!(stems.len(), 4, "{issue}: {names:?}");
    let sample = |stem: &&str| Sample {
        issue: issue.to_owned(),
        reader: stem.split_once('-').unwrap().1.split_once('@').unwrap().0.to_owned(),
        html: project.read(&format!("{folder}/{stem}.html")),
        text: project.read(&format!("{folder}/{stem}.txt")),
    };
    stems.iter().map(sample).collect()
}

/// The text with every unsubscribe token called so.
fn without_tokens(text: &str) -> String {
    let mut parts = text.split("https://weekly.example/u/");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |out, part| {
        let end =
            part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(part.len());
        out + "https://weekly.example/u/TOKEN" + &part[end..]
    })
}

#[test]
fn every_issue_reads_as_it_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/text/issues");
    let mut changed = Vec::new();
    for sample in SAMPLES.iter().filter(|sample| sample.reader == "ada" && sample.issue != "tmw-450") {
        let file = folder.join(format!("{}.txt", sample.issue));
        let text = without_tokens(&sample.text);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected != text {
            let at = expected.lines().zip(text.lines()).take_while(|(a, b)| a == b).count() + 1;
            changed.push(format!("{}, from line {at}:\n{text}", file.display()));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n\n"));
}

#[test]
fn nothing_is_lost_that_the_html_says() {
    for sample in SAMPLES.iter() {
        let text = page::compact_text(&sample.text);
        let said = page::said(&sample.html);
        assert!(said.len() > 10, "{}: {said:?}", sample.issue);
        for word in said {
            assert!(
                text.contains(&word),
                "{} for {} lacks {word:?}:\n{}",
                sample.issue,
                sample.reader,
                sample.text
            );
        }
    }
}

#[test]
fn lines_fit_a_screen_whoever_reads() {
    for sample in SAMPLES.iter() {
        for line in sample.text.lines().filter(|line| line.width() > COLUMNS) {
            let content = line.trim_start_matches([' ', '>']);
            let whole = content.split(' ').all(|word| word.width() <= COLUMNS || word.contains("://"));
            let one = !content.contains(' ') || line.split("://").next().unwrap().width() <= COLUMNS;
            let code = line.trim_start_matches("> ").starts_with("    ")
                || (content.starts_with('`') && content.ends_with('`'));
            assert!(code || (whole && one), "{} for {}: {line}", sample.issue, sample.reader);
        }
    }
}

#[test]
fn nothing_is_left_of_branches_that_were_not_taken() {
    for sample in SAMPLES.iter() {
        let Sample { issue, reader, text, .. } = sample;
        let lines: Vec<&str> = text.lines().collect();
        let what = |line: usize| format!("{issue} for {reader}, line {}:\n{text}", line + 1);
        assert!(!lines[0].is_empty() && !lines.last().unwrap().is_empty(), "{}", what(0));
        for (number, pair) in lines.windows(2).enumerate() {
            assert!(!(pair[0].trim_matches(['>', ' ']).is_empty() && pair[1] == pair[0]), "{}", what(number));
        }
        let spoken: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
        for (number, pair) in spoken.windows(2).enumerate() {
            let parts = |line: &str| line == "* * *" || line.starts_with("--------");
            assert!(!(parts(pair[0]) && parts(pair[1])), "{}", what(number));
        }
        for (number, line) in lines.iter().enumerate() {
            assert_eq!(line.trim_end(), *line, "{}", what(number));
            if line.starts_with("    ") {
                continue; // code
            }
            let debris =
                ["[]", "<>", "()", "****", "{%", "{{", "%}", "}}", "mtag", "hidden words", "is hidden in"];
            assert!(!debris.iter().any(|debris| line.contains(debris)), "{}", what(number));
            assert!(!line.chars().any(char::is_control), "{line:?} {}", what(number));
            assert!(!matches!(line.trim(), "-" | "*" | "**" | "_" | "`" | "[" | "]"), "{}", what(number));
        }
    }
}

#[test]
fn each_branch_says_its_own() {
    let text = |reader: &str| {
        &SAMPLES.iter().find(|sample| sample.issue == "conditions" && sample.reader == reader).unwrap().text
    };
    for (words, readers) in [
        ("Only for those who pay.", ["ada", "layla"]),
        ("a secret", ["ada", "layla"]),
        ("Quoted for some", ["ada", "layla"]),
        ("Another for others\n-----", ["ada", "layla"]),
        ("[Ad]", ["wolf", "empty"]),
        ("A heading for some\n=====", ["wolf", "empty"]),
        ("The last words for some.", ["wolf", "empty"]),
    ] {
        for reader in ["ada", "wolf", "empty", "layla"] {
            assert_eq!(text(reader).contains(words), readers.contains(&reader), "{words} {reader}");
        }
    }
    assert!(
        text("ada").contains("even Ada: the members' page [1].\n[1] https://a.example/pro\n"),
        "{}",
        text("ada")
    );
    assert!(
        text("empty").contains("Everybody: join us [1].\n[1] https://a.example/join\n"),
        "{}",
        text("empty")
    );
}
