//! What several tasks change.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value, for this task alone. Whoever held it and panicked left nothing half changed: no holder does more than
/// one thing to it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
