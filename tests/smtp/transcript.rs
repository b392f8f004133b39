//! The dialogue that `-v` shows: enough to understand a refusal, nothing that must not be seen.

use std::cell::RefCell;
use std::io;

use mailshot::smtp::Session;

use crate::support::{Action, At, Script, SmtpServer};
use crate::{deliver, with_password};

thread_local! {
    /// What was logged in this thread, which is this test.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One subscriber for the whole process: with one for this thread only, a line that another thread happens to
/// reach first would be switched off for all.
struct ToThread;

impl io::Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_dialogue_is_shown_without_secrets_and_bodies() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(|| ToThread)
        .with_ansi(false)
        .with_level(false)
        .without_time()
        .init();

    for mechanism in ["PLAIN", "LOGIN"] {
        let script =
            Script::accept_all().without("").with("PIPELINING").login("ann", "s3cret").mechanisms(mechanism);
        let refusal = Action::Raw(b"550-5.1.1 \x1b[2J\r\n550 5.1.1 gone\r\n".to_vec());
        let server = SmtpServer::start(script.on(At::RcptTo("gone@b.example".into()), refusal));
        let mut session = Session::open(&with_password(&server, "ann", "s3cret")).await.unwrap();
        deliver(&mut session, "gone@b.example").await.unwrap_err();
        deliver(&mut session, "a@b.example").await.unwrap();
        session.quit().await;
    }

    let shown = String::from_utf8(LOGGED.take()).unwrap();
    let dialogue: Vec<_> = shown.lines().map(|line| line.trim_start_matches("mailshot::smtp: ")).collect();
    let end = dialogue.iter().position(|line| line.contains("221")).unwrap();
    let first = &dialogue[..=end];
    assert_eq!(
        first,
        [
            "S: 220 scripted.example ESMTP",
            "C: EHLO [127.0.0.1]",
            "S: 250-scripted.example",
            "S: 250-PIPELINING",
            "S: 250 AUTH PLAIN",
            "C: AUTH PLAIN ***",
            "S: 235 2.7.0 welcome",
            "C: MAIL FROM:<bounces@tmw.example>",
            "C: RCPT TO:<gone@b.example>",
            "C: DATA",
            "S: 250 2.1.0 Ok",
            r"S: 550-5.1.1 \u{1b}[2J",
            "S: 550 5.1.1 gone",
            "S: 554 5.5.1 no valid recipients",
            "C: RSET",
            "C: MAIL FROM:<bounces@tmw.example>",
            "C: RCPT TO:<a@b.example>",
            "C: DATA",
            "S: 250 2.0.0 Ok",
            "S: 250 2.1.0 Ok",
            "S: 250 2.1.5 Ok",
            "S: 354 go ahead",
            "C: (message, 45 bytes)",
            "S: 250 2.0.0 Ok: queued as SCRIPTED",
            "C: QUIT",
            "S: 221 2.0.0 Bye",
        ]
    );
    for secret in ["s3cret", "AGFubgBzM2NyZXQ=", "czNjcmV0", "Monday"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
