//! HTML with tokens → [`Template`]: where each merge tag stands decides how its value is escaped.
//!
//! The scan follows the HTML tokenizer as far as it must: text, tags, quoted attributes, comments, style
//! sheets. Outlook's conditional comments hold HTML that Outlook renders, so they are scanned like the rest.

use super::build::{Context, Piece, Template};
use crate::finding::Finding;
use crate::tags::{Split, Tag, TagKind, TagTable};

/// Attributes whose value is a URL.
const URL_ATTRIBUTES: [&str; 7] = ["href", "src", "action", "background", "poster", "cite", "formaction"];

/// Where the scan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Position {
    Text,
    /// Inside `<style>` or `<script>`.
    Raw(&'static str),
    /// Inside a tag, outside of attribute values.
    Tag,
    /// Inside a quoted attribute value: its name, the quote, and what of it was seen so far.
    Value {
        name: String,
        quote: char,
        seen: String,
    },
    /// Inside a comment that is not a conditional one.
    Comment,
}

/// The template of an HTML text in which tokens stand.
pub(super) fn html_template(html: &str, tags: &TagTable) -> Result<Template, Vec<Finding>> {
    let html = unwrap_comments(html, tags);
    let mut scanner = Scanner { position: Position::Text, pending: String::new() };
    let mut findings = Vec::new();
    let template = template(&html, tags, |split, tag| match tag {
        None => {
            scanner.text(split);
            None
        }
        Some(tag) => match scanner.context(tag) {
            Ok(context) => Some(context),
            Err(finding) => {
                findings.push(finding.at(tag.place.clone()));
                Some(Context::Html)
            }
        },
    });
    match template {
        Ok(template) if findings.is_empty() => Ok(template),
        Ok(_) => Err(findings),
        Err(finding) => {
            findings.push(finding);
            Err(findings)
        }
    }
}

/// The template of a text in which every tag has the context that `context` names.
pub(super) fn plain_template(
    text: &str,
    tags: &TagTable,
    context: impl Fn(usize) -> Context,
) -> Result<Template, Finding> {
    let mut index = tags.split(text).into_iter().filter_map(|piece| match piece {
        Split::Tag(index) => Some(index),
        Split::Text(_) => None,
    });
    template(text, tags, |_, tag| tag.and_then(|_| index.next().map(&context)))
}

/// Splits `text` into pieces. `place` is asked for each piece of text (its answer is not used) and for each
/// tag's context.
fn template(
    text: &str,
    tags: &TagTable,
    mut context: impl FnMut(&str, Option<&Tag>) -> Option<Context>,
) -> Result<Template, Finding> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open: Vec<&Tag> = Vec::new();
    let mut trim_next = false;
    for split in tags.split(text) {
        match split {
            Split::Text(literal) => {
                context(literal, None);
                let literal = if trim_next { literal.trim_start() } else { literal };
                trim_next = false;
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            Split::Tag(index) => {
                let tag = tags.get(index);
                if tag.trim_before
                    && let Some(Piece::Literal(literal)) = pieces.last_mut()
                {
                    literal.truncate(literal.trim_end().len());
                }
                trim_next = tag.trim_after;
                let context = context("", Some(tag)).unwrap_or(Context::Text);
                pieces.push(piece(tag, context));
                balance(tag, &mut open)?;
            }
        }
    }
    open.last().map_or(Ok(Template(pieces)), |tag| Err(unclosed(tag)))
}

pub(super) fn unclosed(tag: &Tag) -> Finding {
    Finding::error("unclosed-if", format!("`{}` has no `{{% endif %}}`", tag.written()))
        .at(tag.place.clone())
        .help("an `if` must begin and end in the same place: the same paragraph, heading or section of the issue, or the same subject")
}

pub(super) fn piece(tag: &Tag, context: Context) -> Piece {
    let place = tag.place.to_string();
    match tag.kind {
        TagKind::Print => Piece::Print { expression: tag.source.clone(), context, place },
        TagKind::Statement => Piece::Statement { statement: tag.source.clone(), place },
    }
}

