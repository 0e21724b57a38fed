//! Faults on demand.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, pending, select};

/// Called with the request id of each attempt when the function receives it; the function is killed when
/// the future resolves, if it still runs then.
pub type KillWhen = Arc<dyn Fn(&str) -> BoxFuture<'static, ()> + Send + Sync>;

/// What shall go wrong.
///
/// `nth` counts from the moment the fault is set: 1 is the next one. Attempts that the function does not
/// see (throttled, failed in init) do not count. Each
/// fault strikes once, except [`kill_when`](Self::kill_when).
#[derive(Default)]
pub struct Faults {
    armed: Mutex<Vec<Armed>>,
}

struct Armed {
    function: String,
    /// How many more to let pass; `None` strikes always.
    passes: Option<u64>,
    fault: Fault,
}

#[derive(Clone)]
enum Fault {
    KillAfter(Duration),
    KillWhen(KillWhen),
    DelayResponse(Duration),
    LoseResponse,
    Duplicate,
}

/// What goes wrong with one attempt.
pub(crate) struct Plan {
    pub(crate) kill: BoxFuture<'static, ()>,
    pub(crate) delay: Duration,
    pub(crate) lose: bool,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("armed", &self.lock().len())
            .finish()
    }
}

impl Faults {
    /// Kills the process `delay` after it received its `nth` event.
    pub fn kill_after(&self, function: &str, nth: u64, delay: Duration) {
        self.arm(function, nth, Fault::KillAfter(delay));
    }

    /// Kills the process whenever the callback's future resolves, until [`clear`](Self::clear).
    pub fn kill_when(&self, function: &str, when: KillWhen) {
        self.lock().push(Armed {
            function: function.to_owned(),
            passes: None,
            fault: Fault::KillWhen(when),
        });
    }

    /// Holds the `nth` answer back on its way to the caller; the function's timeout does not notice.
    pub fn delay_response(&self, function: &str, nth: u64, delay: Duration) {
        self.arm(function, nth, Fault::DelayResponse(delay));
    }

    /// Throws the `nth` answer away. A synchronous caller sees `ServiceException` (500), which SDKs retry; an
    /// asynchronous event goes back to the queue, as after any error of the service.
    pub fn lose_response(&self, function: &str, nth: u64) {
        self.arm(function, nth, Fault::LoseResponse);
    }

    /// Delivers the `nth` asynchronous event twice at the same time, under one request id.
    pub fn duplicate(&self, function: &str, nth: u64) {
        self.arm(function, nth, Fault::Duplicate);
    }

    /// Forgets all faults that have not struck.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn arm(&self, function: &str, nth: u64, fault: Fault) {
        self.lock().push(Armed {
            function: function.to_owned(),
            passes: Some(nth.saturating_sub(1)),
            fault,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults of this kind whose turn it is.
    fn strike(&self, function: &str, concerns: impl Fn(&Fault) -> bool) -> Vec<Fault> {
        let mut struck = Vec::new();
        self.lock().retain_mut(|armed| {
            if armed.function != function || !concerns(&armed.fault) {
                return true;
            }
            match &mut armed.passes {
                Some(passes @ 1..) => {
                    *passes -= 1;
                    true
                }
                passes => {
                    struck.push(armed.fault.clone());
                    passes.is_none()
                }
            }
        });
        struck
    }

    /// Whether the event accepted now is delivered twice.
    pub(crate) fn next_event(&self, function: &str) -> bool {
        let struck = self.strike(function, |fault| matches!(fault, Fault::Duplicate));
        !struck.is_empty()
    }

    pub(crate) fn next_attempt(&self, function: &str, request_id: &str) -> Plan {
        let mut plan = Plan {
            kill: pending().boxed(),
            delay: Duration::ZERO,
            lose: false,
        };
        for fault in self.strike(function, |fault| !matches!(fault, Fault::Duplicate)) {
            let kill = match fault {
                Fault::KillAfter(delay) => tokio::time::sleep(delay).boxed(),
                Fault::KillWhen(when) => when(request_id),
                Fault::DelayResponse(delay) => {
                    plan.delay += delay;
                    continue;
                }
                Fault::LoseResponse => {
                    plan.lose = true;
                    continue;
                }
                Fault::Duplicate => continue,
            };
            plan.kill = select(plan.kill, kill).map(|_| ()).boxed();
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_the_nth_time_and_once() {
        let faults = Faults::default();
        faults.duplicate("f", 2);
        faults.duplicate("g", 1);
        let struck: Vec<bool> = (0..4).map(|_| faults.next_event("f")).collect();
        assert_eq!(struck, [false, true, false, false]);
        assert!(faults.next_event("g"));
    }

    #[test]
    fn events_do_not_use_up_the_faults_of_attempts() {
        let faults = Faults::default();
        faults.lose_response("f", 1);
        assert!(!faults.next_event("f"));
        assert!(faults.next_attempt("f", "id").lose);
        assert!(!faults.next_attempt("f", "id").lose);
    }
}
