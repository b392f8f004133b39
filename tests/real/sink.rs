//! Postfix's `smtp-sink`: a server that keeps what it is sent and misbehaves as its options say.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Process, listens, needs_root, on_free_port};
use crate::project::{Copies, project};
use crate::support::{Project, wait_for};

/// Runs until it is dropped, or ends by itself.
pub(crate) struct Sink {
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Sink {
    /// With these options, split at spaces.
    pub(crate) fn start(options: &str) -> Self {
        let folder = folder();
        let (port, process) = on_free_port(|port| launch(folder.path(), port, options));
        Self { process, port, folder }
    }

    /// Another one in its place, at the same port, which keeps what the first one kept.
    pub(crate) fn replaced(self, options: &str) -> Self {
        let Self { process, port, folder } = self;
        drop(process);
        let mut process = launch(folder.path(), port, options);
        assert!(listens(port, &mut process), "the second sink did not start");
        Self { process, port, folder }
    }

    /// So many readers, and this server as their relay.
    pub(crate) fn project(&self, readers: usize) -> Project {
        project(readers, self.port, "tls = \"none\"\nsessions = 2")
    }

    /// Every message that it was sent to its end, by recipient.
    pub(crate) fn kept(&self) -> Copies {
        let mut copies = Copies::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let to = text.lines().find_map(|line| line.strip_prefix("X-Rcpt-Args: <")?.split('>').next());
            // A file is begun at MAIL; what has no body never became a message.
            if let Some(to) = to.filter(|_| text.contains("\nSubject: ")) {
                *copies.entry(to.to_owned()).or_default() += 1;
            }
        }
        copies
    }

    pub(crate) fn wait_for_its_end(&mut self) {
        wait_for("smtp-sink to end", || self.process.has_ended());
    }
}

fn folder() -> TempDir {
    needs_root();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

fn launch(folder: &Path, port: u16, options: &str) -> Process {
    let mut command = Command::new("smtp-sink");
    command.args(["-u", "nobody", "-d"]).arg(folder.join("%M."));
    Process::start(command.args(options.split_whitespace()).args([&format!("127.0.0.1:{port}"), "20"]))
}
