//! The templates of a build, compiled once, and the messages they give.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::error::MergeError;
use super::escape::{escape, single_line};
use super::plan::{self, COMMENT, FALLBACK, FILL, Language, PRINT, Part, Referred, Site, Source};
use super::qp;
use super::scope::{Constants, Scope, constants};
use super::tidy::tidy;
use crate::campaign::{Shape, fill};
use crate::compile::Build;
use crate::expr::{Row, Schema, add_filters};

/// No body may be larger than this after the merge, in bytes of its transfer encoding.
pub const MAX_BODY_BYTES: usize = 5 * 1024 * 1024;

/// minijinja charges a unit of fuel for an instruction and for each 64 bytes it prints or creates. A value is
/// charged several times on its way, and a tag is a handful of instructions.
const BYTES_PER_FUEL: usize = 64;
const FUEL_PER_TAG: usize = 200;

/// The templates of a build, ready to be merged with one subscriber after another, from many threads at once.
#[derive(Debug)]
pub struct Merger {
    environment: Environment<'static>,
    constants: Constants,
    sources: BTreeMap<&'static str, Source>,
}

/// What one subscriber gets: the subject, and both bodies in their transfer encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    subject: String,
    html: String,
    text: String,
}

impl Merger {
    /// Compiles the templates of `build` for rows of `schema`.
    pub fn new(build: &Build, schema: &Schema) -> Result<Self, MergeError> {
        let language = Language { schema, constants: &build.constants, fallbacks: &build.fallbacks };
        let mut referred = Referred::default();
        let mut sources = BTreeMap::new();
        for (part, template) in [
            (Part::Subject, &build.subject),
            (Part::Preheader, &build.preheader),
            (Part::Html, &build.html),
            (Part::Text, &build.text),
        ] {
            let source = plan::source(template, part, language, &mut referred)?;
            sources.insert(part.name(), source);
        }
        let environment = environment(&sources, referred, build.fallbacks.clone())?;
        Ok(Self { environment, constants: constants(&build.constants), sources })
    }

    /// Merges one row. `unsubscribe_url` is this recipient's own.
    pub fn merge(&self, row: &Arc<Row>, unsubscribe_url: &str) -> Result<Merged, MergeError> {
        let scope = Scope::value(row, unsubscribe_url, &self.constants);
        let subject = single_line(&self.render(Part::Subject, &scope)?);
        if subject.is_empty() {
            return Err(MergeError::new("the subject is empty"));
        }
        Ok(Merged { subject, html: self.body(Part::Html, &scope)?, text: self.body(Part::Text, &scope)? })
    }

    /// The preheader by itself, as an inbox shows it; the HTML holds it too.
    pub fn preheader(&self, row: &Arc<Row>, unsubscribe_url: &str) -> Result<String, MergeError> {
        let scope = Scope::value(row, unsubscribe_url, &self.constants);
        Ok(single_line(&self.render(Part::Preheader, &scope)?))
    }

    /// A body, ended by a hard line break: RFC 2045 section 6.7 allows no soft one at the very end.
    fn body(&self, part: Part, scope: &Value) -> Result<String, MergeError> {
        let mut body = self.render(part, scope)?;
        if self.sources.get(part.name()).is_some_and(|source| source.has_paragraphs) {
            body = tidy(&body);
        }
        if body.ends_with("=\r\n") {
            body.push_str("\r\n");
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(too_large(part));
        }
        Ok(body)
    }

    fn render(&self, part: Part, scope: &Value) -> Result<String, MergeError> {
        let template =
            self.environment.get_template(part.name()).map_err(|error| self.explain(part, &error))?;
        template.render(scope.clone()).map_err(|error| self.explain(part, &error))
    }

    fn explain(&self, part: Part, error: &Error) -> MergeError {
        explain(part, self.sources.get(part.name()), error)
    }
}

impl Merged {
    /// The subject, one line of Unicode.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The HTML as a browser would be given it, line breaks as LF, ended by one.
    pub fn html(&self) -> String {
        qp::decode(&self.html)
    }

    /// The plain text, line breaks as LF, ended by one.
    pub fn text(&self) -> String {
        qp::decode(&self.text)
    }

    /// The HTML in quoted-printable: ASCII, CRLF, lines of at most 76.
    pub fn encoded_html(&self) -> &str {
        &self.html
    }

    /// The plain text in quoted-printable: ASCII, CRLF, lines of at most 76.
    pub fn encoded_text(&self) -> &str {
        &self.text
    }

