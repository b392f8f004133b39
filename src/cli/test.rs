//! `test`: the issue in an editor's inbox, merged as chosen subscribers. Never touches a run.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::args::{Global, TestArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Loaded, Project};
use super::relay;
use super::runtime::runtime;
use crate::address::EmailAddress;
use crate::audience::Subscriber;
use crate::check::Admission;
use crate::clock::{self, Steady, SystemClock};
use crate::config::Relay;
use crate::delivery::{Cause, Failure, Stage, classify};
use crate::dispatch::Pace;
use crate::ledger::Ledger;
use crate::message::{Content, Draft};
use crate::smtp::{Endpoint, Envelope, Payload, Session};

/// What stands before the subject of a test.
const MARK: &str = "[test]";

/// Sends, and records the build's digest once the relay took every copy.
pub(super) fn run(global: &Global, args: &TestArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    relay::configured(&project.config, None, &args.slug)?;
    let loaded = project.load(&args.slug, args.subscribers.as_deref(), console)?;
    let inboxes = inboxes(&project, args)?;
    let subscribers = choose(&project, &loaded, &args.as_email)?;
    let relays = relay::configured(&project.config, loaded.compiled.relay.as_ref(), &args.slug)?;
    let relays = relay::endpoints(&project.config, &relays)?;
    let ledger = project.ledger()?;

    // A test is no run: the Message-ID of each copy must differ from every other's, or an inbox hides all but one.
    let mut drafts = Vec::with_capacity(subscribers.len());
    for (n, subscriber) in subscribers.iter().enumerate() {
        let content = loaded.content(&format!("test {} {n}", clock::now()))?;
        let row = Arc::new(subscriber.row.clone());
        let draft = content.draft(subscriber.email.as_str(), &row).map_err(|error| error.finding())?;
        drafts.push((content, draft));
    }
    let runtime = runtime()?;
    let count = runtime.block_on(submit(&relays, &ledger, &drafts, &inboxes))?;

    let digest = loaded.compiled.build.digest();
    for inbox in &inboxes {
        ledger.record_test(&digest, inbox.as_str(), clock::now())?;
    }
    if console.json {
        console.out_json(
            &serde_json::json!({ "campaign": loaded.source.slug, "build": digest, "sent": count }),
        )?;
    } else {
        let inboxes: Vec<String> = inboxes.iter().map(ToString::to_string).collect();
        let messages = if count == 1 { "message" } else { "messages" };
        console.out(&format!("{count} test {messages} sent to {}", inboxes.join(", ")))?;
    }
    console.next(&format!("look at it there, then mailshot send {}", args.slug));
    Ok(Exit::Done)
}

fn inboxes(project: &Project, args: &TestArgs) -> Result<Vec<EmailAddress>, CliError> {
    let typed = if args.to.is_empty() { &project.config.test.to } else { &args.to };
    if typed.is_empty() {
        return Err(CliError::refused(
            "no-inbox",
            "there is no inbox to send the test to",
            "--to ADDR, or in mailshot.toml: [test] to = [\"editor@…\"]",
        ));
    }
    typed
        .iter()
        .map(|address| {
            EmailAddress::parse(address).map_err(|error| {
                CliError::refused("address", format!("`{address}`: {error}"), "correct `--to` or `[test] to`")
            })
        })
        .collect()
}

/// The subscribers of these addresses, or else the first that the list would mail.
pub(super) fn choose(
    project: &Project,
    loaded: &Loaded,
    wanted: &[String],
) -> Result<Vec<Subscriber>, CliError> {
    let filters = project.filters(loaded)?;
    let reader = loaded.reader(&project.config)?;
    // However an address is spelt, it is one subscriber's; asked for twice, it is one sample.
    let key = |typed: &str| EmailAddress::parse(typed).map_or_else(|_| typed.to_owned(), |email| email.key());
    let mut seen = BTreeSet::new();
    let (wanted, keys): (Vec<&String>, Vec<String>) =
        wanted.iter().map(|typed| (typed, key(typed))).filter(|(_, key)| seen.insert(key.clone())).unzip();
    let mut found: Vec<Option<Subscriber>> = (0..wanted.len()).map(|_| None).collect();
    for subscriber in reader.filter_map(Result::ok) {
        if wanted.is_empty() {
            if matches!(filters.admit(&subscriber.row), Ok(Admission::Mailed)) {
                return Ok(vec![subscriber]);
            }
        } else if let Some(index) = keys.iter().position(|key| *key == subscriber.email.key())
            && found[index].is_none()
        {
            found[index] = Some(subscriber);
            if found.iter().all(Option::is_some) {
                break;
            }
        }
    }
    let shown = loaded.shown.display();
    if wanted.is_empty() {
        return Err(CliError::refused(
            "no-recipients",
            format!("{shown}: no row of the list is to be mailed"),
            "look at `[list] where`",
        ));
    }
    found
        .into_iter()
        .zip(wanted)
        .map(|(subscriber, email)| {
            subscriber.ok_or_else(|| {
                CliError::refused(
                    "no-subscriber",
                    format!("{shown}: no subscriber `{email}`"),
                    "correct --as; it names a row of the list",
                )
            })
        })
        .collect()
}

/// Sends every draft to every inbox over one session, at the pace that all share; how many the relay took.
async fn submit(
    relays: &[(Endpoint, &Relay)],
    ledger: &Ledger,
    drafts: &[(Content, Draft)],
    inboxes: &[EmailAddress],
) -> Result<usize, CliError> {
    let (mut session, relay) = reach(relays).await?;
    let limits = relay::limits(&relay.rates);
    let pace = Pace::new(ledger.clone(), &relay.name, limits, Steady::new(Arc::new(SystemClock)));
    let mut count = 0;
    for inbox in inboxes {
        for (content, draft) in drafts {
            let slot = pace.slot().await?;
            tokio::time::sleep_until(slot.at).await;
            copy(&mut session, content, draft, inbox).await.map_err(|failure| not_taken(&failure))?;
            count += 1;
        }
    }
    session.quit().await;
    pace.close().await?;
    Ok(count)
}

/// A session to the first relay that can be reached.
async fn reach<'a>(relays: &[(Endpoint, &'a Relay)]) -> Result<(Session, &'a Relay), CliError> {
    let mut failed = None;
    for (endpoint, relay) in relays {
        match Session::open(endpoint).await {
            Ok(session) => return Ok((session, relay)),
            Err(failure) if classify(&failure).halt => return Err(not_taken(&failure)),
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    Err(not_taken(&failed.unwrap_or_else(|| Failure::new(Stage::Connect, Cause::Closed))))
}

async fn copy(
    session: &mut Session,
    content: &Content,
    draft: &Draft,
    inbox: &EmailAddress,
) -> Result<(), Failure> {
    let message = content
        .marked(draft.clone(), MARK, inbox.as_str(), clock::now())
        .map_err(|error| Failure::unsendable(error.to_string()))?;
    let envelope = Envelope::new(&content.build().bounce, inbox.as_str())?;
    let payload = Payload::new(&message.bytes)?;
    session.offer(&envelope, &payload).await?;
    session.body(&payload).await?;
    Ok(())
}

fn not_taken(failure: &Failure) -> CliError {
    let message = format!("the relay did not take the test: {failure}");
    CliError::refused("relay", message, relay::way_out(failure))
}
