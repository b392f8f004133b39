//! A template of the issue phase that cannot be read: what its parser says, in the operator's words and at the place
//! where the slip was made, which is often not where the parser noticed it.

use std::path::Path;

use minijinja::Error;
use minijinja::machinery::{Span, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::marking::Marked;
use crate::finding::{Finding, nearest};

const STATEMENTS: [&str; 22] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "macro",
    "endmacro",
    "include",
    "import",
    "from",
    "with",
    "endwith",
    "filter",
    "endfilter",
    "call",
    "endcall",
    "raw",
    "endraw",
    "do",
];
/// Statements that need an end.
const OPENING: [&str; 7] = ["if", "for", "macro", "with", "filter", "call", "set"];
const KINDS: &str = "`[[ … ]]` prints a value, `[% … %]` is a statement, `[# … #]` a note";

/// What the parser says of this file.
pub(super) fn explain(error: &Error, file: &Path, marked: &Marked, syntax: &SyntaxConfig) -> Finding {
    let text = marked.text.as_str();
    let tokens = tokenize(text, false, syntax.clone()).map_while(Result::ok).collect();
    let noticed = error.range().map_or(text.len(), |range| range.start);
    let template = Template { text, tokens, noticed };
    let (finding, offset) = template.slip(error.detail().unwrap_or_default(), &|offset| {
        marked.place(file, offset).line.unwrap_or_default()
    });
    finding.at(marked.place(file, offset))
}

/// A template as far as it can be read.
struct Template<'a> {
    text: &'a str,
    tokens: Vec<(Token<'a>, Span)>,
    /// Where the parser stopped.
    noticed: usize,
}

impl Template<'_> {
    /// What is wrong, and where. `line` tells the line of a byte.
    fn slip(&self, detail: &str, line: &dyn Fn(usize) -> u32) -> (Finding, usize) {
        let error = |message: &str| Finding::error("template", message);
        if let Some(quote) = self.runaway_string() {
            let finding = error("the quote that opens here is not closed");
            return (finding.help("close it before `]]` or `%]`"), quote);
        }
        if detail == "unexpected end of comment" {
            let read = self.tokens.last().map_or(0, |(_, span)| span.end_offset as usize);
            let open = self.text[read..].find("[#").map_or(self.noticed, |at| read + at);
            return (error("this `[#` is never closed").help("end the note with `#]`"), open);
        }
        if detail.ends_with("expected end of variable block") {
            let finding = error("this `[[` is not closed with `]]` where it should be");
            let help =
                "it prints one value: `[[ issue.number ]]`, with filters `[[ issue.date|date(\"%d %B\") ]]`";
            return (finding.help(help), self.last_print().unwrap_or(self.noticed));
        }
        if detail.starts_with("unexpected end of input, expected end of block")
            && let Some((word, open)) = self.open_statement(self.text.len())
        {
            let finding = error(&format!("this `[% {word} … %]` is never ended"));
            return (finding.help(format!("write `[% end{word} %]` where it ends")), open);
        }
        match detail.strip_prefix("unknown statement ") {
            Some(word) if word.starts_with("end") => (self.stray_end(word, line), self.noticed),
            Some(word) => (unknown_statement(word), self.noticed),
            None => (error(detail).help(KINDS), self.noticed),
        }
    }

    /// An end that nobody waits for.
    fn stray_end(&self, end: &str, line: &dyn Fn(usize) -> u32) -> Finding {
        let Some((word, open)) = self.open_statement(self.noticed) else {
            let begin = end.trim_start_matches("end");
            return Finding::error("template", format!("`[% {end} %]` ends nothing"))
                .help(format!("remove it, or write `[% {begin} … %]` where it begins"));
        };
        let open = line(open);
        let message =
            format!("`[% {end} %]` stands where `[% {word} … %]` (line {open}) is still to be ended");
        Finding::error("template", message).help(format!("write `[% end{word} %]` before it"))
    }

    /// Where a string begins that goes on behind the end of its tag: its quote is closed by the next one.
    fn runaway_string(&self) -> Option<usize> {
        let before = self.tokens.iter().take_while(|(_, span)| (span.start_offset as usize) <= self.noticed);
        let (_, span) =
            before.filter(|(token, _)| matches!(token, Token::Str(_) | Token::String(_))).last()?;
        let range = span.start_offset as usize..span.end_offset as usize;
        let written = self.text.get(range.clone())?;
        ["]]", "%]", "\n"].iter().any(|end| written.contains(end)).then_some(range.start)
    }

    /// Where the last `[[` stands before the place where the parser stopped.
    fn last_print(&self) -> Option<usize> {
        let starts = self.tokens.iter().filter(|(token, _)| matches!(token, Token::VariableStart));
        starts.map(|(_, span)| span.start_offset as usize).take_while(|start| *start <= self.noticed).last()
    }

    /// The innermost statement that is open at byte `until`, and where its tag begins.
    fn open_statement(&self, until: usize) -> Option<(&'static str, usize)> {
        let mut open: Vec<(&'static str, usize)> = Vec::new();
        let mut tag: Vec<(&Token<'_>, usize)> = Vec::new();
        for (token, span) in &self.tokens {
            let start = span.start_offset as usize;
            if start >= until {
                break;
            }
            match token {
                Token::BlockStart => tag = vec![(token, start)],
                Token::BlockEnd => {
                    let [(_, begin), (Token::Ident(word), _), rest @ ..] = tag.as_slice() else { continue };
                    let assigns = rest.iter().any(|(token, _)| matches!(token, Token::Assign));
                    if let Some(word) = OPENING.into_iter().find(|opening| opening == word) {
                        if word != "set" || !assigns {
                            open.push((word, *begin));
                        }
                    } else if word.starts_with("end") {
                        open.pop();
                    }
                }
                token => tag.push((token, start)),
            }
        }
        open.pop()
    }
}

fn unknown_statement(word: &str) -> Finding {
    let finding = Finding::error("template", format!("there is no statement `{word}`"));
    match (word, nearest(word, STATEMENTS)) {
        ("elseif" | "elsif", _) => finding.help("write `elif`"),
        (_, Some(near)) => finding.help(format!("did you mean `{near}`?")),
        (_, None) => finding.help(KINDS),
    }
}
