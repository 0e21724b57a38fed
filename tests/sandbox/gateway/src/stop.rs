//! The signal that ends the gateway.

use tokio::sync::watch;

/// Waits until the gateway is told to stop, or is gone.
pub async fn stopped(signal: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: a reason to stop as well.
    let _ = signal.wait_for(|stop| *stop).await;
}
