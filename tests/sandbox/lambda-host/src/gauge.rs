//! Counts things that are going on, so that one can wait until nothing is.

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub(crate) struct Gauge(watch::Sender<usize>);

impl Default for Gauge {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Gauge {
    /// Counts one more until the guard is dropped.
    pub(crate) fn enter(&self) -> Guard {
        self.0.send_modify(|n| *n += 1);
        Guard(self.clone())
    }

    /// Resolves when the count is zero.
    pub(crate) async fn zero(&self) {
        // An error would mean that the sender is gone, which `self` is.
        let _ = self.0.subscribe().wait_for(|n| *n == 0).await;
    }
}

#[derive(Debug)]
pub(crate) struct Guard(Gauge);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.send_modify(|n| *n -= 1);
    }
}
