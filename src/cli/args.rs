//! What can be typed.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config;
use crate::finding::Finding;
use crate::ledger::Reason;

/// Sends an email newsletter: compiles an issue, merges each subscriber's data, delivers over SMTP, and knows
/// what happened to everybody.
#[derive(Debug, Parser)]
#[command(name = "mailshot", version, about, disable_help_subcommand = true, infer_long_args = false)]
#[command(after_help = "A newsletter's week: new → preview → test → send → status → log")]
pub(super) struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// The project's folder [default: the nearest one upwards with a mailshot.toml]
    #[arg(short = 'C', long, value_name = "DIR", global = true)]
    pub project: Option<PathBuf>,
    /// Say more: -v the SMTP dialogue (with addresses, without bodies and secrets), -vv everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Say less: no progress, no hints
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Results as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN", global = true)]
    pub color: When,
    /// Never ask: what would be asked is refused
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Lay [profile.NAME] of mailshot.toml over the rest
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<String>,
}

impl Global {
    /// The folder of the project that is named, or of the nearest one upwards.
    pub(super) fn folder(&self) -> Result<PathBuf, Finding> {
        if let Some(folder) = &self.project {
            return Ok(folder.clone());
        }
        let here = std::env::current_dir().map_err(|error| Finding::unreadable(Path::new("."), &error))?;
        config::find(&here)
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new project: settings, layout and blocks, an example campaign and list
    Init {
        /// The folder [default: the current one]
        dir: Option<PathBuf>,
    },
    /// Make a new campaign, or copy last week's with the number raised and the links emptied
    New {
        /// The new campaign's name, a folder under campaigns/
        slug: String,
        /// The campaign to start from
        #[arg(long, value_name = "SLUG")]
        from: Option<String>,
    },
    /// Look for what is wrong with a campaign and its list; renders every row
    Check(CheckArgs),
    /// Write the issue to files, as sampled subscribers would get it
    Preview(PreviewArgs),
    /// Send the issue to an editor's inbox
    Test(TestArgs),
    /// Send the issue to the list, or go on with it
    Send(SendArgs),
    /// Show how a run stands
    Status(StatusArgs),
    /// Show every attempt of a run
    Log(LogArgs),
    /// Say what became of the recipients in doubt
    Resolve(ResolveArgs),
    /// Put expired or bounced recipients back in the queue
    Retry(RetryArgs),
    /// Stop a run from another terminal, to go on later
    Pause(PauseArgs),
    /// Stop a run for good
    Cancel(CancelArgs),
    /// Keep the list of addresses that must not be mailed
    #[command(subcommand)]
    Suppress(SuppressCommand),
    /// Copy the ledger
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Not in this version
    #[command(external_subcommand, hide = true)]
    Other(Vec<String>),
}

/// `check`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// Another subscriber file
    #[arg(long, value_name = "FILE")]
    pub subscribers: Option<PathBuf>,
    /// Not in this version: follow every link
    #[arg(long, hide = true)]
    pub links: bool,
    /// Not in this version: look up SPF, DKIM and DMARC
    #[arg(long, hide = true)]
    pub dns: bool,
}

/// `preview`
#[derive(Debug, Clone, Args)]
pub(super) struct PreviewArgs {
    /// The campaign: its name or its folder
    #[arg(required_unless_present = "serve")]
    pub slug: Option<String>,
    /// Where to write [default: preview/ in the project's folder, or web/ with --web]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// As this subscriber would get it (may be repeated)
    #[arg(long = "as", value_name = "EMAIL")]
    pub as_email: Vec<String>,
    /// How many to take from the whole list, besides those that are worth a look
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub sample: usize,
    /// Every subscriber
    #[arg(long, conflicts_with_all = ["sample", "as_email"])]
    pub all: bool,
    /// Another subscriber file
    #[arg(long, value_name = "FILE")]
    pub subscribers: Option<PathBuf>,
    /// Write nothing, show it in a browser instead, and follow every change
    #[arg(
        long,
        value_name = "ADDR",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with = "out",
        long_help = SERVE
    )]
    pub serve: Option<String>,
    /// Write the issue as one page for the web instead, without anyone's data
    #[arg(long, conflicts_with_all = ["serve", "as_email", "sample", "all"])]
    pub web: bool,
}

impl PreviewArgs {
    /// The campaign. In `--serve weekly` it was taken for the address.
    pub(super) fn slug(&self) -> &str {
        self.slug.as_deref().or(self.serve.as_deref()).unwrap_or_default()
    }

    /// Where to serve, if that is asked for.
    pub(super) fn listen(&self) -> Option<&str> {
        self.serve.as_deref().map(|address| if self.slug.is_some() { address } else { "" })
    }
}

const SERVE: &str = "Write nothing, show it in a browser instead, and follow every change

