//! README.md as a newcomer follows it: every command in it runs here, in order, in one shell, and does what the
//! text around it says. What it asks to be written is written, with the relay's address that of a scripted server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Authority, Script, SmtpServer};
use tempfile::TempDir;

const README: &str = include_str!("../README.md");
const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// What is not run here is at least spelled right: Rust's own commands, which take minutes and the network.
const CARGO: &str = r#"#!/bin/sh
test -f Cargo.toml || { echo "no Cargo.toml here" >&2; exit 101; }
case "$*" in
  "run --release -- "*) shift 3; exec mailshot "$@" ;;
  "test" | "install --locked --path .") exit 0 ;;
esac
echo "cargo $*: not a command the README should name" >&2
exit 101
"#;

/// For a machine without openssl; where there is one, it goes first.
const OPENSSL: &str = r#"#!/bin/sh
test "$*" = "rand -hex 32" && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
"#;

/// How the subject of a test begins: "[test] ", in an encoded word because of the emoji behind it.
const MARK: &str = "=?utf-8?q?=5Btest=5D_";

/// A fenced block: its language and its text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut fences = README.split("```");
    fences.next();
    let inside = fences.step_by(2);
    inside.map(|block| block.split_once('\n').unwrap()).collect()
}

/// A command that was run, and how things stood after it.
struct Ran {
    command: String,
    stdout: String,
    stderr: String,
    /// How many messages the relay had taken by then.
    taken: usize,
}

/// Somebody with a fresh clone, Rust and a relay's password.
struct Newcomer {
    home: TempDir,
    relay: SmtpServer,
    ran: Vec<Ran>,
}

