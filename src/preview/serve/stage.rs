//! What the browser is shown: the last good preview, and what is wrong with what was written since.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use super::SCRIPT;
use crate::digest;
use crate::excerpt::Excerpt;
use crate::finding::{Finding, Place, Severity};
use crate::preview::File;

const PAGE: &str = "index.html";
/// The page says in its head which preview it belongs to; the scripts are the same in all, for the page's policy knows
/// them by their hashes.
const HEAD: &str = "<head>";
/// No more findings are shown.
const MAX_FINDINGS: usize = 20;
/// So much is shown of a line.
const MAX_COLUMNS: usize = 160;
/// Shown until there is a preview.
const NOTHING_YET: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Preview</title>
</head>
<body>
<p>There is nothing to show yet.</p>
"#;

/// The stage, seen from many browsers at once.
#[derive(Debug)]
pub struct Stage {
    scene: watch::Sender<Option<Scene>>,
}

/// What is on it.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    files: Arc<Files>,
    findings: Arc<[Told]>,
}

/// A preview.
#[derive(Debug)]
struct Files {
    /// Two previews of one version are the same.
    version: String,
    by_name: HashMap<String, Bytes>,
}

/// A finding as the browser is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Told {
    severity: Severity,
    place: Option<String>,
    message: String,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

/// All that the page's script is told.
#[derive(Debug, Serialize)]
struct State<'a> {
    version: &'a str,
    findings: &'a [Told],
}

impl Default for Stage {
    fn default() -> Self {
        let page = format!("{NOTHING_YET}<script>{SCRIPT}</script>\n</body>\n</html>\n");
        let files = Files::new(vec![File { name: PAGE.to_owned(), bytes: page.into_bytes() }]);
        let scene = Scene { files: Arc::new(files), findings: Arc::default() };
        Self { scene: watch::Sender::new(Some(scene)) }
    }
}

impl Stage {
    /// Shows a preview; nothing is wrong any more. Whether anybody sees a difference.
    pub fn show(&self, files: Vec<File>) -> bool {
        let files = Arc::new(Files::new(files));
        self.scene.send_if_modified(|scene| {
            let Some(scene) = scene else { return false };
            let same = scene.files.version == files.version;
            let mended = !scene.findings.is_empty();
            if !same {
                scene.files = files;
            }
            scene.findings = Arc::default();
            !same || mended
        })
    }

    /// Says what is wrong; the last good preview stays. `again`: also to those who have heard it, and may have closed
    /// their ears. Whether it is news.
    pub fn tell(&self, findings: &[Finding], project: &Path, again: bool) -> bool {
        let findings: Arc<[Told]> =
            findings.iter().take(MAX_FINDINGS).map(|finding| Told::new(finding, project)).collect();
        let mut news = false;
        self.scene.send_if_modified(|scene| {
            let Some(scene) = scene else { return false };
            news = scene.findings != findings;
            scene.findings = findings;
            news || again
        });
        news
    }

    /// Ends the show: whoever follows it is let go.
    pub fn close(&self) {
        self.scene.send_replace(None);
    }

    /// A file of the preview.
    pub(super) fn file(&self, name: &str) -> Option<Bytes> {
        self.scene.borrow().as_ref()?.files.by_name.get(name).cloned()
    }

    /// The page.
    pub(super) fn page(&self) -> Option<Bytes> {
        self.file(PAGE)
    }

    /// What there is, and whatever comes.
    pub(super) fn follow(&self) -> watch::Receiver<Option<Scene>> {
        self.scene.subscribe()
    }
}

impl Files {
    fn new(files: Vec<File>) -> Self {
        let mut names: Vec<_> =
            files.iter().map(|file| (&file.name, digest::of_bytes(&file.bytes))).collect();
        names.sort();
        let whole: Vec<_> = names.into_iter().flat_map(|(name, digest)| [digest, name.clone()]).collect();
        let version = digest::of_bytes(whole.join("\n").as_bytes());
        let dressed = |file: File| {
            let page = file.name == PAGE;
            let bytes = if page { dressed(&file.bytes, &version) } else { file.bytes };
            (file.name, Bytes::from(bytes))
        };
        let by_name = files.into_iter().map(dressed).collect();
        Self { version, by_name }
    }
}

