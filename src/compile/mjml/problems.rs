//! What was found wrong, gathered with positions and turned into findings at the end.

use super::source::{Pos, Sources, Texts};
use crate::finding::{Finding, in_order};

/// More findings than this help nobody.
const MAX_FINDINGS: usize = 50;
/// Characters of a message.
const MAX_MESSAGE: usize = 400;

/// Something that is wrong, with the position it was found at.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// Where it lies; nothing, if the finding itself knows.
    at: Option<Pos>,
    /// Of an attribute: it is about this part of its value.
    part: Option<String>,
    /// A tag that the message speaks of: its place is added to the message.
    opener: Option<Pos>,
    finding: Box<Finding>,
}

impl Problem {
    /// An error at a position of the MJML.
    pub(super) fn error(code: &'static str, pos: Pos, message: impl Into<String>) -> Self {
        Self { at: Some(pos), ..Self::placed(Finding::error(code, message)) }
    }

    /// A warning at a position of the MJML.
    pub(super) fn warning(code: &'static str, pos: Pos, message: impl Into<String>) -> Self {
        Self { at: Some(pos), ..Self::placed(Finding::warning(code, message)) }
    }

    /// A finding whose place is known already (or that has none).
    pub(super) fn placed(finding: Finding) -> Self {
        Self { at: None, part: None, opener: None, finding: Box::new(finding) }
    }

    /// With the way out.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// The same, of an attribute, about this part of its value; about the value, if it does not stand there.
    pub(super) fn in_value(mut self, part: &str) -> Self {
        self.part = Some(part.to_owned());
        self
    }

    /// With the place of another tag, put after the message.
    pub(super) fn opener(mut self, pos: Pos) -> Self {
        self.opener = Some(pos);
        self
    }
}

/// The problems so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one.
    pub(super) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Whether there is an error among them.
    pub(super) fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| problem.finding.is_error())
    }

    /// The findings in their order, none twice.
    pub(super) fn into_findings(self, texts: &Texts, sources: &dyn Sources) -> Vec<Finding> {
        let mut problems = self.0;
        problems.sort_by_key(|problem| !problem.finding.is_error());
        let mut findings: Vec<Finding> = Vec::new();
        let mut more = None;
        for problem in problems {
            let finding = problem.resolve(texts, sources);
            if findings.contains(&finding) {
                continue;
            }
            if findings.len() == MAX_FINDINGS {
                more = Some(Finding::warning("more-findings", "there are more findings than are shown here"));
                break;
            }
            findings.push(finding);
        }
        let mut findings = in_order(findings);
        findings.extend(more);
        findings
    }
}

impl Problem {
    fn resolve(self, texts: &Texts, sources: &dyn Sources) -> Finding {
        let mut finding = *self.finding;
        if let Some(pos) = self.at {
            let pos = self.part.map_or(pos, |part| texts.in_value(pos, &part));
            finding.place = Some(texts.place(pos, sources));
        }
        if let Some(opener) = self.opener.map(|pos| texts.place(pos, sources)) {
            let same_file = finding.place.as_ref().is_some_and(|place| place.file == opener.file);
            let shown = match opener.line {
                Some(line) if same_file => format!("line {line}"),
                _ => opener.to_string(),
            };
            finding.message = format!("{} ({shown})", finding.message);
        }
        finding.message = shortened(finding.message);
        finding
    }
}

/// A message that quotes what is longer than anybody reads, without its middle.
fn shortened(message: String) -> String {
    let count = message.chars().count();
    if count <= MAX_MESSAGE {
        return message;
    }
    let head: String = message.chars().take(MAX_MESSAGE * 3 / 4).collect();
    let tail: String = message.chars().skip(count - MAX_MESSAGE / 4).collect();
    format!("{head} … {tail}")
}
