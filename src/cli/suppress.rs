//! `suppress`: the list of addresses that must not be mailed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde_json::json;

use super::args::{Global, SuppressCommand};
use super::console::Console;
use super::error::{CliError, Exit};
use super::project::Project;
use crate::address::EmailAddress;
use crate::audience::SuppressedReader;
use crate::clock;
use crate::draft::Draft;
use crate::finding::{Finding, Place};
use crate::ledger::{Ledger, LedgerError, Listed, Reason, Suppression, Suppressions};

/// The header of an export.
const HEADER: [&str; 3] = ["email", "reason", "at"];
const BUFFER_BYTES: usize = 1 << 16;

/// Does what was asked of the list.
pub(super) fn run(global: &Global, command: &SuppressCommand, console: Console) -> Result<Exit, CliError> {
    let project = Project::open(global)?;
    match command {
        SuppressCommand::Add { emails, reason } => add(&project, emails, *reason, console),
        SuppressCommand::Remove { emails } => remove(&project, emails, console),
        SuppressCommand::List { reason } => list(&project, *reason, console),
        SuppressCommand::Import { file, reason } => import(&project, file, *reason, console),
        SuppressCommand::Export { file, force } => export(&project, file.as_deref(), *force, console),
    }
}

fn add(project: &Project, emails: &[String], reason: Reason, console: Console) -> Result<Exit, CliError> {
    let mut entries = Suppressions::new()?;
    let at = clock::now();
    for key in keys(emails)? {
        entries.add(&Suppression { key, reason, at })?;
    }
    tell(project.ledger()?.suppress(entries)?, console)
}

/// What an addition or an import came to.
fn tell(listed: Listed, console: Console) -> Result<Exit, CliError> {
    if console.json {
        console.out_json(&listed)?;
    } else {
        console.out(&format!("{} added", listed.added))?;
        if listed.known > 0 {
            let known = listed.known;
            console.out(&format!("{known} on the list before, with the reason and the date they had"))?;
        }
    }
    console.next("mailshot suppress list");
    Ok(Exit::Done)
}

fn remove(project: &Project, emails: &[String], console: Console) -> Result<Exit, CliError> {
    let keys = keys(emails)?;
    let removed = match project.existing_ledger()? {
        Some(ledger) => ledger.unsuppress(&keys)?,
        None => Err(keys),
    };
    let removed = removed.map_err(|missing| {
        let not_listed = |key: &String| {
            Finding::error("not-suppressed", format!("`{key}` is not on the suppression list"))
                .help("nothing was taken off; `mailshot suppress list` shows who is on it")
        };
        CliError::from(missing.iter().map(not_listed).collect::<Vec<_>>())
    })?;
    if console.json {
        console.out_json(&json!({ "removed": removed.len() }))?;
    } else {
        for entry in &removed {
            console.out(&format!("taken off: {}", row(entry)))?;
        }
    }
    console.next("mailshot suppress list");
    Ok(Exit::Done)
}

fn list(project: &Project, reason: Option<Reason>, console: Console) -> Result<Exit, CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut count: u64 = 0;
    if let Some(ledger) = project.existing_ledger()? {
        for entry in ledger.suppressions(reason) {
            let entry = entry?;
            if console.json {
                serde_json::to_writer(&mut out, &entry).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            } else {
                writeln!(out, "{}", row(&entry))?;
            }
            count += 1;
        }
    }
    out.flush()?;
    console.note(&format!("{count} on the list"));
    Ok(Exit::Done)
}

fn row(entry: &Suppression) -> String {
    let at = entry.at.strftime("%Y-%m-%d %H:%M:%S");
    format!("{at}  {:<12}  {}", entry.reason.as_str(), entry.key)
}

fn import(
    project: &Project,
    file: &Path,
    reason: Option<Reason>,
    console: Console,
) -> Result<Exit, CliError> {
    let (input, shown) = open(file)?;
    let header = project.config.list.columns.get("email").map(|column| column.header.as_str());
    let reader = SuppressedReader::new(input, &shown, header)?;
    let mut entries = Suppressions::new()?;
    let now = clock::now();
    let mut wrong = 0;
    for entry in reader {
        let entry = entry.and_then(|row| {
            let written = row.reason.as_deref().map(str::parse).transpose();
            let reason = match reason {
                Some(reason) => reason,
                None => {
                    written.map_err(|error| bad_reason(error, &shown, row.line))?.unwrap_or(Reason::Manual)
                }
            };
            Ok(Suppression { key: row.email.key(), reason, at: row.at.unwrap_or(now) })
        });
        match entry {
            Ok(entry) if wrong == 0 => entries.add(&entry)?,
            Ok(_) => {}
            Err(finding) => {
                console.finding(&finding);
                wrong += 1;
            }
        }
    }
    if wrong > 0 {
        let what = if wrong == 1 { "this row".to_owned() } else { format!("{wrong} rows") };
        return Err(CliError::refused(
            "nothing-imported",
            format!("nothing was imported, because of {what}"),
            "an import is all or nothing: mend the file and import it again",
        ));
    }
    tell(project.ledger()?.suppress(entries)?, console)
}

