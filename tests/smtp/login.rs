//! AUTH.

use mailshot::delivery::{Cause, Outcome, Stage};
use mailshot::smtp::Session;

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, fate, open, with_password};

#[tokio::test]
async fn plain_is_preferred_and_login_will_do() {
    for (mechanisms, used) in
        [("LOGIN PLAIN", "AUTH PLAIN"), ("LOGIN", "AUTH LOGIN"), ("CRAM-MD5 login", "AUTH LOGIN")]
    {
        let server = SmtpServer::start(Script::accept_all().login("ann", "pä ss").mechanisms(mechanisms));
        let mut session = Session::open(&with_password(&server, "ann", "pä ss")).await.unwrap();
        deliver(&mut session, "a@b.example").await.unwrap();
        assert!(server.commands().contains(&used.to_owned()), "{mechanisms}");
    }
}

#[tokio::test]
async fn a_wrong_password_stops_the_run() {
    for mechanisms in ["PLAIN", "LOGIN"] {
        let server = SmtpServer::start(Script::accept_all().login("ann", "right").mechanisms(mechanisms));
        let failure = Session::open(&with_password(&server, "ann", "wrong")).await.unwrap_err();
        assert_eq!(fate(&failure), (Stage::Auth, Outcome::Requeued, true));
        assert_eq!(failure.to_string(), "logging in: the relay answered 535 5.7.8 wrong name or password");
    }
}

#[tokio::test]
async fn a_login_server_that_is_down_is_waited_for() {
    let script = Script::accept_all().login("ann", "x").on(At::Auth, Action::reply("454 4.7.0 later"));
    let server = SmtpServer::start(script);
    let failure = Session::open(&with_password(&server, "ann", "x")).await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Auth, Outcome::Requeued, false));
}

#[tokio::test]
async fn no_login_in_common_names_what_is_offered() {
    let server = SmtpServer::start(Script::accept_all().login("ann", "x").mechanisms("GSSAPI NTLM"));
    let failure = Session::open(&with_password(&server, "ann", "x")).await.unwrap_err();
    assert_eq!(failure.to_string(), "logging in: the relay offers neither PLAIN nor LOGIN, but GSSAPI, NTLM");
    assert_eq!(fate(&failure), (Stage::Auth, Outcome::Requeued, true));

    let server = SmtpServer::start(Script::accept_all());
    let failure = Session::open(&with_password(&server, "ann", "x")).await.unwrap_err();
    assert!(failure.to_string().ends_with("but no login at all"), "{failure}");
}

#[tokio::test]
async fn a_relay_that_wants_a_login_nobody_configured_stops_the_run() {
    let server = SmtpServer::start(Script::accept_all().login("ann", "x"));
    let failure = deliver(&mut open(&server).await, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Mail, Outcome::Requeued, true));
    assert!(matches!(failure.cause, Cause::Reply(reply) if reply.code == 530));
}

#[test]
fn a_password_shows_in_no_debug_output() {
    let server = SmtpServer::start(Script::accept_all());
    let shown = format!("{:?}", with_password(&server, "ann", "s3cret"));
    assert!(!shown.contains("s3cret"), "{shown}");
}
