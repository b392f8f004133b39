//! The issue as one page for the web, without anyone's data: what the address in `[list] view` is to show.
//!
//! No subscriber is read for it. It is the message to somebody of whom nothing is known, every column empty: a merge
//! tag prints its `[merge]` fallback, a condition goes the way it goes for an empty value, so what is for some only is
//! not on the page. Where that would leave a hole in a sentence, or a condition cannot be worked out, the operator has
//! to say what the public is to read: a page that says "Hello ," helps nobody.
//!
//! The links to leave the list go, and so does what the layout marks with the class `mail-only`. Pictures are part of
//! the file: they are small enough, for they were to travel in every message, and one file is easily published.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::branches::depends;
use super::leaving::{LEAVE, without_leaving};
use crate::compile::{Build, Context, Piece, Template};
use crate::expr::{Purpose, Row, Schema, Statement, statement};
use crate::finding::{Finding, Place};
use crate::merge::{MergeError, Merger};

/// Begin a number: of a printed tag, of a branch. A Unicode noncharacter, as are all marks here and [`LEAVE`]: no text
/// may hold one.
const PRINT: char = '\u{fdd1}';
const BRANCH: char = '\u{fdd2}';
/// Ends it.
const NUMBER: char = '\u{fdd3}';
/// Ends what a tag printed.
const PRINTED: char = '\u{fdd4}';
/// What MJML has screen readers say of the page, and is no longer so.
const IS_MAIL: &str = " aria-roledescription=\"email\"";
/// Parts the subject from the preheader.
const NEXT: char = '\u{fdd5}';

/// The page.
#[derive(Debug)]
pub struct WebPage {
    /// The file.
    pub html: String,
    /// What it shows and leaves out of what is not for everybody, a sentence each.
    pub notes: Vec<String>,
}

/// Makes the page of `build`, for a list of these columns.
///
/// # Errors
/// Every tag that has nothing to print, or the condition that cannot be worked out.
pub fn web_page(build: &Build, schema: &Arc<Schema>) -> Result<WebPage, Vec<Finding>> {
    let mut marker = Marker { build, schema, tags: Vec::new(), branches: Vec::new(), findings: Vec::new() };
    let html = marker.mark(&build.html, Some);
    let mut heading = marker.mark(&build.subject, |_| None);
    heading.push(Piece::Literal(NEXT.to_string()));
    heading.extend(marker.mark(&build.preheader, |_| None));
    if !marker.findings.is_empty() {
        return Err(marker.findings);
    }
    let probe = Build {
        subject: Template(vec![Piece::Literal("-".to_owned())]),
        preheader: Template::default(),
        html: Template(html),
        text: Template(heading),
        ..build.clone()
    };
    let nobody = Arc::new(Row::new(Arc::clone(schema), Vec::new()));
    let merged = Merger::new(&probe, schema).and_then(|merger| merger.merge(&nobody, ""));
    let merged = merged.map_err(|error| vec![unclear(&error)])?;

    let mut reached = Reached::default();
    let html = reached.read(&merged.html());
    let heading = reached.read(&merged.text());
    let holes = marker.holes(&reached);
    if !holes.is_empty() {
        return Err(holes);
    }
    let (subject, preheader) = heading.split_once(NEXT).unwrap_or((&heading, ""));
    let html = with_pictures(without_leaving(&html), build).replacen(IS_MAIL, "", 1);
    let html = with_head(&html, &head(build, subject.trim(), preheader.trim()));
    Ok(WebPage { html, notes: marker.notes(&reached) })
}

/// A tag that prints.
struct Tag {
    expression: String,
    place: String,
    /// Whether it stands in a sentence, and what it prints depends on the subscriber.
    counts: bool,
}

/// A way that a condition can go.
struct Branch {
    told: String,
    place: String,
    /// Whether the condition depends on the subscriber.
    counts: bool,
    otherwise: bool,
}

