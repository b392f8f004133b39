//! The way from MJML to HTML, step by step.

use std::{collections::BTreeMap, path::Path};

use super::{
    cascade, check,
    document::{self, Document},
    include::{Added, Includes, MAX_TEXT_BYTES},
    merge_tags,
    page::PageError,
    parse::{self, Budget, Mode},
    problems::{Problem, Problems},
    render::{self, RenderError, Rendered},
    source::{Pos, Sources, Texts},
    tree::{Attribute, Element, Node},
    write,
};
use crate::{
    compile::pictures::file_name,
    finding::{Finding, Place},
    tags::TagTable,
};

/// Of more pictures than this nobody is told where they were written.
const MAX_PICTURES: usize = 500;

/// The MJML of an issue.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What the issue phase made of the layout: merge tags as tokens, position markers in it.
    pub text: &'a str,
    /// The layout, relative to `root`: for places, and includes are relative to it.
    pub file: &'a Path,
    /// Includes never leave this folder.
    pub root: &'a Path,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html {
    /// The whole page, with the tokens of all merge tags. A token of a statement that stands between tags is the
    /// whole content of a comment, `<!--token-->`; in attribute values and in `<title>` it stands bare.
    pub text: String,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// Where each picture that is a file was written, by its name; of one that is used twice, where it is first.
    pub pictures: BTreeMap<String, Place>,
}

/// The HTML of an MJML document.
///
/// # Errors
/// Every finding, warnings too, if there is an error among them.
pub fn to_html(input: &Input<'_>, sources: &mut dyn Sources) -> Result<Html, Vec<Finding>> {
    let mut texts = Texts::default();
    let mut problems = Problems::default();
    let html = compile(input, sources, &mut texts, &mut problems);
    let failed = problems.has_errors();
    let findings = problems.into_findings(&texts, sources);
    match html {
        Some((text, pictures)) if !failed => {
            let place = |(source, pos)| (source, texts.place(pos, sources));
            Ok(Html { text, findings, pictures: pictures.into_iter().map(place).collect() })
        }
        _ => Err(findings),
    }
}

fn compile(
    input: &Input<'_>,
    sources: &mut dyn Sources,
    texts: &mut Texts,
    problems: &mut Problems,
) -> Option<(String, BTreeMap<String, Pos>)> {
    let mut document = read(input, sources, texts, problems)?;
    let tags = sources.tags();
    check::check(&document, tags, problems);
    merge_tags::place(&mut document, tags, problems);
    if problems.has_errors() {
        return None;
    }
    let mut pictures = BTreeMap::new();
    for part in [&document.head, &document.body] {
        find_pictures(part, texts, tags, &mut pictures);
    }
    cascade::apply(&mut document);
    let canonical = write::write(&document, tags);
    match render::render(&canonical, tags) {
        Ok(Rendered { html, idle_selectors }) => {
            for pos in idle_selectors {
                let message = "this `<mj-selector>` means no element of the body";
                let help = "look at what its `path` says, or remove it";
                problems.push(Problem::warning("idle-selector", pos, message).help(help));
            }
            Some((html, pictures))
        }
        Err(error) => {
            problems.push(Problem::placed(unrendered(&error, tags, relative(input))));
            None
        }
    }
}

/// The layout, relative to the root.
fn relative<'a>(input: &Input<'a>) -> &'a Path {
    input.file.strip_prefix(input.root).unwrap_or(input.file)
}

/// The document of all files.
fn read(
    input: &Input<'_>,
    sources: &mut dyn Sources,
    texts: &mut Texts,
    problems: &mut Problems,
) -> Option<Document> {
    let file = relative(input);
    let Some(bytes_left) = MAX_TEXT_BYTES.checked_sub(input.text.len()) else {
        let message = format!("the MJML is more than {} MiB long", MAX_TEXT_BYTES / 1024 / 1024);
        problems.push(Problem::placed(Finding::error("too-long", message).at(Place::offset(file, "", 0))));
        return None;
    };
    let source = texts.add(file, input.text);
    let mut budget = Budget::default();
    let nodes = match parse::parse(texts, source, Mode::Mjml, &mut budget, problems) {
        Ok(nodes) => nodes,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let mut includes = Includes {
        texts,
        sources,
        problems,
        budget: &mut budget,
        root: input.root,
        files: vec![file.to_owned()],
        count: 0,
        bytes_left,
        added: Added::default(),
    };
    let nodes = includes.expand(nodes, "", 0);
    let added: Vec<Node> = includes.added.into_nodes().collect();
    if problems.has_errors() {
        return None;
    }
    document::assemble(nodes, added, problems)
}

/// Where the pictures below an element are named.
fn find_pictures(element: &Element, texts: &Texts, tags: &TagTable, pictures: &mut BTreeMap<String, Pos>) {
    for Attribute { name, value, pos } in &element.attributes {
        let names_picture =
            matches!(name.as_str(), "src" | "background" | "background-url" | "thumbnails-src");
        if names_picture
            && pictures.len() < MAX_PICTURES
            && let Some(file) = value.as_ref().and_then(|value| file_name(value, tags))
        {
            pictures.entry(file).or_insert_with(|| texts.in_value(*pos, ""));
        }
    }
    for child in element.elements() {
        find_pictures(child, texts, tags, pictures);
    }
}

fn unrendered(error: &RenderError, tags: &TagTable, file: &Path) -> Finding {
    let message = error.to_string();
    match error {
        RenderError::LostTag { index, .. } => Finding::error("lost-tag", message)
            .at(tags.get(*index).place.clone())
            .help("put it where text is shown, or into an attribute that has an effect"),
        RenderError::Page(PageError::TooMuch) => {
            Finding::error("too-long", message).at(Place::offset(file, "", 0))
        }
        RenderError::Refused(_)
        | RenderError::Broken(_)
        | RenderError::LostContent
        | RenderError::Page(_) => Finding::error("mjml-renderer", message)
            .at(Place::file(file))
            .help("this is a defect of mailshot: please report it with the layout"),
    }
}
