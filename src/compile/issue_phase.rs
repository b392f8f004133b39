//! The issue phase: the layout and the blocks, drawn once per build.
//!
//! Templates use `[[ ]]`, `[% %]` and `[# #]`; what they print is escaped for XML unless it is HTML already.
//! Merge tags are opaque tokens by now, and a filter that would cut into one is an error. A block template is
//! given the fields it names; what it does not name stays in `block.body`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, Template, UndefinedBehavior, context,
};

use super::issue_errors::Templates as Explainer;
use super::marking::{self, Marked};
use super::places::Places;
use super::sources::Templates;
use super::xml;
use crate::campaign::{self, Block, Campaign, Marks};
use crate::finding::{Finding, Place, nearest};
use crate::tags::TagTable;

/// How much work one template may do, in minijinja's instructions.
const FUEL: u64 = 5_000_000;
/// The fields of a block that are not attributes.
const FIELDS: [&str; 6] = ["type", "title", "image", "button", "items", "body"];

/// What every template of the issue phase sees.
pub(super) struct Constants {
    /// `issue`, `campaign`, `list`, `sender`, `lang`, `dir`, `reading_minutes`, `view_url`, `subject`, `preheader`.
    pub values: BTreeMap<String, Value>,
    /// The columns of the list, to explain a tag of the wrong kind.
    pub columns: Vec<String>,
    /// Where the values of `issue.*` were written, by their names.
    pub written: BTreeMap<String, Place>,
}

/// The templates of a project, ready to draw.
pub(super) struct IssuePhase<'a> {
    env: Environment<'static>,
    syntax: SyntaxConfig,
    /// The templates as `env` has them.
    marked: BTreeMap<PathBuf, Marked>,
    /// Templates that cannot be used, and why; of interest only when they are asked for.
    broken: BTreeMap<PathBuf, Finding>,
    templates: &'a Templates,
    constants: &'a Constants,
}

impl<'a> IssuePhase<'a> {
    /// Prepares every template: tags protected, places marked, parsed.
    pub(super) fn new(
        templates: &'a Templates,
        constants: &'a Constants,
        tags: &mut TagTable,
        places: &mut Places,
    ) -> Result<Self, Finding> {
        let syntax = syntax()?;
        let env = environment(&syntax);
        let (marked, broken) = (BTreeMap::new(), templates.unreadable().clone());
        let mut phase = Self { env, syntax, marked, broken, templates, constants };
        for (path, text) in templates.iter() {
            if let Err(finding) = phase.add(path, text, tags, places) {
                phase.broken.insert(path.to_owned(), finding);
            }
        }
        // The tokens are known only now; the filters that guard them hold a copy of the table.
        guard_tokens(&mut phase.env, tags);
        Ok(phase)
    }

    fn add(
        &mut self,
        path: &Path,
        text: &Arc<str>,
        tags: &mut TagTable,
        places: &mut Places,
    ) -> Result<(), Finding> {
        let marked = marking::template(text, path, &self.syntax, tags, places)?;
        let added = self.env.add_template_owned(path.display().to_string(), marked.text.clone());
        self.marked.insert(path.to_owned(), marked);
        added.map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &Error) -> Finding {
        self.explainer().explain(error)
    }

