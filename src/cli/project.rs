//! What most commands begin with: the project, a campaign, its build, its list, its ledger.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::Global;
use super::console::Console;
use super::error::{CliError, Exit};
use crate::address::EmailAddress;
use crate::audience::Reader;
use crate::campaign::{self, Source};
use crate::check::{Filters, Selected, Selection, Selector};
use crate::clock;
use crate::compile::{self, Compiled};
use crate::config::{self, Config};
use crate::digest;
use crate::expr::Schema;
use crate::finding::{Finding, Written};
use crate::ledger::Ledger;
use crate::message::{Content, Tokens};
use crate::tags::TagTable;

/// A project with its settings.
pub(super) struct Project {
    /// What mailshot.toml means.
    pub config: Config,
}

/// A campaign, compiled for a list.
pub(super) struct Loaded {
    /// The campaign as written.
    pub source: Source,
    /// What it was compiled to.
    pub compiled: Compiled,
    /// The subscriber file: absolute, or relative to the project.
    pub list: PathBuf,
    /// The subscriber file as the operator named it.
    pub shown: PathBuf,
    /// Its columns.
    pub schema: Arc<Schema>,
}

impl Project {
    /// The project named by the options, or the nearest one upwards.
    pub(super) fn open(global: &Global) -> Result<Self, CliError> {
        Ok(Self { config: config::load(&global.folder()?, global.profile.as_deref())? })
    }

    /// A campaign's source.
    pub(super) fn source(&self, slug: &str) -> Result<Source, CliError> {
        Ok(campaign::load(&self.config.project, slug)?)
    }

    /// A campaign compiled for its list. Warnings are shown.
    pub(super) fn load(
        &self,
        slug: &str,
        subscribers: Option<&Path>,
        console: Console,
    ) -> Result<Loaded, CliError> {
        let loaded = self.load_silently(slug, subscribers)?;
        console.warnings(&loaded.compiled.findings);
        Ok(loaded)
    }

    /// A campaign compiled for its list.
    pub(super) fn load_silently(&self, slug: &str, subscribers: Option<&Path>) -> Result<Loaded, CliError> {
        let source = self.source(slug)?;
        let list = match subscribers {
            Some(file) => self.within(file)?,
            None => self.config.list.subscribers.clone(),
        };
        let shown = subscribers.unwrap_or(&list).to_owned();
        let reader = Reader::open(&self.config.project.join(&list), &shown, &self.config.list)?;
        let schema = Arc::clone(reader.schema());
        let compiled = compile::compile(&self.config, &source, &schema)?;
        Ok(Loaded { source, compiled, list, shown, schema })
    }

    /// A campaign compiled for the columns of a run, whatever its list holds by now.
    pub(super) fn load_for(&self, slug: &str, list: &str, schema: &Arc<Schema>) -> Result<Loaded, CliError> {
        let source = self.source(slug)?;
        let compiled = compile::compile(&self.config, &source, schema)?;
        let list = PathBuf::from(list);
        Ok(Loaded { source, compiled, shown: list.clone(), list, schema: Arc::clone(schema) })
    }

    /// A file named on the command line, which is relative to where the operator stands, as the project names it.
    fn within(&self, file: &Path) -> Result<PathBuf, CliError> {
        let file = std::path::absolute(file)?;
        let project = std::path::absolute(&self.config.project)?;
        Ok(file.strip_prefix(&project).map(Path::to_owned).unwrap_or(file))
    }

    /// Which rows of the list a campaign is for.
    pub(super) fn filters(&self, loaded: &Loaded) -> Result<Filters, CliError> {
        Ok(Filters::parse(&self.config, loaded.compiled.segment.as_ref(), &loaded.schema)?)
    }

    /// The recipients of a campaign, staged.
    pub(super) fn select(&self, loaded: &Loaded) -> Result<Selection, CliError> {
        self.select_with(loaded, |_| {})
    }

    /// The same; `take` is shown each recipient for whom a message can be made.
    pub(super) fn select_with(
        &self,
        loaded: &Loaded,
        take: impl FnMut(Selected<'_>),
    ) -> Result<Selection, CliError> {
        let compiled = &loaded.compiled;
        let selector = Selector {
            config: &self.config,
            path: &self.config.project.join(&loaded.list),
            file: &loaded.shown,
            build: &compiled.build,
            segment: loaded.compiled.segment.as_ref(),
            truthy: &compiled.truthy,
        };
        Ok(selector.select_with(take)?)
    }

    /// The ledger, made if there is none yet.
    pub(super) fn ledger(&self) -> Result<Ledger, CliError> {
        Ok(Ledger::open(&self.config.ledger)?)
    }

    /// The ledger, if there is one.
    pub(super) fn existing_ledger(&self) -> Result<Option<Ledger>, CliError> {
        Ok(Ledger::open_existing(&self.config.ledger)?)
    }

    /// The unsubscribe tokens of a real send.
    pub(super) fn tokens(&self) -> Result<Tokens, CliError> {
        let Some(secret) = config::secret(&self.config.list)? else {
            let name = self.config.list.secret_env.as_deref().unwrap_or("MAILSHOT_SECRET");
            return Err(CliError::refused(
                "no-secret",
                "there is no secret to sign the unsubscribe links with",
                format!(
                    "set the environment variable {name} (`[list] secret_env`) to at least 16 random characters, and keep it: links already sent depend on it"
                ),
            ));
        };
        Tokens::new(&secret)
            .map_err(|error| CliError::refused("weak-secret", error.to_string(), "openssl rand -hex 32"))
    }
}

impl Loaded {
    /// The list, from its first row on.
    pub(super) fn reader(&self, config: &Config) -> Result<Reader, CliError> {
        Ok(Reader::open(&config.project.join(&self.list), &self.shown, &config.list)?)
    }

