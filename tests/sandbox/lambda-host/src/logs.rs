//! A function's output: lines go to the sink, and the last 4 KB of an invocation are kept for the caller.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::config::LogSink;

/// `LogType: Tail` answers with the last 4 KB (`lambda/latest/api/API_Invoke`).
const TAIL: usize = 4096;
/// A longer line is cut, as CloudWatch Logs' largest event would cut it (256 KB).
const LONGEST_LINE: usize = 262_144;
/// More than a pipe holds: what was written before a flush is read, and a process that writes without end
/// does not hold it up.
const LONGEST_FLUSH: usize = 1_048_576;

/// The reading end of one process's standard output and error, which share a pipe so that their order is kept.
pub(crate) struct Logs {
    current: Arc<Mutex<Current>>,
    flush: mpsc::Sender<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Current {
    request_id: Option<String>,
    tail: Vec<u8>,
}

impl Logs {
    /// Opens a pipe; the writer is for the process.
    pub(crate) fn open(function: String, sink: LogSink) -> io::Result<(Self, PipeWriter)> {
        let (reader, writer): (PipeReader, PipeWriter) = io::pipe()?;
        let fd = OwnedFd::from(reader);
        // A second handle for reads that must not wait for the reactor to notice new data.
        let direct = File::from(fd.try_clone()?);
        let receiver = pipe::Receiver::from_owned_fd(fd)?;
        let current = Arc::new(Mutex::new(Current::default()));
        let (flush, requests) = mpsc::channel(1);
        let lines = Lines {
            function,
            sink,
            current: Arc::clone(&current),
            partial: Vec::new(),
        };
        let task = tokio::spawn(read(receiver, direct, requests, lines));
        Ok((
            Self {
                current,
                flush,
                task,
            },
            writer,
        ))
    }

    /// From now on lines belong to this invocation.
    pub(crate) async fn begin(&self, request_id: &str) {
        self.flush().await;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.request_id = Some(request_id.to_owned());
        current.tail.clear();
        drop(current);
        self.platform(&format!("START RequestId: {request_id} Version: $LATEST"));
    }

    /// Adds a line of Lambda's own to the tail.
    pub(crate) fn platform(&self, line: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.push(line.as_bytes());
    }

    /// The last 4 KB since [`begin`](Self::begin).
    pub(crate) fn tail(&self) -> Bytes {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Bytes::copy_from_slice(&current.tail)
    }

    /// Reads all that the process has written until now.
    pub(crate) async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.flush.send(done).await.is_ok() {
            // An error means that the pipe is closed and read to its end. So does the end of the reading task: a request that
            // it was sent at its last moment stays in the channel, neither answered nor dropped.
            tokio::select! {
                _ = wait => {}
                () = self.flush.closed() => {}
            }
        }
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Current {
    fn push(&mut self, line: &[u8]) {
        self.tail.extend_from_slice(line);
        self.tail.push(b'\n');
        let excess = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..excess);
    }
}

struct Lines {
    function: String,
    sink: LogSink,
    current: Arc<Mutex<Current>>,
    partial: Vec<u8>,
}

impl Lines {
    fn accept(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.partial.extend_from_slice(end);
                    self.emit();
                }
                None => self.partial.extend_from_slice(piece),
            }
            if self.partial.len() >= LONGEST_LINE {
                self.emit();
            }
        }
    }

    fn emit(&mut self) {
        let line = std::mem::take(&mut self.partial);
        let request_id = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            current.push(&line);
            current.request_id.clone()
        };
        (self.sink)(
            &self.function,
            request_id.as_deref(),
            &String::from_utf8_lossy(&line),
        );
    }
}

async fn read(
    mut receiver: pipe::Receiver,
    mut direct: File,
    mut requests: mpsc::Receiver<oneshot::Sender<()>>,
    mut lines: Lines,
) {
    let mut buffer = vec![0_u8; 16 * 1024];
    loop {
        tokio::select! {
            read = receiver.read(&mut buffer) => match read {
                Ok(n) if n > 0 => lines.accept(buffer.get(..n).unwrap_or_default()),
                _ => break,
            },
            Some(done) = requests.recv() => {
                // The pipe is non-blocking: `WouldBlock` says that it is empty.
                let mut total = 0;
                while total < LONGEST_FLUSH && let Ok(n @ 1..) = direct.read(&mut buffer) {
                    lines.accept(buffer.get(..n).unwrap_or_default());
                    total += n;
                }
                if !lines.partial.is_empty() {
                    lines.emit();
                }
                let _ = done.send(());
            }
        }
    }
    if !lines.partial.is_empty() {
        lines.emit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that ends while it is asked what it wrote. Without a second way out one in some thousands waited for ever.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_flush_ends_when_the_process_does() {
        for _ in 0..20_000 {
            let (logs, writer) = Logs::open("f".into(), Arc::new(|_, _, _| {})).unwrap();
            let process = tokio::task::spawn_blocking(move || drop(writer));
            logs.flush().await;
            logs.flush().await;
            process.await.unwrap();
        }
    }
}
