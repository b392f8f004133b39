//! The text part: for people who read mail as plain text, have it read to them, or quote it.
//!
//! What an issue says is written from its tree. What the layout says around it (its masthead, why the reader gets
//! this, how to leave) is read from the finished HTML, and so is a block whose template says more than the tree:
//! whatever words the HTML shows, the text has them, in the words of the layout's own language.

mod containers;
mod elements;
mod in_line;
mod inlines;
mod lines;
mod page;
mod paragraphs;
mod part;
mod piece;
mod reading;
mod repeats;
mod said;
mod tables;
mod writer;

pub use page::{Marks, Page};
pub use part::{Essentials, text};
pub use piece::{TextPart, TextPiece, UrlPlace};