fn bad_reason(error: crate::ledger::UnknownReason, shown: &Path, line: u64) -> Finding {
    let place = Place { file: shown.to_owned(), line: u32::try_from(line).ok(), column: None };
    Finding::error("bad-value", error.to_string())
        .at(place)
        .help("correct it, or say one for all rows with --reason")
}

/// The file, and what findings call it.
fn open(file: &Path) -> Result<(Box<dyn BufRead + Send>, std::path::PathBuf), CliError> {
    if file == Path::new("-") {
        return Ok((Box::new(BufReader::new(io::stdin())), "standard input".into()));
    }
    let opened = File::open(file).map_err(|error| Finding::unreadable(file, &error))?;
    Ok((Box::new(BufReader::with_capacity(BUFFER_BYTES, opened)), file.to_owned()))
}

fn export(project: &Project, file: Option<&Path>, force: bool, console: Console) -> Result<Exit, CliError> {
    let ledger = project.existing_ledger()?;
    let Some(file) = file.filter(|file| *file != Path::new("-")) else {
        let count = write_csv(ledger.as_ref(), io::stdout().lock()).map_err(|error| match error {
            Export::Ledger(error) => error.into(),
            Export::Output(error) => CliError::from(error),
        })?;
        console.note(&format!("{count} on the list"));
        return Ok(Exit::Done);
    };
    let unwritable = |error: io::Error| {
        let at = Place::file(file);
        CliError::from(if error.kind() == io::ErrorKind::AlreadyExists {
            Finding::error("exists", "exists already").at(at).help("another name, or --force to replace it")
        } else {
            Finding::error("unwritable", format!("cannot be written: {error}")).at(at)
        })
    };
    if !force && std::fs::symlink_metadata(file).is_ok() {
        return Err(unwritable(io::ErrorKind::AlreadyExists.into()));
    }
    let draft = Draft::of(file).map_err(unwritable)?;
    let count = write_csv(ledger.as_ref(), draft.file()).map_err(|error| match error {
        Export::Ledger(error) => error.into(),
        Export::Output(error) => unwritable(error),
    })?;
    draft.publish(force).map_err(unwritable)?;
    if console.json {
        console.out_json(&json!({ "file": file, "exported": count }))?;
    } else {
        console.out(&format!("wrote {count} to {}", file.display()))?;
    }
    Ok(Exit::Done)
}

/// What can fail in an export.
enum Export {
    Ledger(LedgerError),
    Output(io::Error),
}

fn write_csv(ledger: Option<&Ledger>, out: impl Write) -> Result<u64, Export> {
    let output = |error: csv::Error| {
        Export::Output(match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    };
    let mut out = csv::Writer::from_writer(out);
    out.write_record(HEADER).map_err(output)?;
    let mut count = 0;
    for entry in ledger.into_iter().flat_map(|ledger| ledger.suppressions(None)) {
        let entry = entry.map_err(Export::Ledger)?;
        out.write_record([&entry.key, entry.reason.as_str(), &entry.at.to_string()]).map_err(output)?;
        count += 1;
    }
    out.flush().map_err(Export::Output)?;
    Ok(count)
}

/// What the ledger knows these addresses by.
fn keys(emails: &[String]) -> Result<Vec<String>, CliError> {
    let mut keys = Vec::new();
    let mut wrong = Vec::new();
    for typed in emails {
        match EmailAddress::parse(typed) {
            Ok(address) => keys.push(address.key()),
            Err(error) => wrong.push(Finding::error("address", format!("`{typed}`: {error}"))),
        }
    }
    keys.sort_unstable();
    keys.dedup();
    if wrong.is_empty() { Ok(keys) } else { Err(CliError::from(wrong).exit(Exit::Usage)) }
}
