//! Bad input, through the binary: one clear message with its place and the way out, exit code 3, and nothing sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod lists;
#[path = "../support/mod.rs"]
mod support;

use support::Project;

const ISSUE: &str = "campaigns/weekly/issue.md";
const LINKS: &str = "mjml/blocks/links.mjml";
const BLOCK: &str = "<mj-section>
  <mj-column>
    [% if block.title %]<mj-text>[[ block.title ]]</mj-text>[% endif %]
    [% for item in block.items %]
    <mj-text>[[ item.title ]]</mj-text>
    [% endfor %]
  </mj-column>
</mj-section>
";
const LIST: &str = "subscribers.csv";
const SETTINGS: &str = "mailshot.toml";

/// What `send --capture` says of a project that was broken so: the whole of standard error, but for the lines of files
/// that are shown with it (`tests/mistakes` is about those).
#[track_caller]
fn refused(break_it: impl FnOnce(&Project)) -> String {
    let project = Project::of(3);
    break_it(&project);
    let output = project.expect(3, "send weekly --capture");
    assert_eq!(output.stdout, "");
    assert!(!project.exists(".mailshot/captured"), "something was sent");
    let checked = project.run("check weekly --json");
    assert_eq!(checked.code, 3);
    let report = checked.json().remove(0);
    assert!(report["errors"].as_u64().unwrap() > 0, "check finds nothing: {report}");
    for finding in report["findings"].as_array().unwrap() {
        if finding["severity"] == "error" {
            assert!(
                output.stderr.contains(finding["message"].as_str().unwrap()),
                "{finding}\n{}",
                output.stderr
            );
        }
    }
    without_excerpts(&output.stderr)
}

/// What is said, without the lines it is about and the codes that stand with them.
fn without_excerpts(stderr: &str) -> String {
    let is_excerpt = |line: &str| {
        line.starts_with("  ")
            && line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|')
    };
    let said = stderr.lines().filter(|line| !is_excerpt(line));
    said.fold(String::new(), |mut out, line| {
        let coded = line.strip_prefix("error[").and_then(|rest| rest.split_once("]: "));
        out.push_str(&coded.map_or_else(|| line.to_owned(), |(_, rest)| format!("error: {rest}")));
        out.push('\n');
        out
    })
}

/// The same after one replacement in one file.
#[track_caller]
fn replaced(file: &str, from: &str, to: &str) -> String {
    refused(|project| project.replace(file, from, to))
}

#[test]
fn mistakes_in_the_settings() {
    assert_eq!(
        replaced(SETTINGS, "from = ", "form = "),
        "error: mailshot.toml:2:1: unknown key `form` in `[sender]`\n  help: did you mean `from`?\n"
    );
    assert_eq!(
        refused(|project| project.append(SETTINGS, "rate = \"5/s\"\n")),
        "error: mailshot.toml:17:1: `rate` does not belong in `[test]`\n  help: it belongs in `[relay.NAME]`\n"
    );
    assert_eq!(
        replaced(SETTINGS, "name = \"The Weekly\"", "name = The Weekly"),
        "error: mailshot.toml:7:8: the value of `name` does not stand in quotes\n  \
         help: write `name = \"…\"`\n"
    );
    assert_eq!(
        replaced(SETTINGS, "first_name = ", "firstname = "),
        "error: mailshot.toml:13:1: `firstname` in `[merge]` is no column of the list\n  \
         help: did you mean `first_name`?\n"
    );
    assert_eq!(
        replaced(SETTINGS, "[merge]", "where = \"subscribed\"\n[merge]"),
        "error: mailshot.toml:12:9: `where`: `subscribed` is no column of the list\n  \
         help: the columns are: email, first_name, plan\n"
    );
    assert_eq!(
        replaced(SETTINGS, "[merge]", "where = \"plan > 3\"\n[merge]"),
        "error: mailshot.toml:12:9: `where`: `plan` is text and `3` is a whole number: they cannot be compared\n  \
         help: give the column its type in mailshot.toml, under [list.columns]: plan = { column = \"<its header>\", \
         type = \"int\" }, or put the number in quotes to compare texts\n"
    );
    assert_eq!(
        replaced(SETTINGS, "[merge]", "where = \"plan == 'gold'\"\n[merge]"),
        "error: subscribers.csv: no row of the list is to get this issue\n  \
         help: look at `[list] where` and the campaign's `segment`\n"
    );
    assert_eq!(
        replaced(SETTINGS, "bounces@weekly.example", "bounces.weekly.example"),
        "error: mailshot.toml:3:10: `bounce` is no address: it has no @\n  help: write \"name@example.com\"\n"
    );
}

