//! Which subscribers are shown, and what of their data reaches the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{Beside, Chosen, Gallery, Sample, Sampler};
use crate::address::EmailAddress;
use crate::check::Selected;
use crate::compile::{Build, Context, Piece, Template};
use crate::config::Mailbox;
use crate::expr::{Column, Kind, Row, Schema};
use crate::message::{Content, TokenError, Tokens};

fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

fn print(expression: &str, context: Context) -> Piece {
    Piece::Print { expression: expression.to_owned(), context, place: String::new() }
}

fn statement(statement: &str) -> Piece {
    Piece::Statement { statement: statement.to_owned(), place: "issue.md:9:1".to_owned() }
}

fn build(html: Vec<Piece>) -> Build {
    let mailbox = Mailbox { name: None, email: "hello@weekly.example".to_owned() };
    Build {
        format: Build::FORMAT,
        slug: "week-7".to_owned(),
        subject: Template(vec![literal("Week 7 for "), print("first_name", Context::Header)]),
        preheader: Template::default(),
        html: Template(html),
        text: Template(vec![print("first_name", Context::Text)]),
        pictures: Vec::new(),
        from: mailbox.clone(),
        reply_to: None,
        bounce: mailbox.email,
        list_id: "list.weekly.example".to_owned(),
        list_name: "The Weekly".to_owned(),
        unsubscribe: "https://weekly.example/u/{token}".to_owned(),
        unsubscribe_mailto: Some("leave@weekly.example".to_owned()),
        constants: BTreeMap::from([("issue".to_owned(), serde_json::json!({"number": 7}))]),
        fallbacks: BTreeMap::from([("first_name".to_owned(), "there".to_owned())]),
    }
}

fn schema() -> Arc<Schema> {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    let columns = vec![
        column("email", Kind::Text),
        column("first_name", Kind::Text),
        column("plan", Kind::Text),
        column("age", Kind::Int),
        column("unused", Kind::Text),
    ];
    Arc::new(Schema::new(columns).unwrap())
}

/// Offers these rows: name, plan, age.
fn choose(build: &Build, spread: usize, rows: &[(&str, &str, &str)]) -> Chosen {
    let schema = schema();
    let mut sampler = Sampler::new(build, &schema, spread).unwrap();
    for (n, (name, plan, age)) in (1..).zip(rows) {
        let email = EmailAddress::parse(&format!("reader{n}@example.com")).unwrap();
        let values = [email.as_str(), name, plan, age, "x"].map(str::to_owned).to_vec();
        let row = Arc::new(Row::new(Arc::clone(&schema), values));
        sampler.offer(Selected { n, line: n + 1, email: &email, row: &row });
    }
    sampler.finish(build, &schema)
}

/// `2: right-to-left first_name, plan == "pro" is true`
fn told(chosen: &Chosen) -> Vec<String> {
    chosen.samples.iter().map(|sample| format!("{}: {}", sample.n, sample.why.join(", "))).collect()
}

/// Two conditions, one inside the other, with and without `else`; the same again in another place.
fn conditions() -> Vec<Piece> {
    vec![
        statement("if plan == \"pro\""),
        literal("a"),
        statement("if age"),
        literal("b"),
        statement("endif"),
        statement("elif plan"),
        literal("c"),
        statement("else"),
        literal("d"),
        statement("endif"),
        statement("if plan == \"pro\""),
        literal("e"),
        statement("endif"),
        statement("if issue.number > 3"),
        literal("the same for everybody"),
        statement("endif"),
    ]
}

#[test]
fn each_sample_says_why_it_was_chosen() {
    let rows = [
        ("Ada", "pro", "36"),
        ("Grace", "pro", ""),
        ("ليلى", "free", ""),
        ("Jo", "free", ""),
        ("", "", ""),
        ("Maximiliane", "", ""),
    ];
    assert_eq!(
        told(&choose(&build(conditions()), 0, &rows)),
        [
            "1: plan == \"pro\" is true, age is true, where plan == \"pro\" is true",
            "2: age is false, where plan == \"pro\" is true",
            "3: right-to-left first_name, plan is true, plan == \"pro\" is false, plan == \"pro\" is false",
            "5: empty first_name: “there” stands for it, plan == \"pro\" and plan are false",
            "6: longest first_name: 11 characters",
        ]
    );
}

