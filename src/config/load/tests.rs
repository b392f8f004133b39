use std::fmt::Write as _;
use std::time::Duration;

use super::super::known::{Shape, places};
use super::super::rate::Rate;
use super::super::relay_settings::{Password, Timeouts, Tls};
use super::super::settings::Retry;
use super::*;
use crate::expr::Kind;

mod mistakes;
mod relays;

/// What every file needs.
const BASE: &str = r#"
[sender]
from = "Tech Manager Weekly <hello@tmw.example>"
[list]
id = "weekly.tmw.example"
name = "Tech Manager Weekly"
address = "1 Example Street, London"
unsubscribe = "https://tmw.example/u/{token}"
"#;

fn parse(text: &str, profile: Option<&str>) -> Result<Config, Vec<Finding>> {
    read(&Source::new(text), Path::new("/project"), profile)
}

/// What is said about `text`, one finding a line, without the file's name.
fn said(text: &str, profile: Option<&str>) -> String {
    let Err(findings) = parse(text, profile) else { return "ok".to_owned() };
    let mut out = String::new();
    for finding in findings {
        assert!(finding.is_error());
        let _ = writeln!(out, "{finding}");
    }
    out.trim_end().replace("mailshot.toml:", "")
}

/// What is said about a file that begins with `text` and goes on with what every file needs.
fn about(text: &str) -> String {
    said(&format!("{text}\n{BASE}"), None)
}

fn shown(rates: &[Rate]) -> String {
    rates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn expect(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(about(text), *expected, "{text}");
    }
}

#[test]
fn what_is_needed_is_enough_and_the_rest_has_defaults() {
    let config = parse(&format!("{BASE}\n[relay.main]\nhost = \"smtp.example.com\""), None).unwrap();
    assert_eq!(config.project, Path::new("/project"));
    assert_eq!(config.sender.from.name.as_deref(), Some("Tech Manager Weekly"));
    assert_eq!(config.sender.bounce, "hello@tmw.example");
    assert_eq!(config.list.subscribers, Path::new("subscribers.csv"));
    assert_eq!(config.ledger, Path::new(".mailshot/ledger.db"));
    assert!(config.require_test && config.test.to.is_empty() && config.merge.is_empty());
    let minutes = |n: u64| Duration::from_mins(n);
    let retry = Retry {
        first: minutes(1),
        factor: 2.0,
        max: minutes(60),
        give_up: minutes(24 * 60),
        outage: minutes(4 * 60),
    };
    assert_eq!(config.retry, retry);
    let relay = config.relays[0].clone();
    assert_eq!((relay.port, relay.tls, relay.sessions, relay.login), (587, Tls::Required, 4, None));
    assert_eq!(shown(&relay.rates), "10/s");
    assert_eq!((relay.preset, relay.messages_per_session), (None, 100));
    assert_eq!((relay.idle, relay.lifetime), (Duration::from_secs(30), minutes(30)));
    assert!(relay.domains.is_empty() && relay.timeouts == Timeouts::default());
    assert!((config.max_refused - 0.2).abs() < 1e-9);
    assert!(parse(BASE, None).unwrap().relays.is_empty());
}

#[test]
fn everything_that_is_written_is_read() {
    let text = r#"
[sender]
from = "Tech Manager Weekly <hello@tmw.example>"
reply_to = "The editor <editor@tmw.example>"
bounce = "bounces@bücher.example"
verp = false
[list]
id = "weekly.tmw.example"
name = "Tech Manager Weekly"
address = "1 Example Street, London"
subscribers = "lists/all.csv"
unsubscribe = "https://tmw.example/u/{token}"
unsubscribe_mailto = "unsubscribe@tmw.example"
view = "https://tmw.example/issues/{slug}"
secret_env = "MAILSHOT_SECRET"
where = "subscribed"
[list.columns]
email = "Email Address"
subscribed = { column = "subscribed_to_emails", type = "bool" }
joined = { type = "date" }
[merge]
first_name = "there"
[utm]
source = "tmw"
[relay.main]
host = "SMTP.example.com"
port = 2465
tls = "implicit"
ca_file = "ca.pem"
username = "newsletter"
password_command = "pass show smtp"
sessions = 10
rate = ["1000/min"]
[retry]
first = "30s"
factor = 3
max = "2h"
give_up = "2d"
[ledger]
url = "sqlite:/var/lib/tmw.db"
[test]
to = "editor@tmw.example"
[send]
require_test = false
"#;
    let config = parse(text, None).unwrap();
    assert_eq!(config.sender.reply_to.unwrap().to_string(), "The editor <editor@tmw.example>");
    assert_eq!(config.sender.bounce, "bounces@xn--bcher-kva.example");
    let columns: Vec<_> =
        config.list.columns.iter().map(|(name, at)| (name.as_str(), at.header.as_str(), at.kind)).collect();
    assert_eq!(
        columns,
        [
            ("email", "Email Address", Kind::Text),
            ("joined", "joined", Kind::Date),
            ("subscribed", "subscribed_to_emails", Kind::Bool)
        ]
    );
    let filter = config.list.filter.unwrap();
    assert_eq!((filter.text.as_str(), filter.place.file.as_path()), ("subscribed", Path::new(FILE)));
    assert_eq!((&*config.merge["first_name"], &*config.utm["source"]), ("there", "tmw"));
    let relay = config.relays[0].clone();
    assert_eq!(
        (&*relay.host, relay.port, relay.tls, relay.sessions),
        ("smtp.example.com", 2465, Tls::Implicit, 10)
    );
    assert_eq!(relay.login, Some(("newsletter".into(), Password::Command("pass show smtp".into()))));
    assert_eq!(relay.ca_file.as_deref(), Some(Path::new("ca.pem")));
    assert_eq!(shown(&relay.rates), "1000/min");
    assert!((config.retry.factor - 3.0).abs() < f64::EPSILON);
    assert_eq!(config.ledger, Path::new("/var/lib/tmw.db"));
    assert_eq!(config.test.to, ["editor@tmw.example"]);
    assert!(!config.require_test);
}

