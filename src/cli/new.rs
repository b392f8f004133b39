//! `mailshot new <slug> [--from <slug>]`: the next campaign.
//!
//! What is made must be finished before it can be sent: its subject is empty and its links lead nowhere, and both are
//! errors to `check`, which thereby lists what is left to write. Made from another campaign, it is that issue with its
//! number raised, its date a week later, its links emptied (see `next_issue.rs`). Pictures and `sent.toml` stay where
//! they are.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::args::Global;
use super::console::Console;
use super::error::{CliError, Exit};
use super::next_issue::next_issue;
use super::project::Project;
use super::scaffold::{NewFile, exists, write_all};
use crate::campaign::{Source, is_slug};
use crate::clock;
use crate::finding::{Finding, Place};

const ISSUE: &str = include_str!("template/issue.md");

/// Makes `campaigns/<slug>/issue.md` in the project and gives its path there: the issue after `from`, or an empty one
/// with the date of `today`.
///
/// # Errors
/// A slug that cannot be, a folder that exists, a front matter that cannot be read, a file that cannot be written.
fn create(project: &Path, slug: &str, from: Option<&Source>, today: Date) -> Result<PathBuf, Finding> {
    if !is_slug(slug) {
        return Err(Finding::error("bad-slug", format!("`{}` cannot name a campaign", slug.escape_debug()))
            .help("at most 64 lower-case letters, digits, `-`, `_` and `.`, the first a letter or digit: `issue-12`"));
    }
    let folder = Path::new("campaigns").join(slug);
    if exists(&project.join(&folder)) {
        return Err(Finding::error("exists", "exists already")
            .at(Place::file(folder))
            .help("choose another slug; nothing is ever overwritten"));
    }
    let text = match from {
        Some(last) => next_issue(&last.text, &last.file)?,
        None => ISSUE.replace("@DATE@", &today.to_string()),
    };
    let file = NewFile::new(folder.join("issue.md"), text);
    write_all(project, std::slice::from_ref(&file))?;
    Ok(file.path)
}

/// Makes the campaign and tells what comes next.
pub(super) fn run(
    global: &Global,
    slug: &str,
    from: Option<&str>,
    console: Console,
) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let last = from.map(|from| project.source(from)).transpose()?;
    let file = create(&project.config.project, slug, last.as_ref(), clock::today())?;
    if console.json {
        console.out_json(&serde_json::json!({ "file": file }))?;
    } else {
        let after = last.map(|last| format!(", after {}", last.slug)).unwrap_or_default();
        console.out(&format!("wrote {}{after}", file.display()))?;
        console.note(&format!("`mailshot check {slug}` lists what is left to write"));
    }
    console.next(&format!("write it, then mailshot preview {slug}"));
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::campaign;
    use crate::tags::TagTable;

    const TODAY: Date = jiff::civil::date(2026, 3, 2);

    /// What is wrong with a campaign, by code.
    fn errors(project: &Path, slug: &str) -> Vec<&'static str> {
        let source = campaign::load(project, slug).unwrap();
        let mut tags = TagTable::new([source.text.as_str()]);
        let findings = campaign::parse(&source, &mut tags).err().unwrap_or_default();
        findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.code).collect()
    }

    #[test]
    fn a_new_campaign_cannot_be_sent_before_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = create(dir.path(), "issue-1", None, TODAY).unwrap();
        assert_eq!(file, Path::new("campaigns/issue-1/issue.md"));
        assert_eq!(errors(dir.path(), "issue-1"), ["no-subject", "bad-link"]);
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("issue.date   = 2026-03-02"));
        fs::write(
            path,
            text.replace("subject   = \"\"", "subject = \"One\"").replace("https://", "https://a.example/"),
        )
        .unwrap();
        assert!(errors(dir.path(), "issue-1").is_empty());
    }

    #[test]
    fn the_next_campaign_leaves_pictures_and_the_record_behind() {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path(), "issue-1", None, TODAY).unwrap();
        let folder = dir.path().join("campaigns/issue-1");
        fs::write(folder.join("sent.toml"), "run = 1").unwrap();
        fs::write(folder.join("a.png"), "").unwrap();
        let last = campaign::load(dir.path(), "issue-1").unwrap();
        create(dir.path(), "issue-2", Some(&last), TODAY).unwrap();
        let names: Vec<_> = fs::read_dir(dir.path().join("campaigns/issue-2"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, ["issue.md"]);
        let source = campaign::load(dir.path(), "issue-2").unwrap();
        assert!(source.text.contains("issue.number = 2\n") && source.text.contains("2026-03-09"));
    }

    #[test]
    fn a_campaign_that_exists_and_a_slug_that_cannot_be_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("campaigns/old")).unwrap();
        let refused = create(dir.path(), "old", None, TODAY).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "campaigns/old: exists already (choose another slug; nothing is ever overwritten)"
        );
        for slug in ["", "../up", "Über", "-a", ".a", "a b", &"a".repeat(65)] {
            assert_eq!(create(dir.path(), slug, None, TODAY).unwrap_err().code, "bad-slug", "{slug}");
        }
    }
}
