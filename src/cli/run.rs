//! From the command line to an exit code.

use std::process::ExitCode;

use clap::Parser;

use super::args::{Cli, Command, Global};
use super::console::Console;
use super::error::{CliError, Exit};
use super::{check, halt, init, ledger, log, new, preview, resolve, retry, send, status, suppress, test};

/// What only a later version does, and what to do until then.
const LATER: [(&str, &str); 5] = [
    ("bounces", "read them at the relay, and `suppress import` the addresses"),
    ("unsubscribe", "serve the address of `[list] unsubscribe` yourself"),
    ("dkim", "let the relay sign"),
    ("completions", "see `mailshot --help`"),
    ("man", "see `mailshot --help`"),
];

/// Runs what was typed.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { Exit::Done as u8 });
        }
    };
    let console = Console::new(&cli.global);
    log_to_stderr(&cli.global, console);
    match dispatch(cli, console) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            if error.exit != Exit::Done {
                console.findings(&error.findings);
            }
            ExitCode::from(error.exit as u8)
        }
    }
}

fn dispatch(cli: Cli, console: Console) -> Result<Exit, CliError> {
    let global = cli.global;
    match cli.command {
        Command::Init { dir } => init::run(dir, console),
        Command::New { slug, from } => new::run(&global, &slug, from.as_deref(), console),
        Command::Check(args) => check::run(&global, &args, console),
        Command::Preview(args) => preview::run(&global, &args, console),
        Command::Test(args) => test::run(&global, &args, console),
        Command::Send(args) => send::run(&global, &args, console),
        Command::Status(args) => status::run(&global, &args, console),
        Command::Log(args) => log::run(&global, &args, console),
        Command::Resolve(args) => resolve::run(&global, &args, console),
        Command::Retry(args) => retry::run(&global, &args, console),
        Command::Pause(args) => halt::pause(&global, &args, console),
        Command::Cancel(args) => halt::cancel(&global, &args, console),
        Command::Suppress(command) => suppress::run(&global, &command, console),
        Command::Ledger(command) => ledger::run(&global, &command, console),
        Command::Other(words) => Err(other(&words)),
    }
}

fn other(words: &[String]) -> CliError {
    let word = words.first().map(String::as_str).unwrap_or_default();
    if let Some((_, instead)) = LATER.iter().find(|(name, _)| *name == word) {
        return CliError::unsupported(&format!("`{word}`"), instead);
    }
    let known = [
        "init", "new", "check", "preview", "test", "send", "pause", "cancel", "status", "log", "resolve",
        "retry", "suppress", "ledger",
    ];
    let help = crate::finding::nearest(word, known)
        .map_or_else(|| "see `mailshot --help`".to_owned(), |near| format!("did you mean `{near}`?"));
    let finding = crate::finding::Finding::error("usage", format!("there is no command `{word}`")).help(help);
    CliError { exit: Exit::Usage, findings: vec![finding] }
}

/// Diagnostics go to standard error. The SMTP dialogue names addresses, so it is shown only when asked for.
fn log_to_stderr(global: &Global, console: Console) {
    use tracing::Level;
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;
    let filter = match global.verbose {
        0 => Targets::new().with_default(LevelFilter::WARN).with_target("rustls", LevelFilter::ERROR),
        1 => Targets::new().with_default(LevelFilter::WARN).with_target("mailshot", Level::DEBUG),
        _ => Targets::new().with_default(LevelFilter::INFO).with_target("mailshot", Level::TRACE),
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(console.color_err)
        .with_target(false)
        .without_time();
    tracing_subscriber::registry().with(filter).with(layer).init();
}
