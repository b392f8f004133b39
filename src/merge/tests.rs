//! Merges as a subscriber would see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{MergeError, Merged, Merger, qp};
use crate::campaign::Shape;
use crate::compile::{Build, Context, Piece, Template};
use crate::config::Mailbox;
use crate::expr::{Column, Kind, Row, Schema};

const URL: &str = "https://tmw.example/u/token";

fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

fn print(expression: &str, context: Context) -> Piece {
    Piece::Print { expression: expression.to_owned(), context, place: format!("issue.md:7:1 {expression}") }
}

fn statement(statement: &str) -> Piece {
    Piece::Statement { statement: statement.to_owned(), place: format!("issue.md:9:1 {statement}") }
}

fn build() -> Build {
    let mailbox = Mailbox { name: None, email: "hello@tmw.example".to_owned() };
    Build {
        format: Build::FORMAT,
        slug: "tmw-450".to_owned(),
        subject: Template(vec![literal("Hello")]),
        preheader: Template::default(),
        html: Template(vec![literal("<p>Hello</p>\n")]),
        text: Template(vec![literal("Hello\n")]),
        pictures: Vec::new(),
        from: mailbox.clone(),
        reply_to: None,
        bounce: mailbox.email,
        list_id: "weekly.tmw.example".to_owned(),
        list_name: "TMW".to_owned(),
        unsubscribe: "https://tmw.example/u/{token}".to_owned(),
        unsubscribe_mailto: None,
        constants: BTreeMap::from([("issue".to_owned(), serde_json::json!({"number": 450}))]),
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
        column("member", Kind::Bool),
    ];
    Arc::new(Schema::new(columns).unwrap())
}

fn row(values: [&str; 5]) -> Arc<Row> {
    Arc::new(Row::new(schema(), values.map(str::to_owned).to_vec()))
}

fn merge(build: &Build, row: &Arc<Row>) -> Result<Merged, MergeError> {
    Merger::new(build, &schema())?.merge(row, URL)
}

fn html(pieces: Vec<Piece>, values: [&str; 5]) -> Result<String, MergeError> {
    let build = Build { html: Template(pieces), ..build() };
    merge(&build, &row(values)).map(|merged| merged.html())
}

fn text(pieces: Vec<Piece>, values: [&str; 5]) -> Result<String, MergeError> {
    let build = Build { text: Template(pieces), ..build() };
    merge(&build, &row(values)).map(|merged| merged.text())
}

const ADA: [&str; 5] = ["ada@x.example", "Ada", "pro", "36", "yes"];
const NOBODY: [&str; 5] = ["n@x.example", "", "", "", ""];

#[test]
fn tags_print_columns_constants_and_the_unsubscribe_url() {
    let pieces = vec![
        literal("<p>{a} {{ no tag }} {# none #} {% nor %} "),
        print("first_name", Context::Html),
        literal(" #"),
        print("issue.number", Context::Html),
        literal(" "),
        print("age", Context::Html),
        print("member", Context::Html),
        literal(" <a href='"),
        print("unsubscribe_url", Context::HtmlUrl),
        literal("'>x</a></p>"),
    ];
    assert_eq!(
        html(pieces, ADA).unwrap(),
        "<p>{a} {{ no tag }} {# none #} {% nor %} Ada #450 36true <a href='https://tmw.example/u/token'>x</a></p>\n"
    );
}

#[test]
fn an_empty_value_prints_its_fallback_and_conditions_see_the_value() {
    let pieces = || {
        vec![
            print("first_name|upper", Context::Text),
            literal(" "),
            print("'named' if first_name else 'unnamed'", Context::Text),
            print("plan", Context::Text),
            print("age", Context::Text),
            statement("if plan == 'pro'"),
            literal("!\n"),
            statement("elif first_name"),
            literal("?\n"),
            statement("else"),
            literal("."),
            statement("endif"),
        ]
    };
    assert_eq!(text(pieces(), NOBODY).unwrap(), "THERE unnamed.\n");
    assert_eq!(text(pieces(), ADA).unwrap(), "ADA namedpro36!\n");
}

#[test]
fn data_is_never_a_template_and_safe_is_no_escape() {
    let evil = "{{ email }}<b>{% if x %}{# #}\u{1}";
    let values = ["e@x.example", evil, "", "", ""];
    let shown = "{{ email }}&lt;b&gt;{% if x %}{# #}\n";
    assert_eq!(html(vec![print("first_name", Context::Html)], values).unwrap(), shown);
    let refused = html(vec![print("first_name|safe", Context::Html)], values).unwrap_err();
    assert_eq!(refused.message, "there is no filter `safe`");

    let fallbacks = BTreeMap::from([("plan".to_owned(), "<i>{{ email }}".to_owned())]);
    let build = Build { fallbacks, html: Template(vec![print("plan", Context::Html)]), ..build() };
    assert_eq!(merge(&build, &row(values)).unwrap().html(), "&lt;i&gt;{{ email }}\n");
}

