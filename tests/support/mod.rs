//! What several test files share.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test file uses its own part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub mod gate;
pub mod http;
pub mod project;
pub mod smtp_connection;
pub mod smtp_script;
pub mod smtp_server;
pub mod tls;

pub use gate::{Gate, held_at_first};
pub use http::{Answer, Events, Served};
pub use project::{Output, Project, Running, SECRET, accepted, list, once_each, wait_for};
pub use smtp_script::{Action, At, Script, Seen};
pub use smtp_server::{Accepted, SmtpServer};
pub use tls::{Authority, Identity};
