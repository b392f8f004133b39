//! The commands: parse, load, call, print. The only module that prints.

pub mod init;
pub mod new;
mod next_issue;
mod scaffold;
