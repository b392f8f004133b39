//! `[relay.NAME]`: several of them, their presets, rates, sessions and timeouts.

use super::super::super::{Preset, Relay, Window};
use super::*;
use crate::finding::{Place, Written};

/// The relays of a file that begins with what every file needs.
fn relays(text: &str, profile: Option<&str>) -> Vec<Relay> {
    parse(&format!("{BASE}\n{text}"), profile).unwrap_or_else(|findings| panic!("{findings:?}")).relays
}

/// The one relay with these lines.
fn relay(lines: &str) -> Relay {
    relays(&format!("[relay.main]\nhost = \"smtp.example.com\"\n{lines}"), None).remove(0)
}

/// What is said about a relay with these lines, the first of which is the third of the file.
fn wrong(lines: &str) -> String {
    about(&format!("[relay.main]\nhost = \"smtp.example.com\"\n{lines}"))
}

fn names(relays: &[Relay]) -> Vec<&str> {
    relays.iter().map(|relay| relay.name.as_str()).collect()
}

#[test]
fn relays_are_preferred_in_the_order_of_the_file() {
    let text = "[relay.zeta]\nhost = \"z\"\n[relay.alpha]\nhost = \"a\"\n[relay.mu]\nhost = \"m\"\n";
    assert_eq!(names(&relays(text, None)), ["zeta", "alpha", "mu"]);
    let table = |count: usize| {
        (0..count).fold(String::new(), |text, n| text + &format!("[relay.r{n}]\nhost = \"h\"\n"))
    };
    assert_eq!(relays(&table(20), None).len(), 20);
    assert_eq!(about(&table(21)), "41:8: there are more than 20 relays (keep those that are used)");
    assert_eq!(
        about("[relay.\"a b\"]\nhost = \"h\""),
        "1:8: `relay` has a name that cannot be (use letters, digits, `-` and `_`: `[relay.main]`)"
    );
}

#[test]
fn what_is_wrong_with_any_relay_is_told() {
    assert_eq!(
        about("[relay.a]\nhost = \"h\"\nport = 0\n[relay.b]\nhost = \"h\"\nrate = \"0/s\"\nidle = \"0s\""),
        "3:8: `port` is out of bounds (from 1 to 65535; most relays use 587)\n\
         6:8: `rate` is out of bounds (at least 1 message, at most 10000/s)\n\
         7:8: `idle` is out of bounds (from 1 second to 1 day)"
    );
}

#[test]
fn rates_all_hold_and_the_shortest_window_comes_first() {
    for (rate, expected) in [
        ("\"20/s\"", "20/s"),
        ("[\"50000/day\", \"20/s\", \"1000/min\"]", "20/s, 1000/min, 50000/day"),
        ("[\"5000/hour\", \"600/min\"]", "600/min, 5000/hour"),
        // A quota does not say how fast: the default does.
        ("\"50000/day\"", "10/s, 50000/day"),
        ("[\"50000/day\", \"5000/hour\"]", "10/s, 5000/hour, 50000/day"),
        ("[]", "10/s"),
    ] {
        assert_eq!(shown(&relay(&format!("rate = {rate}")).rates), expected, "{rate}");
    }
    assert_eq!(relay("rate = \"5/h\"").rates[1].window, Window::Hour);
    assert_eq!(Window::Day.duration(), Duration::from_hours(24));
}

#[test]
fn rates_are_judged() {
    assert_eq!(
        wrong("rate = [\"20/s\", \"10/second\"]"),
        "3:17: `rate` says 10/s and 20/s (keep the one that is meant)"
    );
    assert_eq!(
        wrong("rate = [\"20/s\", \"20/week\", \"0/day\"]"),
        "3:17: `rate` is no rate (write messages in a time: \"20/s\", \"1000/min\", \"5000/hour\" or \"50000/day\")\n\
         3:28: `rate` is out of bounds (at least 1 message, at most 10000/s)"
    );
    assert_eq!(
        wrong("rate = 20"),
        "3:8: `rate` must be text in quotes or a list of such, not a whole number (write `rate = \"20/s\"`)"
    );
}

