//! Whole messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{ComposeError, Composer, Message, Recipient, unsubscribe_url};
use crate::compile::{Build, Context, Picture, Piece, Template};
use crate::config::Mailbox;
use crate::expr::{Column, Kind, Row, Schema};
use crate::merge::{Merged, Merger};

fn print(expression: &str, context: Context) -> Piece {
    Piece::Print { expression: expression.to_owned(), context, place: "issue.md:1:1".to_owned() }
}

fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

fn build() -> Build {
    Build {
        format: Build::FORMAT,
        slug: "tmw-450".to_owned(),
        subject: Template(vec![literal("🫠 Hello "), print("first_name", Context::Header)]),
        preheader: Template::default(),
        html: Template(vec![
            literal("<p>Hello "),
            print("first_name", Context::Html),
            literal("</p>\n<p><a href=\""),
            print("unsubscribe_url", Context::HtmlUrl),
            literal("\">Leave</a></p>\n"),
        ]),
        text: Template(vec![
            literal("Hello "),
            print("first_name", Context::Text),
            literal("\n.\nFrom us\n"),
        ]),
        pictures: Vec::new(),
        from: Mailbox { name: Some("Tech Manager Weekly".to_owned()), email: "hello@tmw.example".to_owned() },
        reply_to: Some(Mailbox { name: None, email: "editor@tmw.example".to_owned() }),
        bounce: "bounces@tmw.example".to_owned(),
        list_id: "weekly.tmw.example".to_owned(),
        list_name: "Tech Manager Weekly".to_owned(),
        unsubscribe: "https://tmw.example/u/{token}".to_owned(),
        unsubscribe_mailto: Some("leave@tmw.example".to_owned()),
        constants: BTreeMap::new(),
        fallbacks: BTreeMap::from([("first_name".to_owned(), "there".to_owned())]),
    }
}

fn merge(build: &Build, first_name: &str) -> Merged {
    let columns = ["email", "first_name"].map(|name| Column { name: name.to_owned(), kind: Kind::Text });
    let schema = Arc::new(Schema::new(columns.to_vec()).unwrap());
    let row =
        Arc::new(Row::new(Arc::clone(&schema), vec!["ada@x.example".to_owned(), first_name.to_owned()]));
    Merger::new(build, &schema).unwrap().merge(&row, &unsubscribe_url(build, "Tok_en-1")).unwrap()
}

const ADA: Recipient<'_> = Recipient { email: "ada@x.example", name: None, token: "Tok_en-1" };

fn compose(build: &Build, first_name: &str) -> Message {
    let when: Timestamp = "2025-10-27T07:05:09Z".parse().unwrap();
    Composer::new(build, "run-7").unwrap().compose(&merge(build, first_name), &ADA, when).unwrap()
}

/// The header names in order, and the body.
fn parts(message: &Message) -> (Vec<String>, String) {
    let text = String::from_utf8(message.bytes.clone()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let names = head
        .split("\r\n")
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split_once(':').unwrap().0.to_owned());
    (names.collect(), body.to_owned())
}

