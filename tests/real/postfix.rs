//! A Postfix of our own: its configuration, queue, log and mailbox in a temporary folder, one port, all that it
//! accepts delivered to one Maildir. An installed Postfix, running or not, has no part in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::dovecot;
use crate::process::{Process, listens, needs_root, on_free_port};
use crate::project::Copies;
use crate::support::{Authority, wait_for};

/// `nobody`, who owns the Maildir.
const NOBODY: u32 = 65_534;

/// What Postfix needs to take a message and put it into a Maildir; the port comes before it.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

/// Each connection has a process of its own, which reads the settings as they are then. A reload would leave the
/// idle processes a moment in which they still go by the old ones.
pub(crate) const RELOADING: &str = "max_use = 1\n";

/// Runs until it is dropped.
pub(crate) struct Postfix {
    /// Ended before its folder goes.
    process: Option<Process>,
    _dovecot: Option<Process>,
    authority: Authority,
    port: u16,
    folder: TempDir,
}

impl Postfix {
    /// Relays for this machine, with these settings over the usual ones.
    pub(crate) fn start(settings: &str) -> Self {
        let folder = prepare();
        Self::run(folder, None, &format!("smtpd_relay_restrictions = permit_mynetworks, reject\n{settings}"))
    }

    /// Relays for who logs in, under TLS only, with these settings over the usual ones.
    pub(crate) fn with_login(settings: &str) -> Self {
        let folder = prepare();
        let (dovecot, socket) = dovecot::start(folder.path());
        let login = format!(
            "smtpd_relay_restrictions = permit_sasl_authenticated, reject\nsmtpd_tls_auth_only = yes\n\
             smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\n{settings}",
            socket.display()
        );
        Self::run(folder, Some(dovecot), &login)
    }

    fn run(folder: TempDir, dovecot: Option<Process>, settings: &str) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.issue_pem(&["127.0.0.1"]);
        fs::write(folder.path().join("etc/certificate.pem"), key + &certificate).unwrap();
        configure(folder.path(), settings);
        let (port, process) = on_free_port(|port| launch(folder.path(), port));
        Self { process: Some(process), _dovecot: dovecot, authority, port, folder }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The authority that vouches for its certificate, for `ca_file`.
    pub(crate) fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// Replaces something in its settings, which must hold [`RELOADING`]. What is open goes on as it was.
    pub(crate) fn change(&self, from: &str, to: &str) {
        let file = self.folder.path().join("etc/main.cf");
        let settings = fs::read_to_string(&file).unwrap();
        assert!(settings.contains(from) && settings.contains(RELOADING), "main.cf has no {from:?}");
        fs::write(file, settings.replace(from, to)).unwrap();
    }

    /// Ends it and starts it again: open connections break.
    pub(crate) fn restart(&mut self) {
        drop(self.process.take());
        let mut process = launch(self.folder.path(), self.port);
        assert!(listens(self.port, &mut process), "Postfix did not start again");
        self.process = Some(process);
    }

    /// Every message that it took, by recipient, once nothing is on its way to the Maildir any more.
    pub(crate) fn delivered(&self) -> Copies {
        let queue = ["maildrop", "incoming", "active", "deferred"]
            .map(|name| self.folder.path().join("queue").join(name));
        wait_for("Postfix to empty its queue", || queue.iter().all(|folder| is_empty(folder)));
        let mut copies = Copies::new();
        for message in self.messages() {
            *copies.entry(header(&message, "Delivered-To")).or_default() += 1;
        }
        copies.remove("editor@weekly.example");
        copies
    }

    /// What is in the Maildir.
    pub(crate) fn messages(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("mail/inbox/new")) else { return Vec::new() };
        entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            println!("{log}");
        }
    }
}

/// The first header of this name, unfolded.
pub(crate) fn header(message: &str, name: &str) -> String {
    let head = message.split("\n\n").next().unwrap_or_default().replace("\n\t", " ").replace("\n ", " ");
    let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    value.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// The folders that Postfix expects, with the owners that it insists on.
fn prepare() -> TempDir {
    needs_root();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["etc", "queue", "queue/pid"] {
        fs::create_dir(at(name)).unwrap();
    }
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
        "trace",
    ] {
        install(&["-o", "postfix", "-m", "700"], &at("queue").join(name));
    }
    install(&["-o", "postfix", "-g", "postdrop", "-m", "730"], &at("queue/maildrop"));
    install(&["-o", "postfix", "-g", "postdrop", "-m", "710"], &at("queue/public"));
    install(&["-o", "postfix", "-m", "700"], &at("data"));
    fs::create_dir(at("mail")).unwrap();
    chown(at("mail"), Some(NOBODY), Some(NOBODY)).unwrap();
    folder
}

fn install(options: &[&str], folder: &PathBuf) {
    let status = Command::new("install").arg("-d").args(options).arg(folder).status().unwrap();
    assert!(status.success(), "cannot make {}; is the package postfix there?", folder.display());
}

fn configure(folder: &Path, settings: &str) {
    let home = folder.display();
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {home}/queue\ndata_directory = {home}/data\n\
         mail_owner = postfix\nsetgid_group = postdrop\nmaillog_file = {home}/log\n\
         maillog_file_prefixes = {home}\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         myhostname = relay.test\nmydestination =\nmynetworks = 127.0.0.0/8\nsmtpd_peername_lookup = no\n\
         alias_maps =\nalias_database =\nsmtpd_tls_chain_files = {home}/etc/certificate.pem\n\
         virtual_mailbox_domains = example.com, weekly.example\nvirtual_mailbox_base = {home}/mail\n\
         virtual_mailbox_maps = static:inbox/\nvirtual_uid_maps = static:{NOBODY}\n\
         virtual_gid_maps = static:{NOBODY}\n{settings}\n"
    );
    fs::write(folder.join("etc/main.cf"), main).unwrap();
}

/// Its master process, which starts all others.
fn launch(folder: &Path, port: u16) -> Process {
    let etc = folder.join("etc");
    fs::write(etc.join("master.cf"), format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}")).unwrap();
    let postconf = Command::new("postconf").args(["-h", "daemon_directory"]).output();
    let daemons = String::from_utf8(postconf.unwrap().stdout).unwrap();
    let master = Path::new(daemons.trim()).join("master");
    // `-d` keeps it in the foreground.
    Process::start(Command::new(master).arg("-d").arg("-c").arg(etc))
}
