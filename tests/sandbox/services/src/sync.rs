//! Locking without poisoning: a panicking test must not take the other services down with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also when an earlier holder panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
