//! A launched run is frozen: what `send` does when its campaign, its list or its ledger is no longer what it was.

use crate::support::{Project, Script, SmtpServer, accepted, once_each};

/// A run of five of which two were sent.
fn begun(server: &SmtpServer) -> Project {
    let project = Project::with(server, 5);
    project.expect(0, "test weekly");
    project.expect(75, "send weekly --yes --limit 2");
    project
}

fn server() -> SmtpServer {
    SmtpServer::start(Script::accept_all())
}

#[test]
fn a_changed_issue_stops_the_run_until_the_operator_says_what_is_meant() {
    let server = server();
    let project = begun(&server);
    project.replace("campaigns/weekly/issue.md", "What it says.", "What it says now.");
    assert_eq!(
        project.expect(75, "send weekly --yes").stderr,
        "error: the issue, its layout or its settings changed since the launch\n  \
         help: --frozen goes on with what was launched, --amend with the issue as it is now; or undo the change\n"
    );
    assert_eq!(accepted(&server).len(), 2);
    project.expect(0, "send weekly --yes --frozen");
    assert_eq!(accepted(&server), once_each(5));
    let said = |text: &str| {
        server
            .accepted()
            .iter()
            .filter(|message| String::from_utf8_lossy(&message.data).contains(text))
            .count()
    };
    assert_eq!((said("What it says."), said("What it says now.")), (6, 0));
}

#[test]
fn a_changed_layout_is_a_change() {
    let server = server();
    let project = begun(&server);
    project.replace("mjml/standard.mjml", "You receive", "You still receive");
    let stopped = project.expect(75, "send weekly --yes");
    assert!(stopped.stderr.contains("the issue, its layout or its settings changed"), "{}", stopped.stderr);
}

#[test]
fn an_issue_that_no_longer_compiles_stops_the_run_and_can_be_left_as_it_is() {
    let server = server();
    let project = begun(&server);
    project.replace("campaigns/weekly/issue.md", "first_name", "frist_name");
    let stopped = project.expect(75, "send weekly --yes");
    assert!(stopped.stderr.contains("did you mean `first_name`?"), "{}", stopped.stderr);
    project.expect(0, "send weekly --frozen");
    assert_eq!(accepted(&server), once_each(5));
}

#[test]
fn a_changed_list_stops_the_run_and_nobody_new_is_mailed_by_it() {
    let server = server();
    let project = begun(&server);
    project.append("subscribers.csv", "late@example.com,Late,free\n");
    assert_eq!(
        project.expect(75, "send weekly --yes").stderr,
        "error: the list changed since the launch\n  \
         help: --frozen goes on with what was launched, --amend with the issue as it is now; or undo the change\n"
    );
    project.remove("subscribers.csv");
    project.expect(75, "send weekly --yes");
    assert_eq!(accepted(&server).len(), 2);
    project.expect(0, "send weekly --yes --frozen");
    assert_eq!(accepted(&server), once_each(5));
}

#[test]
fn a_list_of_the_launch_alone_need_not_be_named_again() {
    let server = server();
    let project = Project::with(&server, 5);
    project.write("lists/vip.csv", crate::support::list(3));
    project.expect(0, "test weekly --subscribers lists/vip.csv");
    project.expect(75, "send weekly --subscribers lists/vip.csv --yes --limit 1");
    let stopped = project.expect(75, "send weekly --subscribers subscribers.csv");
    assert!(stopped.stderr.contains("the list changed since the launch"), "{}", stopped.stderr);
    project.expect(0, "send weekly");
    assert_eq!(accepted(&server), once_each(3));
}

#[test]
fn a_comment_in_the_settings_is_no_change() {
    let server = server();
    let project = begun(&server);
    project.append("mailshot.toml", "# a comment\n");
    project.expect(0, "send weekly --yes");
    assert_eq!(accepted(&server), once_each(5));
}

#[test]
fn a_lost_ledger_is_refused_for_nobody_knows_who_was_mailed() {
    let server = server();
    let project = begun(&server);
    project.remove(".mailshot");
    for arguments in ["send weekly --yes", "send weekly --yes --untested", "send weekly --frozen"] {
        let refused = project.expect(3, arguments);
        assert!(
            refused.stderr.starts_with("error: campaigns/weekly/sent.toml: this campaign was launched on 20"),
            "{}",
            refused.stderr
        );
        assert!(
            refused.stderr.ends_with(
                "UTC, and the ledger that knows who was mailed is not here\n  \
                 help: send from the machine that launched it, or bring its .mailshot/ folder here\n"
            ),
            "{}",
            refused.stderr
        );
    }
    // A new ledger, made by something else, is not the one either.
    project.expect(0, "send weekly --capture");
    let refused = project.expect(3, "send weekly --yes --untested");
    assert!(refused.stderr.contains("from another ledger ("), "{}", refused.stderr);
    assert!(refused.stderr.contains("does not know who was mailed"), "{}", refused.stderr);
    assert_eq!(accepted(&server).len(), 2);
}

#[test]
fn another_copy_of_the_project_with_a_ledger_of_its_own_is_refused() {
    let server = server();
    let project = begun(&server);
    let colleague = Project::with(&server, 5);
    colleague.expect(0, "send weekly --capture");
    colleague.write("campaigns/weekly/sent.toml", project.read("campaigns/weekly/sent.toml"));
    let refused = colleague.expect(3, "send weekly --yes --untested");
    assert!(refused.stderr.contains("from another ledger ("), "{}", refused.stderr);
    assert_eq!(accepted(&server).len(), 2);
}

#[test]
fn a_receipt_that_cannot_be_read_is_refused_with_its_place() {
    let server = server();
    let project = begun(&server);
    project.replace("campaigns/weekly/sent.toml", "run = 1", "run = one");
    let refused = project.expect(3, "send weekly --yes");
    assert!(refused.stderr.starts_with("error: campaigns/weekly/sent.toml:2:7: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("put it back as it was committed"), "{}", refused.stderr);
}

#[test]
fn a_lost_receipt_is_written_again() {
    let server = server();
    let project = begun(&server);
    let receipt = project.read("campaigns/weekly/sent.toml");
    project.remove("campaigns/weekly/sent.toml");
    project.expect(0, "send weekly --yes");
    assert_eq!(project.read("campaigns/weekly/sent.toml"), receipt);
    assert_eq!(accepted(&server), once_each(5));
}

#[test]
fn a_damaged_ledger_is_left_as_it_is_and_nothing_is_sent() {
    let server = server();
    let project = begun(&server);
    for file in project.names(".mailshot") {
        if file.starts_with("ledger.db") {
            project.remove(&format!(".mailshot/{file}"));
        }
    }
    project.write(".mailshot/ledger.db", "this is no ledger\n".repeat(100));
    let refused = project.expect(3, "send weekly --yes");
    assert!(refused.stderr.starts_with("error: "), "{}", refused.stderr);
    assert!(refused.stderr.contains(".mailshot/ledger.db"), "{}", refused.stderr);
    assert_eq!(project.read(".mailshot/ledger.db"), "this is no ledger\n".repeat(100));
    assert_eq!(accepted(&server).len(), 2);
}
