//! From a campaign's source to its [`Build`], or everything that is wrong with it.
//!
//! merge tags → tokens; `issue.md` → blocks; blocks and layout → MJML (the issue phase); MJML → HTML (the front
//! end and mrml); the text part from the same tree; then tokens → merge tags, each with the context it stands in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use minijinja::Value;

use super::build::{Build, Context, Template};
use super::contexts::{html_template, plain_template};
use super::foreign::foreign;
use super::issue_phase::{Constants, IssuePhase};
use super::marking;
use super::mjml;
use super::names;
use super::nearby;
use super::pictures::{self, Folders};
use super::places::Places;
use super::sources::{self, Templates};
use super::text_template::text_template;
use super::unsaid::unsaid;
use crate::campaign::{self, Campaign, Essentials, Marks, Page, Source, TextPart};
use crate::config::{Config, Mailbox};
use crate::expr::{self, Schema};
use crate::finding::{Finding, Place, Written, in_order};
use crate::tags::{Tag, TagKind, TagTable};

/// What the compile step found and made.
#[derive(Debug)]
pub struct Compiled {
    /// The build.
    pub build: Build,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// The campaign's `segment`.
    pub segment: Option<Written>,
    /// Text columns that a condition of the issue asks "true or false".
    pub truthy: BTreeSet<String>,
    /// The relay that the campaign asks for.
    pub relay: Option<Written>,
}

/// Compiles a campaign for a list with these columns.
pub fn compile(config: &Config, source: &Source, schema: &Schema) -> Result<Compiled, Vec<Finding>> {
    let templates = Templates::read(&config.project).map_err(|finding| vec![finding])?;
    let mut tags =
        TagTable::new(std::iter::once(source.text.as_str()).chain(templates.iter().map(|(_, text)| &**text)));
    let mut campaign = campaign::parse(source, &mut tags)?;
    let mut findings = std::mem::take(&mut campaign.warnings);
    let sender = sender(config, &campaign)?;
    let constants = constants(config, &campaign, &tags)?;
    let mut utm = config.utm.clone();
    utm.extend(campaign.front.utm.clone());
    campaign::add_utm(&mut campaign, &utm, &tags);

    let (html, page) = draw(config, &campaign, &templates, &constants, schema, &mut tags, &mut findings)
        .map_err(|errors| names::with_those_of_files(errors, &campaign, &tags, &constants, schema))?;
    findings.extend(sources::files_of(&campaign).iter().flat_map(|file| match templates.text(file) {
        Some(text) => foreign(file, text, false, schema),
        None => foreign(file, &source.text, true, schema),
    }));
    findings.extend(unsaid(&html.text, page.as_ref(), &campaign, config, &tags));
    // Of a picture of the issue its own place says more than that of the template which draws it.
    let mut places = html.pictures;
    places.extend(campaign::picture_places(&campaign));
    let folders =
        Folders { campaign: &source.dir, issue: &source.file, project: &config.project, places: &places };
    let (html, pictures) = pictures::embed(&html.text, &folders, &tags)
        .map_err(|errors| names::with_those_of_files(errors, &campaign, &tags, &constants, schema))?;
    let essentials = Essentials {
        list_name: config.list.name.clone(),
        address: config.list.address.clone(),
        unsubscribe_url: unsubscribe_token(&mut tags),
    };
    let text = campaign::text(&campaign, page.as_ref(), &essentials, &tags);

    let (bodies, mut errors) = bodies(&campaign, &html, &text, &tags);
    let mut fallbacks = config.merge.clone();
    fallbacks.extend(campaign.front.merge.clone());
    let build = Build {
        format: Build::FORMAT,
        slug: campaign.slug.clone(),
        subject: bodies.subject,
        preheader: bodies.preheader,
        html: bodies.html,
        text: bodies.text,
        pictures,
        from: sender.from,
        reply_to: sender.reply_to,
        bounce: config.sender.bounce.clone(),
        list_id: config.list.id.clone(),
        list_name: config.list.name.clone(),
        unsubscribe: config.list.unsubscribe.clone(),
        unsubscribe_mailto: config.list.unsubscribe_mailto.clone(),
        constants,
        fallbacks,
    };
    let truthy = names::check(&build, schema, &mut errors);
    errors.extend(names::check_fallbacks(&build, schema, &campaign, config));
    errors.extend(config.relays_for(campaign.front.relay.as_ref()).err());
    if !errors.is_empty() {
        return Err(in_order(distinct(errors)));
    }
    Ok(Compiled { build, findings, segment: campaign.front.segment, truthy, relay: campaign.front.relay })
}

