//! A relay that takes the connection and says nothing: nothing is in flight, so a stop is a stop at once.

use crate::support::{Action, At, Project, Script, SmtpServer, accepted, once_each, wait_for};

#[test]
fn an_interrupt_does_not_wait_for_a_relay_that_says_nothing() {
    let mut connections = 0;
    let silent_after_the_first = move |point: &At| {
        connections += usize::from(*point == At::Connect);
        // The first one tries the relay out; after two silent ones it greets again.
        (*point == At::Connect && (2..=3).contains(&connections)).then_some(Action::Silent)
    };
    let server = SmtpServer::start(Script::accept_all().decide(silent_after_the_first));
    let project = Project::with(&server, 10);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");

    let send = project.start("send weekly --yes");
    wait_for("both sessions to connect", || server.connections() == 3);
    send.signal("INT");
    assert_eq!(send.finish().code, 130);
    assert_eq!((project.status()["queued"].as_u64(), server.accepted().len()), (Some(10), 0));

    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(10));
}
