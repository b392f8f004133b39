//! Reading an expression, and where its parts stand.

use std::ops::Range;

use minijinja::machinery::ast::{Expr, UnaryOpKind};
use minijinja::machinery::{parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::error::ExprError;
use crate::finding;

/// A longer expression is refused.
pub(super) const MAX_BYTES: usize = 2_000;

/// The expression that `source` is.
pub(super) fn read(source: &str) -> Result<Expr<'_>, ExprError> {
    if source.len() > MAX_BYTES {
        let message = format!("this expression is longer than {MAX_BYTES} bytes");
        return Err(ExprError::new(0..source.len(), message));
    }
    if source.trim().is_empty() {
        return Err(ExprError::new(0..source.len(), "this expression is empty"));
    }
    // The parser takes what it cannot read right after a string for the end (it would drop the second half of
    // `plan == "pro" && vip`), so every token is looked at first.
    let unreadable = tokenize(source, true, SyntaxConfig::default()).find_map(Result::err);
    unreadable.map_or_else(|| parse_expr(source), Err).map_err(|error| {
        let detail = error.detail().unwrap_or("it is no expression");
        let range = error.range().unwrap_or(0..source.len());
        let range = source.floor_char_boundary(range.start)..source.ceil_char_boundary(range.end);
        ExprError::new(range, format!("`{}` cannot be read: {detail}", shortened(source)))
            .maybe_help(way_out(source))
    })
}

/// What people write who know another language.
fn way_out(source: &str) -> Option<String> {
    let bare = without_strings(source);
    let help = if source.starts_with(['#', '/', '^', '>']) || source.trim() == "else" {
        "a condition is written `{% if plan == \"pro\" %} … {% else %} … {% endif %}`"
    } else if source.starts_with('{') {
        "a merge tag has two braces on either side"
    } else if source.starts_with("!--") {
        "a comment is written `<!-- … -->`, and is not sent"
    } else if bare.contains('|') && bare.contains(':') {
        "what a filter is given stands in parentheses: `|default(\"there\")`"
    } else if bare.contains(['“', '”', '‘', '’', '„', '«', '»']) {
        "write straight quotes: \"…\""
    } else if bare.contains("&&") || bare.contains("||") {
        "write `and`, `or`"
    } else if bare.contains("===") || bare.contains("<>") {
        "write `==`, `!=`"
    } else if has_single_equals(&bare) {
        "compare with `==`"
    } else if bare.contains('!') && !bare.contains("!=") {
        "write `not`"
    } else if !bare.is_ascii() {
        "names are letters, digits and _; give the column another name under [list.columns] in mailshot.toml"
    } else {
        return None;
    };
    Some(help.to_owned())
}

fn has_single_equals(bare: &str) -> bool {
    let bytes = bare.as_bytes();
    (0..bytes.len()).any(|i| {
        let before = i.checked_sub(1).map(|before| bytes[before]);
        bytes[i] == b'='
            && bytes.get(i + 1) != Some(&b'=')
            && !matches!(before, Some(b'=' | b'!' | b'<' | b'>'))
    })
}

/// The source without what stands in quotes.
fn without_strings(source: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let mut out = String::new();
    for c in source.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => out.push(c),
        }
    }
    out
}

/// A source that is quoted in a message.
pub(super) fn shortened(source: &str) -> String {
    const MOST_CHARS: usize = 60;
    finding::shortened(source, MOST_CHARS)
}

/// The bytes of the source that an expression takes up. (The spans of minijinja begin too early for
/// comparisons and too late for `a.b.c`; those of names and literals are right.)
pub(super) fn extent(expr: &Expr<'_>) -> Range<usize> {
    let start = start(expr);
    start..(expr.span().end_offset as usize).max(start)
}

fn start(expr: &Expr<'_>) -> usize {
    match expr {
        Expr::BinOp(op) => start(&op.left),
        Expr::Compare(compare) => start(&compare.expr),
        Expr::IfExpr(choice) => start(&choice.true_expr),
        Expr::Test(test) => start(&test.expr),
        Expr::GetAttr(get) => start(&get.expr),
        Expr::GetItem(get) => start(&get.expr),
        Expr::Slice(slice) => start(&slice.expr),
        Expr::Call(call) => start(&call.expr),
        Expr::Filter(filter) => filter.expr.as_ref().map_or(filter.span().start_offset as usize, start),
        Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => start(&op.expr),
        Expr::UnaryOp(_) | Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
            expr.span().start_offset as usize
        }
    }
}
