//! `preview`: the issue as files, as chosen, named or all subscribers would get it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{Global, PreviewArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Loaded, Project, seen_from_here};
use crate::address::EmailAddress;
use crate::check::Selection;
use crate::expr::Row;
use crate::finding::Finding;
use crate::ledger::StagedRow;
use crate::preview::{Beside, Folder, FolderError, Gallery, PreviewError, Sample, Sampler};

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

/// What is said of rows that were passed over.
pub(super) fn not_shown(unmergeable: usize) -> Option<String> {
    (unmergeable > 0).then(|| format!("not shown, for no message can be made of them: {unmergeable} rows"))
}

/// Whom a preview shows, and what was noticed on the way.
pub(super) struct Choice {
    samples: Vec<Sample>,
    /// All recipients, where the whole list was read.
    selection: Option<Selection>,
    /// What is wrong with the list.
    pub findings: Vec<Finding>,
    /// What it came to, a sentence each.
    pub notes: Vec<String>,
}

/// The subscribers that were named, or else those that are worth looking at.
pub(super) fn choose(project: &Project, loaded: &Loaded, args: &PreviewArgs) -> Result<Choice, CliError> {
    if !args.as_email.is_empty() {
        let samples = named(project, loaded, &args.as_email)?;
        let note =
            format!("only these were looked at; `mailshot check {}` looks at the whole list", args.slug());
        return Ok(Choice { samples, selection: None, findings: Vec::new(), notes: vec![note] });
    }
    let build = &loaded.compiled.build;
    let spread = if args.all { 0 } else { args.sample };
    let mut sampler =
        Sampler::new(build, &loaded.schema, spread).map_err(|error| CliError::from(error.finding()))?;
    let mut selection = project.select_with(loaded, |recipient| sampler.offer(recipient))?;
    let chosen = sampler.finish(build, &loaded.schema);
    let mut findings = std::mem::take(&mut selection.findings);
    if chosen.samples.is_empty() {
        // Nobody can be shown, so why that is so is all there is to say.
        findings.retain(Finding::is_error);
        return Err(findings.into());
    }
    let mut notes = vec![summary(&selection)];
    notes.extend(chosen.unseen);
    Ok(Choice { samples: chosen.samples, selection: Some(selection), findings, notes })
}

/// The subscribers of these addresses.
fn named(project: &Project, loaded: &Loaded, emails: &[String]) -> Result<Vec<Sample>, CliError> {
    let subscribers = super::test::choose(project, loaded, emails)?;
    let samples = (1..).zip(subscribers).map(|(n, subscriber)| Sample {
        n,
        line: subscriber.line,
        email: subscriber.email,
        row: Arc::new(subscriber.row),
        why: Vec::new(),
    });
    Ok(samples.collect())
}

impl Choice {
    /// Calls `take` with every sample: the chosen ones, or all recipients.
    pub(super) fn each(
        &self,
        loaded: &Loaded,
        all: bool,
        mut take: impl FnMut(&Sample) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Some(selection) = self.selection.as_ref().filter(|_| all) else {
            return self.samples.iter().try_for_each(take);
        };
        let mut why: BTreeMap<u64, &Vec<String>> =
            self.samples.iter().map(|sample| (sample.n, &sample.why)).collect();
        for row in selection.staging.rows() {
            let StagedRow { n, line, email, values, .. } = row?;
            // What was staged was an address.
            let Ok(email) = EmailAddress::parse(&email) else { continue };
            let row = Arc::new(Row::new(Arc::clone(&loaded.schema), values));
            let why = why.remove(&n).cloned().unwrap_or_default();
            take(&Sample { n, line, email, row, why })?;
        }
        Ok(())
    }
}

/// What became of the rows of the list.
fn summary(selection: &Selection) -> String {
    let recipients = selection.staging.len();
    let of = format!("{recipients} of {} rows get this issue", selection.rows + selection.invalid);
    let left_out: Vec<String> = [
        (selection.filtered, "by `[list] where`"),
        (selection.outside_segment, "by the campaign's `segment`"),
        (selection.duplicates, "for an address that came before"),
        (selection.invalid, "for an address that cannot be one"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if left_out.is_empty() { of } else { format!("{of}; left out: {}", left_out.join(", ")) }
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
