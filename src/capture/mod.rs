//! The embedded SMTP server that keeps what it is sent.
