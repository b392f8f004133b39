//! Why a message could not be composed.

/// Something that may not stand in a message. None of these holds a subscriber's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// An address of the sender or the list.
    #[error("{field}: this is no plain address in ASCII")]
    Address {
        /// Which header it is for.
        field: &'static str,
    },
    /// The recipient's address.
    #[error("the recipient's address is no plain address in ASCII")]
    Recipient,
    /// The list's identifier.
    #[error("`{0}` cannot be a List-Id: letters, digits, `.`, `-` and `_` alone")]
    ListId(String),
    /// `[list] unsubscribe`
    #[error("the unsubscribe address must be a whole http(s) URL with `{{token}}` in it")]
    Unsubscribe,
    /// A picture.
    #[error("the picture `{name}` has no usable {field}")]
    Picture {
        /// The file's name.
        name: String,
        /// What is wrong about it.
        field: &'static str,
    },
    /// RFC 5322 section 2.1.1
    #[error("the header {0} would have a line longer than 998 characters")]
    LineTooLong(&'static str),
}
