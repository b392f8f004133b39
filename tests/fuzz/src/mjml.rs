//! What must hold whatever the layout and the files it includes say. Shared by the fuzz target and the test that
//! replays its corpus.
//!
//! An input is a layout, then files to include, each behind a line `%%% name`.

use std::collections::BTreeMap;
use std::path::Path;

use mailshot::compile::mjml::{Html, Input, Sources, to_html};
use mailshot::finding::{Finding, Place};
use mailshot::tags::TagTable;

const FILE_LINE: &str = "\n%%% ";
/// Findings without a line that are about a whole file or none.
const WHOLE_FILE: [&str; 2] = ["too-long", "more-findings"];

/// Compiles the input and looks at what comes out.
pub(crate) fn run(input: &str) {
    let mut parts = input.split(FILE_LINE);
    let written = parts.next().unwrap_or_default();
    let files = parts.filter_map(|part| part.split_once('\n')).collect();
    let mut files = Files { files, tags: TagTable::new([input]) };
    let file = Path::new("mjml/l.mjml");
    let Ok(text) = files.tags.protect(written, |at| Place::offset(file, written, at)) else { return };
    match to_html(&Input { text: &text, file, root: Path::new("/p") }, &mut files) {
        Ok(html) => {
            located(&html.findings);
            no_tag_is_lost(input, &text, &html, &files.tags);
        }
        Err(findings) => {
            assert!(findings.iter().any(Finding::is_error), "refused without an error: {findings:#?}");
            located(&findings);
        }
    }
}

/// Every finding says where, and none says that the renderer was given what it cannot read.
fn located(findings: &[Finding]) {
    for finding in findings {
        assert_ne!(finding.code, "mjml-renderer", "{finding}");
        let Some(place) = &finding.place else {
            assert!(WHOLE_FILE.contains(&finding.code), "no place: {finding}");
            continue;
        };
        let exact = place.line.is_some() && place.column.is_some();
        assert!(exact || WHOLE_FILE.contains(&finding.code), "no line or column: {finding:?}");
    }
}

/// Where nothing was found wrong, every merge tag of the layout comes out again. What stands in comments and
/// declarations does not.
fn no_tag_is_lost(input: &str, text: &str, html: &Html, tags: &TagTable) {
    if !html.findings.is_empty() || input.contains("<!") || input.contains("<?") {
        return;
    }
    let mut from = 0;
    while let Some((range, index)) = tags.find(text, from) {
        let token = tags.token(index);
        assert!(html.text.contains(&token), "lost `{}`:\n{}", tags.get(index).written(), html.text);
        from = range.end;
    }
}

/// Files in memory.
struct Files<'a> {
    files: BTreeMap<&'a str, &'a str>,
    tags: TagTable,
}

impl Sources for Files<'_> {
    fn read(&mut self, file: &Path) -> Result<String, Finding> {
        let name = file.strip_prefix("/p/mjml").unwrap_or(file);
        let Some(text) = name.to_str().and_then(|name| self.files.get(name)) else {
            return Err(Finding::unreadable(name, &std::io::ErrorKind::NotFound.into()));
        };
        self.tags.protect(text, |at| Place::offset(name, text, at))
    }

    fn tags(&self) -> &TagTable {
        &self.tags
    }

    fn place(&self, _index: usize, _distance: isize) -> Option<Place> {
        None
    }
}
