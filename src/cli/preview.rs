//! `preview`: the issue as files, as chosen, named or all subscribers would get it.

use super::args::{Global, PreviewArgs};
use super::choice::{choose, not_shown};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Project, seen_from_here};
use crate::finding::Finding;
use crate::preview::{Beside, Folder, FolderError, Gallery, PreviewError};

/// Writes the files.
pub(super) fn run(global: &Global, args: &PreviewArgs, console: Console) -> Result<Exit, CliError> {
    if let Some(address) = args.listen() {
        return super::serve::run(global, args, address, console);
    }
    if args.web {
        return super::web::run(global, args, console);
    }
    let project = Project::open(global)?;
    let loaded = project.load(args.slug(), args.subscribers.as_deref(), console)?;
    let mut chosen = choose(&project, &loaded, args)?;
    let mut gallery = Gallery::new(loaded.content("preview")?);
    let out = args.out.clone().unwrap_or_else(|| seen_from_here(&project.config.project.join("preview")));
    let folder = Folder::create(&out.join(&loaded.source.slug))?;
    for picture in gallery.pictures() {
        folder.write(&picture)?;
    }
    let mut unmergeable = 0_usize;
    chosen.each(&loaded, args.all, |sample| {
        let files = match gallery.add(sample) {
            // The check says so of its row; the others can be shown.
            Err(PreviewError::Content { .. }) if args.all => {
                unmergeable += 1;
                return Ok(());
            }
            files => files?,
        };
        files.iter().try_for_each(|file| Ok(folder.write(file)?))
    })?;
    chosen.notes.extend(not_shown(unmergeable));
    let written = gallery.len();
    let findings = [&loaded.compiled.findings[..], &chosen.findings].concat();
    let beside = Beside { findings: &findings, notes: &chosen.notes, script: None };
    let page = folder.finish(&gallery.page(&beside)?)?;

    let errors = chosen.findings.iter().filter(|finding| finding.is_error()).count();
    if errors > 0 {
        let errors = if errors == 1 { "1 error" } else { &format!("{errors} errors") };
        console.note(&format!("{errors} in the list: see the page, or `mailshot check {}`", args.slug()));
    }
    let here = std::env::current_dir().unwrap_or_default();
    let page = page.strip_prefix(&here).unwrap_or(&page);
    if console.json {
        console.out_json(&serde_json::json!({ "page": page, "samples": written }))?;
    } else {
        let samples = if written == 1 { "sample" } else { "samples" };
        console.out(&format!("{written} {samples} in {}", page.display()))?;
    }
    console.next(&format!("open it, then mailshot test {}", args.slug()));
    Ok(Exit::Done)
}

impl From<PreviewError> for CliError {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::Content { line, error } => {
                let finding = error.finding();
                let help = finding.help.clone().unwrap_or_else(|| format!("look at line {line} of the list"));
                Finding { help: Some(help), ..finding }.into()
            }
            PreviewError::Page(_) => Finding::error("preview", error.to_string()).into(),
        }
    }
}

impl From<FolderError> for CliError {
    fn from(error: FolderError) -> Self {
        Self::refused("preview", error.to_string(), "choose another folder with --out")
    }
}
