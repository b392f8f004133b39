//! The subscriber file → subscribers, and what is wrong with it; and files of addresses that must not be mailed.
//!
//! [`Reader`] goes through the file once, in memory that does not grow with it. An address that cannot be
//! mailed is a warning, and its row is left out. Whatever makes the file itself doubtful is an error, for
//! nobody can say who else is touched: a quote that does not end, a row with too many fields, text that is not
//! UTF-8, a value that is not of its column's type.

mod columns;
mod reader;
mod records;
mod suppressed;
#[cfg(test)]
mod tests;

pub use reader::{Entry, Reader, Subscriber};
pub use suppressed::{SuppressedReader, SuppressedRow};
