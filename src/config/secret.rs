//! Fetches what must not stand in `mailshot.toml`: the relay's password and the secret of the tokens.
//!
//! Nothing fetched here, and nothing that could be it by mistake (a password typed where a variable's name belongs),
//! gets into a message.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::relay_settings::Password;
use super::settings::List;
use super::source::FILE;
use crate::finding::{Finding, Place};

/// A longer secret is a mistake.
const MAX_BYTES: u64 = 4 * 1024;
/// A shorter secret could be guessed.
const MIN_SECRET_BYTES: usize = 16;
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// The password, from where the settings say.
pub fn resolve(password: &Password, project: &Path) -> Result<String, Finding> {
    match password {
        Password::Env(name) => from_env(name, std::env::var_os(name)),
        Password::File(file) => from_file(file, project),
        Password::Command(command) => from_command(command, project, COMMAND_TIMEOUT),
    }
}

/// The secret that signs the tokens of `[list] unsubscribe`; `None` where the settings name no variable or it is
/// not set, which is enough for a rehearsal.
pub fn secret(list: &List) -> Result<Option<Vec<u8>>, Finding> {
    match &list.secret_env {
        Some(name) => long_enough(name, std::env::var_os(name)),
        None => Ok(None),
    }
}

fn long_enough(name: &str, value: Option<OsString>) -> Result<Option<Vec<u8>>, Finding> {
    match value.map(OsStringExt::into_vec) {
        None => Ok(None),
        Some(secret) if secret.len() >= MIN_SECRET_BYTES => Ok(Some(secret)),
        Some(_) => {
            let message =
                format!("{} holds fewer than {MIN_SECRET_BYTES} bytes", variable("secret_env", name));
            Err(finding("weak-secret", message)
                .help("set it to a long random value, such as that of `openssl rand -hex 32`"))
        }
    }
}

fn from_env(name: &str, value: Option<OsString>) -> Result<String, Finding> {
    let variable = variable("password_env", name);
    match value {
        Some(value) => one_line(&variable, value.into_vec()),
        None => {
            Err(unavailable(format!("{variable} is not set"))
                .help("set it for this command, or in your shell"))
        }
    }
}

fn from_file(file: &Path, project: &Path) -> Result<String, Finding> {
    let shown = format!("`password_file` {}", file.display());
    let unreadable = |error: std::io::Error| unavailable(format!("{shown} cannot be read: {error}"));
    let open = std::fs::File::open(project.join(file)).map_err(unreadable)?;
    let mode = open.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        // No refusal: secrets that a container is given are often readable by all that is in it.
        tracing::warn!("{shown} can be read by every user of this machine: chmod 600 {}", file.display());
    }
    let mut bytes = Vec::new();
    open.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    one_line(&shown, bytes)
}

/// The command's standard error stays the terminal's: what it complains about is for the operator, not for a log.
fn from_command(command: &str, project: &Path, timeout: Duration) -> Result<String, Finding> {
    let shown = "`password_command`";
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| unavailable(format!("{shown} cannot be run: {error}")))?;
    let deadline = Instant::now() + timeout;
    let output = read_until(&mut child, deadline);
    let status = wait_until(&mut child, deadline);
    match (output, status) {
        (Some(bytes), Some(status)) if status.success() => one_line(shown, bytes),
        (_, Some(status)) if !status.success() => {
            Err(unavailable(format!("{shown} failed: {status}"))
                .help("run it by hand in the project's folder"))
        }
        _ => {
            let message = format!("{shown} did not end within {} s", timeout.as_secs());
            Err(unavailable(message).help("run it by hand in the project's folder"))
        }
    }
}

/// What the child writes until it closes its output, if it does so in time.
fn read_until(child: &mut Child, deadline: Instant) -> Option<Vec<u8>> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if stdout.take(MAX_BYTES + 1).read_to_end(&mut bytes).is_ok() {
            // The receiver is gone if the time ran out: nobody wants it any more.
            let _ = sender.send(bytes);
        }
    });
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

