//! What a campaign is made of, as the file system sees it: every file that a build may read, with what tells whether
//! it has changed.
//!
//! That is the whole project, for a layout may include a file from anywhere in it, without what is no part of this
//! campaign: hidden folders, other campaigns, what programs put there. Symbolic links are followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::clock;

/// Folders are looked into so deep.
const MAX_DEPTH: usize = 10;
/// No more folders are watched, and no more files known.
const MAX_FOLDERS: usize = 1_000;
const MAX_FILES: usize = 10_000;
/// Folders at the top of a project that hold what programs put there, our own previews among it.
const STRANGE: [&str; 4] = ["node_modules", "preview", "target", "vendor"];
const CAMPAIGNS: &str = "campaigns";
/// A file system's clock is this coarse, at most: two changes so near to each other may look like one.
const COARSE_NS: i128 = 20_000_000;

/// Where to look.
#[derive(Debug, Clone)]
pub struct Roots {
    /// The project's folder.
    pub project: PathBuf,
    /// The campaign's slug.
    pub slug: String,
    /// The subscriber file, which may lie anywhere.
    pub list: Option<PathBuf>,
}

/// What tells a file from a changed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    inode: (u64, u64),
    modified: (i64, i64),
    /// Also where somebody set the time of modification.
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp that a file has now, if a change of it from now on is sure to give another one.
    pub fn settled(file: &Path) -> Option<Self> {
        let looked_ns = clock::now().as_nanosecond();
        let stamp = Self::of(&fs::metadata(file).ok()?);
        stamp.is_settled(looked_ns).then_some(stamp)
    }

    /// The file's size in bytes.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            inode: (metadata.dev(), metadata.ino()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    fn is_settled(&self, looked_ns: i128) -> bool {
        i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1) < looked_ns - COARSE_NS
    }
}

/// All files at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    files: BTreeMap<PathBuf, Stamp>,
    /// The folders they lie in, and those of the files that links point to, by path: a folder made anew is another.
    folders: BTreeMap<PathBuf, (u64, u64)>,
    looked_ns: i128,
    whole: bool,
}

impl Tree {
    /// Looks.
    pub(super) fn look(roots: &Roots) -> Self {
        let mut look = Look { roots, seen: BTreeSet::new(), tree: Self { whole: true, ..Self::default() } };
        look.tree.looked_ns = clock::now().as_nanosecond();
        look.folder(&roots.project, 0);
        // Whatever else there is too much of, these count.
        look.folder(&roots.project.join("mjml"), 1);
        look.folder(&roots.project.join(CAMPAIGNS).join(&roots.slug), 2);
        if let Some(list) = &roots.list {
            look.file(list);
            look.watch(list.parent().unwrap_or(Path::new(".")));
        }
        look.tree
    }

    /// Whether nothing has changed since `before`, as far as can be seen.
    pub(super) fn is_as(&self, before: &Self) -> bool {
        self.files == before.files
    }

    /// Whether a change right after this look might not be seen at the next: a file was changed that very moment, and
    /// the file system's clock is coarse.
    pub(super) fn is_fresh(&self) -> bool {
        self.files.values().any(|stamp| !stamp.is_settled(self.looked_ns))
    }

    /// The folders in which something may change.
    pub(super) fn folders(&self) -> &BTreeMap<PathBuf, (u64, u64)> {
        &self.folders
    }

    /// Whether there was not too much to look at all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// A look under way.
struct Look<'a> {
    roots: &'a Roots,
    /// Folders that were entered, for links may lead in circles.
    seen: BTreeSet<(u64, u64)>,
    tree: Tree,
}

