//! Brings a ledger of an earlier version forward, step by step. Each step is one transaction that also sets the
//! version: a kill leaves the ledger at one version or the next, never between.

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Fault, Work};

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 2;

/// The step to each version from the one before it, the first being the step to version 2.
const STEPS: [&str; 1] = [include_str!("migrate-2.sql")];

/// The version of the ledger that this connection is to.
pub(super) fn version_of(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", (), |row| row.get(0))
}

/// Does what is left to do. Of several processes that come at once, one does it and the others wait.
pub(super) fn migrate(db: &mut Connection) -> Work<()> {
    loop {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version_of(&transaction)?;
        if version >= VERSION {
            return Ok(());
        }
        let step = usize::try_from(version - 1).ok().and_then(|step| STEPS.get(step));
        let step = step.ok_or_else(|| Fault::Unreadable(format!("it says it has version {version}")))?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}
