//! HTTP/1.1 for the servers of this program: what a client may cost is limited, whatever it sends or leaves unsent, and
//! there is one way to end.
//!
//! It knows nothing of what is served. TLS is for a proxy in front.

mod hosts;
mod listen;
mod patience;
mod reply;
mod server;

pub use hosts::Hosts;
pub use listen::{Listen, ListenError};
pub use reply::{Body, Reply, plain, reply};
pub use server::{Limits, Request, Server, Service};
