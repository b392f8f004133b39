//! What can happen at any stage, at every stage: 421, silence, slowness, a hang-up, floods, nonsense. Over a
//! connection with all there is: STARTTLS, login, MAIL, RCPT, DATA, the message.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use mailshot::delivery::{Blame, Cause, Failure, Outcome, Stage, classify};
use mailshot::smtp::{Endpoint, Session, Timeouts, Tls, TlsConfig};

use crate::support::{Action, At, Authority, Script, SmtpServer};
use crate::{AMPLE, SHORT, deliver, fate, with_password};

/// The points at which a relay speaks, and the stage that a failure there is of.
const STAGES: [(At, Stage); 8] = [
    (At::Connect, Stage::Connect),
    (At::Ehlo, Stage::Ehlo),
    (At::Starttls, Stage::Starttls),
    (At::Auth, Stage::Auth),
    (At::Mail, Stage::Mail),
    (At::Rcpt, Stage::Rcpt),
    (At::Data, Stage::Data),
    (At::Dot, Stage::Body),
];

/// A server with STARTTLS and a login, which does this at this point every time.
struct Relay {
    authority: Authority,
    server: SmtpServer,
}

impl Relay {
    fn that(pipelining: bool, at: At, action: Action) -> Self {
        let authority = Authority::new();
        let script = Script::accept_all()
            .starttls(authority.issue(&["127.0.0.1"]))
            .login("ann", "secret")
            .on(at, action);
        let script = if pipelining { script } else { script.without("PIPELINING") };
        Self { authority, server: SmtpServer::start(script) }
    }

    fn endpoint(&self, timeouts: Timeouts) -> Endpoint {
        let config = TlsConfig::trusting(self.authority.roots()).unwrap();
        Endpoint { tls: Tls::Required(config), timeouts, ..with_password(&self.server, "ann", "secret") }
    }

    /// One message over a new connection: what went wrong, after which the session must be of no use.
    async fn failure(&self, timeouts: Timeouts) -> Failure {
        let mut session = match Session::open(&self.endpoint(timeouts)).await {
            Ok(session) => session,
            Err(failure) => return failure,
        };
        let failure = deliver(&mut session, "a@b.example").await.unwrap_err();
        assert!(!session.usable(), "the session is used again after {failure}");
        session.quit().await;
        failure
    }

    fn commands(&self, verb: &str) -> usize {
        self.server.commands().iter().filter(|line| line.starts_with(verb)).count()
    }
}

/// Every stage, with a relay that pipelines and with one that does not.
fn everywhere() -> impl Iterator<Item = (At, Stage, bool)> {
    STAGES.into_iter().flat_map(|(at, stage)| [true, false].map(|pipelining| (at.clone(), stage, pipelining)))
}

#[tokio::test]
async fn a_421_spends_nobody_whether_the_relay_closes_or_not() {
    let words = "421 4.3.2 shutting down";
    for (at, stage, pipelining) in everywhere() {
        for action in [Action::reply(words), Action::ReplyThenClose(words.to_owned())] {
            let relay = Relay::that(pipelining, at.clone(), action);
            let failure = relay.failure(AMPLE).await;
            assert_eq!(failure.reply().unwrap().to_string(), words);
            assert_eq!(fate(&failure), (stage, Outcome::Requeued, false));
            assert_eq!(classify(&failure).blame, Blame::Relay);
            assert_eq!(relay.server.accepted(), []);
        }
    }
}

#[tokio::test]
async fn a_421_to_the_second_ehlo() {
    let authority = Authority::new();
    let times = Mutex::new(0);
    let script = Script::accept_all().starttls(authority.issue(&["127.0.0.1"])).decide(move |at| {
        let mut times = times.lock().unwrap();
        *times += usize::from(*at == At::Ehlo);
        (*at == At::Ehlo && *times == 2).then(|| Action::reply("421 4.3.2 too busy for TLS"))
    });
    let server = SmtpServer::start(script);
    let relay = Relay { authority, server };
    let failure = relay.failure(AMPLE).await;
    assert_eq!(fate(&failure), (Stage::Ehlo, Outcome::Requeued, false));
    assert_eq!(relay.commands("EHLO"), 2);
    assert_eq!(relay.commands("AUTH"), 0);
}

