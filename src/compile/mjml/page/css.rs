//! Style sheets as rules, and what of them cannot be inlined.

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};

use super::select::{Selector, SelectorError};
use crate::compile::xml;
use crate::finding::shortened;

/// A rule whose selectors select elements.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) selectors: Vec<Selector>,
    pub(super) declarations: Vec<Declaration>,
}

/// `property: value`, and whether it is `!important`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) property: String,
    pub(super) value: String,
    pub(super) important: bool,
}

/// A piece of a style sheet that cannot be written into a `style` attribute.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Complaint {
    /// Byte of the style sheet.
    pub(in super::super) offset: usize,
    pub(in super::super) message: String,
    pub(in super::super) help: &'static str,
}

/// A rule is quoted no further than this.
const MAX_SHOWN_CHARS: usize = 40;
const ELSEWHERE: &str = "put it into an `<mj-style>` without `inline`";

/// CSS as it was meant: what the issue phase printed into it was escaped for XML, and CSS knows no entities.
pub(in super::super) fn plain(css: &str) -> String {
    xml::unescape(css)
}

/// What of `css` is not inlined.
pub(in super::super) fn complaints(css: &str) -> Vec<Complaint> {
    read(css).1
}

/// The rules of `css`.
pub(super) fn rules(css: &str) -> Vec<Rule> {
    read(css).0
}

fn read(css: &str) -> (Vec<Rule>, Vec<Complaint>) {
    let mut input = ParserInput::new(css);
    let mut parser = Parser::new(&mut input);
    let (mut rules, mut complaints) = (Vec::new(), Vec::new());
    loop {
        parser.skip_whitespace();
        let offset = parser.position().byte_index();
        match prelude(&mut parser) {
            Prelude::Rule(list) => {
                let declarations = parser.parse_nested_block(|block| Ok::<_, ParseError<'_, ()>>(all(block)));
                let declarations =
                    declarations.unwrap_or_default().into_iter().filter_map(Result::ok).collect();
                match Selector::parse(&list) {
                    Ok(selectors) => rules.push(Rule { selectors, declarations }),
                    Err(error) => complaints.push(unselectable(offset, &list, error)),
                }
            }
            Prelude::AtRule(name) => complaints.push(Complaint {
                offset,
                message: format!("`@{name}` cannot be inlined and has no effect here"),
                help: ELSEWHERE,
            }),
            Prelude::Stray(text) => complaints.push(Complaint {
                offset,
                message: format!("`{}` is no CSS rule", shown(&text)),
                help: "a rule is a selector and declarations in braces: `.name { color: red }`",
            }),
            Prelude::End => return (rules, complaints),
        }
    }
}

fn unselectable(offset: usize, list: &str, error: SelectorError) -> Complaint {
    let help = match error {
        SelectorError::Unreadable | SelectorError::TooDeep => {
            "look for a slip of the pen, or remove the rule"
        }
        SelectorError::State => ELSEWHERE,
    };
    Complaint { offset, message: format!("`{}` is not inlined: {error}", shown(list)), help }
}

fn shown(text: &str) -> String {
    shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), MAX_SHOWN_CHARS)
}

/// What stands before a block; its block is next.
enum Prelude {
    Rule(String),
    /// Its block or its end is read, too.
    AtRule(String),
    Stray(String),
    End,
}

fn prelude(parser: &mut Parser<'_, '_>) -> Prelude {
    let mut text = String::new();
    let mut at_rule: Option<String> = None;
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments() else {
            return match at_rule {
                Some(name) => Prelude::AtRule(name),
                None if text.trim().is_empty() => Prelude::End,
                None => Prelude::Stray(text),
            };
        };
        match token {
            // Style sheets were once hidden from browsers that did not know them.
            Token::Comment(_) | Token::CDO | Token::CDC => continue,
            Token::CurlyBracketBlock => match at_rule {
                Some(name) => return Prelude::AtRule(name),
                None => return Prelude::Rule(text),
            },
            Token::Semicolon if at_rule.is_some() => return Prelude::AtRule(at_rule.unwrap_or_default()),
            Token::AtKeyword(name) if text.trim().is_empty() => at_rule = Some(name.to_string()),
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => skip_block(parser),
            _ => {}
        }
        text.push_str(parser.slice_from(start));
    }
}

