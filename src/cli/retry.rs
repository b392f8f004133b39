//! `retry`: expired or bounced recipients go back in the queue.

use super::args::{Global, RetryArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::Project;
use super::runs::{not_cancelled, recipient_key};
use crate::clock;
use crate::ledger::{Retried, Retry};

/// Puts them back and says how many, and how many stay out because they are suppressed.
pub(super) fn run(global: &Global, args: &RetryArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    if !args.expired && !args.bounced && args.email.is_none() {
        return Err(CliError::refused(
            "nothing-named",
            "say which recipients to try again",
            "--expired, --bounced or --email ADDR",
        )
        .exit(Exit::Usage));
    }
    // One recipient by name, whatever became of it.
    let any = !args.expired && !args.bounced;
    let (ledger, run) = project.run(&args.slug, None)?;
    not_cancelled(&run)?;
    let _lock = super::runs::lock(&ledger, &run)?;
    let key = recipient_key(&ledger, &run, args.email.as_deref())?;
    let whom = Retry { expired: args.expired || any, bounced: args.bounced || any };
    let retried = ledger.retry(run.id, whom, key.as_deref(), clock::now())?;
    if console.json {
        console.out_json(&serde_json::json!({
            "requeued": retried.requeued,
            "suppressed": retried.suppressed_left_out,
        }))?;
    } else {
        console.out(&format!("{} queued again", retried.requeued))?;
        if retried.suppressed_left_out > 0 {
            console.out(&format!("{} stay out: they are suppressed", retried.suppressed_left_out))?;
        }
    }
    if let Some(email) = &args.email
        && retried == Retried::default()
    {
        let state = match (whom.expired, whom.bounced) {
            (true, false) => "did not expire",
            (false, true) => "did not bounce",
            _ => "neither expired nor bounced",
        };
        return Err(CliError::refused(
            "nothing-to-retry",
            format!("this recipient {state}"),
            format!("mailshot log {} --email {email}", run.campaign),
        ));
    }
    if retried.requeued > 0 {
        console.next(&format!("mailshot send {}", run.campaign));
    } else {
        console.next(&format!("mailshot log {}", run.campaign));
    }
    Ok(Exit::Done)
}