/// All clocks but the stage's own would run for longer than the test may take.
#[tokio::test]
async fn silence_ends_with_the_clock_of_its_own_stage() {
    for (at, stage, pipelining) in everywhere() {
        let timeouts = match at {
            At::Connect => Timeouts { greeting: SHORT, ..AMPLE },
            At::Ehlo | At::Starttls | At::Auth => Timeouts { command: SHORT, ..AMPLE },
            At::Mail => Timeouts { mail: SHORT, ..AMPLE },
            At::Rcpt => Timeouts { rcpt: SHORT, ..AMPLE },
            At::Data => Timeouts { data: SHORT, ..AMPLE },
            _ => Timeouts { dot: SHORT, ..AMPLE },
        };
        let relay = Relay::that(pipelining, at, Action::Silent);
        let started = Instant::now();
        let failure = relay.failure(timeouts).await;
        assert!(started.elapsed() < Duration::from_secs(10), "another clock ran out");
        assert_eq!((failure.stage, &failure.cause), (stage, &Cause::Timeout));
        let outcome = if stage == Stage::Body { Outcome::InDoubt } else { Outcome::Requeued };
        assert_eq!(fate(&failure), (stage, outcome, false));
    }
}

#[tokio::test]
async fn silence_in_the_handshake() {
    let relay = Relay::that(true, At::Starttls, Action::ReplyThenSilent("220 2.0.0 go".to_owned()));
    let failure = relay.failure(Timeouts { handshake: SHORT, ..AMPLE }).await;
    assert_eq!((failure.stage, &failure.cause), (Stage::Starttls, &Cause::Timeout));
    assert_eq!(fate(&failure).1, Outcome::Requeued);

    // On a port that is TLS from the first byte it is the first thing that can be missing.
    let relay = Relay::that(true, At::Connect, Action::Silent);
    let endpoint = relay.endpoint(Timeouts { handshake: SHORT, ..AMPLE });
    let Tls::Required(config) = endpoint.tls.clone() else { unreachable!() };
    let failure = Session::open(&Endpoint { tls: Tls::Implicit(config), ..endpoint }).await.unwrap_err();
    assert_eq!((failure.stage, &failure.cause), (Stage::Connect, &Cause::Timeout));
}

/// The limit is for the whole reply: a relay that says a little now and then is not waited for for ever.
#[tokio::test]
async fn a_reply_that_never_comes_to_its_end() {
    for (at, stage, pipelining) in everywhere() {
        let endless = Action::Drip("250-still thinking\r\n".to_owned(), SHORT / 20);
        let relay = Relay::that(pipelining, at, endless);
        let failure = relay.failure(Timeouts::all(SHORT)).await;
        assert_eq!((failure.stage, &failure.cause), (stage, &Cause::Timeout));
        assert_eq!(failure.dot_handed, stage == Stage::Body);
    }
}

#[tokio::test]
async fn a_relay_that_is_slow_everywhere_is_waited_for() {
    for pipelining in [true, false] {
        let pause = Duration::from_millis(40);
        let authority = Authority::new();
        let mut script =
            Script::accept_all().starttls(authority.issue(&["127.0.0.1"])).login("ann", "secret");
        for (at, _) in STAGES {
            script = script.on(at, Action::Delay(pause));
        }
        let script = if pipelining { script } else { script.without("PIPELINING") };
        let relay = Relay { authority, server: SmtpServer::start(script) };
        let mut session = Session::open(&relay.endpoint(AMPLE)).await.unwrap();
        for to in ["a@b.example", "c@d.example"] {
            let started = Instant::now();
            deliver(&mut session, to).await.unwrap();
            assert!(started.elapsed() >= pause * 4);
        }
        assert_eq!((relay.server.connections(), relay.server.accepted().len()), (1, 2));
    }
}

