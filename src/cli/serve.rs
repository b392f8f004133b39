//! `preview --serve`: the preview in a browser, made anew with every change.
//!
//! Nothing is written to disk, for what is shown are subscribers' data, and nobody wants files rewritten with every
//! keystroke. Ctrl-C is the only way to end it and so its proper end: exit code 0.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::net::TcpListener;

use super::args::{Global, PreviewArgs};
use super::choice::{Choice, choose, not_shown};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Loaded, Project, inert_tokens};
use super::runtime::{Signals, runtime};
use crate::clock;
use crate::compile::Build;
use crate::config::List;
use crate::finding::{Finding, Written};
use crate::http::{Hosts, Limits, Listen, ListenError, Server};
use crate::message::Tokens;
use crate::preview::serve::{Event, Follower, Made, Maker, Roots, SCRIPT, Show, Stage, Stamp};
use crate::preview::{Beside, File, Gallery, PreviewError};

/// M-A-I-L on a telephone.
const USUAL_PORT: u16 = 6245;
/// A list of so few bytes is read again with every change.
const SHORT_BYTES: u64 = 128 * 1024;
/// That a list of more bytes is read is said before.
const LONG_BYTES: u64 = 16 * 1024 * 1024;
/// A preview is held in memory; larger ones are refused.
const MAX_BYTES: usize = 512 * 1024 * 1024;

/// Serves until a signal ends it.
pub(super) fn run(
    global: &Global,
    args: &PreviewArgs,
    address: &str,
    console: Console,
) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let source = project.source(args.slug())?;
    let listen = Listen::parse(address, USUAL_PORT)?;
    let listener = listen.bind()?;
    let here = listener.local_addr()?;
    if !listen.is_private() {
        console.warnings(&[exposed()]);
    }

    let stage = Arc::new(Stage::default());
    // The folder by its own name: the system tells of changes there, also where the project is reached by a link.
    let folder = project.config.project.clone();
    let roots =
        Roots { project: folder.canonicalize().unwrap_or(folder), slug: source.slug.clone(), list: None };
    let studio = Studio {
        global: global.clone(),
        args: args.clone(),
        tokens: Arc::new(inert_tokens()?),
        when: clock::now(),
        kept: None,
    };
    let list = project.list(args.subscribers.as_deref())?;
    if std::fs::metadata(list).is_ok_and(|list| list.len() > LONG_BYTES) {
        console.note("the list is long: reading it takes a while, and is only done again when it changes");
    }
    let mut report = move |event: Event<'_>| tell(event, console);
    let follower = Follower::start(roots, studio, Arc::clone(&stage), &mut report);
    let show = Arc::new(Show::new(Arc::clone(&stage), Hosts::new(here, listen.name())));

    let runtime = runtime()?;
    // From now on: until here, and so through the first reading of a long list, a signal ends it by itself.
    let mut signals = runtime.block_on(async { Signals::new() })?;
    let url = listen.url(here);
    if console.json {
        console.out_json(&serde_json::json!({ "url": url }))?;
    } else {
        console.out(&url)?;
    }
    console.note(&format!("open it in a browser; it follows what is written in {}", source.file.display()));
    console.next(&format!("Ctrl-C ends it, then mailshot test {}", source.slug));
    runtime.block_on(async {
        let server = Server::new(TcpListener::from_std(listener)?, Limits::default());
        // It goes on until the process ends.
        std::thread::spawn(move || follower.run(report));
        let stop = async {
            signals.any().await;
            stage.close();
        };
        server.run(show, stop).await;
        Ok(Exit::Done)
    })
}

fn no_message(slug: &str) -> CliError {
    let message = "of no subscriber shown so far can a message be made any more";
    CliError::refused("preview", message, format!("`mailshot check {slug}` says why, for each row"))
}

fn too_large() -> CliError {
    CliError::refused(
        "preview-too-large",
        format!(
            "the samples are larger than the {} MiB that a served preview may hold",
            MAX_BYTES / 1024 / 1024
        ),
        "choose fewer with --sample or --as, or write them to files",
    )
}

/// Whoever can reach the address can read the list's data.
fn exposed() -> Finding {
    Finding::warning("exposed", "whoever can reach this address can read the subscribers' data on the page")
        .help("without an address, --serve is for this machine only")
}

fn tell(event: Event<'_>, console: Console) {
    match event {
        Event::Shown { took } => tracing::debug!("made anew in {} ms", took.as_millis()),
        Event::Broken { findings } => console.findings(findings),
        Event::Mended => console.note("mended"),
        Event::Warned { findings } => console.warnings(findings),
        Event::Watching(finding) => console.warnings(&[finding]),
    }
}

impl From<ListenError> for CliError {
    fn from(error: ListenError) -> Self {
        let help = match &error {
            ListenError::Taken(_) | ListenError::AllTaken(_) => {
                "end the other one, or let the system choose: --serve 127.0.0.1:0"
            }
            ListenError::Refused { .. } => {
                "a port of 1024 or above is free for everybody: --serve 127.0.0.1:6245"
            }
            ListenError::NoAddress(_) | ListenError::UnknownName { .. } | ListenError::NotHere(_) => {
                "127.0.0.1:6245, or an address of this machine; without one, the loopback"
            }
        };
        let exit = if matches!(error, ListenError::NoAddress(_)) { Exit::Usage } else { Exit::Refused };
        Self::refused("listen", error.to_string(), help).exit(exit)
    }
}

