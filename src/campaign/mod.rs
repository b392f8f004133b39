//! `issue.md` → front matter and blocks, with source positions.
//!
//! The way through: [`load()`] reads the file, [`parse()`] protects the merge tags and reads front matter and
//! blocks, [`add_utm`] marks the links, [`fields()`] sorts a block into what its template asks for, and
//! [`text()`] writes the text part from the same tree.

mod blocks;
mod direction;
mod entities;
mod fields;
mod front;
mod html;
mod load;
mod markdown;
mod marked;
mod mask;
mod origin;
mod parse;
mod parts;
mod raw;
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod url;
pub mod utm;
mod words;
mod wrap;

pub use direction::Direction;
pub use fields::{Button, Fields, Html, Item, Picture, fields};
pub use front::FrontMatter;
pub use html::{PLACE, html, inline_html};
pub use load::{MAX_BYTES, Source, is_slug, load, slug};
pub(crate) use marked::is_markable;
pub use parse::{Block, Campaign, Condition, parse, picture_places};
pub use text::{Essentials, Marks, Page, TextPart, TextPiece, UrlPlace, text};
pub use tree::{Align, Image, Inline, Link, List, Node, Table};
pub(crate) use url::{check_link, check_picture};
pub use utm::add_utm;
pub use words::{reading_minutes, words};
pub use wrap::Shape;
pub(crate) use wrap::fill;
