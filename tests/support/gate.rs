//! A point of the dialogue that nobody passes before the test lets them.

use std::sync::{Arc, Condvar, Mutex};

use super::{Project, Script, Seen, SmtpServer};

/// A gate, closed at first.
#[derive(Default)]
pub struct Gate {
    /// How many wait before it, and whether it is open.
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Gate {
    /// Waits until it is open.
    pub fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        self.changed.notify_all();
        while !state.1 {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Waits until somebody stands before it.
    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        while state.0 == 0 {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Lets everybody pass, from now on.
    pub fn open(&self) {
        self.state.lock().unwrap().1 = true;
        self.changed.notify_all();
    }
}

/// A project of this many readers, sent over one session that needs no test before. Its relay has taken the first
/// reader's message, and says so once the gate is open: the run is under way as long as the test wants.
pub fn held_at_first(readers: usize) -> (Arc<Gate>, SmtpServer, Project) {
    let gate = Arc::new(Gate::default());
    let before = Arc::clone(&gate);
    let server = SmtpServer::start(Script::accept_all().watch(move |seen| {
        if matches!(seen, Seen::Accepted("reader1@example.com")) {
            before.pass();
        }
    }));
    let project = Project::of(readers);
    project.relay(&server, "tls = \"none\"\nsessions = 1\nrate = \"1000/s\"\n[send]\nrequire_test = false");
    (gate, server, project)
}