#[test]
fn the_subject_is_one_line() {
    let subject =
        Template(vec![literal("{{ 🫠\n\tWeek {"), print("first_name", Context::Header), literal("}")]);
    let build = Build { subject: subject.clone(), preheader: Template(vec![literal("a { b")]), ..build() };
    let values = ["e@x.example", "Ada\r\nBcc: evil@x.example\u{202e}", "", "", ""];
    let merged = merge(&build, &row(values)).unwrap();
    assert_eq!(merged.subject(), "{{ 🫠 Week {Ada Bcc: evil@x.example}");
    assert_eq!(merged.marked("[test]").subject(), "[test] {{ 🫠 Week {Ada Bcc: evil@x.example}");
    let preheader = Merger::new(&build, &schema()).unwrap().preheader(&row(ADA), URL);
    assert_eq!(preheader.unwrap(), "a { b");

    let build = Build { subject: Template(vec![print("plan", Context::Header)]), ..build };
    assert_eq!(merge(&build, &row(NOBODY)).unwrap_err().to_string(), "the subject is empty");
}

#[test]
fn what_cannot_be_printed_names_the_tag() {
    let error = |pieces, values| html(pieces, values).unwrap_err().to_string();
    assert_eq!(
        error(vec![literal("{{\n"), print("frist_name", Context::Html)], ADA),
        "issue.md:7:1 frist_name: `frist_name` is no column of the list"
    );
    assert_eq!(
        error(vec![statement("if nobody"), statement("endif")], ADA),
        "issue.md:9:1 if nobody: `nobody` is no column of the list"
    );
    assert_eq!(
        error(vec![print("issue", Context::Html)], ADA),
        "issue.md:7:1 issue: `issue` is a group of names and cannot be printed"
    );
    let link = |name| vec![literal("<a href='"), print(name, Context::HtmlUrl), literal("'>")];
    assert_eq!(
        error(link("first_name"), ADA),
        "issue.md:7:1 first_name: a tag that opens a URL must give a whole http(s) URL"
    );
    assert_eq!(
        error(link("plan"), NOBODY),
        "issue.md:7:1 plan: a tag that opens a URL must give a whole http(s) URL; here it is empty"
    );
}

#[test]
fn there_are_no_functions() {
    for call in ["debug()", "range(3)|first", "dict(a=1)", "namespace()"] {
        let error = html(vec![print(call, Context::Html)], ADA).unwrap_err();
        assert!(error.message.contains("there is no function"), "{call}: {error}");
    }
}

#[test]
fn one_merger_serves_many_threads() {
    let build = Build { html: Template(vec![print("first_name", Context::Html)]), ..build() };
    let merger = Merger::new(&build, &schema()).unwrap();
    std::thread::scope(|scope| {
        for name in ["Ada", "Bob", "Zoë"] {
            let merger = &merger;
            scope.spawn(move || {
                for _ in 0..50 {
                    let message = merger.merge(&row(["e@x.example", name, "", "", ""]), URL).unwrap();
                    assert_eq!(message.html(), format!("{name}\n"));
                }
            });
        }
    });
}

#[test]
fn what_is_no_tag_of_the_merge_is_refused_before_the_first_subscriber() {
    let error = |piece| html(vec![piece], ADA).unwrap_err();
    for expression in ["a) ~ (b", "a }} {{ b", "first_name)|safe ~ (plan", "", "a b"] {
        let error = error(print(expression, Context::Html));
        assert_eq!(error.place.as_deref(), Some(format!("issue.md:7:1 {expression}").as_str()), "{error}");
    }
    for text in ["for x in y", "set a = 1", "include 'x'", "if", "else x", "endif %}{{ x", "if a %}{% if b"] {
        let error = error(statement(text));
        assert_eq!(error.place.as_deref(), Some(format!("issue.md:9:1 {text}").as_str()), "{error}");
    }
    let error = html(vec![literal("a"), statement("if plan"), literal("b")], ADA).unwrap_err();
    assert!(error.place.is_some(), "{error}");
    for (context, part) in [(Context::Text, "html"), (Context::Header, "html")] {
        let error = html(vec![print("plan", context)], ADA).unwrap_err();
        assert!(error.message.contains(part), "{error}");
    }
    assert!(text(vec![print("plan", Context::Html)], ADA).is_err());
}

#[test]
fn a_message_beyond_measure_is_refused() {
    let values = ["e@x.example", &"é".repeat(4_000), "", "", ""];
    let pieces: Vec<Piece> = (0..300).map(|_| print("first_name", Context::Text)).collect();
    assert_eq!(text(pieces, values).unwrap_err().to_string(), "the merged text is larger than 5 MiB");
}

