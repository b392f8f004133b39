//! A build and sample subscribers → files a person looks at: each sample's HTML, text and whole message, and
//! `index.html`, a page that shows them and opens from disk, without a server or a network.

mod gallery;
mod writer;

pub use gallery::Sample;
pub use writer::{PreviewError, Writer};