#[test]
fn a_profile_lies_over_the_rest() {
    let text = format!(
        r#"{BASE}
[test]
to = ["editor@tmw.example", "boss@tmw.example"]
[relay.main]
host = "smtp.example.com"
username = "live"
password_env = "SMTP_PASSWORD"
sessions = 8
[profile.staging]
list.name = "Staging"
test.to = "dev@tmw.example"
[profile.staging.relay.main]
password_file = "pw"
[profile.local.relay.main]
host = "localhost"
port = 1025
tls = "none"
[profile.broken.relay.main]
port = 0
"#
    );
    let config = parse(&text, Some("staging")).unwrap();
    assert_eq!((&*config.list.name, &*config.list.id), ("Staging", "weekly.tmw.example"));
    assert_eq!(config.test.to, ["dev@tmw.example"]);
    let relay = config.relays[0].clone();
    assert_eq!(relay.login, Some(("live".into(), Password::File("pw".into()))));
    assert_eq!(relay.sessions, 8);

    // Another host does not get to see the password of the first.
    let local = parse(&text, Some("local")).unwrap().relays.remove(0);
    assert_eq!((&*local.host, local.port, local.login), ("localhost", 1025, None));

    assert!(parse(&text, None).is_ok());
    assert_eq!(
        said(&text, Some("broken")),
        "27:8: `port` is out of bounds (from 1 to 65535; most relays use 587)"
    );
    assert_eq!(
        said(&text, Some("stagign")),
        "there is no profile `stagign` in mailshot.toml (did you mean `staging`?)"
    );
    assert_eq!(
        said(&text, Some("x")),
        "there is no profile `x` in mailshot.toml (there are: broken, local, staging)"
    );
    assert_eq!(
        said(BASE, Some("x")),
        "there is no profile `x` in mailshot.toml (write what differs below `[profile.x]`, or leave out `--profile`)"
    );
}

#[test]
fn the_table_of_known_keys_and_the_mirror_agree() {
    for (table, key) in places() {
        let table = table.replace("NAME", "main");
        let value = match key.shape {
            Shape::Table(_) | Shape::Named(_) | Shape::TableOrFirst(_) => "{}",
            Shape::Later(_) | Shape::Secret(_) => "1",
            _ => key.example,
        };
        let text = match table.as_str() {
            "" => format!("{} = {value}", key.name),
            table => format!("[{table}]\n{} = {value}", key.name),
        };
        let source = Source::new(text.clone());
        let mut document = DeTable::parse(&text).unwrap().into_inner();
        let walked = walk(&mut document, &source);
        match key.shape {
            Shape::Later(_) => assert_eq!(walked.findings[0].code, "not-supported", "{text}"),
            Shape::Secret(_) => assert_eq!(walked.findings[0].code, "secret-in-config", "{text}"),
            _ => assert!(walked.findings.is_empty(), "{text}"),
        }
        let raw = Raw::deserialize(Deserializer::from(Spanned::new(0..text.len(), document)));
        assert!(raw.is_ok(), "{text}: {raw:?}");
    }
}

#[test]
fn the_project_is_the_nearest_folder_upwards() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("campaigns/one");
    std::fs::create_dir_all(&inner).unwrap();
    let missing = find(&inner).unwrap_err();
    assert_eq!(missing.code, "no-project");
    assert!(missing.to_string().contains("`mailshot init`"));
    std::fs::write(dir.path().join(FILE), format!("\u{feff}{BASE}").replace('\n', "\r\n")).unwrap();
    assert_eq!(find(&inner).unwrap(), dir.path());
    assert_eq!(load(dir.path(), None).unwrap().list.name, "Tech Manager Weekly");
    std::fs::write(dir.path().join(FILE), b"a = \"\xe9\"").unwrap();
    let findings = load(dir.path(), None).unwrap_err();
    assert_eq!(findings[0].to_string(), "mailshot.toml:1:6: is not UTF-8 (save the file as UTF-8)");
}

#[test]
fn the_settings_of_the_example_are_valid() {
    let config = load(Path::new(env!("CARGO_MANIFEST_DIR")), None).unwrap();
    assert!(config.relays.is_empty());
    assert!(config.project.join(config.list.subscribers).is_file());
    let absent = load(Path::new("/nowhere"), None).unwrap_err();
    assert!(absent[0].to_string().ends_with("(`mailshot init` makes a project)"));
}

proptest::proptest! {
    #[test]
    fn nothing_that_can_be_typed_panics(
        table in "(sender|list|relay(\\.[a-z]{1,2})?|profile\\.x(\\.relay)?|merge|[a-z]{1,5})",
        key in "(from|host|rate|columns|to|url|[a-z_]{1,6}|\"\\PC{0,3}\")",
        value in "(1|true|\"\\PC{0,8}\"|\\[\"\\PC{0,4}\", 1\\]|\\{ a = 1 \\}|\\PC{0,8})",
    ) {
        let text = format!("[{table}]\n{key} = {value}");
        proptest::prop_assert!(parse(&text, Some("x")).is_err());
    }
}
