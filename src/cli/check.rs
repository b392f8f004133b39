//! `check`: every finding about a campaign and its list.

use std::fmt::Display;

use serde::Serialize;

use super::args::{CheckArgs, Global};
use super::console::{Console, Style};
use super::error::{CliError, Exit};
use super::project::Project;
use crate::finding::Finding;

#[derive(Serialize)]
struct Report<'a> {
    errors: usize,
    warnings: usize,
    findings: &'a [Finding],
}

/// Compiles, reads the whole list, renders every row; prints what is wrong.
pub(super) fn run(global: &Global, args: &CheckArgs, console: Console) -> Result<Exit, CliError> {
    if args.links {
        return Err(CliError::unsupported("`--links`", "click the links in the preview"));
    }
    if args.dns {
        return Err(CliError::unsupported(
            "`--dns`",
            "send a test to an inbox and look at its Authentication-Results",
        ));
    }
    let (findings, summary) = match examine(global, args) {
        Ok(found) => found,
        Err(error) if error.exit == Exit::Refused => (error.findings, None),
        Err(error) => return Err(error),
    };
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let warnings = findings.len() - errors;
    if console.json {
        console.out_json(&Report { errors, warnings, findings: &findings })?;
    } else {
        console.all_findings(&findings);
        if let Some(summary) = summary {
            console.out(&summary)?;
        }
        let total = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
        console.out(&Style::Bold.paint(console.color_out, &total))?;
    }
    if errors > 0 {
        return Ok(Exit::Refused);
    }
    console.next(&format!("mailshot preview {}", args.slug));
    Ok(Exit::Done)
}

/// `1 error`, `2 errors`
fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    format!("{count} {what}{}", if count == N::from(1) { "" } else { "s" })
}

fn examine(global: &Global, args: &CheckArgs) -> Result<(Vec<Finding>, Option<String>), CliError> {
    let project = Project::open(global)?;
    let loaded = project.load_silently(&args.slug, args.subscribers.as_deref())?;
    let selection = project.select(&loaded)?;
    let mut findings = loaded.compiled.findings;
    findings.extend(selection.findings);
    let rows = selection.rows + selection.invalid;
    let recipients = counted(selection.staging.len(), "recipient");
    let mut summary = vec![format!("{recipients} of {}", counted(rows, "row"))];
    for (column, count) in &selection.fallbacks {
        let get = if *count == 1 { "gets" } else { "get" };
        summary.push(format!("{count} {get} the `[merge]` value of `{column}`"));
    }
    Ok((findings, Some(summary.join("; "))))
}
