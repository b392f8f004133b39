//! A folder as it is and as a loss of power would leave it, from what a process was seen to do there.
//!
//! What survives is what was synced: a file's bytes and length by a sync of the file that began after they were
//! written and returned; a name (made, moved, removed) by a sync of its folder. Nothing else is promised, so of
//! the rest anything may be on the disk: nothing of it, or any sector of 512 bytes and any name without the others.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::random::Random;

const SECTOR: usize = 512;

/// What a loss of power spares of what was not synced.
pub(crate) enum Spares<'a> {
    Nothing,
    /// Each sector and each name by the toss of a coin.
    Half(&'a mut Random),
    /// No loss at all.
    Everything,
}

impl Spares<'_> {
    fn this(&mut self) -> bool {
        match self {
            Spares::Nothing => false,
            Spares::Half(random) => random.coin(),
            Spares::Everything => true,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Debug, Clone)]
pub(crate) enum Naming {
    Made(OsString, usize),
    Gone(OsString),
    Moved(OsString, OsString),
}

/// A number that grows with time; what was done, not yet durable, at that time.
pub(crate) type Pending<T> = Vec<(u64, T)>;

#[derive(Debug)]
enum Node {
    File { durable: Vec<u8>, pending: Pending<Change> },
    Folder { durable: BTreeMap<OsString, usize>, pending: Pending<Naming>, now: BTreeMap<OsString, usize> },
}

/// The folder, by its absolute path. Its first node is the folder itself.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    time: u64,
}

impl Disk {
    /// The folder as it is; all of it counts as durable.
    pub(crate) fn of(root: &Path) -> Self {
        let root = root.canonicalize().unwrap();
        let mut disk = Self { nodes: Vec::new(), time: 0, root: root.clone() };
        disk.load(&root);
        disk
    }

