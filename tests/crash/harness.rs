//! A newsletter, its server, and lives of `mailshot send` that end early.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::record::{Campaign, Record};
use crate::support::{Project, SmtpServer, list, wait_for};

/// Connections of one process.
pub(crate) const SESSIONS: u64 = 4;
/// What a kill may leave in doubt.
pub(crate) const IN_DOUBT_PER_KILL: u64 = 2 * SESSIONS;

/// A project whose relay is a server that keeps a record.
pub(crate) struct Newsletter {
    pub(crate) project: Project,
    pub(crate) server: SmtpServer,
    pub(crate) record: Arc<Record>,
    recipients: usize,
}

/// How a run stands, by `status --json`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) launched: bool,
    pub(crate) complete: bool,
    pub(crate) delivered: u64,
    pub(crate) in_flight: u64,
    pub(crate) in_doubt: u64,
}

impl Newsletter {
    pub(crate) fn new(recipients: usize, rate: &str) -> Self {
        let record = Arc::new(Record::default());
        let server = SmtpServer::start(record.script());
        let project = Project::of(recipients);
        project.relay(&server, &format!("tls = \"none\"\nsessions = {SESSIONS}\nrate = \"{rate}\""));
        project.append("mailshot.toml", "[send]\nrequire_test = false\n");
        Self { project, server, record, recipients }
    }

    /// Begins another campaign with the same issue and list.
    pub(crate) fn begin(&self, slug: &str) {
        let issue = format!("campaigns/{slug}/issue.md");
        if !self.project.exists(&issue) {
            self.project.write(&issue, self.project.read("campaigns/weekly/issue.md"));
        }
        self.record.begin_campaign(self.project.path(&format!("campaigns/{slug}/sent.toml")));
    }

    /// A life of `send`.
    pub(crate) fn start(&self, slug: &str) -> Child {
        self.record.begin_process();
        let mut send = self.project.command(&format!("send {slug} --yes --quiet"));
        send.stdout(Stdio::null()).spawn().unwrap()
    }

    /// Ends it with SIGKILL, if it did not end before, and waits until the server has read what it left behind.
    /// Whether it was still alive.
    pub(crate) fn kill(&self, mut life: Child) -> bool {
        let alive = life.try_wait().unwrap().is_none();
        life.kill().unwrap();
        let status = life.wait().unwrap();
        wait_for("the server to see that the client is gone", || self.server.open_connections() == 0);
        alive && status.code().is_none()
    }

    /// How the campaign stands. The counts must add up at any time.
    pub(crate) fn standing(&self, slug: &str) -> Standing {
        let output = self.project.run(&format!("status {slug} --json"));
        let [status] = &output.json()[..] else {
            assert!(output.says("was never sent"), "{}", output.stderr);
            return Standing::default();
        };
        let count = |name: &str| status[name].as_u64().unwrap();
        let states =
            ["queued", "in_flight", "delivered", "deferred", "bounced", "expired", "suppressed", "in_doubt"];
        let sum: u64 = states.into_iter().map(count).sum();
        assert_eq!(sum, self.recipients as u64, "the counts do not add up: {status}");
        assert_eq!(count("recipients"), sum);
        Standing {
            launched: true,
            complete: status["state"] == "complete",
            delivered: count("delivered"),
            in_flight: count("in_flight"),
            in_doubt: count("in_doubt"),
        }
    }

    /// One last life to the end, and the account of the whole campaign: everybody once by the server's record, but
    /// for those in doubt, who are named and had it at most once.
    pub(crate) fn finish(&self, slug: &str, kills: u64) -> (Standing, Campaign) {
        self.record.begin_process();
        let output = self.project.run(&format!("send {slug} --yes"));
        let standing = self.standing(slug);
        let expected = if standing.in_doubt > 0 { 4 } else { 0 };
        assert_eq!(output.code, expected, "{}{}", output.stdout, output.stderr);
        assert!(standing.complete && standing.in_flight == 0, "{standing:?}");

        let seen = self.record.campaign();
        let doubtful = self.in_doubt(slug);
        assert_eq!(doubtful.len() as u64, standing.in_doubt, "status and log differ about those in doubt");
        assert!(standing.in_doubt <= kills * IN_DOUBT_PER_KILL, "{standing:?} after {kills} kills");
        assert_eq!(standing.delivered + standing.in_doubt, self.recipients as u64, "{standing:?}");
        let everybody = self.addresses();
        for address in &everybody {
            let copies = seen.accepted.get(address).copied().unwrap_or(0);
            if doubtful.contains(address) {
                assert!(copies <= 1, "{address} is in doubt and has {copies} copies");
            } else {
                assert_eq!(copies, 1, "{address} counts as delivered");
            }
        }
        assert!(seen.accepted.keys().all(|to| everybody.contains(to)), "somebody else was mailed");
        assert_eq!(seen.without_receipt, [""; 0], "mailed before sent.toml was there");
        (standing, seen)
    }

    /// Who is in doubt, by the log; nobody is named twice.
    fn in_doubt(&self, slug: &str) -> BTreeSet<String> {
        let rows = self.project.json(&format!("log {slug} --outcome in_doubt --json"));
        let address = |row: &Value| row["email"].as_str().unwrap().to_owned();
        let named: BTreeSet<String> = rows.iter().map(address).collect();
        assert_eq!(named.len(), rows.len(), "somebody is named twice");
        named
    }

    fn addresses(&self) -> BTreeSet<String> {
        let rows = list(self.recipients);
        rows.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect()
    }
}

/// The most MAIL commands that one process's life may bring within a second at this rate.
///
/// Permits are spaced evenly, so a second holds `rate` of them, and one more where both ends count. Between its
/// permit and the server's note of its MAIL a session may be held up by a busy machine, and arrive together with
/// what came later; it takes no other permit before that, so this adds at most one for each session.
pub(crate) fn most_in_a_second(rate: usize) -> usize {
    rate + 1 + usize::try_from(SESSIONS).unwrap()
}

/// The rate held within each process's life.
pub(crate) fn assert_rate(seen: &Campaign, rate: usize) {
    let most = most_in_a_second(rate);
    for mails in &seen.mails {
        for window in mails.windows(most + 1) {
            let span = window[most] - window[0];
            assert!(span >= Duration::from_secs(1), "{} MAILs within {span:?}", most + 1);
        }
    }
}