    fn explainer(&self) -> Explainer<'_> {
        Explainer {
            marked: &self.marked,
            values: &self.constants.values,
            written: &self.constants.written,
            columns: &self.constants.columns,
            syntax: &self.syntax,
        }
    }

    /// The MJML of the whole issue: every block drawn, maybe between marks, then the layout around them.
    pub(super) fn draw(
        &self,
        campaign: &Campaign,
        marks: Option<&Marks>,
        places: &mut Places,
        findings: &mut Vec<Finding>,
    ) -> Result<(PathBuf, String), Vec<Finding>> {
        let mut blocks = Vec::with_capacity(campaign.blocks.len());
        let mut errors: Vec<Finding> = Vec::new();
        for (index, block) in campaign.blocks.iter().enumerate() {
            let mut mjml = match self.draw_block(block, places, findings) {
                Ok(mjml) => mjml,
                // Blocks of one type say the same of their template.
                Err(finding) if errors.contains(&finding) => continue,
                Err(finding) => {
                    errors.push(finding);
                    continue;
                }
            };
            if let Some(condition) = &block.condition {
                mjml = format!("{}\n{mjml}\n{}", condition.open, condition.close);
            }
            if let Some(marks) = marks {
                let (before, behind) = (marks.before(index), marks.behind(index));
                mjml = format!("<mj-raw>{before}</mj-raw>\n{mjml}\n<mj-raw>{behind}</mj-raw>");
            }
            blocks.push(context! { type => block.kind.clone(), mjml => Value::from_safe_string(mjml) });
        }
        let layout = &campaign.front.layout;
        let drawn = self.file("mjml", &layout.text, "layout", Some(&layout.place)).and_then(|file| {
            let mut values = self.constants.values.clone();
            values.insert("blocks".into(), Value::from(blocks));
            let mjml = self.render(&file, Value::from_object(Names(values)))?;
            let template = self.env.get_template(&file.display().to_string());
            self.check_names(&file, &template.map_err(|error| self.explain(&error))?)?;
            Ok((file, places.trace(&mjml, |name| self.constants.written.get(name).cloned())))
        });
        match drawn {
            Ok(drawn) if errors.is_empty() => Ok(drawn),
            drawn => {
                errors.extend(drawn.err());
                Err(errors)
            }
        }
    }

    /// A file of `mjml/` that another one includes, drawn; none where it is no template of this project.
    pub(super) fn include(&self, file: &Path, places: &mut Places) -> Option<Result<String, Finding>> {
        if let Some(finding) = self.broken.get(file) {
            return Some(Err(finding.clone()));
        }
        if !self.templates.contains(file) {
            return None;
        }
        let drawn = self.render(file, Value::from_object(Names(self.constants.values.clone())));
        Some(drawn.map(|text| places.trace(&text, |name| self.constants.written.get(name).cloned())))
    }

    fn draw_block(
        &self,
        block: &Block,
        places: &mut Places,
        findings: &mut Vec<Finding>,
    ) -> Result<String, Finding> {
        let file = self.file("mjml/blocks", &block.kind, "block", Some(&block.place))?;
        let named = self.named_fields(&file)?;
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for (key, value) in &block.attributes {
            if FIELDS.contains(&key.as_str()) {
                return Err(Finding::error(
                    "reserved-attribute",
                    format!("`{key}` cannot be an attribute: a block has a field of this name"),
                )
                .at(block.place.clone()));
            }
            if !named.contains(key) {
                findings.push(unread_attribute(block, key, &named, &file));
            }
            values.insert(key.clone(), Value::from(value.clone()));
        }
        values.insert("type".into(), Value::from(block.kind.clone()));
        let fields = campaign::fields(block, &named).map_html(|html| places.mark_tags(html, &block.place));
        values.extend(fields.into_values().map(|(name, value)| (name.to_owned(), value)));
        let mut names = self.constants.values.clone();
        names.insert("block".into(), Value::from_pairs(values));
        let mjml = self
            .render(&file, Value::from_object(Names(names)))
            .map_err(|finding| missing_field(finding, block, &file))?;
        Ok(places.trace(&mjml, |name| block.attribute_places.get(name.strip_prefix("block.")?).cloned()))
    }

    /// The template file of a layout or block type.
    fn file(&self, folder: &str, name: &str, what: &str, asked: Option<&Place>) -> Result<PathBuf, Finding> {
        let file = Path::new(folder).join(format!("{name}.mjml"));
        if let Some(finding) = self.broken.get(&file) {
            return Err(finding.clone());
        }
        if self.templates.contains(&file) {
            return Ok(file);
        }
        let known = self.templates.names_in(folder);
        let help = nearest(name, known.iter().copied()).map_or_else(
            || format!("there are: {}; a new one is a new file {}", known.join(", "), file.display()),
            |near| format!("did you mean `{near}`? a new {what} is a new file {}", file.display()),
        );
        let code = if what == "block" { "unknown-block" } else { "unknown-layout" };
        let mut finding = Finding::error(code, format!("there is no {what} `{name}`")).help(help);
        finding.place = asked.cloned();
        Err(finding)
    }

    /// The fields and attributes of `block` that a template names anywhere.
    fn named_fields(&self, file: &Path) -> Result<BTreeSet<String>, Finding> {
        let template =
            self.env.get_template(&file.display().to_string()).map_err(|error| self.explain(&error))?;
        let names = template.undeclared_variables(true);
        self.check_names(file, &template)?;
        Ok(names
            .iter()
            .filter_map(|name| name.strip_prefix("block."))
            .map(|name| name.split('.').next().unwrap_or(name).to_owned())
            .collect())
    }

    /// What is asked and never printed is not found by drawing.
    fn check_names(&self, file: &Path, template: &Template<'_, '_>) -> Result<(), Finding> {
        let undeclared = template.undeclared_variables(false);
        self.explainer().asked_in_vain(file, &undeclared).map_or(Ok(()), Err)
    }

    fn render(&self, file: &Path, values: Value) -> Result<String, Finding> {
        let name = file.display().to_string();
        let drawn = self.env.get_template(&name).and_then(|template| template.render(values));
        drawn.map_err(|error| self.explain(&error))
    }
}

fn unread_attribute(block: &Block, key: &str, named: &BTreeSet<String>, file: &Path) -> Finding {
    let attributes: Vec<&str> =
        named.iter().map(String::as_str).filter(|name| !FIELDS.contains(name)).collect();
    let message = format!("the block `{}` has no attribute `{key}`", block.kind);
    let help = match nearest(key, attributes.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if attributes.is_empty() => format!("{} reads no attributes", file.display()),
        None => format!("{} reads: {}", file.display(), attributes.join(", ")),
    };
    let place = block.attribute_places.get(key).unwrap_or(&block.place).clone();
    Finding::warning("unread-attribute", message).at(name_place(place, key)).help(help)
}

