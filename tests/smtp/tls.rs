//! TLS: nothing is sent over a connection whose TLS was asked for and did not come about.

use mailshot::delivery::{Cause, Failure, Outcome, Stage};
use mailshot::smtp::{Endpoint, Session, Tls, TlsConfig};

use crate::support::{Action, At, Authority, Identity, Script, SmtpServer};
use crate::{deliver, fate, with_password};

/// An endpoint that trusts this authority, with a password that must not get out.
fn required(server: &SmtpServer, authority: &Authority) -> Endpoint {
    let config = TlsConfig::trusting(authority.roots()).unwrap();
    Endpoint { tls: Tls::Required(config), ..with_password(server, "ann", "secret") }
}

fn implicit(server: &SmtpServer, authority: &Authority) -> Endpoint {
    let config = TlsConfig::trusting(authority.roots()).unwrap();
    Endpoint { tls: Tls::Implicit(config), ..required(server, authority) }
}

/// The failure to open a session, after which the server has seen neither login nor mail.
async fn refused(server: &SmtpServer, endpoint: &Endpoint) -> Failure {
    let failure = Session::open(endpoint).await.unwrap_err();
    let seen = server.commands();
    assert!(seen.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{seen:?}");
    assert!(fate(&failure).2, "the run goes on after {failure}");
    assert_eq!(fate(&failure).1, Outcome::Requeued);
    failure
}

#[tokio::test]
async fn starttls_then_login_then_mail() {
    let authority = Authority::new();
    let identity = authority.issue(&["127.0.0.1"]);
    let server = SmtpServer::start(Script::accept_all().starttls(identity).login("ann", "secret"));
    let mut session = Session::open(&required(&server, &authority)).await.unwrap();
    for to in ["a@b.example", "c@d.example"] {
        deliver(&mut session, to).await.unwrap();
    }
    session.quit().await;
    assert_eq!(server.accepted().len(), 2);
    let commands = server.commands();
    let verbs: Vec<_> = commands.iter().map(|line| line.split(' ').next().unwrap()).take(4).collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "AUTH"]);
    assert_eq!(commands.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn implicit_tls() {
    let authority = Authority::new();
    let server = SmtpServer::start(
        Script::accept_all().implicit_tls(authority.issue(&["127.0.0.1"])).login("ann", "secret"),
    );
    let mut session = Session::open(&implicit(&server, &authority)).await.unwrap();
    deliver(&mut session, "a@b.example").await.unwrap();
    assert_eq!(server.accepted().len(), 1);
}

#[tokio::test]
async fn starttls_stripped() {
    let server = SmtpServer::start(Script::accept_all().login("ann", "secret"));
    let failure = refused(&server, &required(&server, &Authority::new())).await;
    assert_eq!(
        failure.to_string(),
        "at STARTTLS: the relay offers no STARTTLS, and nothing is sent without TLS"
    );
}

#[tokio::test]
async fn starttls_refused() {
    let authority = Authority::new();
    let script = Script::accept_all().starttls(authority.issue(&["127.0.0.1"]));
    let server = SmtpServer::start(script.on(At::Starttls, Action::reply("501 5.5.4 no")));
    let failure = refused(&server, &required(&server, &authority)).await;
    assert_eq!((failure.stage, failure.reply().map(|reply| reply.code)), (Stage::Starttls, Some(501)));
}

/// Replies that someone in the middle adds after the 220 would be read as if they had come under TLS.
#[tokio::test]
async fn bytes_injected_after_the_220_to_starttls() {
    let authority = Authority::new();
    for injected in [&b"250-mx\r\n250 AUTH PLAIN\r\n"[..], b"25"] {
        let script = Script::accept_all().starttls(authority.issue(&["127.0.0.1"])).login("ann", "secret");
        let bytes = [b"220 2.0.0 go\r\n", injected].concat();
        let server = SmtpServer::start(script.on(At::Starttls, Action::Raw(bytes)));
        let failure = refused(&server, &required(&server, &authority)).await;
        assert_eq!(failure.stage, Stage::Starttls);
        assert!(failure.to_string().contains("before TLS had begun"), "{failure}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for() {
    let identity = Identity::self_signed(&["127.0.0.1"]);
    let server = SmtpServer::start(Script::accept_all().starttls(identity));
    let failure = refused(&server, &required(&server, &Authority::new())).await;
    assert_eq!(
        failure.to_string(),
        "at STARTTLS: the relay's certificate is issued by nobody this machine trusts"
    );
    assert!(matches!(failure.cause, Cause::Tls(_)));
}

#[tokio::test]
async fn a_certificate_of_another_authority() {
    let server = SmtpServer::start(Script::accept_all().implicit_tls(Authority::new().issue(&["127.0.0.1"])));
    let failure = refused(&server, &implicit(&server, &Authority::new())).await;
    assert_eq!(
        failure.to_string(),
        "connecting: the relay's certificate is issued by nobody this machine trusts"
    );
}

#[tokio::test]
async fn a_certificate_for_another_host() {
    let authority = Authority::new();
    let server =
        SmtpServer::start(Script::accept_all().starttls(authority.issue(&["smtp.example.com", "10.0.0.1"])));
    let failure = refused(&server, &required(&server, &authority)).await;
    let told = "at STARTTLS: the relay's certificate is for smtp.example.com, 10.0.0.1, not for 127.0.0.1";
    assert_eq!(failure.to_string(), told);
}

#[tokio::test]
async fn an_expired_certificate() {
    let authority = Authority::new();
    let server = SmtpServer::start(Script::accept_all().starttls(authority.issue_expired(&["127.0.0.1"])));
    let failure = refused(&server, &required(&server, &authority)).await;
    assert_eq!(failure.to_string(), "at STARTTLS: the relay's certificate expired on 2020-01-03");
}

#[tokio::test]
async fn implicit_tls_on_a_port_that_speaks_none() {
    let server = SmtpServer::start(Script::accept_all());
    let failure = Session::open(&implicit(&server, &Authority::new())).await.unwrap_err();
    assert!(failure.to_string().contains("does not speak TLS here"), "{failure}");
    assert_eq!(fate(&failure), (Stage::Connect, Outcome::Requeued, true));
}

/// A connection that breaks under TLS after the dot leaves the same doubt as without.
#[tokio::test]
async fn drop_after_dot_under_tls() {
    let authority = Authority::new();
    let script = Script::accept_all().starttls(authority.issue(&["127.0.0.1"])).login("ann", "secret");
    let server = SmtpServer::start(script.on(At::Dot, Action::AcceptThenClose));
    let mut session = Session::open(&required(&server, &authority)).await.unwrap();
    let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
    assert_eq!((failure.cause.clone(), failure.dot_handed), (Cause::Closed, true));
    assert_eq!(fate(&failure), (Stage::Body, Outcome::InDoubt, false));
}
