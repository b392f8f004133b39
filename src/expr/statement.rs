//! The statements of merge tags: `if`, `elif`, `else`, `endif`, and no others.

use std::ops::Range;

use super::error::ExprError;
use crate::finding::nearest;

/// What stands between `{%` and `%}`. The range is that of the condition in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `if …`
    If(Range<usize>),
    /// `elif …`
    Elif(Range<usize>),
    /// `else`
    Else,
    /// `endif`
    EndIf,
}

const KNOWN: &str = "merge tags know `if`, `elif`, `else` and `endif`";

/// Which statement `source` is. Its condition is yet to be analysed.
pub fn statement(source: &str) -> Result<Statement, ExprError> {
    let start = source.len() - source.trim_start().len();
    let trimmed = source.trim();
    let keyword_len = trimmed.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(trimmed.len());
    let (keyword, rest) = trimmed.split_at(keyword_len);
    let keyword_range = start..start + keyword_len;
    let condition = {
        let begin = start + keyword_len + (rest.len() - rest.trim_start().len());
        begin..start + trimmed.len()
    };
    match keyword {
        "if" | "elif" if condition.is_empty() => {
            Err(ExprError::new(keyword_range, format!("`{keyword}` has no condition"))
                .help(format!("write `{{% {keyword} plan == \"pro\" %}}`")))
        }
        "if" => Ok(Statement::If(condition)),
        "elif" => Ok(Statement::Elif(condition)),
        "else" if condition.is_empty() => Ok(Statement::Else),
        "endif" if condition.is_empty() => Ok(Statement::EndIf),
        "else" if rest.trim_start().starts_with("if") => {
            Err(ExprError::new(start..condition.end, "`else if` is one word here").help("write `elif`"))
        }
        "else" | "endif" => Err(ExprError::new(condition, format!("nothing may follow `{keyword}`"))),
        _ => Err(refused(keyword, keyword_range)),
    }
}

fn refused(keyword: &str, range: Range<usize>) -> ExprError {
    let error = ExprError::new(range, format!("`{keyword}` is not known in merge tags"));
    match keyword {
        "elseif" | "elsif" => error.help("write `elif`"),
        "end" | "fi" => error.help("write `endif`"),
        "for" | "endfor" => error.help("what repeats is drawn once per issue: `[% for … %]` in the mjml/ files"),
        "set" | "with" | "macro" | "include" | "import" | "extends" | "block" => error.help(format!(
            "{KNOWN}; what is the same for every subscriber belongs in the mjml/ files, as `[% {keyword} … %]`"
        )),
        _ => match nearest(keyword, ["if", "elif", "else", "endif"]).filter(|_| keyword.len() > 2) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(KNOWN),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_statements() {
        let source = "if plan == \"pro\"";
        assert_eq!(statement(source), Ok(Statement::If(3..source.len())));
        assert_eq!(statement(" elif(a) "), Ok(Statement::Elif(5..8)));
        assert_eq!(statement("else"), Ok(Statement::Else));
        assert_eq!(statement("endif"), Ok(Statement::EndIf));
    }

    #[test]
    fn every_other_is_refused_with_the_way_out() {
        for (source, message, help) in [
            ("if", "`if` has no condition", "{% if plan"),
            ("else if x", "`else if` is one word here", "`elif`"),
            ("elseif x", "`elseif` is not known in merge tags", "`elif`"),
            ("endfi", "`endfi` is not known in merge tags", "did you mean `endif`"),
            ("for item in items", "`for` is not known in merge tags", "[% for … %]"),
            ("include \"/etc/passwd\"", "`include` is not known in merge tags", "[% include"),
            ("endif plan", "nothing may follow `endif`", ""),
            ("", "`` is not known in merge tags", "merge tags know `if`"),
        ] {
            let error = statement(source).unwrap_err();
            assert_eq!(error.message, message, "{source}");
            assert!(error.help.unwrap_or_default().contains(help), "{source}");
        }
    }
}