#[test]
fn what_nobody_sees_is_told() {
    let chosen = choose(&build(conditions()), 1, &[("Ada", "free", ""), ("Jo", "free", "")]);
    assert_eq!(
        chosen.unseen,
        [
            "nobody on the list sees what is written where plan == \"pro\" is true (issue.md:9:1)",
            "nobody on the list sees what is written where age is true, where plan == \"pro\" is true (issue.md:9:1)",
            "nobody on the list sees what is written where age is false, where plan == \"pro\" is true (issue.md:9:1)",
            "nobody on the list sees what is written where plan == \"pro\" and plan are false (issue.md:9:1)",
        ]
    );
}

#[test]
fn an_audience_without_anything_awkward_still_gives_somebody() {
    let plain =
        Build { text: Template::default(), subject: Template(vec![literal("x")]), ..build(Vec::new()) };
    assert_eq!(choose(&plain, 0, &[("", "", ""), ("", "", "")]).samples.len(), 1);
    assert!(choose(&plain, 3, &[]).samples.is_empty());
}

proptest! {
    #[test]
    fn whatever_is_awkward_in_a_list_is_shown(
        list in proptest::collection::vec(
            ("|Ada|[a-z]{1,12}|陳美玲|ليلى|נועם", "|pro|free|gold", "|[1-9][0-9]"), 1..60),
        spread in 0_usize..6,
    ) {
        let rows: Vec<_> = list.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        let chosen = choose(&build(conditions()), spread, &rows);
        let shown: Vec<_> = chosen.samples.iter().map(|sample| rows[usize::try_from(sample.n).unwrap() - 1]).collect();
        let same = |what: &str, holds: &dyn Fn(&(&str, &str, &str)) -> bool| {
            prop_assert_eq!(rows.iter().any(holds), shown.iter().any(holds), "{}", what);
            Ok(())
        };
        same("empty", &|row| row.0.is_empty())?;
        same("right to left", &|row| row.0.starts_with(['ل', 'נ']))?;
        same("pro with an age", &|row| row.1 == "pro" && !row.2.is_empty())?;
        same("pro without", &|row| row.1 == "pro" && row.2.is_empty())?;
        same("another plan", &|row| row.1 != "pro" && !row.1.is_empty())?;
        same("no plan", &|row| row.1.is_empty())?;
        let widest = |rows: &[(&str, &str, &str)]| rows.iter().map(|row| row.0.width()).max();
        prop_assert_eq!(widest(&rows), widest(&shown));
        prop_assert!(chosen.samples.is_sorted_by(|a, b| a.n < b.n));
        let plain = chosen.samples.iter().filter(|sample| sample.why.is_empty()).count();
        prop_assert!(plain <= spread.max(1) && chosen.samples.len() >= spread.min(rows.len()));
        for unseen in &chosen.unseen {
            let sentence = |why: &String| format!("nobody on the list sees what is written where {why} (issue.md:9:1)");
            let told = |sample: &Sample| sample.why.iter().any(|why| sentence(why) == *unseen);
            prop_assert!(!chosen.samples.iter().any(told), "{}", unseen);
        }
    }
}

fn gallery(html: Vec<Piece>) -> Gallery {
    Gallery::new(Content::new(build(html), schema(), Tokens::inert().unwrap(), "preview".to_owned()).unwrap())
}

fn sample(n: u64, name: &str) -> Sample {
    let email = EmailAddress::parse(&format!("reader{n}@example.com")).unwrap();
    let values = [email.as_str(), name, "pro", "", "x"].map(str::to_owned).to_vec();
    Sample {
        n,
        line: n + 1,
        email,
        row: Arc::new(Row::new(schema(), values)),
        why: vec![format!("why {name}")],
    }
}

fn page(gallery: &Gallery, beside: &Beside<'_>) -> String {
    String::from_utf8(gallery.page(beside).unwrap().bytes).unwrap()
}

/// What stands in the page as data.
fn data(page: &str) -> serde_json::Value {
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!data.contains('<'));
    serde_json::from_str(data).unwrap()
}

/// A text of the data as the page's script puts it together.
fn text(data: &serde_json::Value, runs: &serde_json::Value) -> String {
    let runs: Vec<usize> = serde_json::from_value(runs.clone()).unwrap();
    let pieces =
        |run: &[usize]| (run[0]..run[0] + run[1]).map(|at| data["pool"][at].as_str().unwrap().to_owned());
    runs.chunks(2).flat_map(pieces).collect()
}

