//! What mailshot makes of an MJML document.

use std::fs;
use std::path::{Path, PathBuf};

use mailshot::compile::mjml::{Input, Sources, to_html};
use mailshot::finding::{Finding, Place};
use mailshot::tags::{Split, TagTable};

/// Files of a folder, read from the disk.
struct Files {
    tags: TagTable,
}

impl Sources for Files {
    fn read(&mut self, file: &Path) -> Result<String, Finding> {
        let text = fs::read_to_string(file).map_err(|error| Finding::unreadable(file, &error))?;
        self.tags.protect(&text, |offset| Place::offset(file, &text, offset))
    }

    fn tags(&self) -> &TagTable {
        &self.tags
    }

    fn place(&self, _: usize, _: isize) -> Option<Place> {
        None
    }
}

/// The HTML of `mjml`, which stands in `file`, merge tags as they were written; or what is wrong with it.
pub(crate) fn html(mjml: &str, file: &Path, root: &Path) -> Result<String, String> {
    let mut files = Files { tags: TagTable::new([mjml]) };
    let told =
        |findings: Vec<Finding>| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let text =
        files.tags.protect(mjml, |offset| Place::offset(file, mjml, offset)).map_err(|f| f.to_string())?;
    let file: PathBuf = file.strip_prefix(root).unwrap_or(file).to_owned();
    let html = to_html(&Input { text: &text, file: &file, root }, &mut files).map_err(told)?.text;
    let mut out = html.clone();
    for piece in files.tags.split(&html) {
        if let Split::Tag(index) = piece {
            let token = files.tags.token(index);
            let written = files.tags.get(index).written();
            out = out.replace(&format!("<!--{token}-->"), &written).replace(&token, &written);
        }
    }
    Ok(out)
}
