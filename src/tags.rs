//! Merge tags as opaque tokens.
//!
//! A merge tag (`{{ first_name }}`, `{% if plan == "pro" %}`) may hold quotes, spaces, `&` and `<`. So that
//! none of Markdown, the issue phase and MJML can touch it, [`TagTable::protect`] replaces every tag by a
//! token of letters and digits before the first of them runs, and [`TagTable::split`] finds the tokens again
//! in what comes out at the very end. `{# #}` is ordinary text.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Place};

/// What kind of tag it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TagKind {
    /// `{{ … }}`: prints.
    Print,
    /// `{% … %}`: decides.
    Statement,
}

/// One merge tag as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Prints or decides.
    pub kind: TagKind,
    /// What stands between the delimiters, trimmed, without the `-` of white-space control.
    pub source: String,
    /// `{{-` or `{%-`: the white space before it goes.
    pub trim_before: bool,
    /// `-}}` or `-%}`: the white space after it goes.
    pub trim_after: bool,
    /// Where it was written.
    pub place: Place,
    /// How many bytes it took there, delimiters included.
    pub written_bytes: usize,
}

/// A piece of text in which tokens stand: text, or the index of a tag in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split<'a> {
    /// Text without a token.
    Text(&'a str),
    /// The tag of this index.
    Tag(usize),
}

/// The tags of one build. Tokens look like `mtag7k0000012x`: a prefix that no source contains, a number of
/// fixed width, an `x`; ASCII letters and digits only, so no parser sees anything but a word.
#[derive(Debug, Clone)]
pub struct TagTable {
    prefix: String,
    tags: Vec<Tag>,
}

const NUMBER_DIGITS: usize = 6;
/// More tags than this in one build are refused.
const MAX_TAGS: usize = 99_999;
/// A tag longer than this many bytes is refused: it is an unclosed one that swallowed the rest.
const MAX_TAG_BYTES: usize = 2_000;

impl TagTable {
    /// A table whose tokens occur in none of `sources`, every text that will ever be protected with it.
    pub fn new<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let sources: Vec<&str> = sources.into_iter().collect();
        let taken = |prefix: &str| sources.iter().any(|source| source.to_ascii_lowercase().contains(prefix));
        let mut number = 0_u32;
        while taken(&prefix(number)) {
            number += 1;
        }
        Self { prefix: prefix(number), tags: Vec::new() }
    }

    /// `text` with a token for every merge tag. `locate` gives the place of a byte offset of `text`.
    pub fn protect(&mut self, text: &str, locate: impl Fn(usize) -> Place) -> Result<String, Finding> {
        let mut out = String::with_capacity(text.len());
        let mut rest = 0;
        while let Some(start) = next_open(text, rest) {
            out.push_str(&text[rest..start]);
            let (tag, end) = read_tag(text, start, &locate)?;
            if self.tags.len() >= MAX_TAGS {
                return Err(Finding::error("too-many-tags", format!("more than {MAX_TAGS} merge tags"))
                    .at(locate(start)));
            }
            out.push_str(&self.token(self.tags.len()));
            self.tags.push(tag);
            rest = end;
        }
        out.push_str(&text[rest..]);
        Ok(out)
    }

    /// Adds a tag that nobody wrote as such (a block's `if`) and gives its token.
    pub fn add(&mut self, tag: Tag) -> String {
        self.tags.push(tag);
        self.token(self.tags.len() - 1)
    }

    /// The tag of this index.
    pub fn get(&self, index: usize) -> &Tag {
        &self.tags[index]
    }

    /// How many tags there are.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The token of the tag of this index.
    pub fn token(&self, index: usize) -> String {
        format!("{}{index:0NUMBER_DIGITS$}x", self.prefix)
    }

    /// A word that begins with `name` behind the tokens' own prefix: it stands in no source and is no token.
    pub fn word(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The range and the index of the first token at or after byte `from`.
    pub fn find(&self, text: &str, from: usize) -> Option<(Range<usize>, usize)> {
        let mut from = from;
        while let Some(found) = text.get(from..)?.find(&self.prefix) {
            let start = from + found;
            let digits = start + self.prefix.len();
            let end = digits + NUMBER_DIGITS + 1;
            let index = text.get(digits..end).and_then(|s| s.strip_suffix('x')).and_then(|s| s.parse().ok());
            match index {
                Some(index) if index < self.tags.len() => return Some((start..end, index)),
                _ => from = digits,
            }
        }
        None
    }

    /// Whether a token, whole or damaged, upper or lower case, stands in `text`.
    pub fn touches(&self, text: &str) -> bool {
        text.to_ascii_lowercase().contains(&self.prefix)
    }

    /// `text` as text and tags, in order.
    pub fn split<'a>(&self, text: &'a str) -> Vec<Split<'a>> {
        let mut out = Vec::new();
        let mut rest = 0;
        while let Some((range, index)) = self.find(text, rest) {
            if range.start > rest {
                out.push(Split::Text(&text[rest..range.start]));
            }
            out.push(Split::Tag(index));
            rest = range.end;
        }
        if rest < text.len() {
            out.push(Split::Text(&text[rest..]));
        }
        out
    }

    /// `text` with every token put back as it was written: for messages to the operator.
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for piece in self.split(text) {
            match piece {
                Split::Text(text) => out.push_str(text),
                Split::Tag(index) => out.push_str(&self.tags[index].written()),
            }
        }
        out
    }
}

