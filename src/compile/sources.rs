//! The templates under `mjml/`, and whatever else a layout includes: read once, as LF-only UTF-8.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::places::{CLOSE, OPEN};
use crate::campaign::Campaign;
use crate::finding::{Finding, Place};
use crate::input;

/// A template file may not be larger than this.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// There may not be more template files than this.
const MAX_FILES: usize = 500;
/// Folders under `mjml/` may not be nested deeper than this.
const MAX_FOLDERS: usize = 8;

/// The templates of a project.
#[derive(Debug, Default)]
pub(super) struct Templates {
    /// By path relative to the project (`mjml/blocks/prose.mjml`): the text as written, LF only.
    files: BTreeMap<PathBuf, Arc<str>>,
    /// Those that cannot be read, and why.
    unreadable: BTreeMap<PathBuf, Finding>,
}

impl Templates {
    /// Reads every `.mjml` file under `<project>/mjml/`.
    pub(super) fn read(project: &Path) -> Result<Self, Finding> {
        let mut templates = Self::default();
        templates.read_folder(project, Path::new("mjml"), 0)?;
        Ok(templates)
    }

    fn read_folder(&mut self, project: &Path, folder: &Path, depth: usize) -> Result<(), Finding> {
        let full = project.join(folder);
        let entries = fs::read_dir(&full).map_err(|error| {
            Finding::unreadable(folder, &error)
                .help("a project's layouts lie in mjml/; `mailshot init` writes the standard one")
        })?;
        for entry in entries {
            let entry = entry.map_err(|error| Finding::unreadable(folder, &error))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().map_err(|error| Finding::unreadable(&path, &error))?;
            if kind.is_dir() {
                if depth >= MAX_FOLDERS {
                    return Err(
                        Finding::error("too-deep", "folders are nested too deeply").at(Place::file(path))
                    );
                }
                self.read_folder(project, &path, depth + 1)?;
            } else if path.extension().is_some_and(|extension| extension == "mjml") {
                match read_text(project, &path) {
                    Ok(text) => self.files.insert(path, text.into()).map(drop),
                    Err(finding) => self.unreadable.insert(path, finding).map(drop),
                };
            }
        }
        if self.files.len() + self.unreadable.len() > MAX_FILES {
            return Err(Finding::error("too-many-files", format!("more than {MAX_FILES} template files"))
                .at(Place::file("mjml")));
        }
        Ok(())
    }

    /// Every template: its path relative to the project, and its text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Arc<str>)> {
        self.files.iter().map(|(path, text)| (path.as_path(), text))
    }

    /// Those that cannot be read, and why: of interest only when they are asked for.
    pub(super) fn unreadable(&self) -> &BTreeMap<PathBuf, Finding> {
        &self.unreadable
    }

    /// What stands in one.
    pub(super) fn text(&self, path: &Path) -> Option<&str> {
        self.files.get(path).map(|text| &**text)
    }

    /// Whether there is this template, readable or not.
    pub(super) fn contains(&self, path: &Path) -> bool {
        self.files.contains_key(path) || self.unreadable.contains_key(path)
    }

    /// The names of the layouts, or of the block types: the files of one folder without their ending.
    pub(super) fn names_in(&self, folder: &str) -> Vec<&str> {
        self.files
            .keys()
            .filter(|path| path.parent() == Some(Path::new(folder)))
            .filter_map(|path| path.file_stem()?.to_str())
            .collect()
    }
}

/// The file of a layout.
pub(super) fn layout_file(name: &str) -> PathBuf {
    Path::new("mjml").join(format!("{name}.mjml"))
}

/// The files that an issue is drawn from, its own among them; what they include is not.
pub(super) fn files_of(campaign: &Campaign) -> BTreeSet<PathBuf> {
    let blocks =
        campaign.blocks.iter().map(|block| Path::new("mjml/blocks").join(format!("{}.mjml", block.kind)));
    blocks.chain([campaign.file.clone(), layout_file(&campaign.front.layout.text)]).collect()
}

/// A text file of the project, LF only, without a byte order mark. A symbolic link may not lead out of the project.
pub(super) fn read_text(project: &Path, path: &Path) -> Result<String, Finding> {
    let unreadable = |error| Finding::unreadable(path, &error);
    let full = project.join(path);
    let (real, home) =
        (fs::canonicalize(&full).map_err(unreadable)?, fs::canonicalize(project).map_err(unreadable)?);
    if !real.starts_with(home) {
        return Err(Finding::error("outside-project", "leads out of the project, by a symbolic link")
            .at(Place::file(path))
            .help("copy the file into the project"));
    }
    let bytes = input::read(&real, MAX_FILE_BYTES).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let text = String::from_utf8_lossy(&bytes);
        return Err(Finding::error(
            "file-too-large",
            format!("is larger than {} KiB", MAX_FILE_BYTES / 1024),
        )
        .at(Place::offset(path, &text, text.len()))
        .help("a layout is text; mail programs cut off what is longer than about 100 KB"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let place = Place::offset(path, &String::from_utf8_lossy(error.as_bytes()), valid);
        Finding::error("not-utf8", "is not UTF-8 text").at(place).help("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    if let Some(at) = text.find(['\0', OPEN, CLOSE]) {
        return Err(Finding::error("control-character", "holds a character that no text may hold")
            .at(Place::offset(path, &text, at))
            .help("delete it"));
    }
    Ok(text)
}