/// All that is merged.
struct Bodies {
    subject: Template,
    preheader: Template,
    html: Template,
    text: Template,
}

/// Tokens become merge tags again, each with the context it stands in. What cannot be is empty, and told.
fn bodies(campaign: &Campaign, html: &str, text: &TextPart, tags: &TagTable) -> (Bodies, Vec<Finding>) {
    let mut errors = Vec::new();
    let mut take = |result: Result<Template, Vec<Finding>>| {
        result.unwrap_or_else(|more| {
            errors.extend(more);
            Template::default()
        })
    };
    let one = |finding: Finding| vec![finding];
    let front = &campaign.front;
    let bodies = Bodies {
        subject: take(plain_template(&front.subject.text, tags, |_| Context::Header).map_err(one)),
        preheader: take(plain_template(&front.preheader.text, tags, |_| Context::Text).map_err(one)),
        text: take(text_template(text, tags).map_err(one)),
        html: take(html_template(html, tags)),
    };
    (bodies, errors)
}

/// The same is said once: what stands in the HTML stands in the text part, too.
fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !out.contains(&finding) {
            out.push(finding);
        }
    }
    out
}

struct Senders {
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

/// The sender of the settings, or the campaign's own.
fn sender(config: &Config, campaign: &Campaign) -> Result<Senders, Vec<Finding>> {
    let own = |written: &Option<Written>, what: &str| {
        written
            .as_ref()
            .map(|written| {
                Mailbox::parse(&written.text).map_err(|error| {
                    vec![Finding::error("mailbox", format!("`{what}` {error}")).at(written.place.clone())]
                })
            })
            .transpose()
    };
    Ok(Senders {
        from: own(&campaign.front.from, "from")?.unwrap_or_else(|| config.sender.from.clone()),
        reply_to: own(&campaign.front.reply_to, "reply_to")?.or_else(|| config.sender.reply_to.clone()),
    })
}

/// What merge tags know of the build: `issue`, `campaign`, `list`, `view_url`.
fn constants(
    config: &Config,
    campaign: &Campaign,
    tags: &TagTable,
) -> Result<BTreeMap<String, serde_json::Value>, Vec<Finding>> {
    let issue = serde_json::Value::Object(campaign.front.issue.clone());
    if tags.touches(&issue.to_string()) {
        let finding = Finding::error("tag-in-constant", "a merge tag cannot stand in `issue.*`")
            .at(Place::file(&campaign.file))
            .help("these values are the same for every subscriber; write the tag where it is printed");
        return Err(vec![finding]);
    }
    let list = &config.list;
    let mut constants = BTreeMap::from([
        ("issue".to_owned(), issue),
        ("campaign".to_owned(), serde_json::json!({ "slug": campaign.slug })),
        ("list".to_owned(), serde_json::json!({ "id": list.id, "name": list.name, "address": list.address })),
    ]);
    if let Some(view) = view_url(config, campaign) {
        constants.insert("view_url".to_owned(), view.into());
    }
    Ok(constants)
}

/// The issue phase and MJML: the whole HTML, with tokens, and where its pictures were written; and the same page taken
/// apart for the text part.
fn draw(
    config: &Config,
    campaign: &Campaign,
    templates: &Templates,
    constants: &BTreeMap<String, serde_json::Value>,
    schema: &Schema,
    tags: &mut TagTable,
    findings: &mut Vec<Finding>,
) -> Result<(mjml::Html, Option<Page>), Vec<Finding>> {
    let mut values: BTreeMap<String, Value> =
        constants.iter().map(|(name, value)| (name.clone(), expr::json_value(value))).collect();
    let front = &campaign.front;
    let sender = &config.sender.from;
    values.extend([
        (
            "sender".to_owned(),
            minijinja::context! { name => sender.name.clone(), email => sender.email.clone() },
        ),
        ("lang".to_owned(), Value::from(front.lang.clone())),
        ("dir".to_owned(), Value::from(front.dir.as_str())),
        ("reading_minutes".to_owned(), Value::from(campaign::reading_minutes(campaign))),
        ("subject".to_owned(), Value::from(front.subject.text.clone())),
        ("preheader".to_owned(), Value::from(front.preheader.text.clone())),
    ]);
    let columns = schema.columns().iter().map(|column| column.name.clone()).collect();
    let constants = Constants { values, columns, written: front.places.clone() };
    let mut places = Places::default();
    let one = |finding: Finding| vec![finding];
    let phase = IssuePhase::new(templates, &constants, tags, &mut places).map_err(one)?;
    let marks = Marks::new(tags);
    let mut to_html = |marks: Option<&Marks>, findings: &mut Vec<Finding>| {
        let (file, mjml) = phase.draw(campaign, marks, &mut places, findings)?;
        let mut sources = Includes { project: &config.project, tags, places: &mut places, phase: &phase };
        let input = mjml::Input { text: &mjml, file: &file, root: &config.project };
        mjml::to_html(&input, &mut sources)
    };
    let html = to_html(None, findings)?;
    findings.extend(html.findings.iter().cloned());
    // A layout may put blocks where no mark can stand; then the text part does without the layout's words.
    let marked = to_html(Some(&marks), &mut Vec::new()).ok();
    let page = marked.map(|html| Page::read(&html.text, &marks, tags));
    Ok((html, page))
}

/// The token of the tag by which the text part prints the unsubscribe address.
fn unsubscribe_token(tags: &mut TagTable) -> String {
    tags.add(Tag {
        kind: TagKind::Print,
        source: "unsubscribe_url".to_owned(),
        trim_before: false,
        trim_after: false,
        place: Place::file("mailshot.toml"),
        written_bytes: 0,
    })
}

fn view_url(config: &Config, campaign: &Campaign) -> Option<String> {
    config.list.view.as_ref().map(|view| view.replace("{slug}", &campaign.slug))
}

/// The files that the layout includes: templates of the issue phase where they lie in `mjml/`, else as they are.
struct Includes<'a> {
    project: &'a Path,
    tags: &'a mut TagTable,
    places: &'a mut Places,
    phase: &'a IssuePhase<'a>,
}

