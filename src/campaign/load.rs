//! Finds and reads the `issue.md` that a command names.
//!
//! A slug is the name of a folder under `campaigns/`. A path is taken too, for shells complete it, but it must
//! be one of those folders: the ledger knows a campaign by its slug alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Place, nearest};
use crate::input;

/// An `issue.md` larger than this is refused.
pub const MAX_BYTES: u64 = 1024 * 1024;
/// A line longer than this many bytes is refused.
const MAX_LINE_BYTES: usize = 32 * 1024;
const MAX_SLUG: usize = 64;
const FOLDER: &str = "campaigns";
const FILE: &str = "issue.md";

/// An `issue.md` as it was read: UTF-8, no byte order mark, lines ended by LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name of the campaign's folder.
    pub slug: String,
    /// The campaign's folder.
    pub dir: PathBuf,
    /// The file as the operator names it: `campaigns/<slug>/issue.md`.
    pub file: PathBuf,
    /// What stands in it.
    pub text: String,
}

impl Source {
    /// The campaign's folder as the operator names it.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

/// Whether `name` can name a campaign: at most 64 of `a-z 0-9 - _ .`, beginning with a letter or digit.
pub fn is_slug(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= MAX_SLUG
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
}

/// Reads the issue of the campaign of this slug, or in this folder, of the project.
pub fn load(project: &Path, slug_or_path: &str) -> Result<Source, Finding> {
    let slug = find(project, slug_or_path)?;
    let dir = project.join(FOLDER).join(&slug);
    let file = Path::new(FOLDER).join(&slug).join(FILE);
    let text = read(&dir.join(FILE), &file)?;
    Ok(Source { slug, dir, file, text })
}

/// The slug that is meant, whether its folder still exists or not: for what the ledger knows of a campaign.
pub fn slug(project: &Path, slug_or_path: &str) -> Result<String, Finding> {
    let bare = slug_or_path.trim_end_matches('/');
    let bare = bare.strip_prefix("campaigns/").unwrap_or(bare);
    find(project, slug_or_path)
        .or_else(|unknown| if is_slug(bare) { Ok(bare.to_owned()) } else { Err(unknown) })
}

/// The slug that is meant, of a folder that exists.
fn find(project: &Path, named: &str) -> Result<String, Finding> {
    if is_slug(named) && project.join(FOLDER).join(named).is_dir() {
        return Ok(named.to_owned());
    }
    let looks_like_path = named.contains(['/', '\\']) || matches!(named, "." | "..");
    if !looks_like_path {
        return Err(unknown(project, named));
    }
    // A path is meant from where the operator stands, or from the project's folder.
    let paths = [PathBuf::from(named), project.join(named)];
    if let Some(slug) = paths.iter().find_map(|path| slug_of(project, path)) {
        return Ok(slug);
    }
    if !paths.iter().any(|path| path.exists()) {
        return Err(unknown(project, named));
    }
    Err(Finding::error("unknown-campaign", format!("`{named}` is no campaign of this project"))
        .help(format!("a campaign is a folder of {}/, named by its slug", project.join(FOLDER).display())))
}

/// The slug of `path`, which may be a campaign's folder or the `issue.md` in it.
fn slug_of(project: &Path, path: &Path) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    let folder = if path.is_file() && path.ends_with(FILE) { path.parent()? } else { &path };
    let home = fs::canonicalize(project.join(FOLDER)).ok()?;
    let slug = folder.file_name()?.to_str()?;
    (folder.parent()? == home && is_slug(slug)).then(|| slug.to_owned())
}

fn unknown(project: &Path, named: &str) -> Finding {
    let existing = existing(project);
    let finding = Finding::error("unknown-campaign", format!("there is no campaign `{named}`"));
    if let Some(near) = nearest(named, existing.iter().map(String::as_str)) {
        return finding.help(format!("did you mean `{near}`?"));
    }
    if !is_slug(named) {
        return finding.help(format!(
            "a slug has at most {MAX_SLUG} lower-case letters, digits, `-`, `_` and `.`, and begins with a letter or digit"
        ));
    }
    match existing.as_slice() {
        [] => finding.help(format!("`mailshot new {named}` makes it")),
        [.., last] => {
            finding.help(format!("the last one is `{last}`; `mailshot new {named}` makes a new one"))
        }
    }
}

/// The slugs of the project's campaigns, sorted.
fn existing(project: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(project.join(FOLDER)) else { return Vec::new() };
    let mut slugs: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(FILE).is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_slug(name))
        .collect();
    slugs.sort();
    slugs
}

