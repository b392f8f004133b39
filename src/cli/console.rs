//! Where results, progress and errors go: results to standard output, all else to standard error; colour only
//! where somebody sees it, and never as the only sign of something.

use std::io::{self, BufRead, IsTerminal, Write};

use super::args::{Global, When};
use crate::finding::{Finding, Severity};

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

    /// Something that is wrong, with its place and the way out.
    pub(super) fn finding(self, finding: &Finding) {
        let label = match finding.severity {
            Severity::Error => Style::Red.paint(self.color_err, "error"),
            Severity::Warning => Style::Yellow.paint(self.color_err, "warning"),
        };
        let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let dim = |text| Style::Dim.paint(self.color_err, text);
        let help =
            finding.help.as_ref().map(|help| format!("\n  {} {help}", dim("help:"))).unwrap_or_default();
        let text = format!("{label}: {place}{}{help}", finding.message);
        let _ = writeln!(io::stderr().lock(), "{text}");
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