#[test]
fn whatever_a_subscriber_is_called_the_page_holds_it_as_data() {
    let long = "<&\u{2028}".repeat(20_000);
    let names = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "{{DATA}}{{SCRIPT}}",
        "a\u{2028}b\u{2029}c",
        "\u{202e}gnp.exe\u{2066}",
        "\\u003cb>\"'`",
        "]]>",
        &long,
    ];
    let html = vec![literal("<p>Hello "), print("first_name", Context::Html), literal("</p>\n")];
    let mut gallery = gallery(html);
    let files: Vec<_> = (1..).zip(names).map(|(n, name)| gallery.add(&sample(n, name)).unwrap()).collect();
    let page = page(&gallery, &Beside::default());
    assert_eq!(page.matches("<script").count(), 2, "the data and the page's own");
    let data = data(&page);
    for (index, (name, files)) in names.iter().zip(&files).enumerate() {
        let shown = &data["samples"][index];
        assert_eq!(shown["why"][0], format!("why {name}"));
        assert!(shown["name"].as_str().unwrap().chars().count() <= 81);
        let merged = [&shown["html"], &shown["text"]].map(|runs| text(&data, runs));
        assert_eq!(merged.each_ref().map(String::as_bytes), [&files[0].bytes[..], &files[1].bytes]);
        assert!(!merged[0].contains("<script") && !merged[0].contains('\u{202e}'));
    }
}

#[test]
fn only_the_pages_own_scripts_may_run() {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let mut gallery = gallery(vec![literal("<p>Hello</p>")]);
    gallery.add(&sample(1, "Ada")).unwrap();
    for beside in [Beside::default(), Beside { script: Some("follow()"), ..Beside::default() }] {
        let page = page(&gallery, &beside);
        let policy = page.split("content=\"").nth(1).unwrap().split('"').next().unwrap();
        let scripts: Vec<_> =
            page.split("<script>").skip(1).map(|rest| rest.split("</script>").next().unwrap()).collect();
        assert_eq!(scripts.len(), 1 + usize::from(beside.script.is_some()));
        let hashes = scripts.iter().map(|script| {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, script.as_bytes());
            format!(" 'sha256-{}'", BASE64_STANDARD.encode(digest.as_ref()))
        });
        assert!(policy.contains(&format!("; script-src{};", hashes.collect::<String>())), "{policy}");
        assert!(policy.starts_with("default-src 'none'; "));
        assert_eq!(policy.contains("connect-src 'self'"), beside.script.is_some());
    }
    let shown = page(&gallery, &Beside::default());
    assert_eq!(shown.matches("<iframe").count(), 1);
    assert!(shown.contains(" sandbox=\"allow-same-origin\""), "a frame that may run no script");
}

#[test]
fn a_link_of_a_preview_takes_nobody_off_the_list() {
    let html =
        vec![literal("<a href=\""), print("unsubscribe_url", Context::HtmlUrl), literal("\">Leave</a>\n")];
    let text = Template(vec![literal("Leave: "), print("unsubscribe_url", Context::TextUrl), literal("\n")]);
    let content = Build { text, ..build(html) };
    let mut gallery = Gallery::new(
        Content::new(content, schema(), Tokens::inert().unwrap(), "preview".to_owned()).unwrap(),
    );
    let files = gallery.add(&sample(1, "Ada")).unwrap().map(|file| String::from_utf8(file.bytes).unwrap());
    let [html, text, message] = files.each_ref().map(|file| file.replace("\r\n ", " "));
    let headers = message.split("\r\n\r\n").next().unwrap().to_owned();
    let live = Tokens::new(b"a secret of more than sixteen bytes").unwrap();
    let mut followed = 0;
    for place in [&html, &text, &headers] {
        for before in ["https://weekly.example/u/", "?subject=unsubscribe%20"] {
            for rest in place.split(before).skip(1) {
                let token: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
                assert_eq!(live.open(&token), Err(TokenError::Inert), "{token}");
                followed += 1;
            }
        }
    }
    assert_eq!(followed, 4, "in the HTML, in the text, and twice in List-Unsubscribe");
    let page = page(&gallery, &Beside::default());
    assert!(html.contains(data(&page)["samples"][0]["unsubscribe"].as_str().unwrap()), "{html}");
}

#[test]
fn the_template_tells_links_of_a_subscriber_from_others() {
    let html = vec![
        statement("if plan == \"pro\""),
        literal("<a href=\"https://weekly.example/\">Home</a><a href=\"https://weekly.example/p/"),
        print("first_name|default(\"a<b\")", Context::HtmlUrlPart),
        literal("\">Profile</a>"),
        statement("endif"),
    ];
    let page = page(&gallery(html), &Beside::default());
    let data = data(&page);
    assert_eq!(
        text(&data, &data["template"]),
        "<a href=\"https://weekly.example/\">Home</a><a href=\"https://weekly.example/p/\u{e000}first_name|default(&#34;a&lt;b&#34;)\u{e001}\">Profile</a>"
    );
}
