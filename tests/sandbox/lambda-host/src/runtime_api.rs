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
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Largest answer of a function in bytes, as Lambda's error message states it.
pub(crate) const MAX_RESPONSE: usize = 6_291_556;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

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
                async move { Ok::<_, Infallible>(answer(&shared, request).await) }
            });
            // The process may go away at any time: nobody to tell.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => next(shared).await,
        (
            &Method::POST,
            [
                "2018-06-01",
                "runtime",
                "invocation",
                id,
                what @ ("response" | "error"),
            ],
        ) => {
            let (headers, body) = read(request).await;
            let reply = match (*what, body) {
                (_, None) => Reply::TooLarge,
                ("response", Some(_)) if is_streaming(&headers) => streaming_refused(),
                ("response", Some(body)) => Reply::Response(body),
                (_, Some(body)) => Reply::Error {
                    error_type: error_type(&headers),
                    body,
                },
            };
            complete(shared, id, reply)
        }
        (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
            let (headers, body) = read(request).await;
            let failed = Init::Failed {
                error_type: error_type(&headers),
                body: body.unwrap_or_default(),
            };
            shared.init.send_replace(failed);
            accepted()
        }
        (method, _) => refused(
            StatusCode::NOT_FOUND,
            "SandboxUnsupportedRuntimeApi",
            &format!(
                "{method} {path} is not offered; the sandbox has invocation/next, invocation/ID/response, \
                 invocation/ID/error and init/error of the Runtime API 2018-06-01"
            ),
        ),
    }
}

async fn next(shared: &Shared) -> Response<Full<Bytes>> {
    if let State::Running { request_id, .. } = &*shared.lock() {
        return refused(
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            &format!("invocation {request_id} has no answer yet"),
        );
    }
    shared.init.send_if_modified(|init| {
        let first = matches!(init, Init::Running);
        if first {
            *init = Init::Done;
        }
        first
    });
    let Some(work) = shared.work.lock().await.recv().await else {
        return refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ContainerError",
            "the instance is shutting down",
        );
    };
    let mut response = Response::new(Full::new(work.payload));
    *response.headers_mut() = work.headers;
    *shared.lock() = State::Running {
        request_id: work.request_id,
        reply: work.reply,
    };
    response
}

fn complete(shared: &Shared, id: &str, reply: Reply) -> Response<Full<Bytes>> {
    match &*shared.lock() {
        State::Running { request_id, .. } if request_id == id => {}
        State::Ended { request_id } if request_id == id => {
            return refused(
                StatusCode::GONE,
                "InvocationEnded",
                "the invocation timed out or was answered before",
            );
        }
        _ => {
            return refused(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID",
            );
        }
    }
    let too_large = matches!(reply, Reply::TooLarge);
    if let Some(sender) = shared.end() {
        // The host may have stopped waiting in this moment.
        let _ = sender.send(reply);
    }
    if too_large {
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            &format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."),
        );
    }
    accepted()
}

/// The body, or `None` when it is larger than an answer may be. It is read to its end in any case, because
/// a client that is cut off while sending does not see why.
async fn read(request: Request<Incoming>) -> (HeaderMap, Option<Bytes>) {
    let (parts, mut body) = request.into_parts();
    let mut kept = Vec::new();
    let mut too_large = false;
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            too_large |= kept.len() + data.len() > MAX_RESPONSE;
            if !too_large {
                kept.extend_from_slice(data);
            }
        }
    }
    (parts.headers, (!too_large).then(|| kept.into()))
}

fn is_streaming(headers: &HeaderMap) -> bool {
    headers
        .get("lambda-runtime-function-response-mode")
        .is_some_and(|v| v == "streaming")
}

fn streaming_refused() -> Reply {
    Reply::Error {
        error_type: None,
        body: json!({
            "errorType": "SandboxUnsupportedResponseStreaming",
            "errorMessage": "the sandbox does not offer response streaming: return a buffered response",
        })
        .to_string()
        .into(),
    }
}

fn error_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(ERROR_TYPE)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn accepted() -> Response<Full<Bytes>> {
    json_response(StatusCode::ACCEPTED, json!({ "status": "OK" }).to_string())
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    json_response(
        status,
        json!({ "errorType": error_type, "errorMessage": message }).to_string(),
    )
}

fn json_response(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}