#[test]
fn mistakes_in_the_settings_of_relays() {
    let appended = |lines: &str| refused(|project| project.append(SETTINGS, lines));
    assert_eq!(
        appended("[relay.main]\npreset = \"ses\"\n"),
        "error: mailshot.toml:18:10: `ses` has a host for each region, and `[relay.main]` has no `host`\n  \
         help: add `host = \"email-smtp.eu-west-1.amazonaws.com\"`, with the region of your account\n"
    );
    assert_eq!(
        appended(
            "[relay.main]\npreset = \"sendgird\"\nrate = [\"9/day\", \"8/day\"]\n[send]\nmax_refused = \"none\"\n"
        ),
        "error: mailshot.toml:18:10: `preset` is no provider that is known here\n  \
         help: did you mean \"sendgrid\"?\n\
         error: mailshot.toml:19:18: `rate` says 8/day and 9/day\n  \
         help: keep the one that is meant\n\
         error: mailshot.toml:21:15: `max_refused` is no share\n  \
         help: write a whole percentage from \"1%\" to \"100%\"\n"
    );
    assert_eq!(
        appended(
            "[relay.main]\nhost = \"a\"\n[relay.main.timeouts]\ndot = \"1d\"\n[relay.main.domains]\ngmail = \"5/s\"\n"
        ),
        "error: mailshot.toml:20:7: `dot` is out of bounds\n  \
         help: from 1 second to 1 hour\n\
         error: mailshot.toml:22:1: `domains` has `gmail`, which is no domain\n  \
         help: write the part of an address after the @, such as \"gmail.com\"\n"
    );
}

#[test]
fn what_a_later_version_brings_is_refused_in_the_settings() {
    assert_eq!(
        refused(|project| project.append(SETTINGS, "[dkim]\ndomain = \"weekly.example\"\n")),
        "error: mailshot.toml:17:2: `[dkim]` is not supported by this version\n  \
         help: remove it; sign at the relay instead\n"
    );
    assert_eq!(
        refused(|project| project.append(SETTINGS, "[ledger]\nurl = \"postgres://localhost/x\"\n")),
        "error: mailshot.toml:18:7: `url` names PostgreSQL, which is not supported by this version\n  \
         help: write \"sqlite:.mailshot/ledger.db\"\n"
    );
}

#[test]
fn what_a_later_version_brings_is_refused_on_the_command_line() {
    let project = Project::of(1);
    for (arguments, what, help) in [
        ("send weekly --at tomorrow", "--at", "use cron or at(1) with `mailshot send --yes`"),
        ("check weekly --links", "--links", "click the links in the preview"),
        ("check weekly --dns", "--dns", "send a test to an inbox and look at its Authentication-Results"),
        ("ledger purge", "ledger purge", "the ledger keeps every run; nothing needs to be removed"),
        (
            "ledger erase reader1@example.com",
            "ledger erase",
            "`suppress add` at least sees to it that the person is not mailed again",
        ),
        ("bounces mbox", "bounces", "read them at the relay, and `suppress import` the addresses"),
        ("unsubscribe serve", "unsubscribe", "serve the address of `[list] unsubscribe` yourself"),
        ("dkim keygen", "dkim", "let the relay sign"),
        ("completions", "completions", "see `mailshot --help`"),
    ] {
        assert_eq!(
            project.expect(2, arguments).stderr,
            format!("error: `{what}` is not supported by this version\n  help: {help}\n")
        );
    }
    assert!(!project.exists(".mailshot"));
}