#[tokio::test]
async fn a_hang_up_leaves_a_doubt_after_the_dot_only() {
    for (at, stage, pipelining) in everywhere() {
        let relay = Relay::that(pipelining, at, Action::Close);
        let failure = relay.failure(AMPLE).await;
        let outcome = if stage == Stage::Body { Outcome::InDoubt } else { Outcome::Requeued };
        assert_eq!((&failure.cause, fate(&failure)), (&Cause::Closed, (stage, outcome, false)));
    }
}

#[tokio::test]
async fn floods_end_at_the_limits() {
    let lines = Action::Raw(b"250-x\r\n".repeat(100_000));
    let line = Action::Raw(vec![b'2'; 4 << 20]);
    let wide = Action::Raw([&b"250-"[..], &[b'x'; 4_000], b"\r\n"].concat().repeat(1_000));
    for (at, stage, pipelining) in everywhere() {
        for (flood, told) in
            [(&lines, "more than 200 lines"), (&line, "a line of more than 4096"), (&wide, "or 65536 bytes")]
        {
            let relay = Relay::that(pipelining, at.clone(), flood.clone());
            let failure = relay.failure(AMPLE).await;
            assert!(failure.to_string().contains(told), "{failure}");
            assert_eq!((failure.stage, failure.dot_handed), (stage, stage == Stage::Body));
        }
    }
}

/// More replies than questions: each is a good reply, and none but the first is an answer.
#[tokio::test]
async fn a_flood_of_good_replies_delivers_nothing() {
    for (at, stage) in [(At::Mail, Stage::Data), (At::Rcpt, Stage::Data), (At::Data, Stage::Data)] {
        let relay = Relay::that(true, at, Action::Raw(b"250 2.0.0 Ok\r\n".repeat(100_000)));
        let failure = relay.failure(AMPLE).await;
        assert_eq!(fate(&failure), (stage, Outcome::Requeued, false));
        assert_eq!(relay.server.accepted(), []);
    }
    let relay = Relay::that(true, At::Quit, Action::Raw(b"250 2.0.0 Ok\r\n".repeat(100_000)));
    let mut session = Session::open(&relay.endpoint(AMPLE)).await.unwrap();
    deliver(&mut session, "a@b.example").await.unwrap();
    session.quit().await;
    assert_eq!(relay.server.accepted().len(), 1);
}

/// What is no answer to the question settles nothing: nobody is refused for it, and nobody counts as reached.
#[tokio::test]
async fn nonsense_spends_nobody() {
    for nonsense in [
        "",
        "25",
        "150 preliminary",
        "650 beyond",
        "250_no separator",
        "2500 one digit too many",
        " 250 indented",
        "HTTP/1.1 200 OK",
        "250-2.0.0 yes\r\n550 5.1.1 no",
        "334 VXNlcm5hbWU6",
        "399 what",
        "\u{0}\u{0}\u{0}\u{0}",
    ] {
        for (at, stage) in STAGES {
            // The one question to which 334 is an answer, if not the one hoped for.
            if at == At::Auth && nonsense.starts_with("334") {
                continue;
            }
            let relay = Relay::that(true, at, Action::Raw(format!("{nonsense}\r\n").into_bytes()));
            let failure = relay.failure(AMPLE).await;
            assert!(matches!(failure.cause, Cause::Protocol(_)), "{nonsense:?} at {stage}: {failure}");
            let outcome = if stage == Stage::Body { Outcome::InDoubt } else { Outcome::Requeued };
            assert_eq!((failure.stage, classify(&failure).outcome), (stage, outcome), "{nonsense:?}");
        }
    }
}
