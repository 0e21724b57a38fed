//! Faults on demand: what goes wrong, in which call, reproducibly.

use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The service's own throttling error; no effect.
    Throttle,
    /// The service's own internal error (HTTP 500); no effect.
    InternalBefore,
    /// The call takes effect, then its answer is lost: HTTP 500 that carries [`crate::ConnectionLost`], on which the
    /// listener closes the connection.
    LostReply,
    /// Any error of the service; no effect.
    Error {
        /// Error code without namespace, such as `KMSThrottling`.
        code: String,
        /// Text of the error.
        message: String,
        /// HTTP status.
        status: u16,
    },
    /// Timestream `WriteRecords` only: the records at these indices are rejected, the others stored.
    RejectRecords(Vec<usize>),
    /// The call waits this many milliseconds of real time, then proceeds.
    Delay(u64),
}

impl FaultKind {
    /// Name of the variant, as it appears in the call log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "Throttle",
            Self::InternalBefore => "InternalBefore",
            Self::LostReply => "LostReply",
            Self::Error { .. } => "Error",
            Self::RejectRecords(_) => "RejectRecords",
            Self::Delay(_) => "Delay",
        }
    }
}

/// Which of the matching calls a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The n-th matching call after the injection, counted from 1, once.
    Nth(u32),
    /// The next n matching calls.
    Next(u32),
    /// Each matching call with this probability in percent. The same seed hits the same calls.
    Probability {
        /// 0 to 100.
        percent: u8,
        /// Print it with a failure to reproduce the run.
        seed: u64,
    },
}

/// A fault to inject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Service name, such as `dynamodb`.
    pub service: String,
    /// Operation, such as `PutItem`; `*` matches every operation.
    pub operation: String,
    /// Which calls.
    pub when: When,
    /// What happens.
    pub kind: FaultKind,
}

/// Names an injected fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultId(u64);

/// Handle to inject and withdraw faults; clones share the same list.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next_id: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    id: FaultId,
    fault: Fault,
    seen: u32,
    fired: u32,
}

impl Faults {
    /// Arms a fault. Of several that hit the same call the earliest wins; all of them count the call.
    pub fn inject(&self, fault: Fault) -> FaultId {
        let mut state = lock(&self.0);
        let id = FaultId(state.next_id);
        state.next_id += 1;
        state.armed.push(Armed {
            id,
            fault,
            seen: 0,
            fired: 0,
        });
        id
    }

    /// How often a fault has hit; 0 after its withdrawal.
    #[must_use]
    pub fn fired(&self, id: FaultId) -> u32 {
        lock(&self.0)
            .armed
            .iter()
            .find(|armed| armed.id == id)
            .map_or(0, |armed| armed.fired)
    }

    /// Withdraws one fault.
    pub fn remove(&self, id: FaultId) {
        lock(&self.0).armed.retain(|armed| armed.id != id);
    }

    /// Withdraws all faults.
    pub fn clear(&self) {
        lock(&self.0).armed.clear();
    }

    /// Counts a call and says what shall happen to it.
    pub(crate) fn next(&self, service: &str, operation: &str) -> Option<FaultKind> {
        let mut hit = None;
        for armed in &mut lock(&self.0).armed {
            let fault = &armed.fault;
            if fault.service != service || (fault.operation != "*" && fault.operation != operation)
            {
                continue;
            }
            armed.seen = armed.seen.saturating_add(1);
            let fires = match fault.when {
                When::Nth(n) => armed.seen == n,
                When::Next(n) => armed.seen <= n,
                When::Probability { percent, seed } => roll(seed, armed.seen) < u64::from(percent),
            };
            if fires && hit.is_none() {
                armed.fired += 1;
                hit = Some(fault.kind.clone());
            }
        }
        hit
    }
}

/// A number below 100 that depends on nothing but its arguments (splitmix64).
fn roll(seed: u64, call: u32) -> u64 {
    let mut z = seed.wrapping_add(u64::from(call).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: &str, when: When) -> Fault {
        Fault {
            service: "sns".into(),
            operation: operation.into(),
            when,
            kind: FaultKind::Throttle,
        }
    }

    fn pattern(faults: &Faults, calls: u32) -> Vec<bool> {
        (0..calls)
            .map(|_| faults.next("sns", "Publish").is_some())
            .collect()
    }

    #[test]
    fn nth_hits_once_and_next_hits_the_first_ones() {
        let faults = Faults::default();
        let id = faults.inject(fault("Publish", When::Nth(2)));
        assert_eq!(pattern(&faults, 4), [false, true, false, false]);
        assert_eq!(faults.fired(id), 1);
        faults.clear();
        faults.inject(fault("*", When::Next(2)));
        assert_eq!(pattern(&faults, 4), [true, true, false, false]);
    }

    #[test]
    fn other_services_and_operations_are_left_alone() {
        let faults = Faults::default();
        faults.inject(fault("Publish", When::Next(9)));
        assert_eq!(faults.next("sqs", "Publish"), None);
        assert_eq!(faults.next("sns", "PublishBatch"), None);
    }

    #[test]
    fn the_same_seed_hits_the_same_calls() {
        let run = |seed| {
            let faults = Faults::default();
            faults.inject(fault("Publish", When::Probability { percent: 30, seed }));
            pattern(&faults, 200)
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).into_iter().filter(|hit| *hit).count();
        assert!((35..=85).contains(&hits), "{hits} of 200");
    }
}