#[test]
fn mistakes_on_the_command_line() {
    let project = Project::of(1);
    for (arguments, code, message) in [
        ("sned weekly", 2, "error: there is no command `sned`\n  help: did you mean `send`?\n"),
        (
            "send weakly --capture",
            3,
            "error: there is no campaign `weakly`\n  help: did you mean `weekly`?\n",
        ),
        (
            "check zebra",
            3,
            "error: there is no campaign `zebra`\n  \
             help: the last one is `weekly`; `mailshot new zebra` makes a new one\n",
        ),
        (
            "-C nowhere check weekly",
            3,
            "error: there is no mailshot.toml in nowhere\n  help: `mailshot init` makes a project\n",
        ),
        (
            "--profile live check weekly",
            3,
            "error: there is no profile `live` in mailshot.toml\n  \
             help: write what differs below `[profile.live]`, or leave out `--profile`\n",
        ),
        (
            "check weekly --subscribers other.csv",
            3,
            "error: other.csv: there is no such file\n  \
             help: this is the subscriber file: --subscribers, or `subscribers` under [list]\n",
        ),
        (
            "log weekly --outcome bonced",
            2,
            "error: there is no outcome `bonced`\n  help: did you mean `bounced`?\n",
        ),
        (
            "status weekly",
            3,
            "error: `weekly` was never sent or rehearsed from this ledger\n  \
             help: mailshot send weekly, or a rehearsal: mailshot send weekly --capture\n",
        ),
        (
            "retry weekly",
            2,
            "error: say which recipients to try again\n  help: --expired, --bounced or --email ADDR\n",
        ),
    ] {
        assert_eq!(project.expect(code, arguments).stderr, message, "{arguments}");
    }
    for arguments in
        ["send", "send weekly --frozen --amend", "send weekly --limit 0", "send weekly --expect many", ""]
    {
        project.expect(2, arguments);
    }
    assert_eq!(
        Project::empty().expect(3, "check weekly").stderr.lines().nth(1),
        Some("  help: `mailshot init` makes a project; `--project DIR` names one elsewhere")
    );
}

#[test]
fn mistakes_in_the_front_matter() {
    assert_eq!(
        replaced(ISSUE, "subject = \"Week {{ issue.number }}\"", "subject = Week {{ issue.number }}"),
        "error: campaigns/weekly/issue.md:2:11: the value of `subject` does not stand in quotes\n  \
         help: write `subject = \"…\"`\n"
    );
    assert_eq!(
        replaced(ISSUE, "preheader", "prehaeder"),
        "error: campaigns/weekly/issue.md:3:1: unknown key `prehaeder`\n  help: did you mean `preheader`?\n"
    );
    assert_eq!(
        refused(|project| project.write(ISSUE, "Hello!\n")),
        "error: campaigns/weekly/issue.md:1:1: does not begin with front matter\n  \
         help: begin with a line `+++`, then `subject = \"…\"` (TOML, not YAML), then a line `+++`\n"
    );
    assert_eq!(
        replaced(ISSUE, "preheader = \"A short one.\"", "layout = \"standrad\""),
        "error: campaigns/weekly/issue.md:3:10: there is no layout `standrad`\n  \
         help: did you mean `standard`? a new layout is a new file mjml/standrad.mjml\n"
    );
    assert_eq!(
        replaced(ISSUE, "subject = \"Week {{ issue.number }}\"", "subject = \"\""),
        "error: campaigns/weekly/issue.md:2:11: there is no subject\n  help: write `subject = \"…\"` in the front matter\n"
    );
    assert_eq!(
        replaced(ISSUE, "Week {{ issue.number }}", "Week\\r\\nBcc: all@example.com"),
        "error: campaigns/weekly/issue.md:2:11: `subject` holds a line break or another control character\n  \
         help: write it on one line\n"
    );
    assert_eq!(
        replaced(ISSUE, "preheader = \"A short one.\"", "segment = \"paln == 'pro'\""),
        "error: campaigns/weekly/issue.md:3:11: `segment`: `paln` is no column of the list\n  \
         help: did you mean `plan`?\n"
    );
    assert_eq!(
        refused(|project| project.remove(ISSUE)),
        "error: campaigns/weekly/issue.md: there is no such file\n  \
         help: a campaign's folder holds its issue.md; `mailshot new <slug>` makes one to start from\n"
    );
}

