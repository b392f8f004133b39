//! `mailshot.toml`: what was typed → what it means.

mod settings;

pub use settings::{ColumnSetting, Config, List, Mailbox, Password, Rate, Relay, Retry, Sender, Test, Tls};
