//! What is wrong in a file, as it is said.

use super::*;

#[test]
fn broken_toml_says_where_and_what_is_wrong() {
    let setting =
        "a setting is `key = \"text\"`, `key = 5` or `key = true`, below the `[table]` it belongs to";
    expect(&[
        (
            "[send]\nrequire_test = maybe",
            "2:16: the value of `require_test` does not stand in quotes (write `require_test = \"…\"`)",
        ),
        ("[send\n", "1:1: this `[` is not closed (a table is written `[name]`, on a line of its own)"),
        ("a = \"x", "1:5: the quote that opens here is not closed (write a `\"` where the text ends)"),
        (
            "[test]\nto = [1, 2",
            "4:1: this list is not closed, or a comma is missing (a list is `key = [\"one\", \"two\"]`)",
        ),
        ("= 1", &format!("1:1: a name is missing here ({setting})")),
        ("just words", &format!("1:1: this line is no setting ({setting})")),
        ("a = 1\na = 2", "2:1: `a` stands above already (remove one of the two)"),
        (
            "[list]\nid = \"a.b\"",
            "6:2: the table `list` stands above already (put what is below into that one)",
        ),
    ]);
    assert_eq!(
        about("[relay.m]\nhost = \"h\"\nport = 99999999999999999999"),
        "3:8: `port` is out of bounds (write `port = 587`)"
    );
}

#[test]
fn an_unknown_key_names_the_nearest_place() {
    let all = "`sender`, `list`, `merge`, `utm`, `relay`, `retry`, `ledger`, `test`, `send`";
    expect(&[
        ("[tests]\nto = []", "1:2: unknown table `[tests]` (did you mean `[test]`?)"),
        ("[test]\ntoo = \"a@b.example\"", "2:1: unknown key `too` in `[test]` (did you mean `to`?)"),
        ("host = \"x\"", "1:1: `host` does not belong at the top of the file (it belongs in `[relay.NAME]`)"),
        (
            "[test]\nusername = \"x\"",
            "2:1: `username` does not belong in `[test]` (it belongs in `[relay.NAME]`)",
        ),
        (
            "[test]\nuser_name = \"x\"",
            "2:1: unknown key `user_name` in `[test]` (did you mean `username` in `[relay.NAME]`?)",
        ),
        (
            "[columns]\nemail = \"E\"",
            "1:2: `columns` does not belong at the top of the file (write `[list.columns]`)",
        ),
        (
            "wombat = 1",
            &format!("1:1: unknown key `wombat` at the top of the file (the file may hold {all}, `profile`)"),
        ),
        ("[wombat]\na.b = 1", &format!("1:2: unknown table `[wombat]` (the file may hold {all}, `profile`)")),
        ("[test]\nwombat = 1", "2:1: unknown key `wombat` in `[test]` (`[test]` may hold `to`)"),
        ("[utm]\nutm_source = \"x\"", "2:1: unknown key `utm_source` in `[utm]` (did you mean `source`?)"),
        ("[relay]\nhost = \"x\"\nport = 3", "2:1: `[relay]` has no name (write `[relay.main]` above it)"),
        // What was meant is not called missing as well.
        ("[relay.main]\nhots = \"x\"", "2:1: unknown key `hots` in `[relay.main]` (did you mean `host`?)"),
        ("[profile.x.test]\ntoo = []", "2:1: unknown key `too` in `[profile.x.test]` (did you mean `to`?)"),
        ("[profile.x]\nto = []", "2:1: `to` does not belong in `[profile.x]` (it belongs in `[test]`)"),
        (
            "[profile.x.profile.y]",
            &format!("1:12: unknown table `[profile.x.profile]` (`[profile.x]` may hold {all})"),
        ),
        (
            "\"a\\u001bb\" = 1",
            &format!(
                "1:1: unknown key `a\\u{{1b}}b` at the top of the file (the file may hold {all}, `profile`)"
            ),
        ),
    ]);
}

#[test]
fn a_value_of_the_wrong_kind_says_which_is_right() {
    expect(&[
        (
            "relay = 1",
            "1:9: `relay` must be a table, not a whole number (write `[relay.NAME]` and its keys below)",
        ),
        (
            "test = \"a@b.example\"",
            "1:8: `test` must be a table, not text (write `[test]` and its keys below)",
        ),
        (
            "[send]\nrequire_test = \"yes\"",
            "2:16: `require_test` must be true or false, not text (write `require_test = true`)",
        ),
        (
            "[merge]\nplan = 1",
            "2:8: `plan` must be text in quotes, not a whole number (write `plan = \"…\"`)",
        ),
        (
            "[test]\nto = [\"a@b.example\", 2025-10-27]",
            "2:22: `to` must be text in quotes or a list of such, not a date (write `to = [\"editor@tmw.example\"]`)",
        ),
        ("[retry]\nfactor = \"2\"", "2:10: `factor` must be a number, not text (write `factor = 2.0`)"),
        (
            "profile.x = true",
            "1:13: `x` must be a table, not true or false (write `[profile.x]` and its keys below)",
        ),
    ]);
}