/// Follows `if`, `elif`, `else` and `endif`.
pub(super) fn balance<'a>(tag: &'a Tag, open: &mut Vec<&'a Tag>) -> Result<(), Finding> {
    if tag.kind == TagKind::Print {
        return Ok(());
    }
    match tag.source.split_whitespace().next().unwrap_or_default() {
        "if" => open.push(tag),
        "endif" if open.pop().is_some() => {}
        "elif" | "else" if !open.is_empty() => {}
        word @ ("elif" | "else" | "endif") => {
            return Err(Finding::error(
                "stray-statement",
                format!("`{{% {word} %}}` without an `{{% if … %}}` before it"),
            )
            .at(tag.place.clone()));
        }
        // What is no statement at all is told where names are.
        _ => {}
    }
    Ok(())
}

/// `<!--token-->` → `token`: statements stood in comments so that no HTML parser would move them.
fn unwrap_comments(html: &str, tags: &TagTable) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = 0;
    while let Some((range, _)) = tags.find(html, rest) {
        let before = &html[rest..range.start];
        let wrapped =
            before.trim_end().ends_with("<!--") && html[range.end..].trim_start().starts_with("-->");
        let before = if wrapped { before.trim_end().trim_end_matches("<!--") } else { before };
        out.push_str(before);
        out.push_str(&html[range.clone()]);
        rest = range.end;
        if wrapped {
            rest += html[rest..].find("-->").map_or(0, |at| at + 3);
        }
    }
    out.push_str(&html[rest..]);
    out
}

struct Scanner {
    position: Position,
    /// The name of the tag or attribute being read, or the unread end of a piece that a token cut.
    pending: String,
}

impl Scanner {
    /// The context of a tag that stands where the scan is.
    fn context(&mut self, tag: &Tag) -> Result<Context, Finding> {
        let print = tag.kind == TagKind::Print;
        match &mut self.position {
            Position::Text | Position::Comment => Ok(Context::Html),
            Position::Raw(_) if !print => Ok(Context::Html),
            Position::Raw(element) => Err(Finding::error(
                "tag-in-style",
                format!("`{}` cannot stand inside <{element}>", tag.written()),
            )
            .help("a subscriber's data could change how the whole message looks")),
            Position::Tag => Err(Finding::error(
                "tag-outside-value",
                format!("`{}` cannot stand here, inside an HTML tag", tag.written()),
            )
            .help("put it into the text, or into a quoted attribute value")),
            Position::Value { name, .. } if name == "style" && print => Err(Finding::error(
                "tag-in-style",
                format!("`{}` cannot stand inside a style", tag.written()),
            )
            .help("choose between fixed styles with {% if … %} instead")),
            Position::Value { name, seen, .. } => {
                let at_start = seen.trim().is_empty();
                if print {
                    seen.push('x');
                }
                Ok(match (URL_ATTRIBUTES.contains(&name.as_str()), at_start) {
                    (true, true) => Context::HtmlUrl,
                    (true, false) => Context::HtmlUrlPart,
                    (false, _) => Context::HtmlAttribute,
                })
            }
        }
    }

