//! `mailshot send` killed, again and again, at any moment: whatever happens, each recipient gets the message
//! exactly once by the server's own record, but for those that are named in doubt.
//!
//! | file | when it ends |
//! | --- | --- |
//! | `every_call` | by SIGKILL, as it enters a write, a send or a sync: every k-th of them |
//! | `power_loss` | there too, and the disk keeps what was synced, or that and a random half of the rest |
//! | `launch_steps`, `random_kills` | by SIGKILL, at each step of the launch; at any moment |
//! | `connecting` | by an interrupt, while the relay says nothing |

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "what was met and what came of it is told as a table")]

mod connecting;
mod disk;
mod every_call;
mod harness;
mod launch_steps;
mod points;
mod power_loss;
mod random;
mod random_kills;
mod record;
mod replay;
mod strace;
mod table;
mod trace;

#[path = "../support/mod.rs"]
mod support;