fn skip_block(parser: &mut Parser<'_, '_>) {
    let _ = parser.parse_nested_block(|block| {
        while block.next().is_ok() {}
        Ok::<_, ParseError<'_, ()>>(())
    });
}

/// The declarations of a block or of a `style` attribute; what is none is an error with its text.
pub(super) fn declarations(css: &str) -> Vec<Result<Declaration, String>> {
    let mut input = ParserInput::new(css);
    all(&mut Parser::new(&mut input))
}

fn all(parser: &mut Parser<'_, '_>) -> Vec<Result<Declaration, String>> {
    let mut out = Vec::new();
    while !parser.is_exhausted() {
        let text = parser.parse_until_after(Delimiter::Semicolon, |rest| {
            Ok::<_, ParseError<'_, ()>>(without_comments(rest))
        });
        let text = text.unwrap_or_default();
        if !text.trim().is_empty() {
            out.push(declaration(&text).ok_or(text));
        }
    }
    out
}

fn without_comments(parser: &mut Parser<'_, '_>) -> String {
    let mut text = String::new();
    loop {
        let start = parser.position();
        match parser.next_including_whitespace_and_comments() {
            Err(_) => return text,
            Ok(Token::Comment(_)) => continue,
            Ok(
                Token::Function(_)
                | Token::ParenthesisBlock
                | Token::SquareBracketBlock
                | Token::CurlyBracketBlock,
            ) => skip_block(parser),
            Ok(_) => {}
        }
        text.push_str(parser.slice_from(start));
    }
}

fn declaration(text: &str) -> Option<Declaration> {
    let (property, value) = text.split_once(':')?;
    let (property, value) = (property.trim(), value.trim());
    if property.is_empty() || property.contains(char::is_whitespace) || value.is_empty() {
        return None;
    }
    let importance = value.rsplit_once('!').filter(|(_, word)| word.trim().eq_ignore_ascii_case("important"));
    let (value, important) = importance.map_or((value, false), |(value, _)| (value.trim_end(), true));
    Some(Declaration { property: property.to_owned(), value: value.to_owned(), important })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_rules(css: &str) -> Vec<String> {
        let declared = |declaration: &Declaration| {
            let bang = if declaration.important { "!" } else { "" };
            format!("{}={}{bang}", declaration.property, declaration.value)
        };
        let rule = |rule: &Rule| {
            let declarations: Vec<_> = rule.declarations.iter().map(declared).collect();
            format!("{}: {}", rule.selectors.len(), declarations.join(" | "))
        };
        rules(css).iter().map(rule).collect()
    }

    #[test]
    fn rules_are_read_as_browsers_read_them() {
        let css = "<!-- a, b:not(.c, .d) /* x */ { color : red; ; background: url(data:a;b) ! IMPORTANT; *zoom:1 } -->\n\
                   p{font:\"A;B\", c /* y */ ; broken; top:0}";
        assert_eq!(
            shown_rules(css),
            ["2: color=red | background=url(data:a;b)! | *zoom=1", "1: font=\"A;B\", c | top=0"]
        );
    }

    #[test]
    fn what_cannot_be_inlined_is_told_with_its_place() {
        let css = "@import 'x.css';\n@media print { p { top: 0 } }\na:hover { top: 0 }\np:first { top: 0 }\n b { top: 0 } c";
        let told: Vec<_> = complaints(css).into_iter().map(|c| (c.offset, c.message)).collect();
        let wanted = [
            (0, "`@import` cannot be inlined and has no effect here"),
            (17, "`@media` cannot be inlined and has no effect here"),
            (
                47,
                "`a:hover` is not inlined: what a reader does later (`:hover`, `:visited` …) cannot be known now",
            ),
            (66, "`p:first` is not inlined: this is no CSS selector, or one that mail knows nothing of"),
            (99, "`c` is no CSS rule"),
        ];
        assert_eq!(told, wanted.map(|(offset, message)| (offset, message.to_owned())));
        assert_eq!(rules(css).len(), 1);
    }
}
