//! What was meant by the name of a file that is not there.

use std::path::{Path, PathBuf};

use crate::finding::nearest;

/// Of a folder with more files than this only some are looked at.
const MAX_LISTED: usize = 1000;

/// The file in the folder of this one that has nearly its name; none, if it has no other.
pub(super) fn file_like(missing: &Path) -> Option<String> {
    let name = missing.file_name()?.to_str()?;
    let entries = missing.parent()?.read_dir().ok()?;
    let files = entries.flatten().take(MAX_LISTED).filter(|entry| entry.path().is_file());
    let names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// How a file is to be named in one that asked for `missing`, if the path was written as from the project's folder:
/// relative to the file that asks.
pub(super) fn from_project(project: &Path, missing: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = missing.components().collect();
    (1..parts.len()).find_map(|base| {
        let written: PathBuf = parts[base..].iter().collect();
        let base: PathBuf = parts[..base].iter().collect();
        project.join(&written).is_file().then(|| written.strip_prefix(&base).ok().map(Path::to_owned))?
    })
}
