//! Campaign × layout → MJML → [`Build`].

mod build;
mod compiler;
mod contexts;
mod issue_phase;
pub mod mjml;
mod pictures;
mod sources;

pub use build::{Build, Context, Picture, Piece, Template};
pub use compiler::{Compiled, compile};
