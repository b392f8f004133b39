//! Bodies → a MIME message as it goes over the wire.
//!
//! A [`Composer`] makes what is the same in every message of a run once; [`Composer::compose`] adds one
//! recipient's headers and bodies. Nothing is encoded twice, no line is longer than its RFC allows, and no
//! header holds a line break that was not put there by the folding in this module.
//!
//! [`Tokens`] are what the unsubscribe links carry.

mod compose;
mod content;
mod error;
mod header;
mod part;
#[cfg(test)]
mod tests;
mod token;
mod unsubscribe;

pub use compose::{Composer, Message, Recipient};
pub use content::{Content, ContentError, Draft};
pub(crate) use content::{NAMES, display_name};
pub use error::ComposeError;
pub use token::{Claim, TokenError, Tokens};
pub use unsubscribe::unsubscribe_url;