impl Includes<'_> {
    /// The finding about a file that is not there, with the one of nearly this name that is.
    fn near(&self, finding: Finding, file: &Path) -> Finding {
        let full = self.project.join(file);
        if full.is_file() {
            return finding;
        }
        if let Some(written) = nearby::from_project(self.project, file) {
            let written = written.display();
            return finding
                .help(format!("a path is relative to the file that includes it: write `{written}`"));
        }
        if let Some(folder) = [&full, &full.with_extension("")].into_iter().find(|path| path.is_dir()) {
            let folder = folder.strip_prefix(self.project).unwrap_or(folder).display();
            return finding.help(format!("`{folder}` is a folder: name a file in it"));
        }
        match nearby::file_like(&full) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None if full.parent().is_some_and(|folder| !folder.exists()) => {
                finding.help("there is no such folder either")
            }
            None => finding.help("a path is relative to the file that includes it"),
        }
    }
}

impl mjml::Sources for Includes<'_> {
    fn read(&mut self, file: &Path) -> Result<String, Finding> {
        let shown = file.strip_prefix(self.project).unwrap_or(file);
        if let Some(drawn) = self.phase.include(shown, self.places) {
            return drawn;
        }
        let text =
            sources::read_text(self.project, shown).map_err(|finding| self.near(finding, shown))?.into();
        Ok(marking::verbatim(&text, shown, self.tags, self.places)?.text)
    }

    fn tags(&self) -> &TagTable {
        self.tags
    }

    fn place(&self, index: usize, distance: isize) -> Option<Place> {
        self.places.find(index, distance)
    }
}