/// How the child ended; one that has not ended in time is killed.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// The one line that a secret is, without its line break.
fn one_line(source: &str, bytes: Vec<u8>) -> Result<String, Finding> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unavailable(format!("{source} gives more than {MAX_BYTES} bytes: that is no password")));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(unavailable(format!("{source} gives what is not UTF-8")));
    };
    let line = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if line.is_empty() {
        return Err(
            unavailable(format!("{source} is empty")).help("it must give the password and nothing else")
        );
    }
    if line.contains(['\n', '\r', '\0']) {
        return Err(unavailable(format!("{source} gives more than one line"))
            .help("it must give the password and nothing else"));
    }
    Ok(line.to_owned())
}

/// The variable by its name, if that looks like one; or else it may be the secret itself.
fn variable(key: &str, name: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if is_plain {
        format!("the environment variable {name} (`{key}`)")
    } else {
        format!("the environment variable of `{key}`")
    }
}

fn unavailable(message: String) -> Finding {
    finding("no-password", message)
}

fn finding(code: &'static str, message: String) -> Finding {
    Finding::error(code, message).at(Place::file(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> String {
        let here = std::env::temp_dir();
        from_command(line, &here, Duration::from_secs(20)).unwrap_or_else(|finding| finding.message)
    }

    #[test]
    fn a_command_gives_its_one_line() {
        assert_eq!(command("printf 'pa ss\\r\\n'"), "pa ss");
        assert_eq!(command("printf ' kept '"), " kept ");
        assert_eq!(command("true"), "`password_command` is empty");
        assert_eq!(command("echo s3cret; exit 3"), "`password_command` failed: exit status: 3");
        assert_eq!(command("printf 'one\\ntwo\\n'"), "`password_command` gives more than one line");
        assert_eq!(command("printf '\\377'"), "`password_command` gives what is not UTF-8");
        assert_eq!(
            command("head -c 5000 /dev/zero"),
            "`password_command` gives more than 4096 bytes: that is no password"
        );
    }

    #[test]
    fn a_command_that_hangs_is_given_up() {
        let started = Instant::now();
        let answer = from_command("sleep 60", &std::env::temp_dir(), Duration::from_millis(50));
        assert_eq!(answer.unwrap_err().message, "`password_command` did not end within 0 s");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_file_gives_its_one_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pw"), "s3cret\n").unwrap();
        let read = |file: &str| resolve(&Password::File(file.into()), dir.path());
        assert_eq!(read("pw").unwrap(), "s3cret");
        assert_eq!(
            read("absent").unwrap_err().to_string(),
            "mailshot.toml: `password_file` absent cannot be read: No such file or directory (os error 2)"
        );
    }

    #[test]
    fn a_variable_is_named_unless_it_may_be_the_password() {
        let unset = |name: &str| from_env(name, None).unwrap_err().message;
        assert_eq!(
            unset("SMTP_PASSWORD"),
            "the environment variable SMTP_PASSWORD (`password_env`) is not set"
        );
        assert_eq!(unset("hunter2"), "the environment variable of `password_env` is not set");
        assert_eq!(from_env("A", Some("s3cret".into())).unwrap(), "s3cret");
        assert!(!from_env("A", Some("s3cret\ntwo".into())).unwrap_err().to_string().contains("s3cret"));
    }

    #[test]
    fn a_short_secret_is_refused_and_not_repeated() {
        assert_eq!(long_enough("KEY", None).unwrap(), None);
        assert_eq!(long_enough("KEY", Some("0123456789abcdef".into())).unwrap().unwrap().len(), 16);
        let finding = long_enough("KEY", Some("s3cret".into())).unwrap_err().to_string();
        assert!(
            finding.contains("KEY (`secret_env`) holds fewer than 16 bytes") && !finding.contains("s3cret")
        );
    }
}
