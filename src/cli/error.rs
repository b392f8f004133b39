//! Why a command ended without doing what it was asked, and the exit code that says so.

use std::fmt;

use crate::finding::Finding;
use crate::ledger::LedgerError;

/// The code of findings about standard output.
const OUTPUT: &str = "output";

/// The exit codes (contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done; of a run: each recipient delivered or refused for good.
    Done = 0,
    /// A fault of mailshot itself.
    Internal = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Refused before anything was sent.
    Refused = 3,
    /// Complete, but recipients expired or in doubt need a decision.
    Undecided = 4,
    /// Stopped early; `send` again resumes.
    Early = 75,
    /// Interrupted; `send` again resumes.
    Interrupted = 130,
}

/// What a command could not do.
#[derive(Debug)]
pub(super) struct CliError {
    /// The code the process ends with.
    pub exit: Exit,
    /// What is wrong, each with its way out.
    pub findings: Vec<Finding>,
}

impl CliError {
    /// One refusal before anything was sent.
    pub(super) fn refused(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, findings: vec![Finding::error(code, message).help(help)] }
    }

    /// What only a later version does. Never ignored.
    pub(super) fn unsupported(what: &str, instead: &str) -> Self {
        Self {
            exit: Exit::Usage,
            findings: vec![
                Finding::error("unsupported", format!("{what} is not supported by this version"))
                    .help(instead),
            ],
        }
    }

    /// The same where a run is under way already: a refusal then is no end, for `send` again goes on.
    #[must_use]
    pub(super) fn after_launch(self) -> Self {
        if self.exit == Exit::Refused { self.exit(Exit::Early) } else { self }
    }

    /// Whether all that is wrong is that the output could not be written.
    pub(super) fn is_unwritten_output(&self) -> bool {
        self.findings.iter().all(|finding| finding.code == OUTPUT)
    }

    /// The same, with another exit code.
    #[must_use]
    pub(super) fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CliError {}

impl From<Finding> for CliError {
    fn from(finding: Finding) -> Self {
        Self { exit: Exit::Refused, findings: vec![finding] }
    }
}

impl From<Vec<Finding>> for CliError {
    fn from(findings: Vec<Finding>) -> Self {
        Self { exit: Exit::Refused, findings }
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        Self { exit: Exit::Refused, findings: vec![Finding::error("ledger", error.to_string())] }
    }
}

/// Of an error in writing standard output; no other operation's error is converted by `?` alone. It is no fault
/// worth a message when the reader has gone (`| head`).
impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        let exit = if error.kind() == std::io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Internal };
        Self { exit, findings: vec![Finding::error(OUTPUT, format!("cannot write the output: {error}"))] }
    }
}