/// Puts marks around tags and into branches, so that the merge itself tells which of them are reached.
struct Marker<'a> {
    build: &'a Build,
    schema: &'a Schema,
    tags: Vec<Tag>,
    branches: Vec<Branch>,
    findings: Vec<Finding>,
}

impl Marker<'_> {
    /// The pieces with marks. `context` is how they are escaped: their own way, or else as plain text.
    fn mark(&mut self, template: &Template, context: impl Fn(Context) -> Option<Context>) -> Vec<Piece> {
        let mut out = Vec::new();
        // The conditions of every `if` that is open.
        let mut open: Vec<Vec<String>> = Vec::new();
        for piece in &template.0 {
            match piece {
                Piece::Literal(_) | Piece::Paragraph(_) | Piece::End => out.push(piece.clone()),
                Piece::Print { expression, context: own, place } if leaves(expression) => {
                    if matches!(own, Context::HtmlUrl | Context::HtmlUrlPart | Context::HtmlAttribute) {
                        out.push(Piece::Literal(LEAVE.to_string()));
                    } else {
                        self.findings.push(nobodys_link(place));
                    }
                }
                Piece::Print { expression, context: own, place } => {
                    let in_words = matches!(own, Context::Html | Context::Header | Context::Text);
                    let counts = in_words && self.asks(expression, Purpose::Print);
                    out.push(Piece::Literal(format!("{PRINT}{}{NUMBER}", self.tags.len())));
                    let context = context(*own).unwrap_or(Context::Text);
                    out.push(Piece::Print { expression: expression.clone(), context, place: place.clone() });
                    out.push(Piece::Literal(PRINTED.to_string()));
                    self.tags.push(Tag { expression: expression.clone(), place: place.clone(), counts });
                }
                Piece::Statement { statement, place } => {
                    out.push(piece.clone());
                    out.extend(self.branch(statement, place, &mut open));
                }
            }
        }
        out
    }

    /// The mark of the branch that a statement opens.
    fn branch(&mut self, written: &str, place: &str, open: &mut Vec<Vec<String>>) -> Option<Piece> {
        // What the compile step has let pass can be read.
        let otherwise = match statement(written).ok()? {
            Statement::If(condition) => {
                open.push(vec![written[condition].to_owned()]);
                false
            }
            Statement::Elif(condition) => {
                open.last_mut()?.push(written[condition].to_owned());
                false
            }
            Statement::Else => true,
            Statement::EndIf => {
                open.pop();
                return None;
            }
        };
        let conditions = open.last()?;
        let told = if otherwise {
            format!("others than `{}`", conditions.join("`, `"))
        } else {
            format!("`{}`", conditions.last()?)
        };
        let counts = conditions.iter().any(|condition| self.asks(condition, Purpose::Condition));
        self.branches.push(Branch { told, place: place.to_owned(), counts, otherwise });
        Some(Piece::Literal(format!("{BRANCH}{}{NUMBER}", self.branches.len() - 1)))
    }

    /// Whether an expression depends on the subscriber.
    fn asks(&self, expression: &str, purpose: Purpose) -> bool {
        depends(expression, purpose, self.build, self.schema)
    }

    /// The tags that leave a hole.
    fn holes(&self, reached: &Reached) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for tag in reached.empty.iter().filter_map(|index| self.tags.get(*index)).filter(|tag| tag.counts) {
            let expression = &tag.expression;
            let message =
                format!("`{{{{ {expression} }}}}` has nothing to print on a page without anyone's data");
            let finding = Finding::error("nothing-to-print", message).at(Place::from(tag.place.as_str()));
            let finding = finding.help(format!(
                "say under [merge] what stands there for an empty value, or write {{% if {expression} %}}…{{% endif %}} around it"
            ));
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        findings
    }

    /// What the page shows and leaves out of what depends on the subscriber. The text part has the same conditions,
    /// and is no part of it.
    fn notes(&self, reached: &Reached) -> Vec<String> {
        let mut notes = Vec::new();
        for (index, branch) in self.branches.iter().enumerate().filter(|(_, branch)| branch.counts) {
            let shown = reached.branches.contains(&index);
            let (Branch { told, place, .. }, is) = (branch, if shown { "on" } else { "not on" });
            // Where nothing is known, it is no news that the `else` is shown; what is missing is.
            if shown == branch.otherwise {
                let note = format!("{is} the page: what is written for {told} ({place})");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }
}

/// Whether a tag is about leaving the list.
fn leaves(expression: &str) -> bool {
    expression.contains("unsubscribe_url")
}

/// What the marks say.
#[derive(Default)]
struct Reached {
    /// The tags that printed nothing.
    empty: Vec<usize>,
    branches: Vec<usize>,
}

impl Reached {
    /// The text without its marks, which are noted.
    fn read(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find([PRINT, BRANCH, PRINTED]) {
            out.push_str(&rest[..at]);
            let mut after = rest[at..].chars();
            let mark = after.next();
            rest = after.as_str();
            if mark == Some(PRINTED) {
                continue;
            }
            let Some((number, behind)) = rest.split_once(NUMBER) else { continue };
            rest = behind;
            let Ok(number) = number.parse() else { continue };
            if mark == Some(BRANCH) {
                self.branches.push(number);
            } else if rest.split(PRINTED).next().is_some_and(|value| value.trim().is_empty()) {
                self.empty.push(number);
            }
        }
        out + rest
    }
}

/// A condition or link that cannot do without a value.
fn unclear(error: &MergeError) -> Finding {
    let finding = error.finding();
    let message = format!("without anyone's data, {}", finding.message);
    Finding { message, ..finding }.help(
        "say what counts for an empty value, with |default(…) or under [merge], or put it in {% if … %}",
    )
}

fn nobodys_link(place: &str) -> Finding {
    Finding::error("unsubscribe-in-text", "a page without anyone's data has no unsubscribe address to print")
        .at(Place::from(place))
        .help("make it a link: the page leaves those out")
}

/// In a message a picture is a part of its own; here it is in its place.
fn with_pictures(html: String, build: &Build) -> String {
    build.pictures.iter().fold(html, |html, picture| {
        let cid = format!("cid:{}", picture.cid);
        if html.contains(&cid) {
            let bytes = BASE64_STANDARD.encode(&picture.bytes);
            html.replace(&cid, &format!("data:{};base64,{bytes}", picture.media_type))
        } else {
            html
        }
    })
}

/// What search engines, and programs that show a link, read of a page (ogp.me).
fn head(build: &Build, subject: &str, preheader: &str) -> String {
    let subject = &attribute(subject);
    let mut head = format!("<meta charset=\"utf-8\"><title>{subject}</title>");
    let mut meta = |key: &str, name: &str, content: &str| {
        if !content.is_empty() {
            // Writing to a string does not fail.
            let _ = write!(head, "<meta {key}=\"{name}\" content=\"{content}\">");
        }
    };
    let preheader = attribute(preheader);
    meta("name", "description", &preheader);
    meta("property", "og:type", "article");
    meta("property", "og:title", subject);
    meta("property", "og:description", &preheader);
    meta("property", "og:site_name", &attribute(&build.list_name));
    if let Some(view) = build.constants.get("view_url").and_then(|url| url.as_str()) {
        let view = attribute(view);
        meta("property", "og:url", &view);
        let _ = write!(head, "<link rel=\"canonical\" href=\"{view}\">");
    }
    head.push_str("<style>.mail-only { display: none !important; }</style>");
    head
}

/// Text for an attribute in double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The page with this at the top of its head, in place of its own title.
fn with_head(html: &str, head: &str) -> String {
    let html = match (html.find("<title>"), html.find("</title>")) {
        (Some(start), Some(end)) if start < end => {
            format!("{}{}", &html[..start], &html[end + "</title>".len()..])
        }
        _ => html.to_owned(),
    };
    let end = html.find("<head").and_then(|start| Some(start + html[start..].find('>')? + 1));
    match end {
        Some(end) => format!("{}{head}{}", &html[..end], &html[end..]),
        None => format!("{head}{html}"),
    }
}
