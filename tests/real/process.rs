//! A server process: started, waited for, and ended with its test, however that ends.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::wait_for;

/// How long a server may take to end when it is told to.
const FAREWELL: Duration = Duration::from_secs(5);

/// Ends, with its children, when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it in a process group of its own: Postfix ends its children by that.
    pub(crate) fn start(command: &mut Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let program = quiet.get_program().to_owned();
        let child = quiet.process_group(0).spawn();
        Self(child.unwrap_or_else(|error| panic!("{}: {error}", program.display())))
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Once it has been waited for, its id may be somebody else's.
        if matches!(self.0.try_wait(), Ok(None)) {
            let _told = Command::new("kill").arg(self.0.id().to_string()).status();
        }
        let end = Instant::now() + FAREWELL;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ended_already = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nobody uses. It may be taken before the server comes to it, so a start is worth a second try.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server on a port of the system's choice, and again on another if it does not come to live.
pub(crate) fn on_free_port(start: impl Fn(u16) -> Process) -> (u16, Process) {
    for _ in 0..3 {
        let port = free_port();
        let mut process = start(port);
        if listens(port, &mut process) {
            return (port, process);
        }
    }
    panic!("the server ends as soon as it is started");
}

/// Waits until somebody listens at the port; false if the server ended instead.
pub(crate) fn listens(port: u16, process: &mut Process) -> bool {
    let mut ended = false;
    wait_for("the server to listen", || {
        ended = process.has_ended();
        ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    !ended
}

/// Postfix changes to users of its own, which only root can.
pub(crate) fn needs_root() {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    assert_eq!(id.trim_ascii(), b"0", "these tests start Postfix, which needs root");
}