    /// Follows a piece of text without tokens.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            rest = match self.position.clone() {
                Position::Text => self.in_text(rest),
                Position::Raw(element) => self.in_raw(element, rest),
                Position::Comment => self.in_comment(rest),
                Position::Tag => self.in_tag(rest),
                Position::Value { quote, .. } => self.in_value(quote, rest),
            };
        }
    }

    fn in_text<'a>(&mut self, rest: &'a str) -> &'a str {
        let Some(at) = rest.find('<') else { return "" };
        let rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            // `<!--[if mso]>` opens Outlook's view, which is scanned as HTML; `<![endif]-->` closes it.
            if comment.starts_with("[if") || comment.starts_with("<![") {
                return comment.find('>').map_or("", |end| &comment[end + 1..]);
            }
            self.position = Position::Comment;
            return comment;
        }
        if rest.starts_with("<!") {
            return rest.find('>').map_or("", |end| &rest[end + 1..]);
        }
        let after = &rest[1..];
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            return after;
        }
        let end = after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len());
        self.pending = after[..end].trim_end_matches('/').to_ascii_lowercase();
        self.position = Position::Tag;
        &after[end..]
    }

    fn in_comment<'a>(&mut self, rest: &'a str) -> &'a str {
        let Some(end) = rest.find("-->") else { return "" };
        self.position = Position::Text;
        &rest[end + 3..]
    }

    fn in_raw<'a>(&mut self, element: &'static str, rest: &'a str) -> &'a str {
        let close = format!("</{element}");
        let Some(at) = rest.to_ascii_lowercase().find(&close) else { return "" };
        self.position = Position::Text;
        &rest[at..]
    }

    fn in_tag<'a>(&mut self, rest: &'a str) -> &'a str {
        let Some(at) = rest.find(['>', '"', '\'']) else {
            self.pending.push_str(rest);
            return "";
        };
        let found = rest[at..].chars().next().unwrap_or('>');
        let before = format!("{}{}", self.pending, &rest[..at]);
        if found == '>' {
            let name = before.split_whitespace().next().unwrap_or_default();
            self.position = match name {
                "style" => Position::Raw("style"),
                "script" => Position::Raw("script"),
                _ => Position::Text,
            };
            self.pending.clear();
        } else {
            let name = before.trim_end().trim_end_matches('=').trim_end();
            let name =
                name.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default().to_ascii_lowercase();
            self.pending = format!("{} ", before.split_whitespace().next().unwrap_or_default());
            self.position = Position::Value { name, quote: found, seen: String::new() };
        }
        &rest[at + 1..]
    }

    fn in_value<'a>(&mut self, quote: char, rest: &'a str) -> &'a str {
        let (value, after, closed) = match rest.find(quote) {
            Some(at) => (&rest[..at], &rest[at + 1..], true),
            None => (rest, "", false),
        };
        if closed {
            self.position = Position::Tag;
        } else if let Position::Value { seen, .. } = &mut self.position {
            seen.push_str(value);
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn contexts(text: &str) -> Vec<String> {
        let mut tags = TagTable::new([text]);
        let html = tags.protect(text, |offset| Place::offset("x.mjml", text, offset)).unwrap();
        match html_template(&html, &tags) {
            Ok(template) => template
                .0
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Print { expression, context, .. } => Some(format!("{expression}: {context:?}")),
                    Piece::Statement { statement, .. } => Some(statement.clone()),
                    _ => None,
                })
                .collect(),
            Err(findings) => findings.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn each_position_has_its_context() {
        assert_eq!(contexts("<p>{{ a }}</p>"), ["a: Html"]);
        assert_eq!(
            contexts(r#"<a href="{{ a }}?x={{ b }}" title='{{ c }}'>{{ d }}</a>"#),
            ["a: HtmlUrl", "b: HtmlUrlPart", "c: HtmlAttribute", "d: Html"]
        );
        assert_eq!(
            contexts("<!--[if mso]><v:rect href=\"https://x/{{ a }}\"><![endif]-->{{ b }}"),
            ["a: HtmlUrlPart", "b: Html"]
        );
        assert_eq!(contexts("<!-- if > \" --><p title=\"{{ a }}\">"), ["a: HtmlAttribute"]);
        assert_eq!(contexts("a < b {{ a }}"), ["a: Html"]);
    }

    #[test]
    fn style_and_tags_are_no_place_for_data() {
        assert_eq!(
            contexts("<style>a { color: {{ c }} }</style>{{ d }}"),
            [
                "x.mjml:1:19: `{{ c }}` cannot stand inside <style> (a subscriber's data could change how the whole message looks)"
            ]
        );
        assert_eq!(
            contexts("<p {{ c }}>"),
            [
                "x.mjml:1:4: `{{ c }}` cannot stand here, inside an HTML tag (put it into the text, or into a quoted attribute value)"
            ]
        );
        assert_eq!(
            contexts("<p style=\"color:{{ c }}\">"),
            [
                "x.mjml:1:17: `{{ c }}` cannot stand inside a style (choose between fixed styles with {% if … %} instead)"
            ]
        );
    }

    #[test]
    fn statements_balance() {
        assert_eq!(contexts("{% if a %}<p>{% else %}</p>{% endif %}"), ["if a", "else", "endif"]);
        assert_eq!(
            contexts("a\n{% endif %}"),
            ["x.mjml:2:1: `{% endif %}` without an `{% if … %}` before it"]
        );
        assert!(contexts("{% if a %}")[0].starts_with("x.mjml:1:1: `{% if a %}` has no `{% endif %}`"));
    }

    #[test]
    fn a_statement_in_a_comment_comes_out_of_it() {
        let text = "a<!--{% if a %}-->b<!-- {% endif %} -->c";
        let mut tags = TagTable::new([text]);
        let html = tags.protect(text, |_| Place::file("x")).unwrap();
        let template = html_template(&html, &tags).unwrap();
        let literals: Vec<_> = template
            .0
            .iter()
            .filter_map(|piece| match piece {
                Piece::Literal(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(literals, ["a", "b", "c"]);
    }
}
