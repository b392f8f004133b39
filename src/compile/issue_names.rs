//! Names that a template of the issue phase uses: which of them is not defined.

use std::collections::HashSet;
use std::path::Path;

use minijinja::machinery::{Span, Token, tokenize};

use super::issue_errors::Templates;
use crate::finding::{Finding, nearest};

/// Words of a tag that are no names.
const KEYWORDS: [&str; 17] = [
    "and", "elif", "else", "false", "for", "if", "in", "is", "none", "not", "or", "set", "true", "True",
    "False", "None", "with",
];

impl Templates<'_> {
    /// The name in a part of a template that is not defined: where it begins, and the name with its parts.
    pub(super) fn undefined_in<'t>(&self, part: &'t str) -> (usize, &'t str) {
        let mut found = None;
        let mut quote = None;
        let mut at = 0;
        while let Some(c) = part[at..].chars().next() {
            let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            let length = part[at..].find(|c| !in_name(c)).unwrap_or(part.len() - at);
            let word = &part[at..at + length];
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if (c.is_alphabetic() || c == '_') && !KEYWORDS.contains(&word) => {
                    let root = word.split('.').next().unwrap_or(word);
                    if !self.values.contains_key(root) {
                        return (at, word);
                    }
                    found = found.or(Some((at, word)));
                }
                _ => {}
            }
            at += if quote.is_none() { length.max(c.len_utf8()) } else { c.len_utf8() };
        }
        found.unwrap_or((part.len() - part.trim_start().len(), part.trim()))
    }

    /// A name that a template only asks about, in `[% if isue %]`: it is silently false. Reported where it is clearly
    /// a slip: a column, or nearly a name there is, that the template itself sets nowhere.
    pub(super) fn asked_in_vain(&self, file: &Path, undeclared: &HashSet<String>) -> Option<Finding> {
        let marked = self.marked.get(file)?;
        let tokens: Vec<(Token<'_>, Span)> =
            tokenize(&marked.text, false, self.syntax.clone()).map_while(Result::ok).collect();
        let token = |index: usize| tokens.get(index).map(|(token, _)| token);
        let sets = |index: usize| {
            matches!(token(index + 1), Some(Token::Assign | Token::Comma))
                || matches!(
                    token(index.wrapping_sub(1)),
                    Some(Token::Comma | Token::Ident("set" | "for" | "as"))
                )
        };
        let names = || {
            tokens.iter().enumerate().filter_map(|(index, (token, span))| match token {
                Token::Ident(name) if undeclared.contains(*name) => Some((index, *name, span)),
                _ => None,
            })
        };
        let (index, name, span) = names().find(|(index, name, _)| {
            let is_part = matches!(token(index.wrapping_sub(1)), Some(Token::Dot | Token::Pipe));
            !is_part && self.is_slip(name) && !names().any(|(other, set, _)| set == *name && sets(other))
        })?;
        let parts = tokens[index + 1..].chunks(2).map_while(|pair| match pair {
            [(Token::Dot, _), (Token::Ident(part), _)] => Some(*part),
            _ => None,
        });
        let path = std::iter::once(name).chain(parts).collect::<Vec<_>>().join(".");
        Some(self.undefined(&path).at(marked.place(file, span.start_offset as usize)))
    }

    fn is_slip(&self, name: &str) -> bool {
        let known = || self.values.keys().map(String::as_str).chain(["block", "blocks"]);
        let is_column = self.columns.iter().any(|column| column == name);
        !known().any(|known| known == name) && (is_column || nearest(name, known()).is_some())
    }
}
