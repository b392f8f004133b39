//! `mailshot init [DIR]`: a new project that `preview` and `send --capture` work in at once.
//!
//! Nothing is overwritten: if one of the files exists, none is written. Only a `.gitignore`, which a fresh
//! repository often has, is taken as it is and gets the lines it lacks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::console::Console;
use super::error::{CliError, Exit};
use super::scaffold::{NewFile, unwritable, write_all};
use crate::clock;
use crate::config;
use crate::finding::Finding;

/// The example campaign.
const SLUG: &str = "first-issue";
const GIT_IGNORE: &str = ".gitignore";
/// What is made by running, not by writing: state and previews.
const IGNORED: [&str; 2] = [".mailshot/", "preview/"];

const SETTINGS: &str = include_str!("template/mailshot.toml");
const ISSUE: &str = include_str!("template/first-issue.md");
const SUBSCRIBERS: &str = include_str!("template/subscribers.csv");

/// The standard layout and its blocks.
const LAYOUT: [(&str, &str); 7] = [
    ("mjml/standard.mjml", include_str!("../../mjml/standard.mjml")),
    ("mjml/blocks/divider.mjml", include_str!("../../mjml/blocks/divider.mjml")),
    ("mjml/blocks/events.mjml", include_str!("../../mjml/blocks/events.mjml")),
    ("mjml/blocks/links.mjml", include_str!("../../mjml/blocks/links.mjml")),
    ("mjml/blocks/promo.mjml", include_str!("../../mjml/blocks/promo.mjml")),
    ("mjml/blocks/prose.mjml", include_str!("../../mjml/blocks/prose.mjml")),
    ("mjml/blocks/sponsor.mjml", include_str!("../../mjml/blocks/sponsor.mjml")),
];

/// Makes a project in `folder`, which is made if it is not there, and gives the files' paths in it. The example
/// issue has the date of `today`.
///
/// # Errors
/// The files that exist already, or the one that cannot be written; then none is left behind.
pub(super) fn create(folder: &Path, today: Date) -> Result<Vec<PathBuf>, Finding> {
    let mut files = vec![
        NewFile::new(config::FILE, SETTINGS),
        NewFile::new("subscribers.csv", SUBSCRIBERS),
        NewFile::new(format!("campaigns/{SLUG}/issue.md"), ISSUE.replace("@DATE@", &today.to_string())),
    ];
    files.extend(LAYOUT.map(|(path, text)| NewFile::new(path, text)));
    write_all(folder, &files)?;
    ignore(&folder.join(GIT_IGNORE)).map_err(|error| unwritable(Path::new(GIT_IGNORE), &error))?;
    let mut paths: Vec<PathBuf> = files.into_iter().map(|file| file.path).collect();
    paths.push(GIT_IGNORE.into());
    Ok(paths)
}

/// Makes the project and tells what comes next.
pub(super) fn run(folder: Option<PathBuf>, console: Console) -> Result<Exit, CliError> {
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let files = create(&folder, clock::today())?;
    if console.json {
        console.out_json(&serde_json::json!({ "files": files }))?;
    } else {
        for file in &files {
            console.out(&format!("wrote {}", folder.join(file).display()))?;
        }
        let settings = folder.join(config::FILE);
        console.note(&format!("the settings are in {}: sender, list, relay", settings.display()));
    }
    let go = match folder.to_string_lossy().as_ref() {
        "" | "." => String::new(),
        folder => format!("cd {} && ", shell_word(folder)),
    };
    console.next(&format!("{go}mailshot preview {SLUG}"));
    Ok(Exit::Done)
}

