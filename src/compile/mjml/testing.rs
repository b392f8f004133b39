//! What the tests of the front end share: files in memory.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Html, Input, Sources, to_html};
use crate::{
    finding::{Finding, Place},
    tags::{Split, TagTable},
};

/// Files in memory under the root `/p`, with the tags of all of them.
pub(super) struct Files {
    texts: BTreeMap<PathBuf, String>,
    pub(super) tags: TagTable,
    places: Vec<Place>,
}

impl Default for Files {
    fn default() -> Self {
        Self { texts: BTreeMap::new(), tags: TagTable::new([]), places: Vec::new() }
    }
}

impl Files {
    /// With this file.
    pub(super) fn with(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(Path::new("/p").join(path), text.to_owned());
        self
    }

    /// With these places for markers.
    pub(super) fn marked(mut self, places: impl IntoIterator<Item = Place>) -> Self {
        self.places.extend(places);
        self
    }

    /// Compiles `mjml`, the layout `mjml/l.mjml`.
    pub(super) fn compile(&mut self, mjml: &str) -> Result<Html, Vec<Finding>> {
        let file = Path::new("mjml/l.mjml");
        let text =
            self.tags.protect(mjml, |offset| Place::offset(file, mjml, offset)).map_err(|f| vec![f])?;
        to_html(&Input { text: &text, file, root: Path::new("/p") }, self)
    }

    /// The HTML of `mjml` with its tags as they were written and conditions without their comments.
    pub(super) fn html(&mut self, mjml: &str) -> String {
        let html = self.compile(mjml).unwrap_or_else(|findings| panic!("{findings:#?}")).text;
        let mut out = html.clone();
        for piece in self.tags.split(&html) {
            if let Split::Tag(index) = piece {
                let token = self.tags.token(index);
                let written = self.tags.get(index).written();
                out = out.replace(&format!("<!--{token}-->"), &written).replace(&token, &written);
            }
        }
        out
    }

    /// What is said about `mjml`.
    pub(super) fn findings(&mut self, mjml: &str) -> Vec<String> {
        let findings = self.compile(mjml).map_or_else(|findings| findings, |html| html.findings);
        findings.iter().map(ToString::to_string).collect()
    }
}

impl Sources for Files {
    fn read(&mut self, file: &Path) -> Result<String, Finding> {
        let Some(text) = self.texts.get(file).cloned() else {
            return Err(Finding::unreadable(file, &std::io::ErrorKind::NotFound.into()));
        };
        let name = file.strip_prefix("/p").unwrap_or(file);
        self.tags.protect(&text, |offset| Place::offset(name, &text, offset))
    }

    fn tags(&self) -> &TagTable {
        &self.tags
    }

    fn place(&self, index: usize, _distance: isize) -> Option<Place> {
        self.places.get(index).cloned()
    }
}

/// A document with this in its body.
pub(super) fn body(inner: &str) -> String {
    format!("<mjml><mj-body>{inner}</mj-body></mjml>")
}

/// A document with this in its one column.
pub(super) fn column(inner: &str) -> String {
    body(&format!("<mj-section><mj-column>{inner}</mj-column></mj-section>"))
}

/// A document with this text.
pub(super) fn text(inner: &str) -> String {
    column(&format!("<mj-text>{inner}</mj-text>"))
}

/// The HTML of `mjml`, from no other files.
pub(super) fn html(mjml: &str) -> String {
    Files::default().html(mjml)
}

/// What is said about `mjml`, from no other files.
pub(super) fn findings(mjml: &str) -> Vec<String> {
    Files::default().findings(mjml)
}
