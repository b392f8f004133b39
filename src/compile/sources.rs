//! The templates under `mjml/`, read once, with merge tags protected and the place of every tag marked.
//!
//! The MJML front end sees text that no person wrote: the output of the issue phase. So that its findings can
//! name the line the operator wrote, a marker follows the `<` or `</` of every tag before the issue phase
//! runs: [`OPEN`], the index of a [`Place`], [`CLOSE`]. Both are Unicode non-characters, which no text may
//! hold; the front end drops the markers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Locator, Place};
use crate::tags::{Split, TagTable};

/// Begins a marker.
pub(super) const OPEN: char = '\u{FDD0}';
/// Ends a marker.
pub(super) const CLOSE: char = '\u{FDD1}';

/// A template file may not be larger than this.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// There may not be more template files than this.
const MAX_FILES: usize = 500;
/// Folders under `mjml/` may not be nested deeper than this.
const MAX_FOLDERS: usize = 8;

/// The places that markers point to.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Place>);

impl Places {
    /// The place of this index.
    pub(super) fn get(&self, index: usize) -> Option<&Place> {
        self.0.get(index)
    }

    /// The marker for a place.
    fn marker(&mut self, place: Place) -> String {
        self.0.push(place);
        format!("{OPEN}{}{CLOSE}", self.0.len() - 1)
    }

    /// `html` with a marker behind every tag's `<` or `</`, all at the same place.
    pub(super) fn mark_all(&mut self, html: &str, place: &Place) -> String {
        let marker = self.marker(place.clone());
        let mut out = String::with_capacity(html.len());
        for (index, part) in html.split_inclusive('<').enumerate() {
            let part = if index == 0 { part } else { mark_after_open(part, &marker, &mut out) };
            out.push_str(part);
        }
        out
    }

    /// A protected template with a marker behind every tag's `<` or `</`, each at its own place in `written`.
    fn mark_template(&mut self, protected: &str, written: &str, file: &Path, tags: &TagTable) -> String {
        let mut out = String::with_capacity(protected.len() * 2);
        let locator = Locator::new(file, written);
        let mut offset = 0;
        for piece in tags.split(protected) {
            match piece {
                Split::Text(text) => {
                    self.mark_text(text, |at| locator.place(offset + at), &mut out);
                    offset += text.len();
                }
                Split::Tag(index) => {
                    out.push_str(&tags.token(index));
                    offset += tags.get(index).written_bytes;
                }
            }
        }
        out
    }

    /// Marks text without merge tags; what stands in `[[ ]]`, `[% %]` and `[# #]` stays as it is.
    fn mark_text(&mut self, text: &str, place: impl Fn(usize) -> Place, out: &mut String) {
        let mut at = 0;
        while let Some(found) = text[at..].find(['<', '[']) {
            let start = at + found;
            let end = start + jinja_length(&text[start..]).unwrap_or(1);
            out.push_str(&text[at..end]);
            at = end;
            if text.as_bytes()[start] == b'<' {
                let marker = self.marker(place(start));
                at = text.len() - mark_after_open(&text[end..], &marker, out).len();
            }
        }
        out.push_str(&text[at..]);
    }
}

/// Writes the marker where `after` (the text behind a `<`) begins a tag's name; returns what is still to write.
fn mark_after_open<'a>(after: &'a str, marker: &str, out: &mut String) -> &'a str {
    let name = after.strip_prefix('/').unwrap_or(after);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return after;
    }
    out.push_str(&after[..after.len() - name.len()]);
    out.push_str(marker);
    name
}

/// The length of the issue-phase tag that begins `text`, if one does.
fn jinja_length(text: &str) -> Option<usize> {
    let close = match text.as_bytes().get(..2)? {
        b"[[" => "]]",
        b"[%" => "%]",
        b"[#" => "#]",
        _ => return None,
    };
    text.find(close).map(|at| at + 2)
}

/// The templates of a project.
#[derive(Debug, Default)]
pub(super) struct Templates {
    /// By path relative to the project (`mjml/blocks/prose.mjml`): the text as written, LF only.
    files: BTreeMap<PathBuf, String>,
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
                let text = read_text(project, &path)?;
                self.files.insert(path, text);
            }
        }
        if self.files.len() > MAX_FILES {
            return Err(Finding::error("too-many-files", format!("more than {MAX_FILES} template files"))
                .at(Place::file("mjml")));
        }
        Ok(())
    }

    /// Every template: its path relative to the project, and its text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// The text of a template.
    pub(super) fn get(&self, path: &Path) -> Option<&str> {
        self.files.get(path).map(String::as_str)
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

/// A text file of the project, LF only, without a byte order mark.
pub(super) fn read_text(project: &Path, path: &Path) -> Result<String, Finding> {
    let full = project.join(path);
    let size = fs::metadata(&full).map_err(|error| Finding::unreadable(path, &error))?.len();
    if size > MAX_FILE_BYTES {
        return Err(Finding::error("file-too-large", format!("is larger than {MAX_FILE_BYTES} bytes"))
            .at(Place::file(path)));
    }
    let bytes = fs::read(&full).map_err(|error| Finding::unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let place = Place::offset(path, &String::from_utf8_lossy(error.as_bytes()), valid);
        Finding::error("not-utf8", "is not UTF-8 text").at(place).help("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
    if let Some(at) = text.find(['\0', OPEN, CLOSE]) {
        return Err(Finding::error("control-character", "holds a character that no text may hold")
            .at(Place::offset(path, &text, at)));
    }
    Ok(text)
}

/// A template's text ready for the issue phase: merge tags as tokens, tags marked with their places.
pub(super) fn prepare(
    text: &str,
    file: &Path,
    tags: &mut TagTable,
    places: &mut Places,
) -> Result<String, Finding> {
    let locator = Locator::new(file, text);
    let protected = tags.protect(text, |offset| locator.place(offset))?;
    Ok(places.mark_template(&protected, text, file, tags))
}