#[test]
fn a_large_build_with_many_tags_merges() {
    let mut pieces = Vec::new();
    for _ in 0..3_000 {
        pieces.extend([
            statement("if plan == 'pro'"),
            print("first_name", Context::Text),
            statement("endif"),
        ]);
    }
    pieces.push(literal(&"word ".repeat(600_000)));
    assert!(text(pieces, ADA).unwrap().starts_with("AdaAda"));
}

/// Templates of any literals and values, with conditions around some.
fn template() -> impl Strategy<Value = Vec<(String, bool)>> {
    let text = prop_oneof!["[a-z{}%#=. \n]{0,90}", "\\PC{0,30}", Just(".\n".to_owned()), Just(String::new())];
    proptest::collection::vec((text, any::<bool>()), 0..12)
}

proptest! {
    #[test]
    fn a_merged_body_is_well_formed_whatever_is_left_out(pieces in template(), value in "\\PC{0,80}", pro: bool) {
        let mut template = Vec::new();
        let mut expected = String::new();
        for (text, conditional) in &pieces {
            if *conditional {
                template.push(statement("if plan == 'pro'"));
            }
            template.extend([literal(text), print("first_name", Context::Text)]);
            if *conditional {
                template.push(statement("endif"));
            }
            if pro || !conditional {
                expected.push_str(text);
                expected.push_str(if value.is_empty() { "there" } else { &value });
            }
        }
        let build = Build { text: Template(template), ..build() };
        let plan = if pro { "pro" } else { "" };
        let merged = merge(&build, &row(["e@x.example", &value, plan, "", ""])).unwrap();
        let body = merged.encoded_text();
        prop_assert!(body.is_empty() || (body.ends_with("\r\n") && !body.ends_with("=\r\n")));
        for line in body.split_terminator("\r\n") {
            prop_assert!(line.len() <= 76 && !line.starts_with('.'));
            prop_assert!(line.bytes().all(|b| b == b' ' || b == b'\t' || b.is_ascii_graphic()));
        }
        let shown: String = expected.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect();
        let decoded = qp::decode(body);
        prop_assert_eq!(decoded.trim_end_matches('\n'), shown.trim_end_matches('\n'));
    }
}

/// A paragraph of the text part.
fn paragraph(first: &str, rest: &str, pieces: Vec<Piece>) -> Vec<Piece> {
    let shape = Shape { first: first.to_owned(), rest: rest.to_owned(), underline: None };
    [vec![Piece::Paragraph(shape)], pieces, vec![Piece::End]].concat()
}

#[test]
fn a_paragraph_is_wrapped_when_its_values_are_known() {
    let item = || {
        let words =
            vec![literal("Hello {x} "), print("first_name", Context::Text), literal(&" words".repeat(9))];
        [paragraph("- ", "  ", words), vec![literal("\n\nend\n")]].concat()
    };
    assert_eq!(
        text(item(), ADA).unwrap(),
        "- Hello {x} Ada words words words words words words words words words\n\nend\n"
    );
    let long = "Wolfeschlegelsteinhausenbergerdorff {{ 7*7 }} of \u{202e}\u{b}\u{11}Welchenburg\nthe Elder";
    assert_eq!(
        text(item(), ["w@x.example", long, "", "", ""]).unwrap(),
        "- Hello {x} Wolfeschlegelsteinhausenbergerdorff {{ 7*7 }} of Welchenburg\n  \
         the Elder words words words words words words words words words\n\nend\n"
    );
}

#[test]
fn a_paragraph_without_words_leaves_no_hole() {
    let bold = paragraph(
        "",
        "",
        vec![
            statement("if plan == \"pro\""),
            literal("Only for "),
            print("first_name", Context::Text),
            statement("endif"),
        ],
    );
    let pieces = || [vec![literal("a\n\n")], bold.clone(), vec![literal("\n* * *\n\nb\n")]].concat();
    assert_eq!(text(pieces(), ADA).unwrap(), "a\n\nOnly for Ada\n\n* * *\n\nb\n");
    assert_eq!(text(pieces(), NOBODY).unwrap(), "a\n\n* * *\n\nb\n");
}

#[test]
fn paragraphs_stand_whole_in_the_text_part_alone() {
    let shape = || Piece::Paragraph(Shape::default());
    for pieces in [vec![shape(), shape(), Piece::End], vec![Piece::End]] {
        assert_eq!(text(pieces, ADA).unwrap_err().to_string(), "a paragraph is torn in the text part");
    }
    assert!(text(vec![shape()], ADA).is_err());
    assert!(html(vec![shape(), Piece::End], ADA).is_err());
}
