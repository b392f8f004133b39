//! The finished page: finds elements by CSS selectors and changes their start tags, for `mj-html-attributes` and for
//! style sheets that are to be inlined. Every other byte stays as it is, also those of merge tags' tokens and of
//! conditional comments.
//!
//! Selectors are matched by `selectors` and style sheets read by `cssparser`, both Servo's. What a page holds is
//! what its tags say: nothing is moved and nothing is added (no `<tbody>`), as in the reference implementation of MJML.

mod css;
mod dialect;
mod edit;
mod element;
mod html_attributes;
mod inline;
mod select;
mod style;
mod tree;
mod variables;

pub(super) use css::{complaints, plain};
pub(super) use html_attributes::{Attributes, set};
pub(super) use inline::inline;
pub(super) use select::Selector;
pub(super) use tree::PageError;
