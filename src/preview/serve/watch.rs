//! Wakes when something may have changed: at once where the system tells of changes, or else by the clock.
//!
//! What the system tells is not read, only taken as a reason to look. On network file systems it tells nothing, so
//! the clock wakes in any case; where the system cannot be asked (its limit on watches is reached), it wakes oftener.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::tree::Tree;
use crate::finding::Finding;

/// The clock wakes so often where the system tells of changes, and so often where it does not …
const CHECK: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(100);
/// … but so many times as long as a look takes it rests in any case.
const REST: u32 = 20;
/// A change is complete when nothing has happened for so long …
const QUIET: Duration = Duration::from_millis(25);
/// … but is not waited for longer than this.
const RESTLESS: Duration = Duration::from_millis(100);

/// Watches folders.
pub(super) struct Watcher {
    /// None where the system does not watch for us.
    system: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, (u64, u64)>,
    woken: Receiver<()>,
    /// Keeps the channel open where nobody else does.
    _wake: SyncSender<()>,
}

impl Watcher {
    /// Watches nothing yet. Where the system does not watch for us, the finding says why and what helps.
    pub(super) fn new() -> (Self, Option<Finding>) {
        let (wake, woken) = sync_channel(1);
        let tell = wake.clone();
        let system = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An error is a reason to look, too: the queue of events may have overflowed.
            if event.map_or(true, |event| is_change(event.kind)) {
                // If one wake waits already, it wakes for this change, too.
                let _ = tell.try_send(());
            }
        });
        let (system, finding) = match system {
            Ok(system) => (Some(system), None),
            Err(error) => (None, Some(unwatched(&error))),
        };
        (Self { system, watched: BTreeMap::new(), woken, _wake: wake }, finding)
    }

    /// A watcher that only goes by the clock.
    #[cfg(test)]
    fn by_the_clock() -> Self {
        Self { system: None, ..Self::new().0 }
    }

    /// Watches the folders of this tree and no others. Whether there are new ones among them, in which something may
    /// have happened since the look at the tree.
    pub(super) fn watch(&mut self, tree: &Tree) -> Result<bool, Finding> {
        let Some(system) = self.system.as_mut() else { return Ok(false) };
        let gone = |(folder, id): &(&PathBuf, &(u64, u64))| tree.folders().get(*folder) != Some(*id);
        for (folder, _) in self.watched.iter().filter(gone) {
            // It may be gone by itself.
            let _ = system.unwatch(folder);
        }
        self.watched.retain(|folder, id| tree.folders().get(folder) == Some(id));
        let mut more = false;
        for (folder, id) in tree.folders() {
            if self.watched.contains_key(folder) {
                continue;
            }
            match system.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder.clone(), *id);
                    more = true;
                }
                // It has just been removed; the next look will tell.
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                Err(error) => {
                    self.system = None;
                    self.watched.clear();
                    return Err(unwatched(&error));
                }
            }
        }
        Ok(more)
    }

    /// Waits for a reason to look, and until what goes on has come to rest. Whether it was more than the clock. The
    /// last look took `looked`.
    pub(super) fn wait(&self, looked: Duration) -> bool {
        let patience = if self.system.is_some() { CHECK } else { POLL }.max(REST * looked);
        let woken = self.woken_within(patience);
        if woken {
            self.settle();
        }
        woken
    }

    /// Whether something happens within this time.
    pub(super) fn woken_within(&self, patience: Duration) -> bool {
        match self.woken.recv_timeout(patience) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(patience);
                false
            }
        }
    }

    /// Waits until nothing has happened for a moment.
    pub(super) fn settle(&self) {
        let end = Instant::now() + RESTLESS;
        while Instant::now() < end && self.woken_within(QUIET) {}
    }
}

/// Whether an event can mean that a file has another content. Our own reading is none.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

/// Why the system does not watch, and the way out.
fn unwatched(error: &notify::Error) -> Finding {
    let finding = |why: &str| {
        Finding::warning("unwatched", format!("{why}: changes are looked for ten times a second instead"))
    };
    match &error.kind {
        ErrorKind::MaxFilesWatch => finding("the system's limit on watched folders is reached")
            .help("sysctl fs.inotify.max_user_watches=524288 raises it"),
        ErrorKind::Io(error) if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
            finding("the system's limit on watching programs is reached")
                .help("sysctl fs.inotify.max_user_instances=512 raises it")
        }
        _ => finding(&format!("the system does not tell of changes ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::preview::serve::Roots;

    fn roots(project: &tempfile::TempDir) -> Roots {
        Roots { project: project.path().to_owned(), slug: "one".to_owned(), list: None }
    }

    #[test]
    fn a_change_wakes_and_reading_does_not() {
        let project = tempfile::tempdir().unwrap();
        let file = project.path().join("mailshot.toml");
        fs::write(&file, "1").unwrap();
        let (mut watcher, finding) = Watcher::new();
        assert_eq!(finding, None);
        assert_eq!(watcher.watch(&Tree::look(&roots(&project))), Ok(true));
        assert_eq!(watcher.watch(&Tree::look(&roots(&project))), Ok(false));
        watcher.settle();
        fs::read(&file).unwrap();
        assert!(!watcher.woken_within(Duration::from_millis(50)));
        fs::write(&file, "2").unwrap();
        assert!(watcher.woken_within(Duration::from_mins(1)));
    }

    #[test]
    fn a_folder_made_anew_is_watched_anew() {
        let project = tempfile::tempdir().unwrap();
        let folder = project.path().join("mjml");
        let (mut watcher, _) = Watcher::new();
        for round in 0..3 {
            fs::create_dir(&folder).unwrap();
            assert_eq!(watcher.watch(&Tree::look(&roots(&project))), Ok(true));
            watcher.settle();
            fs::write(folder.join("a.mjml"), "1").unwrap();
            assert!(watcher.woken_within(Duration::from_mins(1)), "round {round}");
            fs::remove_dir_all(&folder).unwrap();
            assert_eq!(watcher.watch(&Tree::look(&roots(&project))), Ok(false));
            watcher.settle();
        }
    }

    #[test]
    fn without_the_systems_help_the_clock_wakes() {
        let watcher = Watcher::by_the_clock();
        let started = Instant::now();
        assert!(!watcher.wait(Duration::from_millis(1)));
        assert!(started.elapsed() < CHECK, "it would take too long to see a change");
    }

    #[test]
    fn why_the_system_does_not_help_is_said_with_the_way_out() {
        let told = |error| unwatched(&error).to_string();
        assert_eq!(
            told(notify::Error::new(ErrorKind::MaxFilesWatch)),
            "the system's limit on watched folders is reached: changes are looked for ten times a second instead \
             (sysctl fs.inotify.max_user_watches=524288 raises it)"
        );
        let too_many = std::io::Error::from(rustix::io::Errno::MFILE);
        assert!(told(notify::Error::io(too_many)).contains("fs.inotify.max_user_instances"));
    }
}
