//! Which subscribers are shown, and what of their data reaches the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{Chosen, Sampler};
use crate::address::EmailAddress;
use crate::check::Selected;
use crate::compile::{Build, Context, Piece, Template};
use crate::config::Mailbox;
use crate::expr::{Column, Kind, Row, Schema};

pub(super) fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

pub(super) fn print(expression: &str, context: Context) -> Piece {
    Piece::Print { expression: expression.to_owned(), context, place: String::new() }
}

fn statement(statement: &str) -> Piece {
    Piece::Statement { statement: statement.to_owned(), place: "issue.md:9:1".to_owned() }
}

pub(super) fn build(html: Vec<Piece>) -> Build {
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

pub(super) fn schema() -> Arc<Schema> {
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
            "nobody of the list sees what is written where plan == \"pro\" is true (issue.md:9:1)",
            "nobody of the list sees what is written where age is true, where plan == \"pro\" is true (issue.md:9:1)",
            "nobody of the list sees what is written where age is false, where plan == \"pro\" is true (issue.md:9:1)",
            "nobody of the list sees what is written where plan == \"pro\" and plan are false (issue.md:9:1)",
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
            let sentence = |why: &String| format!("nobody of the list sees what is written where {why} (issue.md:9:1)");
            let told = |sample: &super::Sample| sample.why.iter().any(|why| sentence(why) == *unseen);
            prop_assert!(!chosen.samples.iter().any(told), "{}", unseen);
        }
    }
}