    fn load(&mut self, path: &Path) -> usize {
        if !path.is_dir() {
            return self.new_file(fs::read(path).unwrap());
        }
        let node = self.new_folder();
        for entry in fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name();
            let child = self.load(&path.join(&name));
            let (durable, _, now) = self.folder(node);
            durable.insert(name.clone(), child);
            now.insert(name, child);
        }
        node
    }

    /// A file that has no name yet.
    pub(crate) fn new_file(&mut self, durable: Vec<u8>) -> usize {
        self.nodes.push(Node::File { durable, pending: Vec::new() });
        self.nodes.len() - 1
    }

    /// An empty folder that has no name yet.
    pub(crate) fn new_folder(&mut self) -> usize {
        let (durable, pending, now) = Default::default();
        self.nodes.push(Node::Folder { durable, pending, now });
        self.nodes.len() - 1
    }

    /// The number of what was done last.
    pub(crate) fn time(&self) -> u64 {
        self.time
    }

    pub(crate) fn change(&mut self, file: usize, change: Change) {
        let time = self.tick();
        let Node::File { pending, .. } = &mut self.nodes[file] else { panic!("a folder was written to") };
        pending.push((time, change));
    }

    pub(crate) fn name(&mut self, parent: usize, naming: Naming) {
        let time = self.tick();
        let (_, pending, now) = self.folder(parent);
        naming.apply(now);
        pending.push((time, naming));
    }

    /// Makes durable what was done before this time.
    pub(crate) fn sync(&mut self, node: usize, begun: u64) {
        match &mut self.nodes[node] {
            Node::File { durable, pending } => {
                for (_, change) in take_before(pending, begun) {
                    change.apply(durable, &mut Spares::Everything);
                }
            }
            Node::Folder { durable, pending, .. } => {
                for (_, naming) in take_before(pending, begun) {
                    naming.apply(durable);
                }
            }
        }
    }

    fn tick(&mut self) -> u64 {
        self.time += 1;
        self.time
    }

    fn folder(
        &mut self,
        node: usize,
    ) -> (&mut BTreeMap<OsString, usize>, &mut Pending<Naming>, &mut BTreeMap<OsString, usize>) {
        let Node::Folder { durable, pending, now } = &mut self.nodes[node] else { panic!("not a folder") };
        (durable, pending, now)
    }

    /// A file's bytes as they are.
    pub(crate) fn bytes(&self, file: usize) -> Vec<u8> {
        self.surviving(file, &mut Spares::Everything)
    }

    fn surviving(&self, file: usize, spares: &mut Spares<'_>) -> Vec<u8> {
        let Node::File { durable, pending } = &self.nodes[file] else { panic!("not a file") };
        let mut bytes = durable.clone();
        for (_, change) in pending {
            change.apply(&mut bytes, spares);
        }
        bytes
    }

    pub(crate) fn inside(&self, path: &Path) -> Option<PathBuf> {
        self.root.join(path).strip_prefix(&self.root).map(Path::to_owned).ok()
    }

    pub(crate) fn node(&self, path: &Path) -> Option<usize> {
        self.inside(path)?.iter().try_fold(0, |at, name| self.child(at, name))
    }

    pub(crate) fn child(&self, folder: usize, name: &OsStr) -> Option<usize> {
        match &self.nodes[folder] {
            Node::Folder { now, .. } => now.get(name).copied(),
            Node::File { .. } => None,
        }
    }

    /// Whether a path in the folder is really there.
    pub(crate) fn is_there(&self, path: &Path) -> bool {
        self.inside(path).is_some_and(|path| self.root.join(path).exists())
    }

    /// The folder of a path, and its name there.
    pub(crate) fn parent(&self, path: &Path) -> Option<(usize, OsString)> {
        let path = self.inside(path)?;
        Some((self.node(&self.root.join(path.parent()?))?, path.file_name()?.to_owned()))
    }

    /// The files there would be.
    pub(crate) fn files(&self, mut spares: Spares<'_>) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        self.collect(0, Path::new(""), &mut spares, &mut files);
        files
    }

    fn collect(
        &self,
        node: usize,
        path: &Path,
        spares: &mut Spares<'_>,
        files: &mut BTreeMap<PathBuf, Vec<u8>>,
    ) {
        let Node::Folder { durable, pending, .. } = &self.nodes[node] else {
            files.insert(path.to_owned(), self.surviving(node, spares));
            return;
        };
        let mut names = durable.clone();
        for (_, naming) in pending {
            if spares.this() {
                naming.apply(&mut names);
            }
        }
        for (name, node) in names {
            self.collect(node, &path.join(name), spares, files);
        }
    }

    /// Puts the folder into the state after the loss.
    pub(crate) fn lose_power(&self, spares: Spares<'_>) {
        for entry in fs::read_dir(&self.root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        for (name, bytes) in self.files(spares) {
            let path = self.root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            std::io::Write::write_all(&mut file.unwrap(), &bytes).unwrap();
        }
    }
}

impl Naming {
    /// A name that a lost change would have brought is not there to be moved.
    fn apply(&self, names: &mut BTreeMap<OsString, usize>) {
        match self {
            Naming::Made(name, node) => {
                names.insert(name.clone(), *node);
            }
            Naming::Gone(name) => {
                names.remove(name);
            }
            Naming::Moved(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
        }
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, spares: &mut Spares<'_>) {
        match self {
            Change::Truncate(len) if spares.this() => bytes.resize(*len, 0),
            Change::Truncate(_) => {}
            Change::Write(offset, written) => {
                let mut at = *offset;
                let mut rest = &written[..];
                while !rest.is_empty() {
                    let (sector, more) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                    if spares.this() {
                        bytes.resize(bytes.len().max(at + sector.len()), 0);
                        bytes[at..at + sector.len()].copy_from_slice(sector);
                    }
                    at += sector.len();
                    rest = more;
                }
            }
        }
    }
}

fn take_before<T>(pending: &mut Pending<T>, begun: u64) -> Pending<T> {
    let (before, after) = std::mem::take(pending).into_iter().partition(|(time, _)| *time <= begun);
    *pending = after;
    before
}

/// Not on a disk after a loss of power in any form that matters: it is made anew.
pub(crate) fn is_rebuilt(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("db-shm"))
}
