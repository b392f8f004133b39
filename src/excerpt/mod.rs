//! The line that a finding is about, fit to be shown: in a terminal, on a page.
//!
//! Only what the writer and the designer of an issue wrote is shown: issue.md, layouts, blocks and what they include.
//! A mistyped key of mailshot.toml may hold a secret, and the list holds addresses: no line of them is ever shown.
//! Whatever a line holds, what is shown of it is one line of printable characters (see [`visible()`]), cut around the
//! place where it is long.

mod extent;
mod line;
mod visible;

pub use line::Excerpt;
pub use visible::visible;
