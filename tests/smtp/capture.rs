//! The capture server, through our own session and through a client that breaks the rules.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use mailshot::capture::CaptureServer;
use mailshot::delivery::{Outcome, Stage};
use mailshot::smtp::{Endpoint, Payload, Session, Tls};

use crate::{AMPLE, deliver, deliver_payload, fate};

fn into(server: &CaptureServer) -> Endpoint {
    Endpoint {
        host: server.addr().ip().to_string(),
        port: server.addr().port(),
        tls: Tls::None,
        credentials: None,
        hello: None,
        timeouts: AMPLE,
    }
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_rehearsal_keeps_every_message_as_it_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("captured/1");
    let server = CaptureServer::start(folder.clone()).await.unwrap();
    let mut session = Session::open(&into(&server)).await.unwrap();
    assert!(session.capabilities().pipelining && session.capabilities().size);
    let reply = deliver(&mut session, "ann+news@b.example").await.unwrap();
    assert_eq!(reply.relay_id(), Some("0001"));
    deliver(&mut session, "o'neil/../x@b.example").await.unwrap();
    session.quit().await;

    assert_eq!(server.count(), 2);
    server.shutdown().await;
    assert_eq!(files(&folder), ["0001-ann+news@b.example.eml", "0002-o_neil_.._x@b.example.eml"]);
    let kept = fs::read(folder.join("0001-ann+news@b.example.eml")).unwrap();
    assert_eq!(kept, b"Subject: Hello\r\n\r\n.dot first\r\nIt is Monday.\r\n");
}

#[tokio::test]
async fn many_sessions_at_once_lose_and_mix_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = CaptureServer::start(dir.path().to_owned()).await.unwrap();
    let mut sessions = tokio::task::JoinSet::new();
    for number in 0..8 {
        let endpoint = into(&server);
        sessions.spawn(async move {
            let mut session = Session::open(&endpoint).await.unwrap();
            for message in 0..25 {
                let to = format!("{number}.{message}@b.example");
                let payload =
                    Payload::new(format!("To: {to}\r\n\r\n{}", "x.\r\n.\r\n".repeat(500)).as_bytes())
                        .unwrap();
                deliver_payload(&mut session, &to, &payload).await.unwrap();
            }
        });
    }
    sessions.join_all().await;
    assert_eq!(server.count(), 200);
    for name in files(dir.path()) {
        let to = name.strip_suffix(".eml").unwrap().split_once('-').unwrap().1;
        let kept = fs::read_to_string(dir.path().join(&name)).unwrap();
        assert!(kept.starts_with(&format!("To: {to}\r\n")) && kept.ends_with("x.\r\n.\r\n"), "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_deferred_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("gone");
    let server = CaptureServer::start(folder.clone()).await.unwrap();
    let mut session = Session::open(&into(&server)).await.unwrap();
    fs::remove_dir(&folder).unwrap();
    let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
    assert_eq!(fate(&failure), (Stage::Body, Outcome::Deferred, false));
    assert_eq!(failure.reply().map(|reply| reply.code), Some(452));
    fs::create_dir(&folder).unwrap();
    deliver(&mut session, "a@b.example").await.unwrap();
    assert_eq!(server.count(), 1);
}

/// Says lines to the server and returns the code of each reply.
fn dialogue(addr: SocketAddr, lines: &[&[u8]]) -> Vec<String> {
    let mut stream = TcpStream::connect(addr).unwrap();
    let mut replies = BufReader::new(stream.try_clone().unwrap());
    let mut next = || {
        let mut line = String::new();
        loop {
            line.clear();
            replies.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.get(..3).unwrap_or("end").to_owned();
            }
        }
    };
    let mut codes = vec![next()];
    for line in lines {
        stream.write_all(line).unwrap();
        codes.push(next());
    }
    codes
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_out_of_order_or_unknown_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = CaptureServer::start(dir.path().to_owned()).await.unwrap();
    let long = [&b"NOOP "[..], &[b'x'; 10_000], b"\r\n"].concat();
    let codes = dialogue(
        server.addr(),
        &[
            b"RCPT TO:<a@b.example>\r\n",
            b"DATA\r\n",
            b"EHLO me\r\n",
            b"MAIL FROM: a@b.example\r\n",
            b"MAIL FROM:<a@b.example> SIZE=99999999\r\n",
            b"mail from:<> BODY=8BITMIME\r\n",
            b"MAIL FROM:<again@b.example>\r\n",
            b"DATA\r\n",
            b"RCPT TO:<>\r\n",
            b"AUTH PLAIN AAAA\r\n",
            b"BREW coffee\r\n",
            b"\xff\xfe\r\n",
            &long,
            b"RSET\r\n",
            b"RCPT TO:<a@b.example>\r\n",
            b"NOOP\r\n",
            b"QUIT\r\n",
        ],
    );
    let expected = "220 503 503 250 501 552 250 503 554 501 502 500 500 500 250 503 250 221";
    assert_eq!(codes.join(" "), expected);
    assert_eq!(files(dir.path()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_dot_between_crlf_ends_a_message_and_half_a_message_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let server = CaptureServer::start(dir.path().to_owned()).await.unwrap();
    // The CRLF before the dot falls across the pieces in which a long line is read.
    let long = vec![b'x'; 2_047];
    let message = [&b"a\n.\nMAIL FROM:<x@y>\r\n..b\r\n"[..], &long, b"\r\n.\r\n"].concat();
    let codes = dialogue(
        server.addr(),
        &[
            b"EHLO me\r\n",
            b"MAIL FROM:<a@b.example>\r\n",
            b"RCPT TO:<a@b.example>\r\n",
            b"DATA\r\n",
            &message,
            b"QUIT\r\n",
        ],
    );
    assert_eq!(codes.join(" "), "220 250 250 250 354 250 221");
    let expected = [&b"a\n.\nMAIL FROM:<x@y>\r\n.b\r\n"[..], &long, b"\r\n"].concat();
    assert_eq!(fs::read(dir.path().join("0001-a@b.example.eml")).unwrap(), expected);

    dialogue(
        server.addr(),
        &[b"EHLO me\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<c@b.example>\r\n", b"DATA\r\n"],
    );
    server.shutdown().await;
    assert_eq!(files(dir.path()), ["0001-a@b.example.eml"]);
}
