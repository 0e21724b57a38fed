//! Counts what callers wanted and the sandbox does not have.

use std::{collections::BTreeMap, sync::Mutex};

use crate::sync::lock;

/// Calls refused for lack of support, by service and operation.
#[derive(Debug, Default)]
pub(crate) struct Unsupported(Mutex<BTreeMap<(String, String), u64>>);

impl Unsupported {
    pub(crate) fn count(&self, service: &str, operation: &str) {
        *lock(&self.0)
            .entry((service.to_owned(), operation.to_owned()))
            .or_default() += 1;
    }

    pub(crate) fn list(&self) -> Vec<(String, String, u64)> {
        lock(&self.0)
            .iter()
            .map(|((service, operation), n)| (service.clone(), operation.clone(), *n))
            .collect()
    }
}