impl Tag {
    /// The tag as a person writes it.
    pub fn written(&self) -> String {
        match self.kind {
            TagKind::Print => format!("{{{{ {} }}}}", self.source),
            TagKind::Statement => format!("{{% {} %}}", self.source),
        }
    }
}

fn prefix(number: u32) -> String {
    format!("mtag{number}k")
}

/// Where the next `{{` or `{%` begins.
fn next_open(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len().saturating_sub(1)).find(|&i| bytes[i] == b'{' && matches!(bytes[i + 1], b'{' | b'%'))
}

/// Reads the tag that begins at `start`: the tag, and where the text goes on.
fn read_tag(text: &str, start: usize, locate: &impl Fn(usize) -> Place) -> Result<(Tag, usize), Finding> {
    let (kind, close) = match text.as_bytes()[start + 1] {
        b'{' => (TagKind::Print, "}}"),
        _ => (TagKind::Statement, "%}"),
    };
    let body = start + 2;
    let Some(end) = close_of(text, body, close) else {
        let opener = &text[start..body];
        return Err(Finding::error("unclosed-tag", format!("this `{opener}` has no `{close}`"))
            .at(locate(start))
            .help(format!("close the merge tag with `{close}` on the same line or soon after")));
    };
    let inner = &text[body..end];
    let (inner, trim_before) = inner.strip_prefix('-').map_or((inner, false), |rest| (rest, true));
    let (inner, trim_after) = inner.strip_suffix('-').map_or((inner, false), |rest| (rest, true));
    let source = inner.trim().to_owned();
    if source.is_empty() {
        return Err(Finding::error("empty-tag", "this merge tag is empty")
            .at(locate(start))
            .help("write a name into it, such as `{{ email }}`, or remove it"));
    }
    let end = end + close.len();
    let tag = Tag { kind, source, trim_before, trim_after, place: locate(start), written_bytes: end - start };
    Ok((tag, end))
}

/// Where `close` stands, outside of quotes.
fn close_of(text: &str, from: usize, close: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut i = from;
    while i < bytes.len() && i - from <= MAX_TAG_BYTES {
        match (quote, bytes[i]) {
            (Some(_), b'\\') => i += 1,
            (Some(q), b) if b == q => quote = None,
            (None, b'"' | b'\'') => quote = Some(bytes[i]),
            (None, _) if text.as_bytes()[i..].starts_with(close.as_bytes()) => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protect(text: &str) -> Result<(TagTable, String), Finding> {
        let mut table = TagTable::new([text]);
        let out = table.protect(text, |offset| Place::offset("issue.md", text, offset))?;
        Ok((table, out))
    }

    #[test]
    fn a_tag_may_hold_its_own_delimiters_in_quotes() {
        let text = r#"a {{ "}}" ~ x['%}'] }} b {%- if a == "{{" -%} c {# not a tag #}"#;
        let (table, out) = protect(text).unwrap();
        assert_eq!(table.len(), 2);
        assert_eq!(table.get(0).source, r#""}}" ~ x['%}']"#);
        assert!(table.get(1).trim_before && table.get(1).trim_after);
        assert!(out.contains("{# not a tag #}") && !out.contains("{{"));
        let restored = table.restore(&out);
        assert_eq!(restored, text.replace("{%-", "{%").replace("-%}", "%}"));
    }

    #[test]
    fn the_prefix_gives_way_to_a_text_that_contains_it() {
        let (table, out) = protect("mtag0k000000x {{ a }}").unwrap();
        assert_eq!(table.split(&out), [Split::Text("mtag0k000000x "), Split::Tag(0)]);
    }

    #[test]
    fn an_unclosed_tag_says_where() {
        let error = protect("one\ntwo {{ first_name").unwrap_err();
        assert_eq!(
            error.to_string(),
            "issue.md:2:5: this `{{` has no `}}` (close the merge tag with `}}` on the same line or soon after)"
        );
    }
}
