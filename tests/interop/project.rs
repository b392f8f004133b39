//! The example newsletter in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The repository's project, copied.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn example() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["mailshot.toml", "subscribers.example.csv", "campaigns", "mjml"] {
            copy(&Path::new(REPOSITORY).join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds a campaign.
    pub(crate) fn campaign(&self, slug: &str, issue: &str) {
        let folder = self.path("campaigns").join(slug);
        fs::create_dir(&folder).unwrap();
        let picture = self.path("campaigns/tmw-450/handover-report.png");
        fs::copy(picture, folder.join("picture.png")).unwrap();
        fs::write(folder.join("issue.md"), issue).unwrap();
    }

    /// Runs mailshot, which must end well, without a word of warning; what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_mailshot"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("MAILSHOT_SECRET")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("warning"), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes a campaign's preview as one subscriber; the folder.
    pub(crate) fn preview(&self, slug: &str, email: &str) -> PathBuf {
        self.run(&["preview", slug, "--as", email]);
        self.path("preview").join(slug)
    }
}

/// The files in a folder that end so, by name.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}
