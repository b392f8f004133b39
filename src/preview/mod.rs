//! A build and sample subscribers → files a person looks at: each sample's HTML, text and whole message, and
//! `index.html`, a page that shows them and opens from disk, without a server or a network. And the issue without
//! anyone's data, as a page for the web.

mod awkward;
mod branches;
mod folder;
mod gallery;
mod leaving;
mod page;
pub mod serve;
mod shared;
mod spread;
#[cfg(test)]
mod tests;
mod web;

pub use awkward::{Chosen, Sampler};
pub use folder::{Folder, FolderError};
pub use gallery::{File, Gallery, PreviewError, Sample};
pub use page::Beside;
pub use web::{WebPage, web_page};
