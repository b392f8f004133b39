//! `preview`: the issue as files, as sampled, named or all subscribers would get it.

use super::args::{Global, PreviewArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Loaded, Project, seen_from_here};
use crate::audience::Subscriber;
use crate::check::Admission;
use crate::finding::Finding;
use crate::preview::{Beside, Folder, FolderError, Gallery, PreviewError, Sample};

/// Writes the files.
pub(super) fn run(global: &Global, args: &PreviewArgs, console: Console) -> Result<Exit, CliError> {
    if args.serve.is_some() {
        return Err(CliError::unsupported("`--serve`", "open the written index.html; it needs no server"));
    }
    let project = Project::open(global)?;
    let loaded = project.load(&args.slug, args.subscribers.as_deref(), console)?;
    let content = loaded.content("preview")?;
    let out = args.out.clone().unwrap_or_else(|| seen_from_here(&project.config.project.join("preview")));
    let folder = out.join(&loaded.source.slug);
    let mut gallery = Gallery::new(content);
    let files = Folder::create(&folder)?;
    for picture in gallery.pictures() {
        files.write(&picture)?;
    }
    for_each(&project, &loaded, args, |n, subscriber| {
        let sample = Sample { n, subscriber: subscriber.clone(), why: Vec::new() };
        for file in gallery.add(&sample)? {
            files.write(&file)?;
        }
        Ok(())
    })?;
    if gallery.is_empty() {
        return Err(CliError::refused(
            "no-recipients",
            "no row of the list is to get this issue",
            "look at `[list] where` and the campaign's `segment`",
        ));
    }
    let written = gallery.len();
    let page = files.finish(&gallery.page(&Beside::default())?)?;
    let here = std::env::current_dir().unwrap_or_default();
    let page = page.strip_prefix(&here).unwrap_or(&page);
    if console.json {
        console.out_json(&serde_json::json!({ "page": page, "samples": written }))?;
    } else {
        let samples = if written == 1 { "sample" } else { "samples" };
        console.out(&format!("{written} {samples} in {}", page.display()))?;
    }
    console.next(&format!("open it, then mailshot test {}", args.slug));
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

/// Calls `take` with every subscriber to show and their number among the recipients.
fn for_each(
    project: &Project,
    loaded: &Loaded,
    args: &PreviewArgs,
    mut take: impl FnMut(u64, &Subscriber) -> Result<(), CliError>,
) -> Result<(), CliError> {
    if !args.as_email.is_empty() {
        for (index, subscriber) in super::test::choose(project, loaded, &args.as_email)?.iter().enumerate() {
            take(index as u64 + 1, subscriber)?;
        }
        return Ok(());
    }
    let filters = project.filters(loaded)?;
    let mailed = |subscriber: &Subscriber| matches!(filters.admit(&subscriber.row), Ok(Admission::Mailed));
    let reader = || loaded.reader(&project.config);
    let recipients = reader()?.filter_map(Result::ok).filter(&mailed);
    if args.all {
        for (index, subscriber) in recipients.enumerate() {
            take(index as u64 + 1, &subscriber)?;
        }
        return Ok(());
    }
    // Spread over the list: the first rows alone are the ones somebody tidied up.
    let total = recipients.count();
    let wanted = args.sample.clamp(1, total.max(1));
    let mut chosen = (0..wanted).map(|sample| sample * total / wanted).peekable();
    for (index, subscriber) in reader()?.filter_map(Result::ok).filter(&mailed).enumerate() {
        if chosen.next_if_eq(&index).is_some() {
            take(index as u64 + 1, &subscriber)?;
        }
    }
    Ok(())
}
