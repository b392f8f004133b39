//! What a process was seen to do in a folder, done to the model of the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::disk::{Change, Disk, Naming};
use crate::trace::{Call, Descriptor, Event, read};

/// All that may change a folder, or make a change last. A trace must hold them all; what the model does not know it
/// refuses. (Not every kind of machine has every call: hence the question marks.)
pub(crate) const CALLS: &str = "?open,openat,?openat2,?creat,?mkdir,mkdirat,?mknod,mknodat,?symlink,symlinkat,?link,linkat,\
?rename,?renameat,renameat2,?unlink,unlinkat,?rmdir,write,writev,pwrite64,pwritev,pwritev2,truncate,ftruncate,\
fallocate,copy_file_range,sendfile,splice,fsync,fdatasync,sync_file_range,syncfs,sync";

impl Disk {
    /// Does what was seen in this trace of a process that began in the folder, and left it as it is now.
    pub(crate) fn replay(&mut self, trace: &str) {
        // When the call began that a thread is in.
        let mut begun = BTreeMap::new();
        read(trace, |event| match event {
            Event::Begins(call) => {
                begun.insert(call.pid, self.time());
            }
            Event::Returns(call) if call.result().is_some_and(|result| result >= 0) => {
                self.perform(&call, begun[&call.pid]);
            }
            Event::CutShort(call) if self.was_done(&call) => self.perform(&call, 0),
            // It failed, or was not done.
            Event::Returns(_) | Event::CutShort(_) => {}
        });
    }

    /// Whether a call that did not return was done all the same, by what is there. A sync that did not return
    /// promises nothing.
    fn was_done(&self, call: &Call<'_>) -> bool {
        let bytes = || {
            let path = call.descriptor(0).path;
            if path.is_absolute() { fs::read(path).unwrap_or_default() } else { Vec::new() }
        };
        match call.name {
            "open" | "openat" => self.is_there(&call.path(open_flags(call) - 1)),
            "mkdir" => self.is_there(&call.path(0)),
            "mkdirat" | "link" => self.is_there(&call.path(1)),
            "linkat" => self.is_there(&call.path(3)),
            "unlink" | "rename" => !self.is_there(&call.path(0)),
            "unlinkat" | "renameat" | "renameat2" => !self.is_there(&call.path(1)),
            "write" => bytes().ends_with(&call.bytes(1)),
            "pwrite64" => bytes().get(call.number(3)..).is_some_and(|rest| rest.starts_with(&call.bytes(1))),
            "ftruncate" => bytes().len() == call.number(1),
            _ => false,
        }
    }

    fn perform(&mut self, call: &Call<'_>, begun: u64) {
        match call.name {
            "open" | "openat" => self.open(call),
            // All of them in the folder where the process began, or from the root: `path` sees to that.
            "mkdir" => self.make_folder(&call.path(0)),
            "mkdirat" => self.make_folder(&call.path(1)),
            "link" => self.link(&call.path(0), &call.path(1)),
            "linkat" => self.link(&call.path(1), &call.path(3)),
            "rename" => self.rename(&call.path(0), &call.path(1)),
            "renameat" | "renameat2" => self.rename(&call.path(1), &call.path(3)),
            "unlink" => self.unlink(&call.path(0)),
            "unlinkat" => self.unlink(&call.path(1)),
            "write" => {
                if let Some(file) = self.described(&call.descriptor(0)) {
                    let end = self.bytes(file).len();
                    self.change(file, Change::Write(end, written(call)));
                }
            }
            "pwrite64" => {
                if let Some(file) = self.described(&call.descriptor(0)) {
                    self.change(file, Change::Write(call.number(3), written(call)));
                }
            }
            "ftruncate" => {
                if let Some(file) = self.described(&call.descriptor(0)) {
                    self.change(file, Change::Truncate(call.number(1)));
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(node) = self.described(&call.descriptor(0)) {
                    self.sync(node, begun);
                }
            }
            // To a socket.
            "sendto" | "sendmsg" => {}
            "writev" if self.described(&call.descriptor(0)).is_none() => {}
            _ => panic!("not modelled: {call:?}"),
        }
    }

    fn open(&mut self, call: &Call<'_>) {
        let flags = call.argument(open_flags(call));
        let Some((parent, name)) = self.parent(&call.path(open_flags(call) - 1)) else { return };
        match self.child(parent, &name) {
            Some(file) if flags.contains("O_TRUNC") => self.change(file, Change::Truncate(0)),
            None if flags.contains("O_CREAT") => {
                let file = self.new_file(Vec::new());
                self.name(parent, Naming::Made(name, file));
            }
            _ => {}
        }
    }

    fn make_folder(&mut self, path: &Path) {
        if let Some((parent, name)) = self.parent(path) {
            let folder = self.new_folder();
            self.name(parent, Naming::Made(name, folder));
        }
    }

    fn link(&mut self, from: &Path, to: &Path) {
        if let Some((parent, name)) = self.parent(to) {
            let node = self.node(from).unwrap();
            self.name(parent, Naming::Made(name, node));
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        if let (Some((old, from)), Some((new, to))) = (self.parent(from), self.parent(to)) {
            assert_eq!(old, new, "not modelled: from folder to folder");
            self.name(old, Naming::Moved(from, to));
        }
    }

    fn unlink(&mut self, path: &Path) {
        if let Some((parent, name)) = self.parent(path) {
            self.name(parent, Naming::Gone(name));
        }
    }

    /// The node of an open file in the folder.
    fn described(&self, descriptor: &Descriptor) -> Option<usize> {
        // A socket has no path.
        self.inside(&descriptor.path).filter(|_| descriptor.path.is_absolute())?;
        assert!(!descriptor.deleted, "not modelled: {descriptor:?} is used");
        Some(self.node(&descriptor.path).unwrap_or_else(|| panic!("unknown: {descriptor:?}")))
    }
}

fn open_flags(call: &Call<'_>) -> usize {
    if call.name == "open" { 1 } else { 2 }
}

/// As many bytes as it wrote; all of them where that is not known.
fn written(call: &Call<'_>) -> Vec<u8> {
    let mut bytes = call.bytes(1);
    bytes.truncate(call.result().and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX));
    bytes
}
