//! How far a long command is, for a person who watches it.

use std::io::{IsTerminal as _, Write as _, stderr};

const WIDTH: usize = 40;

/// A bar on standard error, if that is a terminal.
pub(crate) struct Progress {
    watched: bool,
    drawn: Option<u64>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            watched: stderr().is_terminal(),
            drawn: None,
        }
    }

    /// Draws the bar if it changed by a thousandth.
    pub(crate) fn show(&mut self, done: u64, all: u64) {
        let thousandths = done.saturating_mul(1000) / all.max(1);
        if !self.watched || self.drawn == Some(thousandths) {
            return;
        }
        self.drawn = Some(thousandths);
        let full = usize::try_from(thousandths).unwrap_or(0) * WIDTH / 1000;
        let bar = "#".repeat(full.min(WIDTH));
        let _ = write!(stderr(), "\r[{bar:.<WIDTH$}] {done} of {all}");
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if self.drawn.is_some() {
            let _ = write!(stderr(), "\r\x1b[2K");
        }
    }
}
