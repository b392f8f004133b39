//! Bodies → a MIME message as it goes over the wire.
