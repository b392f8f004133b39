//! A newsletter, its server, and lives of `mailshot send` that end early.

use std::collections::BTreeSet;
use std::process::{Child, Command, ExitStatus, Stdio};
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

/// What a campaign came to.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) standing: Standing,
    pub(crate) seen: Campaign,
    /// Neither accepted by the server nor named in doubt.
    pub(crate) lost: u64,
    /// Accepted by the server more than once.
    pub(crate) twice: u64,
    /// All that is not as promised, those above included.
    pub(crate) broken: Vec<String>,
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
        Self::answered_after(Duration::from_millis(15), recipients, rate)
    }

    /// With a server that takes so long for its answer to a message.
    pub(crate) fn answered_after(moment: Duration, recipients: usize, rate: &str) -> Self {
        let record = Arc::new(Record::default());
        let server = SmtpServer::start(record.script(moment));
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

    /// A life of `send` that this program looks at and ends: its arguments are a program and its own.
    pub(crate) fn watched(&self, slug: &str, watcher: &mut Command) -> ExitStatus {
        self.record.begin_process();
        let send = self.project.command(&format!("send {slug} --yes --quiet"));
        watcher.arg(send.get_program()).args(send.get_args());
        self.project.prepare(watcher);
        let status = watcher.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        self.server_has_read_all();
        status
    }

    /// Ends it with SIGKILL, if it did not end before, and waits until the server has read what it left behind.
    /// Whether it was still alive.
    pub(crate) fn kill(&self, mut life: Child) -> bool {
        let alive = life.try_wait().unwrap().is_none();
        life.kill().unwrap();
        let status = life.wait().unwrap();
        self.server_has_read_all();
        alive && status.code().is_none()
    }

    fn server_has_read_all(&self) {
        wait_for("the server to see that the client is gone", || self.server.open_connections() == 0);
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
        let account = self.settle(slug, kills);
        assert_eq!(account.broken, [""; 0], "{:?}", account.standing);
        (account.standing, account.seen)
    }

    /// The same, telling what is not as promised.
    pub(crate) fn settle(&self, slug: &str, kills: u64) -> Account {
        self.record.begin_process();
        let output = self.project.run(&format!("send {slug} --yes"));
        let standing = self.standing(slug);
        let seen = self.record.campaign();
        let doubtful = if standing.launched { self.in_doubt(slug) } else { BTreeSet::new() };
        let everybody = self.addresses();
        let copies = |address: &String| seen.accepted.get(address).copied().unwrap_or(0);
        let count = |broken: &dyn Fn(&&String) -> bool| everybody.iter().filter(broken).count() as u64;
        let lost = count(&|address| copies(address) == 0 && !doubtful.contains(*address));
        let twice = count(&|address| copies(address) > 1);

        let expected = if standing.in_doubt > 0 { 4 } else { 0 };
        let ended = format!("exit code {}, {}{}", output.code, output.stdout, output.stderr);
        let promises = [
            (output.code == expected, ended),
            (standing.complete && standing.in_flight == 0, format!("not complete: {standing:?}")),
            (lost == 0, format!("{lost} lost")),
            (twice == 0, format!("{twice} mailed twice")),
            (standing.in_doubt <= kills * IN_DOUBT_PER_KILL, format!("{} in doubt", standing.in_doubt)),
            (standing.delivered + standing.in_doubt == self.recipients as u64, format!("{standing:?}")),
            (doubtful.len() as u64 == standing.in_doubt, "status and log differ about those in doubt".into()),
            (seen.accepted.keys().all(|to| everybody.contains(to)), "somebody else was mailed".into()),
            (seen.without_receipt.is_empty(), format!("before sent.toml: {:?}", seen.without_receipt)),
            (self.receipt_agrees(slug), "sent.toml and the ledger tell of different runs".into()),
        ];
        let broken = promises.into_iter().filter(|(kept, _)| !kept).map(|(_, what)| what).collect();
        Account { standing, seen, lost, twice, broken }
    }

    /// Whether the receipt names the run that the ledger has. That it names the ledger, `send` itself demands.
    fn receipt_agrees(&self, slug: &str) -> bool {
        let Ok(receipt) = std::fs::read_to_string(self.project.path(&format!("campaigns/{slug}/sent.toml")))
        else {
            return false;
        };
        let [status] = &self.project.run(&format!("status {slug} --json")).json()[..] else { return false };
        let named = |key: &str| receipt.lines().any(|line| line == format!("{key} = {}", status[key]));
        named("run") && named("recipients")
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
