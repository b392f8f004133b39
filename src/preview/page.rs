//! The page that shows the samples.

use serde::Serialize;

use crate::finding::Finding;

/// Gmail shows about this much of a message's HTML and cuts the rest off.
const GMAIL_CLIP_BYTES: usize = 102 * 1024;
/// The page: markup, style and script; the data goes where [`DATA`] stands.
const PAGE: &str = include_str!("gallery/page.html");
const DATA: &str = "{{DATA}}";

/// What the page shows beside the samples.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What `check` found.
    pub findings: &'a [Finding],
    /// What the list and the choice of samples came to, a sentence each.
    pub notes: &'a [String],
    /// A script that runs on the page besides its own: a server's, which follows changes.
    pub script: Option<&'a str>,
}

/// One subscriber's message, as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// The files' name without its ending.
    pub(super) stem: String,
    /// The subscriber.
    pub(super) email: String,
    /// Something to tell subscribers apart by.
    pub(super) name: String,
    /// Why they were chosen.
    pub(super) why: Vec<String>,
    /// The merged subject.
    pub(super) subject: String,
    /// The merged preheader.
    pub(super) preheader: String,
    /// The text part.
    pub(super) text: String,
    /// The message's headers.
    pub(super) headers: String,
    /// The size of the HTML.
    pub(super) html_bytes: usize,
}

#[derive(Serialize)]
struct Data<'a> {
    campaign: &'a str,
    from: &'a str,
    clip_bytes: usize,
    samples: &'a [Shown],
    findings: &'a [Finding],
    notes: &'a [String],
}

/// The page for these samples. Data stands in it as JSON in which no `<` is left, so nothing of it is markup.
pub(super) fn page(
    campaign: &str,
    from: &str,
    samples: &[Shown],
    beside: &Beside<'_>,
) -> serde_json::Result<String> {
    let Beside { findings, notes, script } = *beside;
    let data = Data { campaign, from, clip_bytes: GMAIL_CLIP_BYTES, samples, findings, notes };
    let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
    let page = PAGE.replacen(DATA, &json, 1);
    Ok(match script {
        Some(script) => format!("{page}<script>{script}</script>"),
        None => page,
    })
}
