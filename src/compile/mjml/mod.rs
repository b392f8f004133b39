//! The MJML front end: MJML → HTML, with merge tags intact and findings that name their place.
//!
//! mrml draws MJML fast, but what it does not expect it turns into broken HTML without a word. So it is used here and
//! nowhere else, for the page, its wrappers and its sections, and it is shown only what it draws right:
//!
//! text → `lexer` → `parse` (balanced tree) → `include` → `document` → `check`, `merge_tags` (findings) → `cascade`
//! (`mj-attributes`) → `write` (canonical MJML; what `draw` makes of sections and heroes is `held` back) → `render`
//! (mrml; what was held put back) → `page` (`mj-html-attributes`, inlined CSS)
//!
//! Promised: no input makes it panic, overflow the stack or run without end; every merge tag comes out as it went in,
//! in every branch of its conditions the HTML is balanced, or there is a finding. Limits: 2 MiB of text, 10,000
//! elements, 64 levels of MJML elements, 200 of HTML elements, 16 of includes, 200 includes.
//!
//! The tests in `defects` show what mrml does wrong, one for each work-around here, so that the day it is mended the
//! work-around can go.

mod advice;
mod attributes;
mod cascade;
mod check;
mod colors;
mod defaults;
#[cfg(test)]
mod defects;
mod document;
mod draw;
mod elements;
mod fonts;
mod front;
mod held;
mod html_attributes;
mod html_rules;
mod include;
mod lexer;
mod links;
mod mend;
mod merge_tags;
mod outlook;
mod page;
mod parse;
mod problems;
mod render;
mod source;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod values;
mod write;

pub use front::{Html, Input, to_html};
pub use source::Sources;
