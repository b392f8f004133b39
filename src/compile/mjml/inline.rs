//! `mj-style inline="inline"`: rules written into the `style` attributes of what they select.
//!
//! A rule with `!important` wins over what MJML wrote on the element, and then loses its `!important`, as in MJML:
//! with it no media query could change the property again, dark mode for one. What a designer wrote with
//! `!important` into a `style` attribute keeps it.

use std::borrow::Cow;

use super::lexer::{Lexer, Token};
use super::{html_rules, render::RenderError};

/// Stands for the `!important` of a `style` attribute while the inliner runs: a word, so part of the value.
const KEPT: &str = "mailshot-important";

/// `html` with the rules of `css` in its `style` attributes.
pub(super) fn inline(html: String, css: &str) -> Result<String, RenderError> {
    if css.trim().is_empty() {
        return Ok(html);
    }
    let html = map_styles(&html, |style| style.replace("!important", KEPT));
    let html = css_inline::CSSInliner::options()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .keep_link_tags(true)
        .load_remote_stylesheets(false)
        .extra_css(Some(Cow::Borrowed(css)))
        .build()
        .inline(&html)
        .map_err(|error| RenderError::Refused(error.to_string()))?;
    Ok(map_styles(&html, |style| {
        style.replace(" !important", "").replace("!important", "").replace(KEPT, "!important")
    }))
}

/// `html` with the value of every `style` attribute that speaks of importance changed by `change`.
fn map_styles(html: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(html.len());
    let mut copied = 0;
    let mut lexer = Lexer::new(html);
    while let Some(token) = lexer.next() {
        let Ok((_, Token::Open { name, attributes, closed })) = token else { continue };
        for value in attributes.iter().filter(|a| a.name == "style").filter_map(|a| a.value) {
            if value.contains("important") {
                let start = value.as_ptr() as usize - html.as_ptr() as usize;
                out.push_str(&html[copied..start]);
                out.push_str(&change(value));
                copied = start + value.len();
            }
        }
        if html_rules::is_raw_text(name) && !closed {
            lexer.raw_text(name);
        }
    }
    out.push_str(&html[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_important_rule_wins_and_stays_open_to_media_queries() {
        let html = "<html><head><style>.a{top:0 !important}</style></head><body>\
                    <p class=\"a\" style=\"color: red; top: 1px !important;\">style=\"x !important\"</p></body></html>";
        let out = inline(html.to_owned(), ".a { color: blue !important; left: 2px }").unwrap();
        assert!(out.contains("<style>.a{top:0 !important}</style>"), "{out}");
        assert!(out.contains(">style=\"x !important\"</p>"), "{out}");
        for wanted in ["color: blue;", "top: 1px !important", "left: 2px"] {
            assert!(out.contains(wanted), "{wanted} in {out}");
        }
        assert!(!out.contains("color: red"), "{out}");
    }
}
