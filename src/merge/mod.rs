//! Build × subscriber → the bodies of one message.