ADDR is where to listen: 127.0.0.1:8080, a port alone, or an address of this machine, of which it warns: whoever reaches \
it can read the subscribers' data on the page. By default the loopback, port 6245 (MAIL on a telephone) or the next \
that is free. Ctrl-C ends it.";

/// `test`
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// An inbox to send to (may be repeated) [default: `[test] to`]
    #[arg(long, value_name = "ADDR")]
    pub to: Vec<String>,
    /// Merged as this subscriber (may be repeated) [default: the first]
    #[arg(long = "as", value_name = "EMAIL")]
    pub as_email: Vec<String>,
    /// Another subscriber file
    #[arg(long, value_name = "FILE")]
    pub subscribers: Option<PathBuf>,
}

/// `send`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct SendArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// Another subscriber file
    #[arg(long, value_name = "FILE")]
    pub subscribers: Option<PathBuf>,
    /// Print the plan and end
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Do not ask; for cron
    #[arg(short, long)]
    pub yes: bool,
    /// The number of recipients, where it is far off the last run's
    #[arg(long, value_name = "N")]
    pub expect: Option<u64>,
    /// Stop after N messages this time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Rehearse: deliver to a server inside this process, which keeps the messages as files
    #[arg(long)]
    pub capture: bool,
    /// Send a build that was not test-sent
    #[arg(long)]
    pub untested: bool,
    /// Go on as launched, though the campaign or the list has changed since
    #[arg(long, conflicts_with = "amend")]
    pub frozen: bool,
    /// Go on with the build as it is now, once it was tested: for whoever is queued or deferred
    #[arg(long, conflicts_with_all = ["capture", "subscribers"])]
    pub amend: bool,
    /// Not in this version: launch at this time
    #[arg(long, value_name = "TIME", hide = true)]
    pub at: Option<String>,
}

/// `status`
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The campaign [default: all]
    pub slug: Option<String>,
    /// This run instead of the campaign's launch or latest rehearsal
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,
    /// Refresh until the run is complete
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
}

/// `log`
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// This run instead of the campaign's launch or latest rehearsal
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,
    /// Only attempts that came to this
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Only this recipient
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    /// CSV on standard output
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Go on with what is added, until the run is complete
    #[arg(long)]
    pub follow: bool,
}

/// `resolve`
#[derive(Debug, Args)]
pub(super) struct ResolveArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// What to do about those in doubt
    #[arg(value_enum)]
    pub word: Word,
    /// Only this recipient
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
}

/// The operator's word on those in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Word {
    /// They did not get it: send again.
    Resend,
    /// They got it.
    Delivered,
}

/// `retry`
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// Those that expired
    #[arg(long)]
    pub expired: bool,
    /// Those that were refused for good
    #[arg(long)]
    pub bounced: bool,
    /// Only this recipient
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
}

/// `pause`
#[derive(Debug, Args)]
pub(super) struct PauseArgs {
    /// The campaign: its name or its folder
    pub slug: String,
}

/// `cancel`
#[derive(Debug, Args)]
pub(super) struct CancelArgs {
    /// The campaign: its name or its folder
    pub slug: String,
    /// Do not ask; for scripts
    #[arg(short, long)]
    pub yes: bool,
}

/// `suppress`
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
pub(super) enum SuppressCommand {
    /// Put addresses on the list; whoever is on it keeps the reason and the date they have
    Add {
        /// The addresses
        #[arg(required = true, value_name = "EMAIL")]
        emails: Vec<String>,
        /// Why: unsubscribed, bounced, complained or manual
        #[arg(long, default_value_t = Reason::Manual)]
        reason: Reason,
    },
    /// Take addresses off the list: all of them, or none if one is not on it
    Remove {
        /// The addresses
        #[arg(required = true, value_name = "EMAIL")]
        emails: Vec<String>,
    },
    /// Show the list; with --json a line for each entry
    List {
        /// Only those with this reason
        #[arg(long)]
        reason: Option<Reason>,
    },
    /// Put all addresses of a file on the list, or none if a row is wrong
    Import {
        /// One address on each line, or CSV with a column `email`, and `reason` and `at` where known; `-`: standard
        /// input
        file: PathBuf,
        /// The reason of every row, whatever the file says [default: the column `reason`, or else manual]
        #[arg(long)]
        reason: Option<Reason>,
    },
    /// Write the list as CSV: email, reason, at; `import` reads it back
    Export {
        /// The file [default: standard output]
        file: Option<PathBuf>,
        /// Replace the file if it exists
        #[arg(long, requires = "file")]
        force: bool,
    },
}

/// `ledger`
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
pub(super) enum LedgerCommand {
    /// Copy the ledger to a new file, also while a run sends
    Backup {
        /// The file [default: ledger-DATE-TIME.db beside the ledger]
        file: Option<PathBuf>,
    },
    /// Not in this version: remove old runs
    #[command(hide = true)]
    Purge {
        /// Whatever is asked for
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Not in this version: erase a person
    #[command(hide = true)]
    Erase {
        /// Whatever is asked for
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}
