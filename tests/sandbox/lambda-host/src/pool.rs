//! A registered function and its instances.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::instance::Instance;
use crate::spec::FunctionSpec;

pub(crate) struct Function {
    pub(crate) spec: FunctionSpec,
    /// Without a qualifier.
    pub(crate) arn: String,
    /// When it was registered, on the host's clock.
    pub(crate) registered_ms: u64,
    pool: Mutex<Pool>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Instance>,
    busy: u32,
    closed: bool,
}

impl Function {
    pub(crate) fn new(spec: FunctionSpec, arn: String, registered_ms: u64) -> Self {
        Self {
            spec,
            arn,
            registered_ms,
            pool: Mutex::default(),
        }
    }

    /// The right to run one instance, or `None` when `max_concurrency` of them are busy.
    pub(crate) fn lease(self: &Arc<Self>) -> Option<Lease> {
        let mut pool = self.lock();
        if pool.closed || pool.busy >= self.spec.max_concurrency {
            return None;
        }
        pool.busy += 1;
        Some(Lease {
            function: Arc::clone(self),
        })
    }

    /// Gives up all idle instances and accepts no more.
    pub(crate) fn close(&self) -> Vec<Instance> {
        let mut pool = self.lock();
        pool.closed = true;
        std::mem::take(&mut pool.idle)
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts as busy until it is dropped.
pub(crate) struct Lease {
    function: Arc<Function>,
}

impl Lease {
    /// A warm instance, the one used last.
    pub(crate) fn warm(&self) -> Option<Instance> {
        let mut pool = self.function.lock();
        while let Some(mut instance) = pool.idle.pop() {
            if instance.is_alive() {
                return Some(instance);
            }
        }
        None
    }

    /// Keeps the instance for the next invocation.
    pub(crate) fn keep(self, instance: Instance) {
        let mut pool = self.function.lock();
        if !pool.closed {
            pool.idle.push(instance);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.function.lock().busy -= 1;
    }
}
