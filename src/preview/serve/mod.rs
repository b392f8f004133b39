//! A preview in a browser that follows what is written: the same files as on disk, but held in memory, made anew with
//! every change, and a page that takes the new ones by itself.
//!
//! ```text
//! folders ─ watch (wakes) ─ tree (what changed) ─ follow ─ Maker ─► stage ─ route ─► browser
//! ```
//!
//! An event of the file system only wakes; what has changed is found by looking, so no event can be misread, and one
//! that got lost costs a second. Pages show subscribers' data: they are served to whoever comes by an own name only,
//! and kept from other sites, caches and the disk.

mod follow;
mod route;
mod stage;
mod tree;
mod watch;

pub use follow::{Event, Follower, Made, Maker};
pub use route::Show;
pub use stage::Stage;
pub use tree::{Roots, Stamp};

/// What follows changes on the page.
pub const SCRIPT: &str = include_str!("live.js");
