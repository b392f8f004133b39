//! `resolve`: the operator's word on the recipients in doubt.

use super::args::{Global, ResolveArgs, Word};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::Project;
use super::runs::{not_cancelled, recipient_key};
use crate::clock;
use crate::delivery::Resolution;

/// Puts those in doubt back in the queue, or calls them delivered.
pub(super) fn run(global: &Global, args: &ResolveArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let (ledger, run) = project.run(&args.slug, None)?;
    if args.word == Word::Resend {
        not_cancelled(&run)?;
    }
    let lock = super::runs::lock(&ledger, &run)?;
    ledger.recover(&lock)?;
    let key = recipient_key(&ledger, &run, args.email.as_deref())?;
    let (resolution, done) = match args.word {
        Word::Resend => (Resolution::Resend, "queued again"),
        Word::Delivered => (Resolution::Delivered, "taken as delivered"),
    };
    let changed = ledger.resolve(run.id, resolution, key.as_deref(), clock::now())?;
    let left = ledger.counts(run.id)?.in_doubt;
    if console.json {
        console.out_json(&serde_json::json!({ "changed": changed, "in_doubt": left }))?;
    } else {
        console.out(&format!("{changed} {done}; {left} in doubt"))?;
    }
    if changed == 0 && args.email.is_some() {
        return Err(CliError::refused(
            "not-in-doubt",
            "this recipient is not in doubt",
            format!("mailshot log {} --outcome in_doubt", run.campaign),
        ));
    }
    if changed > 0 && args.word == Word::Resend {
        console.next(&format!("mailshot send {}", run.campaign));
    } else {
        console.next(&format!("mailshot status {}", run.campaign));
    }
    Ok(Exit::Done)
}
