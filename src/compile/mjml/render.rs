//! Canonical MJML → HTML: mrml, the content put back, style sheets inlined, and proof that no merge tag is lost.

use std::{
    collections::{BTreeSet, HashMap},
    thread,
};

use mrml::prelude::render::RenderOptions;

use super::{
    fonts, mend,
    page::{self, PageError},
    source::Pos,
    write::Canonical,
};
use crate::tags::TagTable;

/// Why there is no HTML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RenderError {
    /// The checks let something through that mrml does not read.
    #[error("the MJML renderer refuses this document: {0}")]
    Refused(String),
    /// The page cannot be read again, or the style sheet has too many rules for it.
    #[error(transparent)]
    Page(#[from] PageError),
    /// mrml or the inliner panicked, or the thread could not be started.
    #[error("the MJML renderer broke off: {0}")]
    Broken(String),
    /// A piece of content is not in the HTML.
    #[error("the MJML renderer lost a piece of content")]
    LostContent,
    /// A merge tag is not in the HTML.
    #[error("`{written}` got lost: {within} is not part of the HTML")]
    LostTag { index: usize, written: String, within: String },
}

/// mrml recurses once per level of nesting, a debug build with frames of many kilobytes; levels are limited, and
/// this is enough for all of them.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// A page.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) html: String,
    /// The `mj-selector`s that mean no element.
    pub(super) idle_selectors: Vec<Pos>,
}

/// The HTML of canonical MJML.
pub(super) fn render(canonical: &Canonical, tags: &TagTable) -> Result<Rendered, RenderError> {
    let rendered = on_a_deep_stack(|| {
        let skeleton =
            mend::mend(&mrml(&canonical.mjml)?, &canonical.grid).ok_or(RenderError::LostContent)?;
        let html = canonical.held.put_back(&skeleton).ok_or(RenderError::LostContent)?;
        let html = with_head(&html, canonical)?;
        let (html, idle_selectors) = with_html_attributes(html, canonical)?;
        Ok(Rendered { html: with_inlined_css(html, canonical, tags)?, idle_selectors })
    })?;
    find_lost_tag(canonical, tags, &rendered.html).map_or(Ok(rendered), Err)
}

/// `html` with the attributes of `mj-html-attributes` on its body, the preview left alone.
fn with_html_attributes(html: String, canonical: &Canonical) -> Result<(String, Vec<Pos>), RenderError> {
    if canonical.html_attributes.is_empty() {
        return Ok((html, Vec::new()));
    }
    let broken = || RenderError::LostContent;
    let from = html.find(COMMON_HEAD).ok_or_else(broken)?;
    let from = from + html[from..].find("<body").ok_or_else(broken)?;
    let from = from + html[from..].find('>').ok_or_else(broken)? + 1;
    let to = html.rfind("</body>").ok_or_else(broken)?;
    let (body, idle) = page::set(&html[from..to], &canonical.html_attributes, canonical.preview)?;
    Ok(([&html[..from], &body, &html[to..]].concat(), idle))
}

/// `html` with the style sheets that are to be inlined. A `style` in which a condition of the merge stands is kept whole.
fn with_inlined_css(html: String, canonical: &Canonical, tags: &TagTable) -> Result<String, RenderError> {
    if canonical.inline_css.trim().is_empty() {
        return Ok(html);
    }
    Ok(page::inline(&html, &canonical.inline_css, |style| tags.touches(style))?)
}

/// Runs `work` on a thread of its own: the stack is known, and a panic of a library is an error like any other.
fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, RenderError> + Send) -> Result<T, RenderError> {
    thread::scope(|scope| {
        let handle = thread::Builder::new()
            .name("mjml".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| RenderError::Broken(error.to_string()))?;
        handle.join().unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
            Err(RenderError::Broken(message.to_owned()))
        })
    })
}

fn mrml(mjml: &str) -> Result<String, RenderError> {
    let refused = |error: &dyn std::error::Error| RenderError::Refused(error.to_string());
    let document = mrml::parse(mjml).map_err(|error| refused(&error))?;
    // Which fonts the page needs is seen when all of it is drawn.
    let options = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
    document.element.render(&options).map_err(|error| refused(&error))
}

/// The last thing in mrml's head that is the same on every page.
const COMMON_HEAD: &str = ".mj-outlook-group-fix { width:100% !important; }\n</style>\n<![endif]-->";

/// `html` with what the drawn elements need in the head: fonts, media queries, style sheets.
fn with_head(html: &str, canonical: &Canonical) -> Result<String, RenderError> {
    let (before, after) = html.split_once(COMMON_HEAD).ok_or(RenderError::LostContent)?;
    let body = after.find("<body").map_or(after, |at| &after[at..]);
    let fonts = fonts::links(body, &canonical.inline_css, &canonical.fonts);
    Ok([&canonical.start, before, COMMON_HEAD, &fonts, &canonical.head, after].concat())
}

/// A merge tag that went in and did not come out.
fn find_lost_tag(canonical: &Canonical, tags: &TagTable, html: &str) -> Option<RenderError> {
    let mut found = BTreeSet::new();
    let mut from = 0;
    while let Some((range, index)) = tags.find(html, from) {
        found.insert(index);
        from = range.end;
    }
    let (index, within) = canonical.tags.iter().find(|(index, _)| !found.contains(index))?;
    let written = tags.get(*index).written();
    Some(RenderError::LostTag { index: *index, written, within: within.clone() })
}
