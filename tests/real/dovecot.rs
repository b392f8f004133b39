//! Dovecot's authentication service, which Postfix asks about logins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Process;
use crate::support::wait_for;

pub(crate) const USERNAME: &str = "weekly";
pub(crate) const PASSWORD: &str = "correct horse";

/// Starts it in this folder. Returns it with the socket that it answers at.
pub(crate) fn start(folder: &Path) -> (Process, PathBuf) {
    let folder = folder.join("dovecot");
    fs::create_dir(&folder).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(path("users"), format!("{USERNAME}:{{PLAIN}}{PASSWORD}\n")).unwrap();
    let settings = format!(
        "base_dir = {run}\nstate_dir = {state}\nlog_path = {log}\nprotocols =\nssl = no\n\
         auth_mechanisms = plain login\nauth_failure_delay = 0\n\
         passdb {{\n  driver = passwd-file\n  args = {users}\n}}\n\
         userdb {{\n  driver = static\n  args = uid=65534 gid=65534 home=/nonexistent\n}}\n\
         service auth {{\n  unix_listener {socket} {{\n    mode = 0666\n  }}\n}}\n",
        run = path("run"),
        state = path("state"),
        log = path("log"),
        users = path("users"),
        socket = path("login"),
    );
    fs::write(path("dovecot.conf"), settings).unwrap();
    let mut process = Process::start(Command::new("dovecot").args(["-F", "-c", &path("dovecot.conf")]));
    let socket = folder.join("login");
    wait_for("Dovecot to start", || {
        assert!(!process.has_ended(), "Dovecot ended: {:?}", fs::read_to_string(path("log")));
        socket.exists()
    });
    (process, socket)
}
