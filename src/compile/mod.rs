//! Campaign × layout → MJML → [`Build`].

mod build;
pub mod mjml;

pub use build::{Build, Context, Picture, Piece, Template};
