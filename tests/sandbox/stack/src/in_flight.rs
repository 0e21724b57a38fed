//! Counts what is under way, so that a story can wait until nothing is.

use tokio::sync::watch;

/// A shared counter.
#[derive(Debug)]
pub(crate) struct InFlight(watch::Sender<usize>);

impl Default for InFlight {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl InFlight {
    pub(crate) fn begin(&self) {
        self.0.send_modify(|n| *n = n.saturating_add(1));
    }

    pub(crate) fn finish(&self) {
        self.0.send_modify(|n| *n = n.saturating_sub(1));
    }

    /// Waits until nothing is under way.
    pub(crate) async fn idle(&self) {
        // The sender lives as long as `self`: the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|n| *n == 0).await;
    }
}