#[test]
fn a_small_message_in_full() {
    let message = compose(&build(), "Zoë");
    insta::assert_snapshot!(String::from_utf8(message.bytes).unwrap().replace("\r\n", "\n"), @r#"
    From: Tech Manager Weekly <hello@tmw.example>
    Reply-To: editor@tmw.example
    To: ada@x.example
    Subject: =?utf-8?b?8J+roCBIZWxsbyBab8Or?=
    Date: Mon, 27 Oct 2025 07:05:09 +0000
    Message-ID: <dc44f7f62ba2fe14c729f31744a392733a2ee6b2@tmw.example>
    MIME-Version: 1.0
    List-Id: Tech Manager Weekly <weekly.tmw.example>
    List-Unsubscribe: <https://tmw.example/u/Tok_en-1>,
     <mailto:leave@tmw.example?subject=unsubscribe%20Tok_en-1>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    Content-Type: multipart/alternative;
     boundary="=_alternative_dc44f7f62ba2fe14c729f31744a392733a2ee6b2"

    --=_alternative_dc44f7f62ba2fe14c729f31744a392733a2ee6b2
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Hello =
    Zo=C3=AB=

    =2E
    =46rom us

    --=_alternative_dc44f7f62ba2fe14c729f31744a392733a2ee6b2
    Content-Type: text/html; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    <p>Hello =
    Zo=C3=AB=
    </p>
    <p><a href=3D"=
    https://tmw.example/u/Tok_en-1=
    ">Leave</a></p>

    --=_alternative_dc44f7f62ba2fe14c729f31744a392733a2ee6b2--
    "#);
    assert_eq!(message.id, "dc44f7f62ba2fe14c729f31744a392733a2ee6b2@tmw.example");
}

#[test]
fn every_line_ends_with_crlf_and_is_short() {
    let message = compose(&build(), &"a long name ".repeat(40));
    let text = String::from_utf8(message.bytes).unwrap();
    assert!(text.ends_with("--\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    for line in text.split("\r\n") {
        assert!(line.len() <= 78, "{line}");
    }
}

#[test]
fn the_message_id_depends_on_run_and_recipient_alone() {
    let composer = |build: &Build, run: &str| Composer::new(build, run).unwrap();
    let other = Build { subject: Template(vec![literal("Amended")]), ..build() };
    let id = composer(&build(), "run-7").message_id("ada@x.example");
    assert_eq!(id, composer(&other, "run-7").message_id("ada@x.example"));
    assert_eq!(id, compose(&build(), "Ada").id);
    assert_ne!(id, composer(&build(), "run-8").message_id("ada@x.example"));
    assert_ne!(id, composer(&build(), "run-7").message_id("bob@x.example"));
    assert_ne!(
        composer(&build(), "a").message_id("bc@x.example"),
        composer(&build(), "ab").message_id("c@x.example")
    );
    assert_eq!(compose(&build(), "Ada"), compose(&build(), "Ada"));
}

#[test]
fn one_click_is_offered_over_https_alone() {
    let local = Build { unsubscribe: "http://127.0.0.1:8080/u/{token}".to_owned(), ..build() };
    let text = String::from_utf8(compose(&local, "Ada").bytes).unwrap();
    assert!(text.contains("\r\nList-Unsubscribe: <http://127.0.0.1:8080/u/Tok_en-1>,\r\n <mailto:"));
    assert!(!text.contains("List-Unsubscribe-Post"));
}

#[test]
fn a_recipients_name_stands_in_to_when_it_is_given() {
    let build = build();
    let composer = Composer::new(&build, "run-7").unwrap();
    let recipient = Recipient { name: Some("Ada\r\nBcc: <b@x.example>, \"L\""), ..ADA };
    let message = composer.compose(&merge(&build, "Ada"), &recipient, Timestamp::UNIX_EPOCH).unwrap();
    let text = String::from_utf8(message.bytes).unwrap();
    assert!(text.contains("\r\nTo: \"Ada Bcc: <b@x.example>, \\\"L\\\"\" <ada@x.example>\r\n"), "{text}");
    assert!(text.contains("\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));
}

#[test]
fn pictures_travel_with_the_html() {
    let picture = |cid: &str| Picture {
        cid: cid.to_owned(),
        name: "gap.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: vec![7; 90],
    };
    let build = Build { pictures: vec![picture("one@mailshot"), picture("two@mailshot")], ..build() };
    let (_, body) = parts(&compose(&build, "Ada"));
    let order: Vec<&str> = body
        .split("\r\n")
        .filter(|line| line.starts_with("Content-Type") || line.starts_with("Content-ID"))
        .collect();
    assert_eq!(
        order,
        [
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: multipart/related; type=\"text/html\";",
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: image/png",
            "Content-ID: <one@mailshot>",
            "Content-Type: image/png",
            "Content-ID: <two@mailshot>",
        ]
    );
}

#[test]
fn what_cannot_stand_in_a_header_is_refused() {
    let refused = |build: Build| Composer::new(&build, "run-7").unwrap_err();
    let mailbox = |email: &str| Mailbox { name: None, email: email.to_owned() };
    assert_eq!(
        refused(Build { from: mailbox("a@b.c>\r\nX: y"), ..build() }),
        ComposeError::Address { field: "From" }
    );
    assert_eq!(
        refused(Build { reply_to: Some(mailbox("none")), ..build() }),
        ComposeError::Address { field: "Reply-To" }
    );
    assert!(matches!(refused(Build { list_id: "a>\r\nb".to_owned(), ..build() }), ComposeError::ListId(_)));
    for url in ["https://tmw.example/u/", "mailto:a@b.c?{token}", "{token}", "https:///{token}"] {
        assert_eq!(
            refused(Build { unsubscribe: url.to_owned(), ..build() }),
            ComposeError::Unsubscribe,
            "{url}"
        );
    }
    let composer = Composer::new(&build(), "run-7").unwrap();
    let merged = merge(&build(), "Ada");
    for email in ["ada@x.example\r\nBcc: b@x.example", "ada@x.example, b@x.example", "a b@x.example", ""] {
        let result = composer.compose(&merged, &Recipient { email, ..ADA }, Timestamp::UNIX_EPOCH);
        assert_eq!(result, Err(ComposeError::Recipient), "{email}");
    }
    let endless =
        Build { unsubscribe: format!("https://tmw.example/{}/{{token}}", "x".repeat(1_000)), ..build() };
    let result = Composer::new(&endless, "run-7").unwrap().compose(&merged, &ADA, Timestamp::UNIX_EPOCH);
    assert_eq!(result, Err(ComposeError::LineTooLong("List-Unsubscribe")));
}

proptest! {
    #[test]
    fn no_name_adds_a_header_a_part_or_markup(name in "\\PC{0,60}|(.|\r|\n|[<>&\"'=_-]){0,60}|\r\n\r\n--=_alternative_x|\r\nBcc: b@x.example") {
        let (plain_names, plain) = parts(&compose(&build(), "Ada"));
        let (names, body) = parts(&compose(&build(), &name));
        prop_assert_eq!(names, plain_names);
        prop_assert_eq!(body.matches("\r\n--=_").count(), plain.matches("\r\n--=_").count());
        let html = merge(&build(), &name).html();
        prop_assert_eq!(html.matches('<').count(), 6, "{}", html);
    }
}