    /// The same message with `mark` before its subject (`[test]`).
    #[must_use]
    pub fn marked(mut self, mark: &str) -> Self {
        self.subject = single_line(&format!("{mark} {}", self.subject));
        self
    }
}

/// An environment with the four templates and nothing that escapes, prints or reads by itself.
fn environment(
    sources: &BTreeMap<&'static str, Source>,
    referred: Referred,
    fallbacks: BTreeMap<String, String>,
) -> Result<Environment<'static>, MergeError> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .comment_delimiters(COMMENT.0, COMMENT.1)
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| MergeError::new(error.to_string()))?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // No functions: `debug()` would print the whole row.
    let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    for name in globals {
        environment.remove_global(&name);
    }
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let tags: usize = sources.values().map(|source| source.places.len()).sum();
    let fuel = 4 * MAX_BODY_BYTES / BYTES_PER_FUEL + FUEL_PER_TAG * tags;
    environment.set_fuel(Some(u64::try_from(fuel).unwrap_or(u64::MAX)));
    environment.set_formatter(|out, _, value| match value.as_str() {
        Some(text) => out.write_str(text).map_err(Error::from),
        None => Err(Error::new(ErrorKind::InvalidOperation, "this value cannot be printed")),
    });
    add_filters(&mut environment);
    let Referred { sites, shapes } = referred;
    environment.add_filter(FILL, move |text: &str, shape: usize| paragraph(text, shapes.get(shape)));
    environment.add_filter(PRINT, move |value: &Value, site: usize| print(value, sites.get(site)));
    environment.add_filter(FALLBACK, move |value: Value, column: &str| {
        let empty = value.is_none() || value.as_str().is_some_and(str::is_empty);
        match fallbacks.get(column) {
            Some(fallback) if empty => Value::from(fallback.as_str()),
            _ => value,
        }
    });
    for part in [Part::Subject, Part::Preheader, Part::Html, Part::Text] {
        let source = sources.get(part.name());
        let text = source.map(|source| source.text.clone()).unwrap_or_default();
        environment.add_template_owned(part.name(), text).map_err(|error| explain(part, source, &error))?;
    }
    Ok(environment)
}

/// A value as it goes into its site. Whatever the value claims about itself (`safe`), it is escaped.
fn print(value: &Value, site: Option<&Site>) -> Result<String, Error> {
    fn refuse<T>(message: impl Into<Cow<'static, str>>) -> Result<T, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    }
    let Some(site) = site else { return refuse("this tag has no place in the message") };
    let owned;
    let text = match (value.kind(), value.as_str()) {
        (_, Some(text)) => text,
        (ValueKind::None, _) => "",
        (ValueKind::Bool, _) => {
            if value.is_true() {
                "true"
            } else {
                "false"
            }
        }
        (ValueKind::Number, _) => {
            owned = value.to_string();
            &owned
        }
        (ValueKind::Undefined, _) => return refuse(format!("`{}` is undefined", site.expression)),
        _ => return refuse("a list or an object cannot be printed"),
    };
    let Ok(escaped) = escape(text, site.context) else {
        return refuse(if text.trim().is_empty() {
            "a tag that opens a URL must give a whole http(s) URL; here it is empty"
        } else {
            "a tag that opens a URL must give a whole http(s) URL"
        });
    };
    if !site.encoded {
        return Ok(escaped.into_owned());
    }
    let mut out = String::with_capacity(escaped.len() + 8);
    qp::encode(&escaped, &mut out);
    Ok(out)
}

/// A merged paragraph as lines in their transfer encoding.
fn paragraph(text: &str, shape: Option<&Shape>) -> Result<String, Error> {
    let Some(shape) = shape else {
        return Err(Error::new(ErrorKind::InvalidOperation, "this paragraph has no shape"));
    };
    let mut lines = fill(text, shape).join("\n");
    let mut out = String::with_capacity(2 * text.len());
    if !lines.is_empty() {
        lines.push('\n');
        qp::encode(&lines, &mut out);
    }
    Ok(out)
}

/// minijinja's error as one of a tag in a file.
fn explain(part: Part, source: Option<&Source>, error: &Error) -> MergeError {
    if error.kind() == ErrorKind::OutOfFuel {
        return too_large(part);
    }
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let place = error.range().and_then(|range| source?.place(range.start));
    MergeError { place: place.map(str::to_owned), message }
}

fn too_large(part: Part) -> MergeError {
    MergeError::new(format!("the merged {} is larger than {} MiB", part.name(), MAX_BODY_BYTES / 1024 / 1024))
}