/// The page as it is served: it knows its version, and there is no icon to ask for.
fn dressed(page: &[u8], version: &str) -> Vec<u8> {
    let head = format!(
        "{HEAD}\n<meta name=\"mailshot-version\" content=\"{version}\">\n<link rel=\"icon\" href=\"data:,\">"
    );
    String::from_utf8_lossy(page).replacen(HEAD, &head, 1).into_bytes()
}

impl Told {
    fn new(finding: &Finding, project: &Path) -> Self {
        Self {
            severity: finding.severity,
            place: finding.place.as_ref().map(Place::to_string),
            message: finding.message.clone(),
            help: finding.help.clone(),
            excerpt: finding.place.as_ref().and_then(|place| Excerpt::read(project, place, MAX_COLUMNS)),
        }
    }
}

impl Scene {
    /// As an event (HTML, section 9.2.6): one line of data, for JSON holds no line break.
    pub(super) fn event(&self) -> serde_json::Result<Bytes> {
        let state = State { version: &self.files.version, findings: &self.findings };
        Ok(format!("data: {}\n\n", serde_json::to_string(&state)?).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(text: &str) -> Vec<File> {
        let page = format!("<head></head>{text}");
        vec![File { name: PAGE.to_owned(), bytes: page.into_bytes() }]
    }

    fn event(stage: &Stage) -> serde_json::Value {
        let event = stage.follow().borrow().as_ref().unwrap().event().unwrap();
        let event = String::from_utf8(event.to_vec()).unwrap();
        let data = event.strip_prefix("data: ").and_then(|event| event.strip_suffix("\n\n"));
        serde_json::from_str(data.unwrap()).unwrap()
    }

    #[test]
    fn the_page_knows_the_version_that_events_name() {
        let stage = Stage::default();
        assert!(stage.show(preview("one")));
        let page = String::from_utf8(stage.page().unwrap().to_vec()).unwrap();
        let version = event(&stage)["version"].as_str().unwrap().to_owned();
        let meta = format!("<head>\n<meta name=\"mailshot-version\" content=\"{version}\">\n");
        assert!(page.starts_with(&meta) && page.ends_with("</head>one"), "{page}");
        assert!(!stage.show(preview("one")), "the same preview is no news");
        assert!(stage.show(preview("two")));
        assert_ne!(event(&stage)["version"], version.as_str());
    }

    #[test]
    fn what_is_wrong_is_told_until_it_is_mended_and_the_last_good_preview_stays() {
        let stage = Stage::default();
        stage.show(preview("one"));
        let version = event(&stage)["version"].clone();
        let finding = Finding::error("mjml", "</script> is\nno <b>tag</b>").help("mend it");
        let project = Path::new("/nowhere");
        let mut followed = stage.follow();
        assert!(stage.tell(std::slice::from_ref(&finding), project, false));
        assert!(followed.has_changed().unwrap());
        followed.mark_unchanged();
        assert!(!stage.tell(std::slice::from_ref(&finding), project, false), "it was said before");
        assert!(!followed.has_changed().unwrap());
        assert!(!stage.tell(&[finding], project, true) && followed.has_changed().unwrap());
        let told = event(&stage);
        assert_eq!((&told["version"], &told["findings"][0]["help"]), (&version, &"mend it".into()));
        assert!(stage.page().unwrap().ends_with(b"one"));
        assert!(stage.show(preview("one")), "that it is mended is news");
        assert_eq!(event(&stage)["findings"], serde_json::json!([]));
    }

    #[test]
    fn the_line_is_shown_of_a_template_and_not_of_the_settings() {
        let project = tempfile::tempdir().unwrap();
        for file in ["a.mjml", "mailshot.toml"] {
            std::fs::write(project.path().join(file), "pasword = \"secret\"\n").unwrap();
        }
        let stage = Stage::default();
        let findings = ["a.mjml", "mailshot.toml"]
            .map(|file| Finding::error("code", "wrong").at(Place::offset(file, "pasword = ", 0)));
        stage.tell(&findings, project.path(), false);
        let told = event(&stage);
        assert_eq!(told["findings"][0]["excerpt"]["marked"], "pasword", "{told}");
        assert!(told["findings"][1]["excerpt"].is_null(), "{told}");
    }

    #[test]
    fn after_its_end_there_is_nothing() {
        let stage = Stage::default();
        let mut followed = stage.follow();
        stage.close();
        assert!(followed.borrow_and_update().is_none());
        assert!(stage.page().is_none() && !stage.show(preview("one")));
    }
}
