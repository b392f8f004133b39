//! mailshot sends an email newsletter from the command line: it compiles an issue, merges each
//! subscriber's data into it, delivers it over SMTP, and keeps what happened to every recipient.
//!
//! The data goes one way, and a module may use only those above it in this list:
//!
//! | module | what it turns into what |
//! | --- | --- |
//! | [`address`], [`clock`], [`digest`], [`draft`], [`finding`], [`excerpt`], [`input`], [`tags`], `toml_slip` | valid addresses; time; SHA-256; files that are there whole or not at all; what is wrong and where, and the line it stands in; what an operator wrote, opened; merge tags as opaque tokens; why TOML cannot be read |
//! | [`expr`] | expressions over typed columns (`segment`, `where`, `if`, merge tags) |
//! | [`config`] | `mailshot.toml` → validated settings |
//! | [`campaign`] | `issue.md` → front matter and blocks with their source positions |
//! | [`compile`] | campaign × layout → MJML → [`compile::Build`] |
//! | [`audience`] | CSV → subscribers |
//! | [`merge`], [`message`] | build × subscriber → bodies → a MIME message |
//! | [`delivery`] | replies → outcomes; pure, imports nothing of the project |
//! | [`ledger`], [`smtp`], [`capture`] | durable records; one SMTP session; the embedded server of a rehearsal. They know [`delivery`], not each other |
//! | [`http`] | HTTP/1.1 with limits on everything; knows nothing of what it serves |
//! | [`check`], [`preview`] | findings and files, before anything is sent |
//! | [`dispatch`] | the run: claims, pace, sessions, results |
//! | [`cli`] | one file per command; the only place that prints |

pub mod address;
pub mod audience;
pub mod campaign;
pub mod capture;
pub mod check;
pub mod cli;
pub mod clock;
pub mod compile;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod dispatch;
pub mod draft;
pub mod excerpt;
pub mod expr;
pub mod finding;
pub mod http;
pub mod input;
pub mod ledger;
pub mod merge;
pub mod message;
pub mod preview;
pub mod smtp;
pub mod tags;
mod toml_slip;
