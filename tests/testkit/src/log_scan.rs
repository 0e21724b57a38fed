//! Captured logs, searched for secrets.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// How JSON web tokens, PEM blocks and AWS access keys begin.
pub const SECRETS: [&str; 3] = ["eyJ", "BEGIN", "AKIA"];

/// The logs of this thread, at every level, for as long as it lives.
pub struct LogScan {
    written: Written,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl LogScan {
    /// Begins to capture.
    #[must_use]
    pub fn start() -> Self {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(written.clone())
            .finish();
        Self {
            written,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap()
    }

    /// Fails when a secret was logged, or one of `words`, such as a planted payload.
    pub fn assert_clean(&self, words: &[&str]) {
        let text = self.text();
        for word in SECRETS.iter().chain(words) {
            assert!(!text.contains(word), "the logs hold {word:?}:\n{text}");
        }
    }
}
