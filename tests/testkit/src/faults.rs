//! Faults on demand, and a list of the calls that were made.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use sci_domain::ports::{FailureKind, PortFailure};

use crate::Random;

/// When a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing happened.
    BeforeEffect,
    /// It happened, but the caller does not learn of it.
    AfterEffect,
    /// It happened, and the function is killed: the call never returns. See [`crate::killed`].
    Killed,
}

/// One fault.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Counts all calls of all ports, from 0.
    pub nth: usize,
    /// How it fails.
    pub kind: FailureKind,
    /// When it fails.
    pub when: When,
}

/// The faults of a set of fakes. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    calls: Vec<&'static str>,
    planned: Vec<Fault>,
    down: Vec<(&'static str, FailureKind)>,
    /// Calls in a thousand that fail.
    random: Option<(u64, Random)>,
}

/// What a call must still do: return normally, or act and then fail.
#[must_use]
pub(crate) struct Entered(&'static str, Option<(FailureKind, When)>);

impl Entered {
    /// Ends the call. Nothing may be locked meanwhile: a killed one never ends.
    pub(crate) async fn leave<T>(self, result: T) -> Result<T, PortFailure> {
        match self.1 {
            None => Ok(result),
            Some((_, When::Killed)) => std::future::pending().await,
            Some((kind, _)) => Err(injected(self.0, kind)),
        }
    }
}

impl Faults {
    /// Lets one call fail.
    pub fn plan(&self, fault: Fault) {
        self.0.lock().unwrap().planned.push(fault);
    }

    /// Lets every call of one name (as in [`Self::calls`]) fail before its effect, until [`Self::heal`].
    pub fn take_down(&self, call: &'static str, kind: FailureKind) {
        self.0.lock().unwrap().down.push((call, kind));
    }

    /// Lets `per_mille` of all calls fail, half of them after their effect.
    pub fn at_random(&self, per_mille: u64, seed: u64) {
        self.0.lock().unwrap().random = Some((per_mille, Random::new(seed)));
    }

    /// Ends all faults.
    pub fn heal(&self) {
        let mut plan = self.0.lock().unwrap();
        plan.planned.clear();
        plan.down.clear();
        plan.random = None;
    }

    /// The calls so far, by name.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().calls.clone()
    }

    /// Forgets the calls so far: counting starts again at 0.
    pub fn forget_calls(&self) {
        self.0.lock().unwrap().calls.clear();
    }

    /// Begins a call: lets others run, counts it, fails it if so planned.
    pub(crate) async fn enter(&self, call: &'static str) -> Result<Entered, PortFailure> {
        tokio::task::yield_now().await;
        let fault = self.0.lock().unwrap().next(call);
        match fault {
            Some((kind, When::BeforeEffect)) => Err(injected(call, kind)),
            fault => Ok(Entered(call, fault)),
        }
    }
}

impl Plan {
    fn next(&mut self, call: &'static str) -> Option<(FailureKind, When)> {
        let nth = self.calls.len();
        self.calls.push(call);
        if let Some((_, kind)) = self.down.iter().find(|(name, _)| *name == call) {
            return Some((*kind, When::BeforeEffect));
        }
        if let Some(fault) = self.planned.iter().find(|fault| fault.nth == nth) {
            return Some((fault.kind, fault.when));
        }
        let (per_mille, random) = self.random.as_mut()?;
        random.chance(*per_mille).then(|| match random.below(2) {
            0 => (FailureKind::Throttled, When::BeforeEffect),
            _ => (FailureKind::Unavailable, When::AfterEffect),
        })
    }
}

fn injected(operation: &'static str, kind: FailureKind) -> PortFailure {
    PortFailure {
        operation,
        kind,
        source: "an injected fault".into(),
    }
}

/// Runs a handler until it ends or hangs at [`When::Killed`]; then it is dropped, as Lambda drops a function that is
/// killed or times out.
pub async fn killed<T>(handling: impl Future<Output = T>) -> Option<T> {
    let patience = async {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        result = handling => Some(result),
        () = patience => None,
    }
}
