//! A project whose relay is a real server, and the comparison of its ledger with what that server kept.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Project;

/// As many messages as the server kept for each recipient.
pub(crate) type Copies = BTreeMap<String, usize>;

/// Retries after a second, and an outage is given up after another: nobody waits for minutes here.
const QUICK: &str =
    "[retry]\nfirst = \"1s\"\nfactor = 1.0\nmax = \"1s\"\noutage = \"1s\"\n[send]\nrequire_test = false\n";

/// So many readers, and the server at this port as the relay.
pub(crate) fn project(readers: usize, port: u16, relay: &str) -> Project {
    let project = Project::of(readers);
    let table =
        format!("\n[relay.main]\nhost = \"127.0.0.1\"\nport = {port}\nrate = \"1000/s\"\n{relay}\n{QUICK}");
    project.append("mailshot.toml", &table);
    project
}

/// The last word of the log on each recipient. Rows about nobody, of a relay that could not be reached, are left out.
pub(crate) fn outcomes(project: &Project) -> BTreeMap<String, String> {
    let text = |row: &Value, key: &str| row[key].as_str().map(str::to_owned);
    let rows = project.json("log weekly --json");
    rows.iter().filter_map(|row| Some((text(row, "email")?, text(row, "outcome").unwrap()))).collect()
}

/// The counts of `status --json` that are not zero.
#[track_caller]
pub(crate) fn counts(project: &Project) -> Vec<(String, u64)> {
    let status = project.status();
    let states =
        ["queued", "in_flight", "delivered", "deferred", "bounced", "expired", "suppressed", "in_doubt"];
    let counts: Vec<_> =
        states.iter().map(|&state| (state.to_owned(), status[state].as_u64().unwrap())).collect();
    let sum: u64 = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(sum, status["recipients"].as_u64().unwrap(), "the counts do not add up: {status}");
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Checks that these are the counts, in the order of `status --json`.
#[track_caller]
pub(crate) fn assert_counts(project: &Project, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected.iter().map(|&(state, count)| (state.to_owned(), count)).collect();
    assert_eq!(counts(project), expected);
}

/// Checks the ledger against the server's own record: one copy for each who is delivered, at most one for each
/// in doubt, none for anybody else.
#[track_caller]
pub(crate) fn assert_agrees(project: &Project, kept: &Copies) {
    let outcomes = outcomes(project);
    for (email, outcome) in &outcomes {
        let copies = kept.get(email).copied().unwrap_or(0);
        let agrees = match outcome.as_str() {
            "delivered" => copies == 1,
            "in_doubt" => copies <= 1,
            _ => copies == 0,
        };
        assert!(agrees, "{email} is {outcome}, and the server has {copies} messages for it");
    }
    let unknown: Vec<_> = kept.keys().filter(|email| !outcomes.contains_key(*email)).collect();
    assert!(unknown.is_empty(), "the server has messages for {unknown:?}, of whom the log knows nothing");
}
