//! The Lambda Runtime API of one instance.
//!
//! Each instance has a listener of its own on the loopback interface. A process can therefore not take or
//! answer another instance's invocation, an answer that comes after its process was replaced finds nobody, and
//! `AWS_LAMBDA_RUNTIME_API` is a plain `host:port`, which every runtime client understands (a path
//! needs a scheme in Rust's client and does not work at all in Python's).
//!
//! # Source
//! `lambda/latest/dg/runtimes-api`.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

mod routes;
#[cfg(test)]
mod tests;

/// Largest answer of a function in bytes, as Lambda's error message states it.
pub(crate) const MAX_RESPONSE: usize = 6_291_556;

/// One event for the function.
pub(crate) struct Work {
    pub(crate) request_id: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// What the function made of it.
pub(crate) enum Reply {
    Response(Bytes),
    Error {
        error_type: Option<String>,
        body: Bytes,
    },
    TooLarge,
}

/// How far the process is with its init phase.
#[derive(Clone)]
pub(crate) enum Init {
    Running,
    Done,
    Failed {
        error_type: Option<String>,
        body: Bytes,
    },
}

enum State {
    Idle,
    Running {
        request_id: String,
        reply: oneshot::Sender<Reply>,
    },
    /// Answered, timed out or given up.
    Ended {
        request_id: String,
    },
}

struct Shared {
    init: watch::Sender<Init>,
    work: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    state: Mutex<State>,
}

pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    work: mpsc::Sender<Work>,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    pub(crate) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (work, receiver) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            init: watch::channel(Init::Running).0,
            work: tokio::sync::Mutex::new(receiver),
            state: Mutex::new(State::Idle),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            work,
            shared,
            server,
        })
    }

    /// Resolves when the runtime asked for its first event or reported that it cannot start.
    pub(crate) async fn initialized(&self) -> Init {
        let mut init = self.shared.init.subscribe();
        match init.wait_for(|i| !matches!(i, Init::Running)).await {
            Ok(init) => init.clone(),
            // Not reached: `shared` holds the sender.
            Err(_) => Init::Running,
        }
    }

    /// Puts an event where the next `/invocation/next` finds it.
    pub(crate) async fn offer(&self, work: Work) {
        // Not refused: the receiver lives in `shared`, and there is one event at a time.
        let _ = self.work.send(work).await;
    }

    /// Whether the process has received the event with this id.
    pub(crate) fn was_taken(&self, id: &str) -> bool {
        match &*self.shared.lock() {
            State::Running { request_id, .. } | State::Ended { request_id } => request_id == id,
            State::Idle => false,
        }
    }

    /// Ends the running event: an answer that comes later is refused.
    pub(crate) fn give_up(&self) {
        self.shared.end();
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) -> Option<oneshot::Sender<Reply>> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, State::Idle) {
            State::Running { request_id, reply } => {
                *state = State::Ended { request_id };
                Some(reply)
            }
            other => {
                *state = other;
                None
            }
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, which ends the connections.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, _)) = accepted else { continue };
        // Small answers must not wait for a full packet.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(routes::answer(&shared, request).await) }
            });
            // The process may go away at any time: nobody to tell.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