impl Look<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(metadata) = fs::metadata(folder) else { return };
        if !self.seen.insert((metadata.dev(), metadata.ino())) {
            return;
        }
        let essential = depth <= 2 && self.is_essential(folder);
        if !essential && (depth > MAX_DEPTH || self.tree.folders.len() >= MAX_FOLDERS) {
            self.tree.whole = false;
            return;
        }
        self.watch(folder);
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if !self.belongs(folder, &entry.file_name().to_string_lossy()) {
                continue;
            }
            // Most of the time the entry says what it is without another look.
            let is_folder = match entry.file_type() {
                Ok(kind) if kind.is_symlink() => path.is_dir(),
                Ok(kind) => kind.is_dir(),
                Err(_) => continue,
            };
            if is_folder {
                self.folder(&path, depth + 1);
            } else {
                self.file(&path);
            }
        }
    }

    fn is_essential(&self, folder: &Path) -> bool {
        let Ok(within) = folder.strip_prefix(&self.roots.project) else { return false };
        within == Path::new("")
            || within == Path::new("mjml")
            || within == Path::new(CAMPAIGNS).join(&self.roots.slug)
    }

    /// Whether an entry of a folder may be a part of the campaign.
    fn belongs(&self, folder: &Path, name: &str) -> bool {
        let strange = folder == self.roots.project && STRANGE.contains(&name);
        let other_campaign = folder == self.roots.project.join(CAMPAIGNS) && name != self.roots.slug;
        !name.starts_with('.') && !strange && !other_campaign
    }

    fn file(&mut self, path: &Path) {
        if self.tree.files.len() >= MAX_FILES {
            self.tree.whole = false;
            return;
        }
        let Ok(metadata) = fs::metadata(path) else { return };
        self.tree.files.insert(path.to_owned(), Stamp::of(&metadata));
        if fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink())
            && let Ok(target) = fs::canonicalize(path)
            && let Some(parent) = target.parent()
        {
            self.watch(parent);
        }
    }

    fn watch(&mut self, folder: &Path) {
        if let Ok(metadata) = fs::metadata(folder) {
            self.tree.folders.insert(folder.to_owned(), (metadata.dev(), metadata.ino()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Project(tempfile::TempDir);

    impl Project {
        fn new() -> Self {
            let project = Self(tempfile::tempdir().unwrap());
            for file in ["mailshot.toml", "mjml/a.mjml", "campaigns/one/issue.md", "campaigns/two/issue.md"] {
                project.write(file, "1");
            }
            project
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.0.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn look(&self, list: Option<&Path>) -> Tree {
            Tree::look(&Roots {
                project: self.0.path().to_owned(),
                slug: "one".to_owned(),
                list: list.map(Path::to_owned),
            })
        }

        fn files(&self) -> Vec<String> {
            let tree = self.look(None);
            let shown = |path: &PathBuf| path.strip_prefix(self.0.path()).unwrap().display().to_string();
            tree.files.keys().map(shown).collect()
        }
    }

    #[test]
    fn what_belongs_to_the_campaign_is_seen_and_nothing_else() {
        let project = Project::new();
        for file in [
            "parts/deep/er/x.css",
            ".git/index",
            "node_modules/a/b.js",
            "preview/one/index.html",
            ".issue.md.swp",
        ] {
            project.write(file, "1");
        }
        assert_eq!(
            project.files(),
            ["campaigns/one/issue.md", "mailshot.toml", "mjml/a.mjml", "parts/deep/er/x.css"]
        );
    }

    #[test]
    fn every_change_is_seen() {
        let project = Project::new();
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("target.md");
        fs::write(&target, "1").unwrap();
        symlink(&target, project.0.path().join("campaigns/one/linked.md")).unwrap();
        let list = elsewhere.path().join("list.csv");
        let mut before = project.look(Some(&list));
        assert!(before.folders.contains_key(&fs::canonicalize(elsewhere.path()).unwrap()));
        assert!(project.look(Some(&list)).is_as(&before), "nothing was changed");
        let issue = project.0.path().join("campaigns/one/issue.md");
        let changes: [(&str, &dyn Fn()); 6] = [
            ("a longer file", &|| project.write("mjml/a.mjml", "12")),
            ("a new one", &|| project.write("mjml/blocks/new.mjml", "1")),
            ("one less", &|| fs::remove_file(project.0.path().join("mjml/blocks/new.mjml")).unwrap()),
            ("a file put in another's place", &|| {
                project.write("campaigns/one/new", "2");
                fs::rename(project.0.path().join("campaigns/one/new"), &issue).unwrap();
            }),
            ("what a link points to", &|| fs::write(&target, "12").unwrap()),
            ("a list that was not there", &|| fs::write(&list, "email").unwrap()),
        ];
        for (what, change) in changes {
            change();
            let after = project.look(Some(&list));
            assert!(!after.is_as(&before), "{what}");
            before = after;
        }
    }

    #[test]
    fn a_file_changed_this_moment_is_not_settled() {
        let project = Project::new();
        let tree = project.look(None);
        let issue = project.0.path().join("campaigns/one/issue.md");
        assert!(tree.is_fresh());
        assert_eq!(Stamp::settled(&issue), None);
        let later = Tree { looked_ns: tree.looked_ns + 1_000_000_000, ..tree };
        assert!(!later.is_fresh());
        let program = std::env::current_exe().unwrap();
        assert_eq!(Stamp::settled(&program), Some(Stamp::of(&fs::metadata(program).unwrap())));
    }

    #[test]
    fn links_in_a_circle_come_to_an_end_and_too_much_is_said() {
        let project = Project::new();
        symlink(project.0.path(), project.0.path().join("mjml/self")).unwrap();
        assert!(project.look(None).is_whole());
        let deep: PathBuf = std::iter::repeat_n("a", MAX_DEPTH + 3).collect();
        fs::create_dir_all(project.0.path().join(deep)).unwrap();
        assert!(!project.look(None).is_whole());
        assert_eq!(project.files().len(), 3);
    }
}
