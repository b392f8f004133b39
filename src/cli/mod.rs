//! The commands: parse, load, call, print. The only module that prints, and the only one that knows exit codes.

mod amend;
mod args;
mod check;
mod console;
mod contents;
mod discreet;
mod error;
mod halt;
mod init;
mod ledger;
mod log;
mod new;
mod next_issue;
mod pace;
mod plan;
mod preview;
mod progress;
mod project;
mod receipt;
mod relay;
mod resolve;
mod retry;
mod run;
mod scaffold;
mod send;
mod serve;
mod status;
mod suppress;
mod test;
mod transmit;
mod web;

pub use run::main;