/// Adds the lines that the file lacks.
fn ignore(file: &Path) -> io::Result<()> {
    let mut text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let same = |line: &str, wanted: &str| line.trim().trim_matches('/') == wanted.trim_matches('/');
    let missing: Vec<_> =
        IGNORED.into_iter().filter(|wanted| !text.lines().any(|line| same(line, wanted))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in missing {
        text.push_str(line);
        text.push('\n');
    }
    fs::write(file, text)
}

/// `text` as one word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::Reader;
    use crate::campaign;
    use crate::tags::TagTable;

    const TODAY: Date = jiff::civil::date(2026, 3, 2);

    fn every_file(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        let name = |path: PathBuf| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let mut found: Vec<_> = found.into_iter().map(name).collect();
        found.sort();
        found
    }

    #[test]
    fn a_new_project_has_settings_an_issue_and_a_layout_that_fit_together() {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join("a/newsletter");
        let mut made: Vec<_> =
            create(&project, TODAY).unwrap().iter().map(|path| path.display().to_string()).collect();
        made.sort();
        assert_eq!(made, every_file(&project));

        let config = config::load(&project, None).unwrap();
        assert!(config.relays.is_empty());
        let list = &config.list;
        let rows = Reader::open(&project.join(&list.subscribers), &list.subscribers, list).unwrap();
        let subscribers: Vec<_> = rows.collect::<Result<_, _>>().unwrap();
        assert_eq!(subscribers.len(), 3);
        assert!(config.merge.keys().all(|column| subscribers[0].row.text(column).is_some()));

        let source = campaign::load(&project, SLUG).unwrap();
        let mut tags = TagTable::new([source.text.as_str()]);
        let campaign = campaign::parse(&source, &mut tags).unwrap();
        assert_eq!(campaign.front.issue["date"], "2026-03-02");
        for (path, _) in LAYOUT.iter().filter(|(path, _)| path.contains("blocks/")) {
            let kind = Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
            assert!(campaign.blocks.iter().any(|block| block.kind == kind), "{kind}");
        }
    }

    #[test]
    fn every_setting_that_is_commented_out_is_a_valid_one() {
        // What reads `# key = …`, `# "key" = …` or `# [table]` is a setting; `…` stands for some text.
        let uncommented: Vec<_> = SETTINGS
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with('[') || rest.split(' ').nth(1) == Some("=") => rest,
                _ => line,
            })
            .collect();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(config::FILE), uncommented.join("\n")).unwrap();
        let config = config::load(dir.path(), None).unwrap();
        let hosts: Vec<_> = config.relays.iter().map(|relay| relay.host.as_str()).collect();
        assert_eq!(hosts, ["smtp.example.com", "mail.example.com"]);
        // What is shown is what holds where it is not set.
        assert_eq!(config.relays[0].timeouts, config.relays[1].timeouts);
        assert_eq!(config.relays[0].domains.len(), 2);
        assert_eq!(config.utm.len(), 5);
        let staging = config::load(dir.path(), Some("staging")).unwrap().relays;
        assert_eq!(staging.len(), 1, "a rehearsal of the real thing falls back to it");
        let local = &staging[0];
        assert_eq!((local.host.as_str(), &local.login), ("localhost", &None));
    }

    #[test]
    fn nothing_is_ever_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path(), TODAY).unwrap();
        let again = create(dir.path(), TODAY).unwrap_err();
        assert_eq!(
            again.to_string(),
            "mailshot.toml: exists already, and so do 9 other files (nothing was written, for nothing is ever overwritten)"
        );

        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("subscribers.csv"), "mine").unwrap();
        let refused = create(dir.path(), TODAY).unwrap_err();
        assert!(refused.to_string().starts_with("subscribers.csv: exists already ("));
        assert_eq!(every_file(dir.path()), ["subscribers.csv"]);
        assert_eq!(fs::read_to_string(dir.path().join("subscribers.csv")).unwrap(), "mine");
    }

    #[test]
    fn the_git_ignore_of_a_fresh_repository_gets_what_it_lacks() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(GIT_IGNORE), "/preview\n*.log").unwrap();
        create(dir.path(), TODAY).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join(GIT_IGNORE)).unwrap(), "/preview\n*.log\n.mailshot/\n");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mjml"), "a file where a folder must be").unwrap();
        let refused = create(dir.path(), TODAY).unwrap_err();
        assert!(refused.to_string().starts_with("mjml/standard.mjml: cannot be written: "), "{refused}");
        assert_eq!(every_file(dir.path()), ["mjml"]);
    }

    #[test]
    fn a_folder_is_quoted_for_the_shell_where_it_must_be() {
        assert_eq!(shell_word("news"), "news");
        assert_eq!(shell_word("it's $mine"), r"'it'\''s $mine'");
    }
}