#[test]
fn every_error_is_told_at_once_in_the_order_of_the_file() {
    let text = r#"
[relay.main]
username = 5
sessions = "4"
port = 70000
[dkim]
[send]
requires_test = true
[sender]
reply_to = "x"
"#;
    let expected = r#"
 `[list]` has no `id` (add `id = "weekly.tmw.example"`)
 `[list]` has no `name` (add `name = "Tech Manager Weekly"`)
 `[list]` has no `address` (add `address = "1 Example Street, London"`)
 `[list]` has no `unsubscribe` (add `unsubscribe = "https://tmw.example/u/{token}"`)
2:8: `[relay.main]` has no `host` (add `host = "smtp.example.com"`)
3:12: `username` must be text in quotes, not a whole number (write `username = "newsletter"`)
4:12: `sessions` must be a whole number, not text (write `sessions = 4`)
5:8: `port` is out of bounds (from 1 to 65535; most relays use 587)
6:2: `[dkim]` is not supported by this version (remove it; sign at the relay instead)
8:1: unknown key `requires_test` in `[send]` (did you mean `require_test`?)
9:2: `[sender]` has no `from` (add `from = "Tech Manager Weekly <hello@tmw.example>"`)
10:12: `reply_to` is no address: it has no @ (write "Name <name@example.com>")"#;
    assert_eq!(said(text, None), expected.trim_start_matches('\n'));
}

#[test]
fn addresses_and_texts_are_judged() {
    expect(&[
        (
            "[test]\nto = [\"a@b.example\", \"c\"]",
            "2:22: `to` is no address: it has no @ (write \"name@example.com\")",
        ),
        (
            "[test]\nto = \"Me <a@b.example>\"",
            "2:6: `to` takes an address without a name (write \"name@example.com\")",
        ),
        (
            "[merge]\n\"First Name\" = \"x\"",
            "2:1: `[merge]` has `First Name`, which merge tags cannot name (use letters, digits and `_`, and map it to the file's header in `[list.columns]`)",
        ),
        (
            "[merge]\nview_url = \"x\"",
            "2:1: `[merge]` has `view_url`, which means something else in merge tags (choose another name; `[list.columns]` can rename a column of the file)",
        ),
        (
            "[merge]\nplan = \"a\\r\\nBcc: x\"",
            "2:8: `plan` holds the invisible character U+000D (write it in one line, without control characters)",
        ),
    ]);
    let list = |lines: &str| said(&format!("{BASE}{lines}"), None);
    assert_eq!(list("view = \"ftp://x\""), "9:8: `view` is no web link (it begins with https:// and a host)");
    assert_eq!(
        list("where = \" \""),
        "9:9: `where` is empty (write a condition such as \"subscribed\", or remove the key)"
    );
    assert_eq!(
        list("secret_env = \"s3cr3t!\""),
        "9:14: `secret_env` is no name of an environment variable (write the variable's name, such as \"SMTP_PASSWORD\", not what it holds)"
    );
    assert_eq!(
        list("secret = \"s3cr3t\""),
        "9:1: `secret` must not stand in this file (put it into an environment variable and name that in `secret_env`)"
    );
    assert_eq!(
        list("[list.columns]\nn = { type = \"boolean\" }"),
        "10:14: `type` is no type of a column (did you mean \"bool\"?)"
    );
    assert_eq!(
        list("[list.columns]\nemail = { type = \"bool\" }"),
        "10:18: `email` is always text (remove its `type`)"
    );
    assert_eq!(
        list("[list.columns]\nissue = \"Issue\""),
        "10:1: `[list.columns]` has `issue`, which means something else in merge tags (choose another name; `[list.columns]` can rename a column of the file)"
    );
}

