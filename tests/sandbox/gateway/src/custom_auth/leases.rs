//! Connections that live by an authorizer's answer: its policies are refreshed, and its end is the connection's end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, watch};

use super::admission::{Admission, CustomAuth, Renewal};
use super::permit::Permit;
use crate::Clock;
use crate::session::Ending;
use crate::stop::stopped;

/// The connections and what is due for them.
pub(crate) struct Leases {
    custom: Arc<CustomAuth>,
    clock: Clock,
    /// Refreshes run as tasks of their own, so that one that hangs holds up nobody.
    runtime: Handle,
    stopping: watch::Receiver<bool>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    ids: u64,
    running: HashMap<u64, Running>,
}

struct Running {
    renewal: Arc<Renewal>,
    permit: Arc<Permit>,
    ends_ms: u64,
    phase: Phase,
    control: mpsc::UnboundedSender<Ending>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The policies hold until then, epoch milliseconds.
    Resting { refresh_ms: u64 },
    /// The function has been asked.
    Refreshing,
    /// The connection has been told to end.
    Ending,
}

/// A connection's lease. Dropping it tells that the connection is gone.
pub(crate) struct Lease {
    leases: Arc<Leases>,
    id: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.state().running.remove(&self.id);
        self.leases.changed.notify_waiters();
    }
}

impl Leases {
    /// No connections. Must be called within a Tokio runtime.
    pub(crate) fn new(
        custom: Arc<CustomAuth>,
        clock: Clock,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            custom,
            clock,
            runtime: Handle::current(),
            stopping,
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Begins a lease for a connection that is established now; `control` ends it.
    pub(crate) fn begin(
        self: &Arc<Self>,
        admission: Admission,
        control: mpsc::UnboundedSender<Ending>,
    ) -> Lease {
        let now = (self.clock)();
        let mut state = self.state();
        state.ids += 1;
        let id = state.ids;
        let running = Running {
            renewal: Arc::new(admission.renewal),
            permit: admission.permit,
            ends_ms: now.saturating_add(admission.disconnect_after_ms),
            phase: Phase::Resting {
                refresh_ms: now.saturating_add(admission.refresh_after_ms),
            },
            control,
        };
        state.running.insert(id, running);
        Lease {
            leases: Arc::clone(self),
            id,
        }
    }

    /// Starts what the clock has made due, without waiting for it.
    pub(crate) fn tick(self: &Arc<Self>) {
        let now = (self.clock)();
        let mut refreshes = Vec::new();
        for (id, lease) in &mut self.state().running {
            if lease.phase == Phase::Ending {
                continue;
            }
            if now >= lease.ends_ms {
                lease.phase = Phase::Ending;
                let _ = lease.control.send(Ending::LeaseExpired);
                continue;
            }
            match lease.phase {
                Phase::Resting { refresh_ms } if now >= refresh_ms => {
                    lease.phase = Phase::Refreshing;
                    refreshes.push((*id, Arc::clone(&lease.renewal)));
                }
                _ => {}
            }
        }
        for (id, renewal) in refreshes {
            let leases = Arc::clone(self);
            self.runtime.spawn(leases.refresh(id, renewal));
        }
    }

    /// Does what the clock has made due, and waits for its outcome: policies replaced, connections gone.
    pub(crate) async fn settle(self: &Arc<Self>) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            self.tick();
            let under_way = |lease: &Running| !matches!(lease.phase, Phase::Resting { .. });
            if !self.state().running.values().any(under_way) {
                return;
            }
            changed.await;
        }
    }

    async fn refresh(self: Arc<Self>, id: u64, renewal: Arc<Renewal>) {
        let mut stopping = self.stopping.clone();
        let outcome = tokio::select! {
            () = stopped(&mut stopping) => return,
            outcome = self.custom.renew(&renewal) => outcome,
        };
        let now = (self.clock)();
        // The connection may be gone, or its time over, by now.
        let mut state = self.state();
        let lease = state.running.get_mut(&id);
        if let Some(lease) = lease.filter(|lease| lease.phase == Phase::Refreshing) {
            match outcome {
                Ok(answer) => {
                    lease.permit.replace(answer.policies);
                    let after_ms = answer.refresh_after_seconds * 1000;
                    lease.phase = Phase::Resting {
                        refresh_ms: now.saturating_add(after_ms),
                    };
                }
                Err(refused) => {
                    lease.phase = Phase::Ending;
                    let reason = format!("the refresh of its policies was refused: {refused}");
                    let _ = lease.control.send(Ending::LeaseRefused(reason));
                }
            }
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