impl Newcomer {
    fn new() -> Self {
        let authority = Authority::new();
        let script = Script::accept_all()
            .starttls(authority.issue(&["127.0.0.1"]))
            .login("me@example.com", "your password");
        let home = tempfile::tempdir().unwrap();
        let newcomer = Self { relay: SmtpServer::start(script), home, ran: Vec::new() };
        let path = |name: &str| newcomer.path(name);
        for folder in ["bin", "spare", "shell", "clone"] {
            fs::create_dir(path(folder)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_mailshot"), path("bin/mailshot")).unwrap();
        write_program(&path("bin/cargo"), CARGO);
        write_program(&path("spare/openssl"), OPENSSL);
        fs::write(path("ca.pem"), authority.pem()).unwrap();
        for name in ["Cargo.toml", "mailshot.toml", "subscribers.example.csv", "campaigns", "mjml"] {
            copy(&Path::new(REPOSITORY).join(name), &path("clone").join(name));
        }
        fs::write(path("shell/variables"), "").unwrap();
        fs::write(path("shell/folder"), path("clone").to_str().unwrap()).unwrap();
        newcomer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The folder that the shell is in.
    fn here(&self) -> PathBuf {
        PathBuf::from(fs::read_to_string(self.path("shell/folder")).unwrap().trim_end())
    }

    /// Types a command: into a new shell, which gets folder and variables from the one before.
    fn types(&mut self, command: &str) {
        let shell = format!(
            ". \"$0/variables\"; cd \"$(cat \"$0/folder\")\"\n{command}\n\
             code=$?; export -p > \"$0/variables\"; pwd > \"$0/folder\"; exit $code"
        );
        let path = format!(
            "{}:{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap(),
            self.path("spare").display()
        );
        let output = Command::new("sh")
            .args(["-c", &shell])
            .arg(self.path("shell"))
            .env("HOME", self.home.path())
            .env("PATH", path)
            .env("SSL_CERT_FILE", self.path("ca.pem"))
            .env_remove("MAILSHOT_SECRET")
            .env_remove("SMTP_PASSWORD")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(0), "$ {command}\n{stdout}{stderr}");
        let taken = self.relay.accepted().len();
        self.ran.push(Ran { command: command.to_owned(), stdout, stderr, taken });
    }

    /// Puts the relay's settings into mailshot.toml, with the address of the one there is.
    fn configures(&self, settings: &str) {
        let port = format!("port = {}", self.relay.port());
        let here = replace(settings, "host = \"smtp.example.com\"", "host = \"127.0.0.1\"");
        let here = replace(&here, "port = 587", &port);
        let file = self.here().join("mailshot.toml");
        let before = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{before}\n{here}")).unwrap();
    }

    /// Writes the issue that `mailshot new` has made a draft of.
    fn writes(&self, issue: &str) {
        let file = self.here().join("campaigns/issue-2/issue.md");
        assert!(file.exists(), "nothing to write into");
        fs::write(file, issue).unwrap();
    }

    /// What became of a command; of the one that was typed `turn` times before, where there are several.
    fn ran(&self, command: &str, turn: usize) -> &Ran {
        let mut same = self.ran.iter().filter(|ran| ran.command == command);
        same.nth(turn).unwrap_or_else(|| panic!("the README has no `{command}`"))
    }
}

#[test]
fn a_newcomer_gets_from_a_clone_to_a_sent_issue_of_their_own() {
    let mut newcomer = Newcomer::new();
    for (language, text) in blocks() {
        match language {
            "console" => {
                for line in text.lines() {
                    newcomer.types(line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}")));
                }
            }
            "markdown" => newcomer.writes(text),
            "toml" => newcomer.configures(text),
            other => panic!("a block of {other:?}: what is a newcomer to do with it?"),
        }
    }

    let example = Path::new("clone/.mailshot/captured");
    assert_eq!(emails_below(&newcomer.home.path().join(example)), 17);
    assert_eq!(newcomer.here(), newcomer.path("my-newsletter").canonicalize().unwrap());
    for page in ["preview/first-issue/index.html", "preview/issue-2/index.html"] {
        assert!(newcomer.here().join(page).exists(), "{page}");
    }
    assert_eq!(emails_below(&newcomer.here().join(".mailshot/captured")), 3);

    // Nothing reaches the relay but the test and the launch.
    let test = newcomer.ran("mailshot test issue-2 --to editor@example.com", 0);
    let plan = newcomer.ran("mailshot send issue-2 --dry-run", 0);
    let launch = newcomer.ran("mailshot send issue-2 --yes", 0);
    let again = newcomer.ran("mailshot send issue-2 --yes", 1);
    assert_eq!([test.taken, plan.taken, launch.taken, again.taken], [1, 1, 4, 4]);
    assert_eq!(newcomer.relay.accepted().len(), 4);
    assert!(plan.stdout.contains("Small habits, big calendars: issue 2"), "{}", plan.stdout);
    assert!(again.stderr.contains("issue-2 is complete: nothing is sent"), "{}", again.stderr);
    assert!(newcomer.here().join("campaigns/issue-2/sent.toml").exists());

    let accepted = newcomer.relay.accepted();
    assert_eq!(accepted[0].to, ["editor@example.com"]);
    assert!(subject(&accepted[0].data).starts_with(MARK), "{}", subject(&accepted[0].data));
    let mut mailed: Vec<_> = accepted[1..].iter().map(|message| message.to.as_slice()).collect();
    mailed.sort();
    assert_eq!(mailed, [["ada@example.com"], ["no.name@example.com"], ["zoe@example.com"]]);
    assert!(accepted[1..].iter().all(|message| !subject(&message.data).starts_with(MARK)));
    assert!(accepted.iter().all(|message| message.from == "hello@example.com"));

    let log = newcomer.ran("mailshot log issue-2", 0);
    assert_eq!(log.stdout.matches("delivered").count(), 3, "{}", log.stdout);
    let settled = newcomer.ran("mailshot resolve issue-2 delivered", 0);
    assert_eq!(settled.stdout, "0 taken as delivered; 0 in doubt\n");
    assert_eq!(newcomer.ran("mailshot retry issue-2 --expired", 0).stdout, "0 queued again\n");
}

#[test]
fn every_file_that_the_readme_links_to_is_there() {
    let links: Vec<_> = README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    let files = links.iter().filter(|link| !link.starts_with("http"));
    let missing: Vec<_> = files.filter(|file| !Path::new(REPOSITORY).join(file).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_readme_explains_every_exit_code() {
    let listed: Vec<u8> =
        README.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect();
    assert_eq!(listed, [0, 1, 2, 3, 4, 75, 130]);
}

/// The first line of the subject, as it is sent.
fn subject(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
}

/// How many messages lie in a folder and below.
fn emails_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            if path.is_dir() { emails_below(&path) } else { usize::from(path.extension().unwrap() == "eml") }
        })
        .sum()
}

fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the README's settings have no {from}");
    text.replace(from, to)
}

fn write_program(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}
