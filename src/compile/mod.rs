//! Campaign × layout → MJML → [`Build`].

mod build;
mod compiler;
mod contexts;
mod foreign;
mod issue_errors;
mod issue_names;
mod issue_phase;
mod issue_syntax;
mod marking;
pub mod mjml;
mod names;
mod nearby;
mod pictures;
mod places;
mod sources;
mod text_template;
mod unsaid;
mod xml;

pub use build::{Build, Context, Picture, Piece, Template};
pub use compiler::{Compiled, compile};
