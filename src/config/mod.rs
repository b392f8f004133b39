//! `mailshot.toml`: what was typed → what it means.
//!
//! [`load()`] reads the file, refuses what no one reads (an unknown key, a key of a later version), lays the chosen
//! profile over the rest, and judges every value. It answers with a [`Config`] in which every default is filled in
//! and nothing needs another check, or with all that is wrong, each with its line and column. No secret is in the
//! file: [`resolve`] and [`secret()`] fetch them from where it says, when they are needed.

mod known;
mod limits;
mod load;
mod mailbox;
mod preset;
mod profile;
mod rate;
mod raw;
mod relay;
mod relay_settings;
mod secret;
mod settings;
mod source;
mod suggest;
mod url;
mod validate;
mod values;
mod walk;
mod wrong;

pub use load::{find, load};
pub use mailbox::{Mailbox, MailboxError};
pub use preset::Preset;
pub use rate::{Rate, Window};
pub use relay_settings::{Password, Relay, Timeouts, Tls};
pub use secret::{resolve, secret};
pub use settings::{ColumnSetting, Config, List, Retry, Sender, Test};
pub use source::FILE;
pub use url::is_loopback;
