//! The front matter: TOML between `+++` lines, before the Markdown.
//!
//! An unknown key is an error with the nearest known one, and so is a merge tag where nothing is merged: what
//! would be ignored is refused.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::direction::Direction;
use super::origin::Origin;
use crate::finding::{Finding, Place, Written, nearest};
use crate::tags::TagTable;
use crate::toml_slip::{self, Slip};

const FENCE: &str = "+++";
const KEYS: [&str; 12] = [
    "subject",
    "preheader",
    "issue",
    "layout",
    "segment",
    "from",
    "reply_to",
    "relay",
    "lang",
    "dir",
    "merge",
    "utm",
];
const MAX_DEPTH: usize = 16;

/// What stands before the Markdown. Merge tags are tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontMatter {
    /// `subject`; may hold merge tags.
    pub subject: Written,
    /// `preheader`; may hold merge tags, empty where unset.
    pub preheader: Written,
    /// `issue.*`; dates are `YYYY-MM-DD` text.
    pub issue: Map<String, Value>,
    /// Where the values of `issue.*` and `[merge]` were written, by their whole names: `issue.number`, `merge.plan`.
    pub places: BTreeMap<String, Place>,
    /// `layout`: the name of a file in `mjml/`; `standard` where unset.
    pub layout: Written,
    /// `segment`: an expression.
    pub segment: Option<Written>,
    /// `from`, instead of the sender's.
    pub from: Option<Written>,
    /// `reply_to`, instead of the sender's.
    pub reply_to: Option<Written>,
    /// `relay`: the name of one.
    pub relay: Option<Written>,
    /// `lang`: a language tag (RFC 5646); `en` where unset.
    pub lang: String,
    /// `dir`, or what the language asks for.
    pub dir: Direction,
    /// `[merge]`: what is printed for an empty value, by column.
    pub merge: BTreeMap<String, String>,
    /// `[utm]`: parameters added to links, by name without `utm_`.
    pub utm: BTreeMap<String, String>,
}

/// Where the TOML stands in the text, and where the Markdown begins.
pub(super) fn cut(origin: &Origin<'_>) -> Result<(Range<usize>, usize), Finding> {
    let text = origin.text();
    let mut offset = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        let fence = line.trim_end() == FENCE;
        match start {
            None if fence => start = Some(line.len()),
            None => break,
            Some(start) if fence => return Ok((start..offset, offset + line.len())),
            Some(_) => {}
        }
        offset += line.len();
    }
    Err(match start {
        None => no_front_matter(text),
        Some(_) => Finding::error("no-front-matter", "the front matter is not closed")
            .help("put a line `+++` between the front matter and the text"),
    }
    .at(origin.place(0)))
}

/// What stands at the top of the file instead.
fn no_front_matter(text: &str) -> Finding {
    let error = |message: &str| Finding::error("no-front-matter", message);
    let first = text.lines().next().unwrap_or_default();
    let fence = first.trim_end();
    if fence.len() > 1 && fence.bytes().all(|b| matches!(b, b'-' | b'+' | b'=')) {
        return error(&format!("front matter stands between two lines `+++`, and this line is `{fence}`"))
            .help("write `+++` above and below it, and in it `key = \"…\"`, as in `subject = \"…\"`");
    }
    if first.trim().is_empty() && text.trim_start().starts_with(FENCE) {
        return error("the front matter does not begin in the first line")
            .help("remove what stands above it");
    }
    error("does not begin with front matter")
        .help("begin with a line `+++`, then `subject = \"…\"` (TOML, not YAML), then a line `+++`")
}

/// Reads the front matter that stands at `range`.
pub(super) fn read(
    origin: &Origin<'_>,
    range: Range<usize>,
    tags: &TagTable,
) -> Result<FrontMatter, Vec<Finding>> {
    let base = range.start;
    let text = &origin.text()[range];
    let table = DeTable::parse(text).map_err(|error| {
        let Slip { at, message, help } = toml_slip::explain(text, &error);
        let finding = Finding::error("broken-toml", tags.restore(&message));
        vec![finding.at(origin.place(base + at)).help(tags.restore(&help))]
    })?;
    let mut reader = Reader { origin, base, tags, findings: Vec::new() };
    let front = reader.front(table.get_ref());
    match front {
        Some(front) if reader.findings.is_empty() => Ok(front),
        _ => Err(reader.findings),
    }
}

struct Reader<'a> {
    origin: &'a Origin<'a>,
    base: usize,
    tags: &'a TagTable,
    findings: Vec<Finding>,
}