#[test]
fn mistakes_in_the_text() {
    assert_eq!(
        replaced(ISSUE, "::: links", "::: lniks"),
        "error: campaigns/weekly/issue.md:11:1: there is no block `lniks`\n  \
         help: did you mean `links`? a new block is a new file mjml/blocks/lniks.mjml\n"
    );
    assert_eq!(
        replaced(ISSUE, "What it says.\n:::\n", "What it says.\n"),
        "error: campaigns/weekly/issue.md:11:1: the block `links` is never closed\n  \
         help: put a line `:::` where it ends\n"
    );
    assert_eq!(
        replaced(ISSUE, "{{ first_name }}", "{{ frist_name }}"),
        "error: campaigns/weekly/issue.md:7:7: `frist_name` is no column of the list\n  \
         help: did you mean `first_name`?\n"
    );
    assert_eq!(
        replaced(ISSUE, "Week {{ issue.number }}", "Week {{ issue.nubmer }}"),
        "error: campaigns/weekly/issue.md:2:17: `issue` has no `nubmer`\n  help: did you mean `issue.number`?\n"
    );
    assert_eq!(
        replaced(ISSUE, "{{ first_name }}!", "{{ first_name !"),
        "error: campaigns/weekly/issue.md:7:7: this `{{` has no `}}`\n  \
         help: close the merge tag with `}}` on the same line or soon after\n"
    );
    assert_eq!(
        replaced(ISSUE, "Hello ", "{% if plan == \"pro\" %}Hello "),
        "error: campaigns/weekly/issue.md:7:1: `{% if plan == \"pro\" %}` is not ended in the block it begins in\n  \
         help: write `{% endif %}` where it ends; a condition around a whole block is written on it: \
         `::: promo if='…'`\n"
    );
    assert_eq!(
        replaced(ISSUE, "::: links", "![A cat](cat.png)\n\n::: links"),
        "error: campaigns/weekly/issue.md:11:1: there is no picture `cat.png`\n  \
         help: put it beside issue.md or into mjml/, or use its https address\n"
    );
    assert_eq!(
        replaced(ISSUE, "https://weekly.example/story", "story.html"),
        "error: campaigns/weekly/issue.md:9:18: `story.html` is a relative link, which a reader's mail program \
         cannot resolve\n  help: write the whole address, beginning with https://\n"
    );
}

#[test]
fn mistakes_in_the_layout_and_its_blocks() {
    let block = |from: &str, to: &str| {
        assert!(BLOCK.contains(from));
        refused(|project| project.write(LINKS, BLOCK.replace(from, to)))
    };
    let layout = include_str!("../../mjml/standard.mjml");
    let line = layout.lines().position(|line| line.contains("[[ reading_minutes ]]")).unwrap() + 1;
    assert_eq!(
        replaced("mjml/standard.mjml", "[[ reading_minutes ]]", "[[ first_name ]]"),
        format!(
            "error: mjml/standard.mjml:{line}:20: `first_name` is per subscriber\n  \
             help: write `{{{{ first_name }}}}`, or `{{% if first_name … %}}` to decide\n"
        )
    );
    assert_eq!(
        block("if block.title", "if blokc.title"),
        "error: mjml/blocks/links.mjml:3:11: `blokc.title` is not defined\n  help: did you mean `block.title`?\n"
    );
    assert_eq!(
        block("</mj-column>", ""),
        "error: mjml/blocks/links.mjml:2:3: `<mj-column>` is not closed before `</mj-section>` (line 8)\n  \
         help: add `</mj-column>` where it ends\n"
    );
    assert_eq!(
        block("<mj-text>[[ item.title ]]</mj-text>", "<mj-txet>[[ item.title ]]</mj-txet>"),
        "error: mjml/blocks/links.mjml:5:5: there is no MJML element `<mj-txet>`\n  help: did you mean `<mj-text>`?\n"
    );
    assert_eq!(
        block("[% endif %]", ""),
        "error: mjml/blocks/links.mjml:3:5: this `[% if … %]` is never ended\n  help: write `[% endif %]` where it ends\n"
    );
    assert_eq!(
        block("[% for item in block.items %]", ""),
        "error: mjml/blocks/links.mjml:6:8: `[% endfor %]` ends nothing\n  \
         help: remove it, or write `[% for … %]` where it begins\n"
    );
}
