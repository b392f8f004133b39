//! One SMTP session with a relay, used for many messages (RFC 5321).
//!
//! It speaks in lettre's vocabulary (commands, client ids, credentials) and owns the connection itself, because
//! a newsletter needs what a general mail transport does not promise:
//!
//! - every failure says in which stage it happened and whether the final dot had been handed over;
//! - a reply decides only what it answers: replies are read as bytes, counted, and an unasked one is an error;
//! - every wait has a named limit, and after any limit, error or dropped future the session is unusable;
//! - a refused recipient does not cost the connection;
//! - nothing is sent without the TLS that was asked for, and no password without TLS to another machine.
//!
//! ```no_run
//! # use mailshot::smtp::{Endpoint, Envelope, Payload, Session};
//! # async fn example(endpoint: Endpoint) -> Result<(), mailshot::delivery::Failure> {
//! let mut session = Session::open(&endpoint).await?;
//! let envelope = Envelope::new("bounces@tmw.example", "reader@example.com")?;
//! let payload = Payload::new(b"Subject: Hello\r\n\r\nIt is Monday.\r\n")?;
//! session.offer(&envelope, &payload).await?;
//! // Here the intent is made durable: from now on the relay may come to have the message.
//! let reply = session.body(&payload).await?;
//! session.quit().await;
//! # Ok(())
//! # }
//! ```

mod capabilities;
mod endpoint;
mod open;
mod payload;
mod reply;
mod session;
mod tls;
mod transcript;
mod wire;

pub use capabilities::Capabilities;
pub use endpoint::{Endpoint, Timeouts, Tls};
pub use lettre::transport::smtp::authentication::{Credentials, Mechanism};
pub use lettre::transport::smtp::extension::ClientId;
pub use payload::{Envelope, Payload};
pub use session::Session;
pub use tls::{TlsConfig, TlsConfigError};
