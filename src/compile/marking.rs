//! A template made ready for the issue phase: merge tags as tokens, and marks by which everything that comes out of it
//! is found again in what was written.
//!
//! A mark is text to the issue phase. So it stands where text goes straight into the output: before each piece of it.
//! Inside of `[% set x %]…[% endset %]`, a macro or a filter, where the template may ask what the text says, marks stand
//! within HTML tags only.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::places::Places;
use crate::finding::{Finding, Locator, Place};
use crate::tags::TagTable;

/// A tag of the issue phase with more tokens is refused: minijinja would overflow its stack.
const MAX_TAG_TOKENS: usize = 1_000;

/// A template with more `elif` is refused, for the same reason.
const MAX_ELIFS: usize = 500;

/// A template with tokens and marks in it.
#[derive(Debug)]
pub(super) struct Marked {
    /// What the issue phase is given.
    pub(super) text: String,
    /// The file as it was written.
    written: Arc<str>,
    /// Where a byte of `text` and one of `written` correspond, rising in both: what follows is the same in both.
    runs: Vec<(usize, usize)>,
}

impl Marked {
    /// Where byte `offset` of the marked text was written.
    pub(super) fn place(&self, file: &Path, offset: usize) -> Place {
        let next = self.runs.partition_point(|(marked, _)| *marked <= offset);
        let (marked, written) = next.checked_sub(1).map_or((0, 0), |index| self.runs[index]);
        let end = self.runs.get(next).map_or(self.written.len(), |(_, written)| *written);
        Place::offset(file, &self.written, (written + offset.saturating_sub(marked)).min(end))
    }
}

/// Marks a file that is a template of the issue phase with this syntax.
pub(super) fn template(
    text: &Arc<str>,
    file: &Path,
    syntax: &SyntaxConfig,
    tags: &mut TagTable,
    places: &mut Places,
) -> Result<Marked, Finding> {
    let mut marker = Marker::new(text, file, tags, places)?;
    if let Err(offset) = marker.template(syntax) {
        let message =
            format!("a tag of more than {MAX_TAG_TOKENS} names and signs, or more than {MAX_ELIFS} `elif`");
        return Err(Finding::error("too-long", message)
            .at(marker.finish().place(file, offset))
            .help("make several of it"));
    }
    Ok(marker.finish())
}

/// Marks a file that is included as it is.
pub(super) fn verbatim(
    text: &Arc<str>,
    file: &Path,
    tags: &mut TagTable,
    places: &mut Places,
) -> Result<Marked, Finding> {
    let mut marker = Marker::new(text, file, tags, places)?;
    marker.text(marker.protected.len());
    Ok(marker.finish())
}

struct Marker<'a> {
    tags: &'a TagTable,
    places: &'a mut Places,
    file: usize,
    written: Arc<str>,
    /// The text with tokens, of which `at` bytes have been taken over; where they end in `written`.
    protected: Arc<str>,
    at: usize,
    written_at: usize,
    out: String,
    runs: Vec<(usize, usize)>,
    /// How many `elif` there were.
    elifs: usize,
    /// How many `set`, `macro` and the like are open.
    captures: usize,
    /// Whether the text of the innermost capture stands inside of an HTML tag.
    in_tag: bool,
    /// The last token that was looked for.
    token: Option<(Range<usize>, usize)>,
}

impl<'a> Marker<'a> {
    fn new(
        text: &Arc<str>,
        file: &Path,
        tags: &'a mut TagTable,
        places: &'a mut Places,
    ) -> Result<Self, Finding> {
        let locator = Locator::new(file, text);
        let protected = tags.protect(text, |offset| locator.place(offset))?;
        Ok(Self {
            tags,
            file: places.add_file(file.to_owned(), Arc::clone(text)),
            places,
            written: Arc::clone(text),
            out: String::with_capacity(protected.len() * 2),
            protected: protected.into(),
            at: 0,
            written_at: 0,
            runs: Vec::new(),
            elifs: 0,
            captures: 0,
            in_tag: false,
            token: Some((0..0, 0)),
        })
    }

    fn finish(mut self) -> Marked {
        self.copy(self.protected.len());
        Marked { text: self.out, written: self.written, runs: self.runs }
    }