/// Makes the previews.
struct Studio {
    global: Global,
    args: PreviewArgs,
    /// The same for every preview, as is the date: where nothing has changed, the files are the same.
    tokens: Arc<Tokens>,
    when: Timestamp,
    kept: Option<Kept>,
}

/// What was read from the list, and what it depends on.
struct Kept {
    /// None where it may have changed right after.
    list: Option<Stamp>,
    settings: List,
    segment: Option<Written>,
    build: Build,
    choice: Choice,
}

impl Maker for Studio {
    fn make(&mut self) -> Made {
        let mut made = Made { preview: Ok(Vec::new()), warnings: Vec::new(), list: None };
        made.preview = self.files(&mut made.warnings, &mut made.list).map_err(|error| error.findings);
        made
    }
}

impl Studio {
    fn files(
        &mut self,
        warnings: &mut Vec<Finding>,
        list: &mut Option<PathBuf>,
    ) -> Result<Vec<File>, CliError> {
        let project = Project::open(&self.global)?;
        let subscribers = self.args.subscribers.as_deref();
        *list = Some(project.list(subscribers)?);
        let mut loaded = project.load_silently(self.args.slug(), subscribers)?;
        warnings.append(&mut loaded.compiled.findings);
        let content = loaded.content_with("preview", Arc::clone(&self.tokens))?;
        let mut gallery = Gallery::new(content).dated(self.when);
        let all = self.args.all;
        let (choice, stale) = self.choose(&project, &loaded)?;
        let mut files: Vec<File> = gallery.pictures().collect();
        let mut bytes = 0;
        let mut unmergeable = 0;
        choice.each(&loaded, all, |sample| {
            let made = match gallery.add(sample) {
                // Who was chosen for this build can be merged with it.
                Err(PreviewError::Content { .. }) if all || stale => {
                    unmergeable += 1;
                    return Ok(());
                }
                made => made?,
            };
            bytes += made.iter().map(|file| file.bytes.len()).sum::<usize>();
            files.extend(made);
            if bytes > MAX_BYTES { Err(too_large()) } else { Ok(()) }
        })?;
        if gallery.is_empty() {
            return Err(no_message(&loaded.source.slug));
        }
        let mut findings = warnings.clone();
        let mut notes = choice.notes.clone();
        notes.extend(not_shown(unmergeable));
        findings.extend(choice.findings.iter().filter(|finding| !stale || !of_build(finding)).cloned());
        if stale {
            notes.push(format!(
                "the list is long: it was last read before the latest change; `mailshot check {}` reads it again",
                loaded.source.slug
            ));
        }
        let beside = Beside { findings: &findings, notes: &notes, script: Some(SCRIPT) };
        files.push(gallery.page(&beside)?);
        Ok(files)
    }

    /// Who is shown, and whether that was chosen for another build. A long list is only read again when it has changed
    /// itself, or what decides who gets the issue.
    fn choose(&mut self, project: &Project, loaded: &Loaded) -> Result<(&Choice, bool), CliError> {
        let settings = &project.config.list;
        let segment = &loaded.compiled.segment;
        // Before it is read: what changes meanwhile makes another stamp.
        let stamp = Stamp::settled(&project.config.project.join(&loaded.list));
        let is_good = |kept: &Kept| {
            kept.list.is_some_and(|list| list.bytes() > SHORT_BYTES)
                && kept.list == stamp
                && kept.settings == *settings
                && kept.segment == *segment
        };
        let (kept, stale) = match self.kept.take() {
            Some(kept) if is_good(&kept) => {
                let stale = kept.build != loaded.compiled.build;
                (kept, stale)
            }
            _ => {
                let started = Instant::now();
                let choice = choose(project, loaded, &self.args)?;
                tracing::debug!("{} read in {} ms", loaded.shown.display(), started.elapsed().as_millis());
                let (settings, segment) = (settings.clone(), segment.clone());
                (Kept { list: stamp, settings, segment, build: loaded.compiled.build.clone(), choice }, false)
            }
        };
        Ok((&self.kept.insert(kept).choice, stale))
    }
}

/// Whether a finding of the list depends on what is merged, too, and may be mended there.
fn of_build(finding: &Finding) -> bool {
    matches!(finding.code, "unmergeable-row" | "untyped-column")
}

impl Project {
    /// Where the list lies that a campaign is compiled for.
    fn list(&self, subscribers: Option<&Path>) -> Result<PathBuf, CliError> {
        let list = subscribers.unwrap_or(&self.config.list.subscribers);
        let base = if subscribers.is_some() { std::env::current_dir()? } else { self.config.project.clone() };
        Ok(std::path::absolute(base.join(list))?)
    }
}