type Entry<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    /// Reads every key; `None` (and a finding) without a subject.
    fn front(&mut self, table: &DeTable<'_>) -> Option<FrontMatter> {
        for key in table.keys() {
            self.known(key);
        }
        let top = self.origin.place(0);
        let unset = |text: &str| Written { text: text.to_owned(), place: top.clone() };
        let subject = self.header(table, "subject");
        let empty = subject.as_ref().filter(|subject| subject.text.trim().is_empty());
        let misspelt = table.keys().any(|key| nearest(key.get_ref(), KEYS) == Some("subject"));
        if !misspelt || empty.is_some() {
            let place = empty.map_or_else(|| top.clone(), |subject| subject.place.clone());
            self.findings.push(
                Finding::error("no-subject", "there is no subject")
                    .at(place)
                    .help("write `subject = \"…\"` in the front matter"),
            );
        }
        let lang = self.lang(table);
        let places = self.places(table);
        Some(FrontMatter {
            places,
            preheader: self.header(table, "preheader").unwrap_or_else(|| unset("")),
            issue: self.issue(table),
            layout: self.constant(table, "layout").unwrap_or_else(|| unset("standard")),
            segment: self.constant(table, "segment"),
            from: self.constant(table, "from"),
            reply_to: self.constant(table, "reply_to"),
            relay: self.constant(table, "relay"),
            dir: self.dir(table, &lang),
            lang,
            merge: self.texts(table, "merge"),
            utm: self.utm(table),
            subject: subject?,
        })
    }

    /// Of `issue` the places of the values, of `merge` those of the names: what messages are about.
    fn places(&self, table: &DeTable<'_>) -> BTreeMap<String, Place> {
        let mut places = BTreeMap::new();
        for group in ["issue", "merge"] {
            let entries = table.get(group).and_then(|entry| entry.get_ref().as_table());
            for (name, entry) in entries.into_iter().flatten() {
                let span = if group == "issue" { entry.span() } else { name.span() };
                places.insert(format!("{group}.{}", name.get_ref()), self.place(&span));
            }
        }
        places
    }

    fn place(&self, span: &Range<usize>) -> Place {
        self.origin.place(self.base + span.start)
    }

    fn error<T>(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: String,
        help: &str,
    ) -> Option<T> {
        let finding = Finding::error(code, message).at(self.place(span)).help(help);
        self.findings.push(finding);
        None
    }

    fn known(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        if KEYS.contains(&name) {
            return;
        }
        let help = match nearest(name, KEYS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("what is your own goes under `issue`: `issue.{name}`"),
        };
        let message = format!("unknown key `{}`", self.tags.restore(name));
        self.error::<()>("unknown-key", &key.span(), message, &help);
    }

    /// Text on one line that may hold merge tags.
    fn header(&mut self, table: &DeTable<'_>, key: &str) -> Option<Written> {
        let entry = table.get(key)?;
        let written = self.text(key, entry)?;
        if written.text.chars().any(char::is_control) {
            let message = format!("`{key}` holds a line break or another control character");
            return self.error("control-character", &entry.span(), message, "write it on one line");
        }
        Some(written)
    }

    /// Text that is the same for every subscriber.
    fn constant(&mut self, table: &DeTable<'_>, key: &str) -> Option<Written> {
        let entry = table.get(key)?;
        self.untagged(key, entry)
    }

    fn untagged(&mut self, key: &str, entry: &Entry<'_>) -> Option<Written> {
        let written = self.text(key, entry)?;
        if self.tags.touches(&written.text) {
            let message = format!("`{key}` is the same for every subscriber: no merge tag can stand here");
            return self.error(
                "misplaced-tag",
                &entry.span(),
                message,
                "merge tags go into the subject, the preheader and the text",
            );
        }
        if written.text.trim().is_empty() {
            return self.error(
                "empty-value",
                &entry.span(),
                format!("`{key}` is empty"),
                "fill it in, or delete the line",
            );
        }
        Some(written)
    }

    fn text(&mut self, key: &str, entry: &Entry<'_>) -> Option<Written> {
        match entry.get_ref() {
            DeValue::String(text) => {
                Some(Written { text: text.clone().into_owned(), place: self.place(&entry.span()) })
            }
            other => {
                let message = format!("`{key}` must be text, not {}", kind(other));
                self.error("wrong-type", &entry.span(), message, "put it in quotes")
            }
        }
    }

    fn table<'t, 'd>(&mut self, table: &'t DeTable<'d>, key: &str) -> Option<&'t DeTable<'d>> {
        let entry = table.get(key)?;
        match entry.get_ref() {
            DeValue::Table(inner) => Some(inner),
            other => {
                let message = format!("`{key}` must be a table, not {}", kind(other));
                self.error("wrong-type", &entry.span(), message, &format!("write `{key}.number = 1`, say"))
            }
        }
    }

    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for (name, entry) in self.table(table, key).into_iter().flatten() {
            let path = format!("{key}.{}", name.get_ref());
            if let Some(written) = self.untagged(&path, entry) {
                out.insert(name.get_ref().to_string(), written.text);
            }
        }
        out
    }

    fn utm(&mut self, table: &DeTable<'_>) -> BTreeMap<String, String> {
        let Some(inner) = self.table(table, "utm") else { return BTreeMap::new() };
        for name in inner.keys() {
            let text = name.get_ref().as_ref();
            if let Some(bare) = text.strip_prefix("utm_") {
                let message = format!("`utm.{text}` would become `utm_{text}`");
                let help = format!("write `{bare}`");
                self.error::<()>("unknown-key", &name.span(), message, &help);
            } else if text.is_empty() || !text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                let message = format!("`{text}` is no name of a UTM parameter");
                self.error::<()>(
                    "unknown-key",
                    &name.span(),
                    message,
                    "such as `source`, `medium`, `campaign`",
                );
            }
        }
        self.texts(table, "utm")
    }

    fn lang(&mut self, table: &DeTable<'_>) -> String {
        let Some(written) = self.constant(table, "lang") else { return "en".to_owned() };
        let subtag =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if !(written.text.len() <= 35 && written.text.split('-').all(subtag)) {
            self.findings.push(
                Finding::error("bad-language", format!("`{}` is no language tag", written.text))
                    .at(written.place)
                    .help("such as `en`, `de`, `pt-BR`, `zh-Hant`"),
            );
        }
        written.text
    }

    fn dir(&mut self, table: &DeTable<'_>, lang: &str) -> Direction {
        let by_language = Direction::of(lang);
        let Some(written) = self.constant(table, "dir") else { return by_language };
        match written.text.as_str() {
            "ltr" => Direction::LeftToRight,
            "rtl" => Direction::RightToLeft,
            other => {
                self.findings.push(
                    Finding::error("bad-direction", format!("`dir` cannot be `{other}`"))
                        .at(written.place)
                        .help("write \"ltr\" or \"rtl\", or leave it to `lang`"),
                );
                by_language
            }
        }
    }

    fn issue(&mut self, table: &DeTable<'_>) -> Map<String, Value> {
        let Some(inner) = self.table(table, "issue") else { return Map::new() };
        self.object("issue", inner, 0)
    }

    fn object(&mut self, path: &str, table: &DeTable<'_>, depth: usize) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, entry) in table {
            let path = format!("{path}.{}", name.get_ref());
            if let Some(value) = self.value(&path, entry, depth + 1) {
                out.insert(name.get_ref().to_string(), value);
            }
        }
        out
    }

    fn value(&mut self, path: &str, entry: &Entry<'_>, depth: usize) -> Option<Value> {
        let span = entry.span();
        if depth > MAX_DEPTH {
            return self.error("too-deep", &span, format!("`{path}` lies too deep"), "nest less");
        }
        match entry.get_ref() {
            DeValue::String(text) if self.tags.touches(text) => self.error(
                "misplaced-tag",
                &span,
                format!("`{path}` is the same for every subscriber: no merge tag can stand here"),
                "write the merge tag where the value is used",
            ),
            DeValue::String(text) => Some(Value::String(text.clone().into_owned())),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Some(Value::Number(number.into())),
                Err(_) => {
                    self.error("bad-number", &span, format!("`{path}` is too large"), "put it in quotes")
                }
            },
            DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
                Some(number) => Some(Value::Number(number)),
                None => self.error("bad-number", &span, format!("`{path}` is no number"), "put it in quotes"),
            },
            DeValue::Boolean(value) => Some(Value::Bool(*value)),
            DeValue::Datetime(when) => Some(Value::String(when.to_string())),
            DeValue::Array(items) => {
                Some(items.iter().filter_map(|item| self.value(path, item, depth + 1)).collect())
            }
            DeValue::Table(inner) => Some(Value::Object(self.object(path, inner, depth))),
        }
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