    /// What makes the messages of a preview or a test: their unsubscribe links change nothing.
    pub(super) fn content(&self, key: &str) -> Result<Content, CliError> {
        self.content_with(key, Arc::new(inert_tokens()?))
    }

    /// The same with tokens at hand, which must be inert.
    pub(super) fn content_with(&self, key: &str, tokens: Arc<Tokens>) -> Result<Content, CliError> {
        Content::new(self.compiled.build.clone(), Arc::clone(&self.schema), tokens, key.to_owned())
            .map_err(|error| error.finding().into())
    }

    /// What tells this list from a changed one.
    pub(super) fn fingerprint(&self, project: &Path) -> Result<String, CliError> {
        let unreadable = |error| Finding::unreadable(&self.shown, &error);
        let file = File::open(project.join(&self.list)).map_err(unreadable)?;
        Ok(digest::of_reader(file).map_err(unreadable)?)
    }

    /// How long ago the list was changed.
    pub(super) fn list_age(&self, project: &Path) -> Result<Duration, CliError> {
        let metadata = std::fs::metadata(project.join(&self.list));
        let modified = metadata
            .and_then(|metadata| metadata.modified())
            .map_err(|error| Finding::unreadable(&self.list, &error))?;
        let now: std::time::SystemTime = clock::now().into();
        Ok(now.duration_since(modified).unwrap_or_default())
    }
}

/// The relay that a campaign asks for, whatever else has changed in it.
pub(super) fn relay_of(source: &Source) -> Result<Option<Written>, CliError> {
    let campaign = campaign::parse(source, &mut TagTable::new([source.text.as_str()]))?;
    Ok(campaign.front.relay)
}

/// A path as it is named from where the operator stands.
pub(super) fn seen_from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).to_owned()
}

/// What an address typed on the command line is looked up by.
pub(super) fn address_key(typed: &str) -> Result<String, CliError> {
    EmailAddress::parse(typed).map(|address| address.key()).map_err(|error| {
        CliError::refused("address", format!("`{typed}`: {error}"), "correct --email").exit(Exit::Usage)
    })
}

/// The unsubscribe tokens of previews, tests and rehearsals: following one changes nothing.
pub(super) fn inert_tokens() -> Result<Tokens, CliError> {
    Tokens::inert()
        .map_err(|error| CliError::refused("random", error.to_string(), "the system gives no random numbers"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;
    use tempfile::TempDir;

    use super::super::args::Cli;
    use super::*;

    /// A new project whose file of this name is changed.
    fn project(file: &str, change: impl FnOnce(String) -> String) -> (TempDir, Global) {
        let dir = tempfile::tempdir().unwrap();
        super::super::init::create(dir.path(), clock::today()).unwrap();
        let path = dir.path().join(file);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
        let folder = dir.path().to_str().unwrap().to_owned();
        let global = Cli::parse_from(["mailshot", "-C", &folder, "status"]).global;
        (dir, global)
    }

    fn load(global: &Global) -> Result<(Project, Loaded), CliError> {
        let project = Project::open(global)?;
        let loaded = project.load_silently("first-issue", None)?;
        Ok((project, loaded))
    }

    #[test]
    fn a_condition_on_the_list_that_is_wrong_names_its_line() {
        let (_dir, global) = project(config::FILE, |text| text.replace("# where =", "where = 'subscribd' #"));
        let line = 1 + SETTINGS.lines().position(|line| line.starts_with("# where")).unwrap();
        let (project, loaded) = load(&global).unwrap();
        let error = project.filters(&loaded).err().unwrap().to_string();
        assert!(
            error.starts_with(&format!("mailshot.toml:{line}:9: `where`: `subscribd` is no column")),
            "{error}"
        );
    }

    #[test]
    fn a_campaign_that_asks_for_a_relay_that_is_not_there_is_refused() {
        let ask = |text: String| text.replacen("+++\n", "+++\nrelay = 'mian'\n", 1);
        let (dir, global) = project("campaigns/first-issue/issue.md", ask);
        assert!(load(&global).is_ok(), "a rehearsal needs no relay");
        let settings = format!("{SETTINGS}\n[relay.main]\nhost = 'smtp.example.com'\ntls = 'none'\n");
        fs::write(dir.path().join(config::FILE), settings).unwrap();
        assert_eq!(
            load(&global).err().unwrap().to_string(),
            "campaigns/first-issue/issue.md:2:9: there is no relay `mian` in mailshot.toml (did you mean `main`?)"
        );
    }

    const SETTINGS: &str = include_str!("template/mailshot.toml");
}
