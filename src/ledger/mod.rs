//! The durable store of runs, recipients, attempts and suppressions, on SQLite.
//!
//! What it promises:
//! - **A write that was answered is on disk** (write-ahead log, `synchronous=FULL`): no kill and no loss of power
//!   takes it back. Writes that wait at the same time share one commit.
//! - **A run exists with its whole audience or not at all.**
//! - **A recipient moves between states only as [`State::after`](crate::delivery::State::after) allows**; every move
//!   but the intent leaves a row in the retry log, in the same transaction.
//! - **After a write that failed nothing more is written** by this process: after a failed fsync nobody knows what
//!   the disk holds.
//! - **What it holds in memory does not grow with the audience.**
//!
//! What it refuses: a file that is not a ledger (left untouched), a ledger of a newer mailshot, a file on a network
//! file system, where neither SQLite's locks nor ours can be trusted.
//!
//! | file | what is there |
//! | --- | --- |
//! | `schema.sql` | the tables |
//! | `file`, `network` | creating, checking and opening the file |
//! | `store`, `writer` | [`Ledger`]: one connection that reads, one thread that writes |
//! | `migrate` | earlier versions brought forward |
//! | `backup` | a copy of a live ledger |
//! | `staging` | an audience on its way in, and the launch |
//! | `runs`, `run_id`, `lock` | the runs; which process is at one |
//! | `due` | who can be sent to now |
//! | `claims` | the moves of a recipient: intent, result, recovery |
//! | `orders` | what the operator wants of a run under way: halt, a newer build |
//! | `pace`, `quota`, `horizon` | permits that all processes share |
//! | `suppression` | who must not be mailed |
//! | `operator` | the operator's word: resolve, retry, halt, what was tested |
//! | `reading`, `pages` | counts and the retry log; long answers |

mod backup;
mod claims;
mod due;
mod error;
mod file;
mod horizon;
mod lock;
mod migrate;
mod network;
mod operator;
mod orders;
mod pace;
mod pages;
mod quota;
mod reading;
mod run_id;
mod runs;
mod staging;
mod store;
mod suppression;
mod writer;

#[cfg(test)]
mod tests;

pub use backup::BackupError;
pub use claims::{Attempt, Intent};
pub use due::{Cursor, Domains, Recipient};
pub use error::LedgerError;
pub use lock::RunLock;
pub use operator::{Retried, Retry};
pub use orders::Orders;
pub use pace::{DomainPermit, Lease, Leased, Slots, Slowed};
pub use quota::Unused;
pub use reading::{AttemptRow, Counts, InDoubt, LogFilter, Refusal};
pub use run_id::RunId;
pub use runs::{Frozen, Halt, Kind, Run, RunState};
pub use staging::{Added, NewRun, StagedRow, StagedRows, Staging};
pub use store::Ledger;
pub use suppression::{Listed, Reason, Suppression, Suppressions, UnknownReason};
