//! Thousands of messages over a relay that refuses, defers, hangs up and forgets to answer as it likes: what the
//! ledger says of each recipient agrees with the server's own record.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use support::{Action, At, Project, Script, SmtpServer, accepted};

/// How many there are where `MAILSHOT_TEST_STORM` does not say.
const READERS: usize = 2_000;
/// Any seed will do; `MAILSHOT_TEST_SEED` gives another.
const SEED: u64 = 450;

/// Readers at ten domains.
fn readers(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("reader{n}@d{}.example", n % 10)).collect()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// Misbehaviour by a seed. What happens to the same recipient for the same time is always the same, whichever
/// session comes first.
struct Weather {
    seed: u64,
    times: BTreeMap<String, u64>,
}

impl Weather {
    fn at(&mut self, point: &At) -> Option<Action> {
        let name = format!("{point:?}");
        let times = self.times.entry(name.clone()).or_default();
        *times += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, name, *times).hash(&mut hasher);
        let reply = |text: &str| Some(Action::reply(text));
        let close = |text: &str| Some(Action::ReplyThenClose(text.to_owned()));
        // In a thousand.
        match (point, hasher.finish() % 1_000) {
            (At::Connect, 0..50) => close("421 4.3.2 too many connections"),
            (At::Mail, 0..2) => reply("451 4.3.0 not now"),
            (At::RcptTo(_), 0..30) => reply("550 5.1.1 no such user"),
            (At::RcptTo(_), 30..80) => reply("450 4.2.0 greylisted"),
            (At::RcptTo(_), 80..83) => close("421 4.7.0 slow down"),
            (At::RcptTo(_), 86..88) => reply("451 4.7.500 too many from you for now"),
            (At::RcptTo(_), 83..86) | (At::Data, 0..3) | (At::DotFor(_), 33..36) => Some(Action::Close),
            (At::DotFor(_), 0..20) => reply("451 4.3.0 try again"),
            (At::DotFor(_), 20..30) => reply("554 5.7.1 looks like spam"),
            (At::DotFor(_), 30..33) => Some(Action::AcceptThenClose),
            (At::DotFor(_), 36..38) => close("421 4.3.2 shutting down"),
            _ => None,
        }
    }
}

/// What each recipient's last attempt that came to something came to.
fn outcomes(rows: &[Value]) -> BTreeMap<String, String> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    // A connection that failed is nobody's.
    let reached = rows.iter().filter(|row| !row["email"].is_null());
    reached.map(|row| (text(row, "email"), text(row, "outcome"))).collect()
}

#[test]
fn in_any_weather_the_ledger_agrees_with_the_servers_record_about_everybody() {
    let seed = number("MAILSHOT_TEST_SEED").unwrap_or(SEED);
    let readers =
        readers(number("MAILSHOT_TEST_STORM").map_or(READERS, |count| usize::try_from(count).unwrap()));
    println!("MAILSHOT_TEST_SEED={seed}");
    let mut weather = Weather { seed, times: BTreeMap::new() };
    let server = SmtpServer::start(Script::accept_all().decide(move |point| weather.at(point)));
    let project = Project::of(1);
    let mut list = "email,first_name,plan\n".to_owned();
    for reader in &readers {
        writeln!(list, "{reader},Reader,free").unwrap();
    }
    project.write("subscribers.csv", list);
    project.relay(&server, "tls = \"none\"\nsessions = 20\nrate = \"10000/s\"");
    project.append(
        "mailshot.toml",
        "[retry]\nfirst = \"1s\"\nfactor = 1.0\nmax = \"1s\"\n[send]\nrequire_test = false\n",
    );
    // The relay may turn away the very connection that tries it out: then nothing was sent.
    let mut code = 3;
    while code == 3 {
        code = project.run("send weekly --yes").code;
    }

    let status = project.status();
    println!("{status}");
    let count = |state: &str| usize::try_from(status[state].as_u64().unwrap()).unwrap();
    assert_eq!(status["state"], "complete");
    assert_eq!(count("delivered") + count("bounced") + count("in_doubt"), readers.len(), "{status}");
    assert_eq!(code, if count("in_doubt") > 0 { 4 } else { 0 });

    let outcomes = outcomes(&project.json("log weekly --json"));
    let copies = accepted(&server);
    let addressed: BTreeSet<_> = copies.keys().collect();
    assert!(addressed.iter().all(|address| outcomes.contains_key(*address)), "somebody is not in the log");
    for reader in &readers {
        let copies = copies.get(reader).copied().unwrap_or(0);
        match outcomes[reader].as_str() {
            "delivered" => assert_eq!(copies, 1, "{reader} counts as delivered"),
            "in_doubt" => assert!(copies <= 1, "{reader} is in doubt"),
            "bounced" => assert_eq!(copies, 0, "{reader} counts as bounced"),
            other => panic!("the run is complete, and {reader} is {other}"),
        }
    }
    for state in ["delivered", "bounced", "in_doubt"] {
        let logged = outcomes.values().filter(|outcome| *outcome == state).count();
        assert_eq!(logged, count(state), "status and log differ about those {state}");
    }
}