#[test]
fn relays_are_judged() {
    let relay = |lines: &str| about(&format!("[relay.main]\nhost = \"smtp.example.com\"\n{lines}"));
    let host = |host: &str| about(&format!("[relay.main]\nhost = \"{host}\""));
    assert_eq!(
        about("[relay.main]"),
        "1:8: `[relay.main]` has no `host` (add `host = \"smtp.example.com\"`)"
    );
    assert_eq!(
        host("smtp.example.com:25"),
        "2:8: `host` has a port in it (write `host = \"smtp.example.com\"` and `port = 25`)"
    );
    assert_eq!(
        host("smtps://example.com"),
        "2:8: `host` is a URL, not a host (write the name alone; `port` and `tls` say the rest)"
    );
    assert_eq!(host(""), "2:8: `host` is empty (write a name such as \"smtp.example.com\")");
    assert_eq!(relay("port = 70000"), "3:8: `port` is out of bounds (from 1 to 65535; most relays use 587)");
    assert_eq!(relay("port = 465"), "3:8: port 465 is TLS from the first byte (add `tls = \"implicit\"`)");
    assert_eq!(
        relay("port = 587\ntls = \"implicit\""),
        "3:8: port 587 begins without TLS (set `tls = \"required\"`, or `port = 465`)"
    );
    assert_eq!(
        relay("tls = \"require\""),
        "3:7: `tls` is no way to secure a connection (did you mean \"required\"?)"
    );
    assert_eq!(
        relay("tls = \"starttls\""),
        "3:7: `tls` is not known by that name (write \"required\": STARTTLS, and nothing without it)"
    );
    assert_eq!(relay("sessions = 0"), "3:12: `sessions` is out of bounds (from 1 to 100)");
    assert_eq!(
        relay("rate = \"20 a second\""),
        "3:8: `rate` is no rate (write messages in a time: \"20/s\", \"1000/min\", \"5000/hour\" or \"50000/day\")"
    );
    assert_eq!(
        relay("username = \"x\""),
        "3:12: `username` has no password beside it (add `password_env = \"SMTP_PASSWORD\"`, `password_file` or `password_command`)"
    );
    assert_eq!(
        relay("password_env = \"X\""),
        "3:16: `password_env` has no `username` beside it (add `username = \"…\"`, as the relay knows it)"
    );
    assert_eq!(
        relay("username = \"x\"\npassword_env = \"X\"\npassword_file = \"x\""),
        "5:17: `password_file` is a second source of the password (keep it or `password_env`, not both)"
    );
    assert_eq!(
        relay("tls = \"none\"\nusername = \"x\"\npassword_env = \"X\""),
        "3:7: `tls` is \"none\": the password would cross the network in the clear (set `tls = \"required\"`, or remove the login)"
    );
    assert_eq!(
        about("[relay.main]\nhost = \"127.0.0.1\"\ntls = \"none\"\nusername = \"x\"\npassword_env = \"X\""),
        "ok"
    );
}

#[test]
fn a_secret_is_refused_and_not_repeated() {
    for text in [
        "[relay.main]\nhost = \"h\"\npassword = \"hunter!2\"",
        "[relay.main]\nhost = \"h\"\nusername = \"u\"\npassword_env = \"hunter!2\"",
        "[relay.main]\nhost = \"h\"\npassword = [\"hunter!2\"]",
        "[list.relay]\npassword = \"hunter!2\"",
        "password = \"hunter!2\"",
    ] {
        let said = about(text);
        assert!(said != "ok" && !said.contains("hunter!2"), "{said}");
    }
    assert_eq!(
        about("[relay.main]\nhost = \"h\"\npassword = \"hunter2\""),
        "3:1: `password` must not stand in this file (use `password_env`, `password_file` or `password_command`, and change this password)"
    );
}

#[test]
fn what_a_later_version_brings_is_refused() {
    assert_eq!(
        about("[dkim]\ndomain = \"x\""),
        "1:2: `[dkim]` is not supported by this version (remove it; sign at the relay instead)"
    );
    assert_eq!(
        about("[ledger]\nurl = \"postgres://x\""),
        "2:7: `url` names PostgreSQL, which is not supported by this version (write \"sqlite:.mailshot/ledger.db\")"
    );
    let verp = BASE.replace("[list]", "verp = true\n[list]");
    assert_eq!(
        said(&verp, None),
        "4:8: `verp` is not supported by this version (remove it; all bounces go to the one `bounce` address)"
    );
}

#[test]
fn times_are_judged() {
    expect(&[
        (
            "[retry]\nfirst = \"1 hour\"",
            "2:9: `first` is no length of time (write a whole number and `s`, `m`, `h` or `d`, such as \"30s\" or \"4h\")",
        ),
        ("[retry]\nfirst = \"2h\"", "2:9: `first` is longer than `max` (`first` is 7200 s, `max` is 3600 s)"),
        ("[retry]\nfactor = 0.5", "2:10: `factor` is out of bounds (from 1, every pause the same, to 100)"),
        ("[retry]\nfactor = nan", "2:10: `factor` is out of bounds (from 1, every pause the same, to 100)"),
        (
            "[ledger]\nurl = \"sqlite::memory:\"",
            "2:7: `url` would live in memory (what was sent must outlive the process: write \"sqlite:.mailshot/ledger.db\")",
        ),
        ("[ledger]\nurl = \"ledger.db\"", "2:7: `url` is no ledger (write \"sqlite:.mailshot/ledger.db\")"),
    ]);
}
