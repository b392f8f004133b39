//! Makes the preview anew whenever something has changed, for as long as it is asked to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::stage::Stage;
use super::tree::{Roots, Tree};
use super::watch::Watcher;
use crate::finding::Finding;
use crate::preview::File;

/// Many programs empty a file before they write it: what is wrong is shown once nothing has happened for so long.
const DOUBT: Duration = Duration::from_millis(80);
/// But if it stays wrong for so long while something goes on, it is shown.
const DOUBTS: Duration = Duration::from_millis(500);

/// Makes previews.
pub trait Maker {
    /// Makes one from the files as they are.
    fn make(&mut self) -> Made;
}

/// What came of it.
#[derive(Debug)]
pub struct Made {
    /// The preview, or what is wrong.
    pub preview: Result<Vec<File>, Vec<Finding>>,
    /// What is worth a look.
    pub warnings: Vec<Finding>,
    /// The subscriber file that the settings name, where they could be read.
    pub list: Option<PathBuf>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// There is another preview.
    Shown {
        /// How long making it took.
        took: Duration,
    },
    /// Something is wrong with what was written.
    Broken {
        /// What.
        findings: &'a [Finding],
    },
    /// What was wrong is mended.
    Mended,
    /// There are other warnings than before.
    Warned {
        /// All there are.
        findings: &'a [Finding],
    },
    /// Watching is not as it should be.
    Watching(Finding),
}

/// Follows one campaign.
pub struct Follower<M> {
    roots: Roots,
    maker: M,
    watcher: Watcher,
    stage: Arc<Stage>,
    seen: Tree,
    /// How long the last look took.
    looked: Duration,
    broken: bool,
    warnings: Vec<Finding>,
    /// Since when what is wrong has been kept back.
    doubted: Option<Instant>,
    partial: bool,
}

impl<M: Maker> Follower<M> {
    /// Makes the first preview and shows it.
    pub fn start(roots: Roots, maker: M, stage: Arc<Stage>, report: &mut impl FnMut(Event<'_>)) -> Self {
        let (watcher, finding) = Watcher::new();
        if let Some(finding) = finding {
            report(Event::Watching(finding));
        }
        let mut follower = Self {
            roots,
            maker,
            watcher,
            stage,
            seen: Tree::default(),
            looked: Duration::ZERO,
            broken: false,
            warnings: Vec::new(),
            doubted: None,
            partial: false,
        };
        let tree = follower.look(report);
        follower.make(tree, false, report);
        follower
    }

    /// Follows for ever.
    pub fn run(mut self, mut report: impl FnMut(Event<'_>)) {
        loop {
            self.step(&mut report);
        }
    }

    fn step(&mut self, report: &mut impl FnMut(Event<'_>)) {
        let woken = match self.doubted {
            Some(_) if self.watcher.woken_within(DOUBT) => {
                self.watcher.settle();
                true
            }
            Some(_) => false,
            None => self.watcher.wait(self.looked),
        };
        let tree = self.look(report);
        let changed = !tree.is_as(&self.seen);
        let may_have = self.seen.is_fresh();
        if changed || may_have || self.doubted.is_some() {
            self.make(tree, woken, report);
        }
    }

    /// Looks, and sees to it that what changes from then on wakes.
    fn look(&mut self, report: &mut impl FnMut(Event<'_>)) -> Tree {
        let started = Instant::now();
        let mut tree = Tree::look(&self.roots);
        self.looked = started.elapsed();
        match self.watcher.watch(&tree) {
            Ok(false) => {}
            // Something may have been put into a new folder before it was watched.
            Ok(true) => tree = Tree::look(&self.roots),
            Err(finding) => report(Event::Watching(finding)),
        }
        if !tree.is_whole() && !std::mem::replace(&mut self.partial, true) {
            let message = "the project holds so much that not all of it is watched";
            let finding = Finding::warning("unwatched", message);
            report(Event::Watching(finding.help("mjml/ and the campaign's own folder are, in any case")));
        }
        tree
    }

    /// Makes a preview of this tree. `restless`: something may be going on still.
    fn make(&mut self, tree: Tree, restless: bool, report: &mut impl FnMut(Event<'_>)) {
        let changed = !tree.is_as(&self.seen);
        let started = Instant::now();
        let made = self.maker.make();
        let took = started.elapsed();
        self.seen = tree;
        if made.list.is_some() && made.list != self.roots.list {
            self.roots.list = made.list;
            // It was not looked at before: whatever it is, it is news.
            self.seen = Tree::default();
        }
        let doubted = self.doubted.is_some();
        match made.preview {
            Ok(files) => {
                self.show(files, took, report);
                self.warn(made.warnings, report);
            }
            Err(findings) if restless && self.may_doubt() => {
                tracing::debug!("not shown yet: {} findings", findings.len());
            }
            Err(findings) => self.tell(&findings, changed || doubted, report),
        }
    }

    /// Whether what is wrong may be kept back for a moment.
    fn may_doubt(&mut self) -> bool {
        self.doubted.get_or_insert_with(Instant::now).elapsed() < DOUBTS
    }

    fn show(&mut self, files: Vec<File>, took: Duration, report: &mut impl FnMut(Event<'_>)) {
        self.doubted = None;
        let news = self.stage.show(files);
        if std::mem::take(&mut self.broken) {
            report(Event::Mended);
        }
        if news {
            report(Event::Shown { took });
        }
    }

    fn warn(&mut self, warnings: Vec<Finding>, report: &mut impl FnMut(Event<'_>)) {
        if warnings != self.warnings {
            self.warnings = warnings;
            report(Event::Warned { findings: &self.warnings });
        }
    }

    fn tell(&mut self, findings: &[Finding], again: bool, report: &mut impl FnMut(Event<'_>)) {
        self.doubted = None;
        self.broken = true;
        if self.stage.tell(findings, &self.roots.project, again) {
            report(Event::Broken { findings });
        }
    }
}
