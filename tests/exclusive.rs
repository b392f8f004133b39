//! One process at a time on a run, whoever starts when; and a claim that ends with its process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::process::{Child, Stdio};
use std::sync::Arc;

use support::{Gate, Project, Script, Seen, SmtpServer, accepted, once_each, wait_for};

const READERS: usize = 20;

/// A project whose relay answers no MAIL before the gate is open.
fn gated() -> (Arc<Gate>, SmtpServer, Project) {
    let gate = Arc::new(Gate::default());
    let before = Arc::clone(&gate);
    let server = SmtpServer::start(Script::accept_all().watch(move |seen| {
        if let Seen::Mail = seen {
            before.pass();
        }
    }));
    let project = Project::with(&server, READERS);
    project.append("mailshot.toml", "[send]\nrequire_test = false\n");
    (gate, server, project)
}

fn send(project: &Project) -> Child {
    let mut send = project.command("send weekly --yes --quiet");
    send.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_second_process_is_turned_away_while_one_is_at_the_run() {
    let (gate, server, project) = gated();
    let first = project.start("send weekly --yes");
    gate.wait();
    assert_eq!(project.status()["state"], "running");

    let second = project.expect(75, "send weekly --yes");
    assert!(second.says("another process is at this run"), "{}", second.stderr);
    project.expect(75, "resolve weekly resend");
    project.expect(75, "retry weekly --bounced");
    assert_eq!(project.status()["state"], "running");

    gate.open();
    assert_eq!(first.finish().code, 0);
    assert_eq!(project.status()["state"], "complete");
    assert_eq!(accepted(&server), once_each(READERS));
}

#[test]
fn a_killed_process_holds_nothing() {
    let (gate, server, project) = gated();
    let mut first = send(&project);
    gate.wait();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(project.status()["state"], "paused");

    // No message had been offered further than MAIL: nobody is in doubt.
    gate.open();
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(READERS));
    assert_eq!(project.status()["in_doubt"], 0);
}

#[test]
fn of_those_that_launch_at_the_same_moment_one_sends() {
    let (gate, server, project) = gated();
    let mut all: Vec<Child> = (0..4).map(|_| send(&project)).collect();
    let mut codes = Vec::new();
    wait_for("all but one to be turned away", || {
        all.retain_mut(|life| match life.try_wait().unwrap() {
            Some(status) => {
                codes.push(status.code());
                false
            }
            None => true,
        });
        all.len() == 1
    });
    assert_eq!(codes, [Some(75); 3]);

    gate.open();
    assert_eq!(all.remove(0).wait().unwrap().code(), Some(0));
    assert_eq!(accepted(&server), once_each(READERS));
    let runs = project.json("status --json").remove(0);
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert_eq!((&runs[0]["run"], &runs[0]["delivered"]), (&1.into(), &READERS.into()));
}
