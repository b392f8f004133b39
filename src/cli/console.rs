//! Where results, progress and errors go: results to standard output, all else to standard error; colour only
//! where somebody sees it, and never as the only sign of something.

use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use super::args::{Global, When};
use super::error::{CliError, Exit};
use crate::excerpt::{Excerpt, visible};
use crate::finding::{Finding, Severity, shortened};

/// How wide an excerpt is where no terminal says how wide it is.
const COLUMNS: usize = 100;
/// Of more findings than this nobody looks at the lines.
const MAX_EXCERPTS: usize = 100;
/// A message longer than this quotes more than anybody reads.
const MAX_MESSAGE_CHARS: usize = 800;
/// On the widest of terminals nobody reads longer lines.
const MAX_COLUMNS: usize = 160;

/// Standard output and error as the operator wants them.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct Console {
    /// Results as JSON.
    pub json: bool,
    /// No progress, no hints.
    pub quiet: bool,
    /// Nobody is there to answer.
    pub no_input: bool,
    /// Colours on standard output.
    pub color_out: bool,
    /// Colours on standard error.
    pub color_err: bool,
    /// Whether standard error is a terminal, for progress that redraws.
    pub terminal: bool,
    /// How many columns standard error has.
    columns: usize,
    /// The project, from whose files findings show a line. It lives as long as the process, for a console is copied to
    /// wherever something is printed.
    project: Option<&'static Path>,
}

/// A colour or weight.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// Headings.
    Bold,
    /// Less important.
    Dim,
    /// Errors.
    Red,
    /// Warnings.
    Yellow,
    /// What went well.
    Green,
}

impl Style {
    /// `text` in this style, if colours are wanted.
    pub(super) fn paint(self, wanted: bool, text: &str) -> String {
        let code = match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Yellow => "33",
            Self::Green => "32",
        };
        if wanted { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A message as it may be printed: what it quotes of a file is made visible, and has an end.
fn said(message: &str) -> String {
    shortened(&visible(message), MAX_MESSAGE_CHARS)
}

/// How many columns standard error has, if it is a terminal.
fn columns() -> usize {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col).min(MAX_COLUMNS),
        _ => COLUMNS,
    }
}

impl Console {
    /// As the options and the environment say.
    pub(super) fn new(global: &Global) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let wanted = |terminal: bool| match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !no_color,
        };
        let terminal = io::stderr().is_terminal();
        Self {
            json: global.json,
            quiet: global.quiet,
            no_input: global.no_input,
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(terminal),
            terminal,
            columns: columns(),
            project: global.folder().ok().map(|folder| &*Box::leak(folder.into_boxed_path())),
        }
    }

    /// A line of the result.
    #[expect(clippy::unused_self, reason = "reads as what it is: printing on this console")]
    pub(super) fn out(self, line: &str) -> io::Result<()> {
        writeln!(io::stdout().lock(), "{line}")
    }

    /// A value as the result: one line of JSON.
    pub(super) fn out_json(self, value: &impl serde::Serialize) -> io::Result<()> {
        let line = serde_json::to_string(value).map_err(io::Error::other)?;
        self.out(&line)
    }

    /// Of a command that does more than print: that its output could not be written is said where it is worth a
    /// word, but it neither stops what goes on nor changes the exit code that tells how it went.
    pub(super) fn though_unread(self, printed: Result<(), CliError>) -> Result<(), CliError> {
        match printed {
            Err(error) if error.is_unwritten_output() => {
                if error.exit != Exit::Done {
                    self.note(&error.to_string());
                }
                Ok(())
            }
            printed => printed,
        }
    }

    /// A line about what goes on; silent with `--quiet`. Nobody reading standard error is no reason to stop.
    pub(super) fn note(self, line: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// The next command, as the end of this one.
    pub(super) fn next(self, line: &str) {
        self.note(&Style::Dim.paint(self.color_err, &format!("next: {line}")));
    }

    /// Something that is wrong, with its place, the line it stands in and the way out. What it says may hold what
    /// somebody wrote, so nothing of it reaches the terminal as it is.
    pub(super) fn finding(self, finding: &Finding) {
        self.tell(finding, self.excerpt(finding).as_ref());
    }

    /// All that is wrong: the first of it with the lines it stands in.
    pub(super) fn all_findings(self, findings: &[Finding]) {
        let (with, without) = findings.split_at(findings.len().min(MAX_EXCERPTS));
        for finding in with {
            self.finding(finding);
        }
        for finding in without {
            self.tell(finding, None);
        }
    }

    fn tell(self, finding: &Finding, excerpt: Option<&Excerpt>) {
        let (label, style) = match finding.severity {
            Severity::Error => ("error", Style::Red),
            Severity::Warning => ("warning", Style::Yellow),
        };
        let code = excerpt.map(|_| format!("[{}]", finding.code)).unwrap_or_default();
        let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let mut text = style.paint(self.color_err, &format!("{label}{code}"));
        let _ = write!(text, ": {}{}", visible(&place), said(&finding.message));
        if let Some(excerpt) = excerpt {
            text.push_str(&self.drawn(excerpt, style));
        }
        if let Some(help) = &finding.help {
            let _ = write!(text, "\n  {} {}", Style::Dim.paint(self.color_err, "help:"), said(help));
        }
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    fn excerpt(self, finding: &Finding) -> Option<Excerpt> {
        let place = finding.place.as_ref()?;
        let gutter = place.line?.to_string().len() + "   | ".len();
        Excerpt::read(self.project?, place, self.columns.saturating_sub(gutter))
    }

    /// The line behind its number, and carets under what is meant.
    fn drawn(self, excerpt: &Excerpt, style: Style) -> String {
        let number = excerpt.line.to_string();
        let gutter = |number: &str| Style::Dim.paint(self.color_err, &format!("  {number} |"));
        let marked = if excerpt.marked.is_empty() {
            String::new()
        } else {
            style.paint(self.color_err, &excerpt.marked)
        };
        let line = format!("{}{marked}{}", excerpt.before, excerpt.after);
        let mut text = format!("\n{} {line}", gutter(&number)).trim_end().to_owned();
        if excerpt.has_column {
            let blank = gutter(&" ".repeat(number.len()));
            let indent = " ".repeat(excerpt.indent());
            let carets = style.paint(self.color_err, &"^".repeat(excerpt.width()));
            let _ = write!(text, "\n{blank} {indent}{carets}");
        }
        text
    }

    /// Warnings, unless they are not wanted.
    pub(super) fn warnings(self, findings: &[Finding]) {
        if !self.quiet {
            self.findings(findings);
        }
    }

    /// What is wrong; more than anybody reads is counted.
    pub(super) fn findings(self, findings: &[Finding]) {
        const SHOWN: usize = 20;
        for finding in findings.iter().take(SHOWN) {
            self.finding(finding);
        }
        if findings.len() > SHOWN {
            self.note(&format!("… and {} more: `mailshot check` lists them all", findings.len() - SHOWN));
        }
    }

    /// Asks a question and reads the answer; `None` where nobody can answer.
    pub(super) fn ask(self, question: &str) -> Option<String> {
        if self.no_input || !io::stdin().is_terminal() {
            return None;
        }
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question} ").ok()?;
        stderr.flush().ok()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }
}
