//! A project in a temporary folder, and the binary run in it with nothing inherited but `PATH`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::SmtpServer;

/// For whatever must come: long enough for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// The secret that every command is given.
pub const SECRET: &str = "a secret of more than sixteen bytes";

/// A project that is removed when it is dropped.
pub struct Project {
    folder: TempDir,
    variables: Vec<(String, Option<String>)>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A command that goes on.
pub struct Running {
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Project {
    /// Nothing at all.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// A copy of this repository's example, as it is.
    pub fn example() -> Self {
        let project = Self::empty();
        for name in ["mailshot.toml", "subscribers.example.csv", "campaigns", "mjml"] {
            copy(&repository().join(name), &project.path(name));
        }
        project
    }

    /// A short issue, `weekly`, and a list of this many readers: `reader1@example.com` and so on. No relay.
    pub fn of(readers: usize) -> Self {
        let project = Self::empty();
        copy(&repository().join("mjml"), &project.path("mjml"));
        project.write("mailshot.toml", SETTINGS);
        project.write("campaigns/weekly/issue.md", ISSUE);
        project.write("subscribers.csv", list(readers));
        project
    }

    /// The same, with this server as its relay, over two sessions.
    pub fn with(server: &SmtpServer, readers: usize) -> Self {
        let project = Self::of(readers);
        project.relay(server, "tls = \"none\"\nsessions = 2\nrate = \"1000/s\"\n[retry]\nfirst = \"1s\"");
        project
    }

    /// Adds this server as the relay, with these lines behind its host and port.
    pub fn relay(&self, server: &SmtpServer, lines: &str) {
        let table = format!("\n[relay.main]\nhost = \"127.0.0.1\"\nport = {}\n{lines}\n", server.port());
        self.append("mailshot.toml", &table);
    }

    /// The same project with another variable in the environment of its commands.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// The same project without this variable.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub fn exists(&self, file: &str) -> bool {
        self.path(file).exists()
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn append(&self, file: &str, text: &str) {
        self.write(file, self.read(file) + text);
    }

    pub fn remove(&self, file: &str) {
        let path = self.path(file);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Replaces what must be there.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} does not hold {from:?}");
        self.write(file, text.replace(from, to));
    }

    /// The names in a folder, sorted; none where there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `mailshot` with these arguments, split at spaces; nobody is at its terminal.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailshot"));
        command.args(arguments.split_whitespace());
        self.prepare(&mut command);
        command
    }

    /// Puts a command into the project's folder and environment.
    pub fn prepare(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("MAILSHOT_SECRET", SECRET);
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &str) -> Output {
        self.start(arguments).finish()
    }

    /// Runs it to its end, which must be this exit code.
    #[track_caller]
    pub fn expect(&self, code: i32, arguments: &str) -> Output {
        let output = self.run(arguments);
        assert_eq!(output.code, code, "mailshot {arguments}\n{}{}", output.stdout, output.stderr);
        output
    }

    /// Runs it to its end; every line it prints must be JSON.
    #[track_caller]
    pub fn json(&self, arguments: &str) -> Vec<Value> {
        self.expect(0, arguments).json()
    }

    /// `status --json` of `weekly`.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.json("status weekly --json").remove(0)
    }

    /// `test` and then `send --yes`, which must end with this exit code.
    #[track_caller]
    pub fn launch(&self, code: i32) -> Output {
        self.expect(0, "test weekly");
        self.expect(code, "send weekly --yes")
    }

    /// Starts it.
    pub fn start(&self, arguments: &str) -> Running {
        Running::of(self.command(arguments))
    }
}

impl Running {
    /// Starts a prepared command.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Sends it a signal: `INT`, `KILL`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Output {
        let mut status: Option<ExitStatus> = None;
        wait_for("the command to end", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        Output {
            code: status.and_then(|status| status.code()).unwrap_or(-1),
            stdout: self.stdout.join().unwrap(),
            stderr: self.stderr.join().unwrap(),
        }
    }
}

impl Output {
    /// Every line of the result as JSON.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Whether the text stands in what was printed, results or not.
    pub fn says(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }
}

/// Waits until this holds.
#[track_caller]
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A list of this many readers, each with a name.
pub fn list(readers: usize) -> String {
    use std::fmt::Write;
    let mut text = "email,first_name,plan\n".to_owned();
    for n in 1..=readers {
        writeln!(text, "reader{n}@example.com,Reader {n},{}", if n % 2 == 0 { "pro" } else { "free" })
            .unwrap();
    }
    text
}

/// How many messages the server took for each reader; those of `test` are left out.
pub fn accepted(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut counts = server.accepted_by_recipient();
    counts.remove("editor@weekly.example");
    counts
}

/// One message for each of so many readers.
pub fn once_each(readers: usize) -> BTreeMap<String, usize> {
    (1..=readers).map(|n| (format!("reader{n}@example.com"), 1)).collect()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

const SETTINGS: &str = r#"[sender]
from = "The Weekly <hello@weekly.example>"
bounce = "bounces@weekly.example"

[list]
id = "list.weekly.example"
name = "The Weekly"
address = "1 Example Street, London"
unsubscribe = "https://weekly.example/u/{token}"
secret_env = "MAILSHOT_SECRET"

[merge]
first_name = "there"

[test]
to = ["editor@weekly.example"]
"#;

const ISSUE: &str = r#"+++
subject = "Week {{ issue.number }}"
preheader = "A short one."
issue.number = 7
issue.date = 2026-03-02
+++
Hello {{ first_name }}!

A paragraph with [a link](https://weekly.example/story).

::: links Worth your time
- [Two things](https://weekly.example/two)
  What it says.
:::
"#;
