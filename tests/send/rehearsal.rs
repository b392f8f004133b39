//! `send --capture`: real SMTP to a server in the process. Nothing leaves, nothing counts.

use std::path::Path;

use crate::support::{Project, Script, SmtpServer, accepted, wait_for};

/// Who is to get the example issue: the rows of its list that are subscribed.
fn recipients() -> usize {
    let list = include_str!("../../subscribers.example.csv");
    list.lines().filter(|row| row.ends_with(",yes")).count()
}

#[test]
fn the_example_is_rehearsed_as_it_is_and_each_recipient_has_a_file() {
    let project = Project::example().without_env("MAILSHOT_SECRET");
    let output = project.expect(0, "send tmw-450 --capture");
    assert!(output.stdout.contains("tmw-450: rehearsal 1, complete"), "{}", output.stdout);
    assert!(output.stdout.ends_with("the messages lie in .mailshot/captured/1\n"), "{}", output.stdout);
    assert!(!output.says("@example"), "an address is shown: {output:?}");
    let files = project.names(".mailshot/captured/1");
    assert_eq!((files.len(), recipients()), (17, 17), "{files:?}");
    assert!(files.iter().all(|file| Path::new(file).extension() == Some("eml".as_ref())), "{files:?}");
    assert!(files.iter().any(|file| file.ends_with("-hans@xn--bcher-kva.example.eml")), "{files:?}");
    assert!(!files.iter().any(|file| file.contains("gone@example.com")), "{files:?}");
    assert!(!project.exists("campaigns/tmw-450/sent.toml"));

    let status = project.json("status tmw-450 --json").remove(0);
    assert_eq!((&status["kind"], &status["state"]), (&"rehearsal".into(), &"complete".into()));
    assert_eq!((&status["recipients"], &status["delivered"]), (&17.into(), &17.into()));
}

#[test]
fn the_same_again_is_a_rehearsal_of_its_own() {
    let project = Project::of(3);
    project.expect(0, "send weekly --capture");
    let output = project.expect(0, "send weekly --capture");
    assert!(output.stdout.contains("weekly: rehearsal 2, complete"), "{}", output.stdout);
    assert_eq!(project.names(".mailshot/captured"), ["1", "2"]);
    assert_eq!(project.names(".mailshot/captured/1").len(), 3);
    assert_eq!(project.names(".mailshot/captured/2").len(), 3);
    assert_eq!(project.status()["run"], 2);
    assert_eq!(project.json("status weekly --json --run 1")[0]["run"], 1);
}

#[test]
fn a_rehearsal_is_no_test_no_launch_and_no_measure_of_the_audience() {
    let server = SmtpServer::start(Script::accept_all());
    let project = Project::with(&server, 3);
    project.expect(0, "send weekly --capture");
    assert!(server.commands().is_empty(), "a rehearsal went to the relay");
    assert!(project.expect(3, "send weekly --yes").stderr.contains("was not test-sent"));
    // Ten times the audience of the rehearsal is nothing unusual: nobody was sent anything before.
    project.write("subscribers.csv", crate::support::list(30));
    project.launch(0);
    assert_eq!(accepted(&server).len(), 30);
    // The launch is what `status` and `log` are about, also after another rehearsal.
    project.expect(0, "send weekly --capture");
    assert_eq!(project.status()["kind"], "launch");
}

#[test]
fn the_result_of_a_rehearsal_is_one_json_object_for_scripts() {
    let project = Project::of(2);
    let results = project.json("send weekly --capture --json");
    assert_eq!(results.len(), 1, "{results:?}");
    assert_eq!((&results[0]["delivered"], &results[0]["kind"]), (&2.into(), &"rehearsal".into()));
    let plan = project.json("send weekly --capture --dry-run --json");
    assert_eq!((plan.len(), &plan[0]["recipients"]), (1, &2.into()), "{plan:?}");
    assert_eq!(project.names(".mailshot/captured"), ["1"], "a dry run rehearsed");
}

#[test]
fn a_rehearsal_of_some_says_so_and_leaves_the_rest() {
    let project = Project::of(5);
    let output = project.expect(75, "send weekly --capture --limit 2");
    assert!(output.stderr.contains("stopped early: --limit is reached"), "{}", output.stderr);
    wait_for("the files", || project.names(".mailshot/captured/1").len() == 2);
}

#[test]
fn a_rehearsal_does_not_write_outside_its_folder_whatever_the_address() {
    let project = Project::of(0);
    project.write("subscribers.csv", "email,first_name\na/b@example.com,A\n/etc/x@example.com,B\n");
    project.expect(0, "send weekly --capture");
    let files = project.names(".mailshot/captured/1");
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(project.names("."), [".mailshot", "campaigns", "mailshot.toml", "mjml", "subscribers.csv"]);
}
