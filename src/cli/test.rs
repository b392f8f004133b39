//! `test`: the issue in an editor's inbox, merged as chosen subscribers. Never touches a run.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::args::{Global, TestArgs};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::{Loaded, Project};
use super::{relay, transmit};
use crate::address::EmailAddress;
use crate::audience::Subscriber;
use crate::check::Admission;
use crate::clock;
use crate::delivery::Failure;
use crate::dispatch::Pace;
use crate::message::{Content, Draft};
use crate::smtp::{Endpoint, Envelope, Payload, Session};

/// What stands before the subject of a test.
const MARK: &str = "[test]";

/// Sends, and records the build's digest once the relay took every copy.
pub(super) fn run(global: &Global, args: &TestArgs, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    let configured = relay::configured(&project.config, &args.slug)?;
    let loaded = project.load(&args.slug, args.subscribers.as_deref(), console)?;
    let inboxes = inboxes(&project, args)?;
    let subscribers = choose(&project, &loaded, &args.as_email)?;
    let endpoint = relay::endpoint(&project.config, configured)?;

    // A test is no run: the Message-ID of each copy must differ from every other's, or an inbox hides all but one.
    let mut drafts = Vec::with_capacity(subscribers.len());
    for (n, subscriber) in subscribers.iter().enumerate() {
        let content = loaded.content(&format!("test {} {n}", clock::now()))?;
        let row = Arc::new(subscriber.row.clone());
        let draft = content.draft(subscriber.email.as_str(), &row).map_err(|error| error.finding())?;
        drafts.push((content, draft));
    }
    let runtime = transmit::runtime()?;
    let sent = runtime.block_on(submit(&endpoint, &Pace::new(Some(configured.rate)), &drafts, &inboxes));
    let count = sent.map_err(|failure| {
        CliError::refused(
            "relay",
            format!("the relay did not take the test: {failure}"),
            relay::way_out(&failure),
        )
    })?;

    let digest = loaded.compiled.build.digest();
    let ledger = project.ledger()?;
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

/// Sends every draft to every inbox over one session; how many the relay took.
async fn submit(
    endpoint: &Endpoint,
    pace: &Pace,
    drafts: &[(Content, Draft)],
    inboxes: &[EmailAddress],
) -> Result<usize, Failure> {
    let mut session = Session::open(endpoint).await?;
    let mut count = 0;
    for inbox in inboxes {
        for (content, draft) in drafts {
            pace.permit().await;
            let message = content
                .marked(draft.clone(), MARK, inbox.as_str(), clock::now())
                .map_err(|error| Failure::unsendable(error.to_string()))?;
            let envelope = Envelope::new(&content.build().bounce, inbox.as_str())?;
            let payload = Payload::new(&message.bytes)?;
            session.offer(&envelope, &payload).await?;
            session.body(&payload).await?;
            count += 1;
        }
    }
    session.quit().await;
    Ok(count)
}