/// The text of the file at `path`, which messages call `file`.
fn read(path: &Path, file: &Path) -> Result<String, Finding> {
    let bytes = input::read(path, MAX_BYTES).map_err(|error| {
        let finding = Finding::unreadable(file, &error);
        match error.kind() {
            std::io::ErrorKind::NotFound => finding.help(
                "a campaign's folder holds its issue.md; `mailshot new <slug>` makes one to start from",
            ),
            _ => finding,
        }
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        let text = String::from_utf8_lossy(&bytes);
        return Err(Finding::error("file-too-large", format!("is larger than {} KiB", MAX_BYTES / 1024))
            .at(Place::offset(file, &text, text.len()))
            .help("an issue is text; mail programs cut off what is longer than about 100 KB"));
    }
    clean(bytes, file)
}

/// UTF-8 without byte order mark, lines ended by LF, none of them overlong, no NUL.
fn clean(bytes: Vec<u8>, file: &Path) -> Result<String, Finding> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        Finding::error("not-utf8", "is not UTF-8")
            .at(Place::offset(file, &valid, valid.len()))
            .help("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    if let Some(at) = text.find('\0') {
        return Err(Finding::error("control-character", "holds a NUL character")
            .at(Place::offset(file, &text, at))
            .help("delete it"));
    }
    if let Some(index) = text.lines().position(|line| line.len() > MAX_LINE_BYTES) {
        let message = format!("this line is longer than {} KiB", MAX_LINE_BYTES / 1024);
        return Err(Finding::error("line-too-long", message)
            .at(Place::line(file, u32::try_from(index + 1).unwrap_or(u32::MAX)))
            .help("break it"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(campaigns: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (slug, text) in campaigns {
            let folder = dir.path().join(FOLDER).join(slug);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(FILE), text).unwrap();
        }
        dir
    }

    fn message(project: &Path, named: &str) -> String {
        load(project, named).unwrap_err().to_string()
    }

    #[test]
    fn a_campaign_is_found_by_slug_folder_and_file() {
        let dir = project(&[("tmw-450", b"\xef\xbb\xbfone\r\ntwo\rthree")]);
        let absolute = dir.path().join("campaigns/tmw-450/");
        for named in
            ["tmw-450", "campaigns/tmw-450", "campaigns/tmw-450/issue.md", absolute.to_str().unwrap()]
        {
            let source = load(dir.path(), named).unwrap();
            assert_eq!(source.slug, "tmw-450");
            assert_eq!(source.file, Path::new("campaigns/tmw-450/issue.md"));
            assert_eq!(source.text, "one\ntwo\nthree");
        }
    }

    #[test]
    fn an_unknown_slug_names_the_nearest() {
        let dir = project(&[("tmw-450", b""), ("summer-party", b"")]);
        assert_eq!(
            message(dir.path(), "tmw-540"),
            "there is no campaign `tmw-540` (did you mean `tmw-450`?)"
        );
        assert!(message(dir.path(), "autumn").contains("`mailshot new autumn` makes a new one"));
        assert!(message(dir.path(), "Ünknown thing").contains("a slug has at most 64"));
        assert!(message(&dir.path().join("empty"), "x1").contains("`mailshot new x1` makes it"));
    }

    #[test]
    fn a_folder_elsewhere_is_no_campaign() {
        let dir = project(&[("tmw-450", b"")]);
        fs::create_dir(dir.path().join("drafts")).unwrap();
        assert!(message(dir.path(), "./drafts").starts_with("`./drafts` is no campaign of this project"));
        assert!(message(dir.path(), "../../../etc").contains("no campaign"));
    }

    #[test]
    fn what_cannot_be_text_says_where() {
        let large = vec![b'x'; usize::try_from(MAX_BYTES).unwrap() + 1];
        let long = [b"a\n".as_slice(), &vec![b'x'; MAX_LINE_BYTES + 1]].concat();
        let dir =
            project(&[("long", &long), ("latin", b"one\ncaf\xe9"), ("nul", b"a\0b"), ("large", &large)]);
        assert!(message(dir.path(), "latin").starts_with("campaigns/latin/issue.md:2:4: is not UTF-8"));
        assert!(message(dir.path(), "nul").starts_with("campaigns/nul/issue.md:1:2: holds a NUL"));
        assert!(message(dir.path(), "long").contains("long/issue.md:2: this line is longer than 32 KiB"));
        assert!(message(dir.path(), "large").contains("is larger than 1024 KiB"));
    }

    #[test]
    fn slugs() {
        assert!(["a", "tmw-450", "2026.01_x"].into_iter().all(is_slug));
        assert!(!["", "-a", "A", "a/b", "..", "ä"].into_iter().any(is_slug));
        assert!(is_slug(&"a".repeat(64)) && !is_slug(&"a".repeat(65)));
    }
}