    /// Follows the template's own tags. Where it cannot be read the rest stays as it is; the issue phase says why. An
    /// error is where a tag begins that is too long.
    fn template(&mut self, syntax: &SyntaxConfig) -> Result<(), usize> {
        let protected = Arc::clone(&self.protected);
        let mut tag: Vec<(Token<'_>, usize)> = Vec::new();
        for token in tokenize(&protected, false, syntax.clone()) {
            let Ok((token, span)) = token else { break };
            let start = span.start_offset as usize;
            match token {
                Token::TemplateData(text) => {
                    self.copy(start);
                    self.text(start + text.len());
                }
                Token::VariableEnd => self.printed(&tag),
                Token::BlockEnd => {
                    self.statement(&tag);
                    if self.elifs > MAX_ELIFS {
                        self.copy(start);
                        return Err(self.out.len());
                    }
                }
                Token::VariableStart | Token::BlockStart => {
                    tag.clear();
                    tag.push((token, start));
                }
                _ if tag.len() > MAX_TAG_TOKENS => {
                    let start = tag.first().map_or(start, |(_, start)| *start);
                    self.copy(start);
                    return Err(self.out.len());
                }
                token => tag.push((token, start)),
            }
        }
        Ok(())
    }

    /// `[[ block.label ]]`, with filters or without: what comes out of it can be traced by its name.
    fn printed(&mut self, tag: &[(Token<'_>, usize)]) {
        let [
            (Token::VariableStart, start),
            (Token::Ident(root), _),
            (Token::Dot, _),
            (Token::Ident(name), _),
            rest @ ..,
        ] = tag
        else {
            return;
        };
        let plain = rest.first().is_none_or(|(token, _)| matches!(token, Token::Pipe));
        if !plain || !self.may_mark() {
            return;
        }
        // What `[[-` trims must not be kept from it by the mark.
        let trims = self.protected[*start..].starts_with("[[-");
        let until = if trims { self.protected[self.at..*start].trim_end().len() + self.at } else { *start };
        self.copy(until);
        let offset = self.written_at + (*start - until);
        let mark = self.places.printed(self.file, offset, format!("{root}.{name}"));
        self.out.push_str(&mark);
    }

    /// Counts what captures text.
    fn statement(&mut self, tag: &[(Token<'_>, usize)]) {
        let Some((Token::Ident(word), _)) = tag.get(1) else { return };
        match *word {
            "set" if tag.iter().any(|(token, _)| matches!(token, Token::Assign)) => return,
            "elif" => self.elifs += 1,
            "set" | "macro" | "call" | "filter" => self.captures += 1,
            "endset" | "endmacro" | "endcall" | "endfilter" => {
                self.captures = self.captures.saturating_sub(1);
            }
            _ => return,
        }
        self.in_tag = false;
    }

    fn may_mark(&self) -> bool {
        self.captures == 0 || self.in_tag
    }

    /// Takes over text up to byte `end` of the protected text, with marks.
    fn text(&mut self, end: usize) {
        while self.at < end {
            match self.next_token() {
                Some((token, _)) if token.start == self.at => self.copy(token.end),
                Some((token, _)) if token.start < end => self.run(self.at..token.start),
                _ => self.run(self.at..end),
            }
        }
    }

    /// Text without tokens.
    fn run(&mut self, range: Range<usize>) {
        let protected = Arc::clone(&self.protected);
        if self.may_mark() {
            self.mark(range.end);
        }
        for (found, bracket) in protected[range.clone()].match_indices(['<', '>']) {
            let name = range.start + found + 1;
            let name = name + usize::from(protected[name..range.end].starts_with('/'));
            self.in_tag = match bracket {
                "<" => protected[name..range.end].starts_with(|c: char| c.is_ascii_alphabetic()),
                _ => false,
            };
            if self.in_tag && self.captures > 0 {
                self.copy(name);
                self.mark(range.end);
            }
        }
        self.copy(range.end);
    }

    /// The mark of what follows, up to `end`.
    fn mark(&mut self, end: usize) {
        let mark = self.places.written(self.file, self.written_at, end - self.at);
        self.out.push_str(&mark);
    }

    /// Takes over what stands before byte `end` of the protected text as it is.
    fn copy(&mut self, end: usize) {
        while self.at < end {
            self.runs.push((self.out.len(), self.written_at));
            let (stop, written) = match self.next_token() {
                Some((token, index)) if token.start == self.at => {
                    (token.end, self.tags.get(index).written_bytes)
                }
                Some((token, _)) if token.start < end => (token.start, token.start - self.at),
                _ => (end, end - self.at),
            };
            self.out.push_str(&self.protected[self.at..stop]);
            (self.at, self.written_at) = (stop, self.written_at + written);
        }
    }

    /// The first token from here on.
    fn next_token(&mut self) -> Option<(Range<usize>, usize)> {
        if self.token.as_ref().is_some_and(|(token, _)| token.start < self.at || token.is_empty()) {
            self.token = self.tags.find(&self.protected, self.at);
        }
        self.token.clone()
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};
    use proptest::prelude::*;

    use super::super::places::{CLOSE, OPEN};
    use super::*;

    fn syntax() -> SyntaxConfig {
        SyntaxConfig::builder()
            .variable_delimiters("[[", "]]")
            .block_delimiters("[%", "%]")
            .comment_delimiters("[#", "#]")
            .build()
            .unwrap()
    }

    fn draw(template: &str) -> String {
        let mut env = Environment::new();
        env.set_syntax(syntax());
        let block = context! { label => "<printed>", kind => "links", items => ["a", "b"] };
        env.render_str(template, context! { block => block }).unwrap()
    }

    /// What comes out of the issue phase with marks, and the way back.
    fn marked(template: &str) -> (String, Places, TagTable) {
        let text: Arc<str> = template.into();
        let mut tags = TagTable::new([template]);
        let mut places = Places::default();
        let marked = super::template(&text, Path::new("a.mjml"), &syntax(), &mut tags, &mut places).unwrap();
        (draw(&marked.text), places, tags)
    }

    fn without_marks(text: &str) -> String {
        text.split(OPEN).map(|part| part.split_once(CLOSE).map_or(part, |(_, rest)| rest)).collect()
    }

    /// Where each occurrence of `word` in the output is said to have been written.
    fn found(output: &str, places: &Places, word: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(at) = output[from..].find(word).map(|at| from + at) {
            let open = output[..at].rfind(OPEN).unwrap();
            let (index, between) = output[open + OPEN.len_utf8()..at].split_once(CLOSE).unwrap();
            let distance = isize::try_from(between.len()).unwrap();
            all.push(places.find(index.parse().unwrap(), distance).unwrap().to_string());
            from = at + word.len();
        }
        all
    }

    #[test]
    fn what_comes_out_is_found_where_it_was_written() {
        let template = "<a>\n[% for item in block.items -%]\n  <b c='{{ a }}' d=\"[[ block.label ]]\" e>x\n[%- endfor %]\n<f>";
        let (output, places, _) = marked(template);
        assert_eq!(found(&output, &places, "<a>"), ["a.mjml:1:1"]);
        assert_eq!(found(&output, &places, "<b"), ["a.mjml:3:3", "a.mjml:3:3"]);
        assert_eq!(found(&output, &places, "d="), ["a.mjml:3:18", "a.mjml:3:18"]);
        assert_eq!(found(&output, &places, "&lt;printed&gt;").len(), 0, "the name decides about escaping");
        assert_eq!(found(&output, &places, "<printed>"), ["a.mjml:3:21", "a.mjml:3:21"]);
        assert_eq!(found(&output, &places, " e>"), ["a.mjml:3:39", "a.mjml:3:39"]);
        assert_eq!(found(&output, &places, "<f>"), ["a.mjml:5:1"]);
    }

    #[test]
    fn a_printed_value_can_be_traced_to_where_it_was_written() {
        let (output, mut places, _) = marked("<a b=\"[[ block.label|upper ]]\" c=\"[[ block.kind ]]\">");
        let here = Place::line("issue.md", 7);
        let output = places.trace(&output, |name| (name == "block.label").then(|| here.clone()));
        assert_eq!(found(&output, &places, "<PRINTED>"), ["issue.md:7"]);
        assert_eq!(found(&output, &places, "links"), ["a.mjml:1:35"]);
    }

    #[test]
    fn a_template_may_ask_what_it_has_set_itself() {
        let template = "[% set side %]left[% endset %][% if side == 'left' %]yes <b [[ side ]]>[% endif %]\
            [% macro m(x) %]<i j='[[ x ]]' k>[% endmacro %][[ m(1) ]][% filter upper %]z[% endfilter %]";
        let (output, places, _) = marked(template);
        assert_eq!(without_marks(&output), "yes <b left><i j='1' k>Z");
        assert_eq!(found(&output, &places, " k>"), ["a.mjml:1:113"]);
    }

    #[test]
    fn what_would_overflow_the_stack_is_refused_where_it_begins() {
        let chain = format!("\n<b>[[ {}b ]]", "a.".repeat(100_000));
        let branches = format!("\n<b>[% if a %]{}[% endif %]", "[% elif a %]".repeat(10_000));
        for (template, column) in [(chain, 4), (branches, 14 + 12 * 500)] {
            let (mut tags, mut places) = (TagTable::new([]), Places::default());
            let marked =
                super::template(&template.into(), Path::new("a.mjml"), &syntax(), &mut tags, &mut places);
            let place = marked.unwrap_err().place.unwrap();
            assert_eq!((place.line, place.column.unwrap().abs_diff(column) < 12), (Some(2), true), "{place}");
        }
    }

    proptest! {
        #[test]
        fn marks_change_nothing_but_themselves(parts in prop::collection::vec(prop::sample::select(vec![
            "<b c=\"", "\" d='x'>", " word ", "\n", "é日", "</b>", "{{ tag }}", "[[ block.label ]]", "[[- block.label -]]", "[# note #]", "[#- note -#]",
            "[% if block.items %]a[% endif %]", "[%- if true -%] b [%- else -%] c [%- endif -%]", "[% raw %][[ x ]] <i>[% endraw %]",
            "[% set s %] <u> [% endset -%]", "[[ s ]]", "[% for i in block.items %]<p>[[ i ]][% endfor %]", "[[ \"]]\" ]]", "[[ [[1], 2][0] ]]", "<", "[ ", "< a",
        ]), 0..12)) {
            let template = format!("[% set s = 1 %]{}", parts.concat());
            let (output, _, tags) = marked(&template);
            let mut plain_tags = TagTable::new([template.as_str()]);
            let protected = plain_tags.protect(&template, |_| Place::file("x")).unwrap();
            prop_assert_eq!(tags.restore(&without_marks(&output)), plain_tags.restore(&draw(&protected)));
        }
    }
}
