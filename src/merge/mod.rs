//! Build × subscriber → the bodies of one message.
//!
//! A [`Merger`] compiles the templates of a build once; [`Merger::merge`] then runs once per subscriber. What a
//! subscriber's data says never leaves the place it was put in: it is escaped for HTML text, attribute, URL,
//! plain text or header by the build's [`Context`](crate::compile::Context), never by the data, and is never
//! read as a template.
//!
//! The bodies come out quoted-printable (RFC 2045 section 6.7), ready for the wire: the literals were encoded
//! when the merger was made, so that a merge copies them and encodes the values alone.

mod error;
mod escape;
mod merger;
mod plan;
mod qp;
mod scope;
#[cfg(test)]
mod tests;
mod tidy;
mod url;

pub use error::MergeError;
pub(crate) use escape::single_line;
pub use merger::{MAX_BODY_BYTES, Merged, Merger};
pub(crate) use qp::push_escaped;
pub(crate) use url::{component as url_component, web_url};