#[test]
fn domains_have_rates_of_their_own() {
    let lines = "[relay.main.domains]\n\"GMail.com\" = \"5/s\"\n\"bücher.example\" = [\"1000/day\", \"2/min\"]\n\"yahoo.com\" = \"500/hour\"";
    let domains = relay(lines).domains;
    let shown: Vec<_> = domains.iter().map(|(domain, rates)| (domain.as_str(), shown(rates))).collect();
    let expected = [
        ("gmail.com", "5/s".to_owned()),
        ("xn--bcher-kva.example", "2/min, 1000/day".to_owned()),
        ("yahoo.com", "500/hour".to_owned()),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn domains_are_judged() {
    let domains = |lines: &str| wrong(&format!("[relay.main.domains]\n{lines}"));
    assert_eq!(
        domains("\"me@gmail.com\" = \"5/s\""),
        "4:1: `domains` has `me@gmail.com`, which is no domain (write the part of an address after the @, such as \"gmail.com\")"
    );
    assert_eq!(
        domains("\"gmail.com\" = \"5\""),
        "4:15: `gmail.com` is no rate (write messages in a time: \"20/s\", \"1000/min\", \"5000/hour\" or \"50000/day\")"
    );
    assert_eq!(
        domains("\"gmail.com\" = []"),
        "4:1: `gmail.com` has no rate (write one such as \"5/s\", or remove the line)"
    );
    assert_eq!(
        domains("\"gmail.com\" = [\"5/s\", \"6/s\"]"),
        "4:23: `gmail.com` says 6/s and 5/s (keep the one that is meant)"
    );
    assert_eq!(
        domains("\"bücher.example\" = \"5/s\"\n\"xn--bcher-kva.example\" = \"5/s\""),
        "5:1: `xn--bcher-kva.example` is another spelling of a domain above (keep one of them)"
    );
    assert_eq!(
        domains("gmail.com = \"5/s\""),
        "4:1: `gmail` must be text in quotes or a list of such, not a table (write a name with a dot in it in quotes)"
    );
    let many = |count: usize| {
        (0..count).fold("[relay.main.domains]\n".to_owned(), |text, n| {
            text + &format!("\"d{n}.example\" = \"5/s\"\n")
        })
    };
    assert_eq!(relay(&many(1_000)).domains.len(), 1_000);
    assert_eq!(
        wrong(&many(1_001)),
        "1004:1: there are more than 1000 domains (keep those that need a pace of their own)"
    );
}

#[test]
fn sessions_have_bounds() {
    let relay = relay("sessions = 100\nmessages_per_session = 1\nidle = \"1s\"\nlifetime = \"1d\"");
    assert_eq!((relay.sessions, relay.messages_per_session), (100, 1));
    assert_eq!((relay.idle, relay.lifetime), (Duration::from_secs(1), Duration::from_hours(24)));
    for (line, expected) in [
        ("sessions = 101", "3:12: `sessions` is out of bounds (from 1 to 100)"),
        ("messages_per_session = 0", "3:24: `messages_per_session` is out of bounds (from 1 to 1000000)"),
        ("messages_per_session = -1", "3:24: `messages_per_session` is out of bounds (from 1 to 1000000)"),
        (
            "messages_per_session = 1000001",
            "3:24: `messages_per_session` is out of bounds (from 1 to 1000000)",
        ),
        (
            "messages_per_session = \"100\"",
            "3:24: `messages_per_session` must be a whole number, not text (write `messages_per_session = 100`)",
        ),
        ("idle = \"2d\"", "3:8: `idle` is out of bounds (from 1 second to 1 day)"),
        ("lifetime = \"0m\"", "3:12: `lifetime` is out of bounds (from 1 second to 1 day)"),
        (
            "lifetime = \"long\"",
            "3:12: `lifetime` is no length of time (write a whole number and `s`, `m`, `h` or `d`, such as \"30s\" or \"4h\")",
        ),
        ("idel = \"5s\"", "3:1: unknown key `idel` in `[relay.main]` (did you mean `idle`?)"),
    ] {
        assert_eq!(wrong(line), expected, "{line}");
    }
}

#[test]
fn every_stage_has_a_timeout_of_its_own() {
    let lines = "[relay.main.timeouts]\nconnect = \"1s\"\nhandshake = \"2s\"\ngreeting = \"3s\"\ncommand = \"4s\"\nmail = \"5s\"\nrcpt = \"6s\"\ndata = \"7s\"\nblock = \"8s\"\ndot = \"1h\"\nquit = \"10s\"";
    let seconds = Duration::from_secs;
    let expected = Timeouts {
        connect: seconds(1),
        handshake: seconds(2),
        greeting: seconds(3),
        command: seconds(4),
        mail: seconds(5),
        rcpt: seconds(6),
        data: seconds(7),
        block: seconds(8),
        dot: seconds(3_600),
        quit: seconds(10),
    };
    assert_eq!(relay(lines).timeouts, expected);
    let some = relay("[relay.main.timeouts]\ndot = \"20m\"").timeouts;
    assert_eq!(some, Timeouts { dot: Duration::from_mins(20), ..Timeouts::default() });
    for (line, expected) in [
        ("dot = \"61m\"", "4:7: `dot` is out of bounds (from 1 second to 1 hour)"),
        ("mail = \"0s\"", "4:8: `mail` is out of bounds (from 1 second to 1 hour)"),
        ("quit = 5", "4:8: `quit` must be text in quotes, not a whole number (write `quit = \"5s\"`)"),
        ("rpct = \"5m\"", "4:1: unknown key `rpct` in `[relay.main.timeouts]` (did you mean `rcpt`?)"),
    ] {
        assert_eq!(wrong(&format!("[relay.main.timeouts]\n{line}")), expected, "{line}");
    }
    assert_eq!(
        wrong("greeting = \"5m\""),
        "3:1: `greeting` does not belong in `[relay.main]` (it belongs in `[relay.NAME.timeouts]`)"
    );
}

#[test]
fn a_preset_stands_under_what_is_written() {
    let preset = |lines: &str| relays(&format!("[relay.main]\n{lines}"), None).remove(0);
    let postmark = preset("preset = \"postmark\"");
    assert_eq!((postmark.host.as_str(), postmark.port), ("smtp-broadcasts.postmarkapp.com", 587));
    assert_eq!((postmark.tls, postmark.preset), (Tls::Required, Some(Preset::Postmark)));
    let europe = preset("preset = \"mailgun\"\nhost = \"smtp.eu.mailgun.org\"\ntls = \"implicit\"");
    assert_eq!((europe.host.as_str(), europe.port), ("smtp.eu.mailgun.org", 465));
    let ses = preset("preset = \"ses\"\nhost = \"email-smtp.us-east-1.amazonaws.com\"");
    assert!(ses.preset.is_some_and(Preset::replaces_message_id));
}

#[test]
fn presets_are_judged() {
    assert_eq!(
        about("[relay.main]\npreset = \"ses\""),
        "2:10: `ses` has a host for each region, and `[relay.main]` has no `host` (add `host = \"email-smtp.eu-west-1.amazonaws.com\"`, with the region of your account)"
    );
    // What is wrong with the preset or the host is one mistake.
    for (lines, expected) in [
        (
            "preset = \"sengrid\"",
            "2:10: `preset` is no provider that is known here (did you mean \"sendgrid\"?)",
        ),
        (
            "preset = 1",
            "2:10: `preset` must be text in quotes, not a whole number (write `preset = \"postmark\"`)",
        ),
        (
            "preset = \"ses\"\nhost = 5",
            "3:8: `host` must be text in quotes, not a whole number (write `host = \"smtp.example.com\"`)",
        ),
    ] {
        assert_eq!(about(&format!("[relay.main]\n{lines}")), expected);
    }
    assert_eq!(
        about("[relay]\npreset = \"ses\""),
        "2:1: `[relay]` has no name (write `[relay.main]` above it)"
    );
}

/// Two relays with logins, and profiles over them.
const PROFILES: &str = r#"
[relay.main]
preset = "postmark"
username = "live"
password_env = "LIVE"
rate = "20/s"
[relay.main.domains]
"gmail.com" = "5/s"
"yahoo.com" = "5/s"
[relay.backup]
host = "backup.example.com"
[profile.slow.relay.main]
rate = "1/s"
timeouts.dot = "20m"
[profile.slow.relay.main.domains]
"gmail.com" = "1/s"
[profile.local.relay.main]
host = "localhost"
[profile.other.relay.main]
preset = "sendgrid"
[profile.fresh.relay.staging]
host = "staging.example.com"
[profile.both.relay.main]
host = "localhost"
[profile.both.relay.backup]
rate = "1/min"
"#;

#[test]
fn a_profile_that_only_changes_how_keeps_every_relay() {
    let slow = relays(PROFILES, Some("slow"));
    assert_eq!(names(&slow), ["main", "backup"]);
    let main = &slow[0];
    assert_eq!((shown(&main.rates), main.timeouts.dot), ("1/s".to_owned(), Duration::from_mins(20)));
    assert_eq!(
        (shown(&main.domains["gmail.com"]), shown(&main.domains["yahoo.com"])),
        ("1/s".into(), "5/s".into())
    );
    assert_eq!(main.login, Some(("live".into(), Password::Env("LIVE".into()))));
}

#[test]
fn a_profile_that_sends_elsewhere_never_falls_back_to_the_relays_it_does_not_name() {
    for (profile, expected, host) in [
        ("local", &["main"][..], "localhost"),
        ("other", &["main"], "smtp.sendgrid.net"),
        ("fresh", &["staging"], "staging.example.com"),
        ("both", &["main", "backup"], "localhost"),
    ] {
        let relays = relays(PROFILES, Some(profile));
        assert_eq!((names(&relays), relays[0].host.as_str()), (expected.to_vec(), host), "{profile}");
        assert_eq!(relays[0].login, None, "another server does not get to see the password: {profile}");
    }
}

#[test]
fn a_preset_over_a_host_takes_its_place() {
    let text = "[relay.main]\nhost = \"smtp.example.com\"\nusername = \"u\"\npassword_env = \"P\"\n[profile.x.relay.main]\npreset = \"brevo\"";
    let relay = relays(text, Some("x")).remove(0);
    assert_eq!((relay.host.as_str(), relay.login), ("smtp-relay.brevo.com", None));
}

#[test]
fn a_campaign_gets_the_relay_it_asks_for_or_all() {
    let asks = |text: &str| Written { text: text.to_owned(), place: Place::line("issue.md", 3) };
    let config = |text: &str| parse(&format!("{BASE}\n{text}"), None).unwrap();
    let two = config("[relay.main]\nhost = \"a\"\n[relay.backup]\nhost = \"b\"");
    let found = |config: &Config, wanted: Option<&str>| {
        let wanted = wanted.map(asks);
        let names = |relays: Vec<&Relay>| relays.iter().map(|relay| relay.name.clone()).collect::<Vec<_>>();
        config.relays_for(wanted.as_ref()).map(names).map_err(|finding| finding.to_string())
    };
    assert_eq!(found(&two, None), Ok(vec!["main".into(), "backup".into()]));
    assert_eq!(found(&two, Some("backup")), Ok(vec!["backup".into()]));
    let near = "issue.md:3: there is no relay `bakcup` in mailshot.toml (did you mean `backup`?)";
    assert_eq!(found(&two, Some("bakcup")), Err(near.into()));
    let far = "issue.md:3: there is no relay `x` in mailshot.toml (there are `main`, `backup`)";
    assert_eq!(found(&two, Some("x")), Err(far.into()));
    assert_eq!(found(&config(""), Some("x")), Ok(Vec::new()));
}

#[test]
fn the_share_of_refusals_is_judged() {
    let share =
        |text: &str| parse(&format!("{BASE}\n[send]\nmax_refused = \"{text}\""), None).unwrap().max_refused;
    assert!((share("5%") - 0.05).abs() < 1e-9 && (share("100%") - 1.0).abs() < 1e-9);
    for (value, expected) in [
        ("\"0%\"", "2:15: `max_refused` is no share (write a whole percentage from \"1%\" to \"100%\")"),
        ("\"20\"", "2:15: `max_refused` is no share (write a whole percentage from \"1%\" to \"100%\")"),
        ("0.2", "2:15: `max_refused` must be text in quotes, not a number (write `max_refused = \"20%\"`)"),
    ] {
        assert_eq!(about(&format!("[send]\nmax_refused = {value}")), expected);
    }
    assert_eq!(
        about("[send]\nmax_refuse = \"20%\""),
        "2:1: unknown key `max_refuse` in `[send]` (did you mean `max_refused`?)"
    );
}

proptest::proptest! {
    #[test]
    fn what_a_rate_shows_reads_back(messages in 1u32..10_000, unit in "(s|min|hour|day)") {
        let rate = format!("{messages}/{unit}");
        let rates = relay(&format!("rate = \"{rate}\"")).rates;
        proptest::prop_assert!(rates.iter().any(|other| other.to_string() == rate));
    }
}
