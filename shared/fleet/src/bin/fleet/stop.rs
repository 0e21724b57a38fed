//! Ctrl-C: what runs ends, and nothing else begins.

use std::io::Write as _;

use sci_fleet::pace::Stop;
use tokio::{signal::ctrl_c, sync::watch};

/// From now on Ctrl-C asks to stop, instead of ending the process.
pub(crate) fn on_ctrl_c() -> Stop {
    let (ask, asked) = watch::channel(false);
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            let _ = writeln!(std::io::stderr(), "\nStopping: what runs is ended.");
            let _ = ask.send(true);
        }
        // The other end waits for as long as this one is there.
        ask.closed().await;
    });
    Stop::new(asked)
}
