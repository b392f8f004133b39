//! Front matter: what it gives, and what it refuses with a place and a way out.

use super::super::Direction;
use super::*;

fn front(toml: &str) -> String {
    match try_parse(&format!("+++\n{toml}\n+++\ntext\n")) {
        Ok((campaign, _)) => format!("{:#?}", campaign.front),
        Err(findings) => lines(&findings),
    }
}

#[test]
fn the_sample_says_what_it_says() {
    let (campaign, tags) = try_parse(SAMPLE).unwrap();
    let front = &campaign.front;
    assert_eq!(
        tags.restore(&front.subject.text),
        "🫠 DORA, ambiguity and time thieves: TMW #{{ issue.number }}"
    );
    assert_eq!(front.subject.place.to_string(), "issue.md:2:13");
    assert_eq!(front.preheader.text, "Do you use OKRs to judge one person's work?");
    assert_eq!(
        serde_json::Value::Object(front.issue.clone()),
        serde_json::json!({"number": 450, "date": "2025-10-27"})
    );
    assert_eq!((front.layout.text.as_str(), front.lang.as_str()), ("standard", "en"));
    assert_eq!(front.dir, Direction::LeftToRight);
    assert!(front.segment.is_none() && front.from.is_none() && front.merge.is_empty());
}

#[test]
fn every_key_is_read() {
    let toml = r#"
        subject = "s"
        layout = "plain"
        segment = 'plan == "pro"'
        from = "Ada <ada@example.org>"
        reply_to = "b@example.org"
        relay = "second"
        lang = "ar-EG"
        issue = { tags = ["a", 1, 2.5, true], at = 2025-10-27T08:00:00Z, deep.er = "x" }
        [merge]
        first_name = "there"
        [utm]
        source = "tmw"
    "#;
    let (campaign, _) = try_parse(&format!("+++{toml}\n+++\ntext")).unwrap();
    let front = campaign.front;
    assert_eq!(front.segment.unwrap().text, "plan == \"pro\"");
    assert_eq!(front.from.unwrap().text, "Ada <ada@example.org>");
    assert_eq!(front.reply_to.unwrap().text, "b@example.org");
    assert_eq!(front.relay.unwrap().place.to_string(), "issue.md:7:17");
    assert_eq!(front.dir.as_str(), "rtl");
    assert_eq!(
        serde_json::Value::Object(front.issue),
        serde_json::json!({"tags": ["a", 1, 2.5, true], "at": "2025-10-27T08:00:00Z", "deep": {"er": "x"}})
    );
    assert_eq!(front.merge["first_name"], "there");
    assert_eq!(front.utm["source"], "tmw");
}

#[test]
fn unknown_keys_name_the_nearest() {
    insta::assert_snapshot!(front("subjet = 'a'\nsubject = 'b'\nnumber = 450\n[list]\n"), @r"
    issue.md:2:1: unknown key `subjet` (did you mean `subject`?)
    issue.md:4:1: unknown key `number` (what is your own goes under `issue`: `issue.number`)
    issue.md:5:2: unknown key `list` (what is your own goes under `issue`: `issue.list`)
    ");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    insta::assert_snapshot!(front("issue.number = 450"), @"issue.md:1:1: there is no subject (write `subject = \"…\"` in the front matter)");
    insta::assert_snapshot!(front("subject = '  '"), @"issue.md:2:11: there is no subject (write `subject = \"…\"` in the front matter)");
    insta::assert_snapshot!(front("subject = \"a\\nb\""), @"issue.md:2:11: `subject` holds a line break or another control character (write it on one line)");
    insta::assert_snapshot!(front("subject = 450"), @"issue.md:2:11: `subject` must be text, not a number (put it in quotes)");
    insta::assert_snapshot!(front("subject = 's'\nissue = 450"), @"issue.md:3:9: `issue` must be a table, not a number (write `issue.number = 1`, say)");
    insta::assert_snapshot!(front("subject = 's'\nlayout = '{{ plan }}'"), @"issue.md:3:10: `layout` is the same for every subscriber: no merge tag can stand here (merge tags go into the subject, the preheader and the text)");
    insta::assert_snapshot!(front("subject = 's'\nissue.a.b = ['{{ plan }}']"), @"issue.md:3:14: `issue.a.b` is the same for every subscriber: no merge tag can stand here (write the merge tag where the value is used)");
    insta::assert_snapshot!(front("subject = 's'\nlang = 'en_GB'"), @"issue.md:3:8: `en_GB` is no language tag (such as `en`, `de`, `pt-BR`, `zh-Hant`)");
    insta::assert_snapshot!(front("subject = 's'\ndir = 'up'"), @"issue.md:3:7: `dir` cannot be `up` (write \"ltr\" or \"rtl\", or leave it to `lang`)");
    insta::assert_snapshot!(front("subject = 's'\nutm.utm_source = 'x'"), @"issue.md:3:5: `utm.utm_source` would become `utm_utm_source` (write `source`)");
    insta::assert_snapshot!(front("subject = 's'\nissue.x = nan"), @"issue.md:3:11: `issue.x` is no number (put it in quotes)");
    insta::assert_snapshot!(front("subject = 's'\nsegment = ''"), @"issue.md:3:11: `segment` is empty (fill it in, or delete the line)");
}

#[test]
fn broken_toml_gives_line_and_column_even_behind_a_long_tag() {
    insta::assert_snapshot!(
        front("subject = 'Hi {{ first_name|default(\"dear reader\") }}' x"),
        @"issue.md:2:56: the text ends at its second `'`, and this follows it (a text with `'` in it stands in \"…\")"
    );
    assert!(
        front("subject = 'a'\nsubject = 'b'").starts_with("issue.md:3:1: `subject` stands above already")
    );
    assert!(front("subject = 'a").starts_with("issue.md:2:11: the quote that opens here is not closed"));
}

#[test]
fn front_matter_must_be_there_and_end() {
    let of = |text: &str| lines(&try_parse(text).unwrap_err());
    assert!(of("# Hello").starts_with("issue.md:1:1: does not begin with front matter"));
    assert!(of("").starts_with("issue.md:1:1: does not begin"));
    assert!(of("---\nsubject: s\n---\n").contains("between two lines `+++`, and this line is `---`"));
    assert!(of("\n\n+++\nsubject = 's'\n+++\n").contains("(remove what stands above it)"));
    assert!(of("+++\nsubject = 's'\n\ntext").starts_with("issue.md:1:1: the front matter is not closed"));
    assert!(of("+++\nsubject = 's'\n+++").contains("nothing below the front matter"));
    assert!(of("+++\nsubject = 's'\n+++\n\n<!-- later -->\n").contains("nothing below"));
}