/// Where an attribute's name stands whose value stands at `value`: right before it, behind `="`.
fn name_place(value: Place, name: &str) -> Place {
    let back = u32::try_from(name.chars().count() + 2).unwrap_or_default();
    Place { column: value.column.map(|column| column.saturating_sub(back).max(1)), ..value }
}

/// A template that prints a field the block lacks: the writer's place, and what is missing. Where the template's
/// designer meant another field, it is the template's place.
fn missing_field(finding: Finding, block: &Block, file: &Path) -> Finding {
    let Some(field) = finding.message.strip_prefix("`block.").and_then(|rest| rest.split('`').next()) else {
        return finding;
    };
    if !FIELDS.contains(&field)
        && let Some(near) = nearest(field, FIELDS)
    {
        return finding.help(format!("did you mean `block.{near}`?"));
    }
    let line = finding.place.as_ref().and_then(|place| place.line).unwrap_or(1);
    Finding::error("missing-field", format!("the block `{}` needs {}", block.kind, describe_field(field)))
        .at(block.place.clone())
        .help(format!(
            "{}:{line} prints it; around it `[% if block.{field} %] … [% endif %]` makes it optional",
            file.display()
        ))
}

fn describe_field(field: &str) -> String {
    match field {
        "title" => "a title: write it behind the block's type, or begin with a heading".into(),
        "button" => "a button: end with a paragraph that is one bold link, `**[text](url)**`".into(),
        "image" => "a picture: a paragraph that is one `![alt](file)`".into(),
        "items" => "items: a list whose every item begins with a link or a bold phrase".into(),
        other => format!("the attribute `{other}=\"…\"`"),
    }
}

/// The top-level names, as an object so that unknown ones stay undefined.
#[derive(Debug)]
struct Names(BTreeMap<String, Value>);

impl minijinja::value::Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).cloned()
    }
}

fn syntax() -> Result<SyntaxConfig, Finding> {
    SyntaxConfig::builder()
        .variable_delimiters("[[", "]]")
        .block_delimiters("[%", "%]")
        .comment_delimiters("[#", "#]")
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| Finding::error("internal", error.to_string()))
}

fn environment(syntax: &SyntaxConfig) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_syntax(syntax.clone());
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(format_xml);
    env.set_fuel(Some(FUEL));
    env.add_filter("date", format_date);
    env
}

/// Escapes for XML text and double-quoted attributes. (minijinja's own also escapes `/`, which harms URLs.)
fn format_xml(out: &mut Output<'_>, _state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(());
    }
    let text = value.to_string();
    if value.is_safe() {
        return out.write_str(&text).map_err(Error::from);
    }
    out.write_str(&xml::escape(&text)).map_err(Error::from)
}

/// `[[ issue.date|date("%-d %B %Y") ]]`: a date through strftime, with English names.
fn format_date(value: &Value, format: &str) -> Result<String, Error> {
    let text = value.as_str().unwrap_or_default();
    let date: jiff::civil::Date = text.parse().map_err(|_| {
        Error::new(ErrorKind::InvalidOperation, format!("`{value}` is not a date: write it as YYYY-MM-DD"))
    })?;
    jiff::fmt::strtime::format(format, date)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("the date format: {error}")))
}

/// Replaces the filters that change letters or cut, by ones that refuse a text with a merge tag in it.
fn guard_tokens(env: &mut Environment<'static>, tags: &TagTable) {
    type TextFilter = fn(&str) -> String;
    let filters: [(&'static str, TextFilter); 4] = [
        ("upper", |text| text.to_uppercase()),
        ("lower", |text| text.to_lowercase()),
        ("capitalize", |text| capitalize(text)),
        ("title", |text| text.split_inclusive(char::is_whitespace).map(capitalize).collect()),
    ];
    for (name, filter) in filters {
        let tags = tags.clone();
        env.add_filter(name, move |value: Value| -> Result<Value, Error> {
            let text = value.to_string();
            refuse_token(&tags, name, &text)?;
            let changed = filter(&text);
            Ok(if value.is_safe() { Value::from_safe_string(changed) } else { Value::from(changed) })
        });
    }
    for name in ["replace", "split", "reverse", "urlencode", "indent"] {
        env.remove_filter(name);
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

fn refuse_token(tags: &TagTable, filter: &str, text: &str) -> Result<(), Error> {
    if tags.touches(text) {
        let text = tags.restore(text);
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!(
                "`{filter}` would cut into the merge tag in \u{201c}{text}\u{201d}: use the filter inside the tag instead"
            ),
        ));
    }
    Ok(())
}
