//! Campaign × layout → MJML → [`Build`].

mod build;

pub use build::{Build, Context, Picture, Piece, Template};
