//! The embedded SMTP server of a rehearsal: it keeps what it is sent, and nothing leaves the machine.
//!
//! It is a real server (RFC 5321, with PIPELINING, 8BITMIME, SIZE and ENHANCEDSTATUSCODES), so that a rehearsal
//! takes the same way as a send: same session, same replies, same ledger. It listens on the loopback, on a port
//! the system chooses, and it has no accounts and no relaying: every recipient is accepted and kept as a file.
//!
//! A message is acknowledged once its file is complete. A write error is a 452, and the sender tries again.

mod dialogue;
mod keep;
mod server;

pub use keep::file_stem;
pub use server::CaptureServer;
