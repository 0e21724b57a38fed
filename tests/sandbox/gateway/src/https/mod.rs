//! HTTP on AWS's port 443: WebSocket with MQTT, and messages published over HTTPS.
//!
//! Source: AWS IoT developer guide, "HTTPS publish" and "Connecting to AWS IoT Core by using custom authentication".

mod publish;
mod rejection;
#[cfg(test)]
mod tests;
mod upgrade;
mod web_socket;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::api;
use crate::connection::Connection;
use crate::custom_auth::{Applicant, HttpRequest};
use crate::events::EventKind;
use crate::registry::Refusal;
use crate::shared::{Guest, Shared};
use crate::stop::stopped;

use rejection::Rejection;
pub(crate) use web_socket::Broken;
use web_socket::WebSocket;

/// Most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;
/// How long a peer may take to send a request's head, and then its body.
const REQUEST_WITHIN: Duration = Duration::from_secs(30);

/// What an endpoint serves over HTTP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// MQTT over WebSocket.
    pub(crate) web_socket: bool,
    /// `POST /topics/…`.
    pub(crate) publish: bool,
}

/// One HTTP connection.
struct Visit {
    shared: Arc<Shared>,
    guest: Guest,
    offer: Offer,
    /// Whether there was a request at all.
    asked: AtomicBool,
    cached: Mutex<Option<publish::Cached>>,
    upgraded: Mutex<Option<(OnUpgrade, HttpRequest)>>,
}

/// Serves a connection until it ends or `shutdown` turns true; requests under way are cut off then.
pub(crate) async fn serve<S>(
    io: S,
    shared: Arc<Shared>,
    guest: Guest,
    offer: Offer,
    mut shutdown: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let visit = Arc::new(Visit {
        shared,
        guest,
        offer,
        asked: AtomicBool::new(false),
        cached: Mutex::default(),
        upgraded: Mutex::default(),
    });
    let service = service_fn(|request| {
        let visit = Arc::clone(&visit);
        async move { Ok::<_, Infallible>(visit.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_WITHIN)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let served = tokio::select! {
        () = stopped(&mut shutdown) => return,
        served = connection => served,
    };
    match served {
        Ok(()) => visit.web_socket(shutdown).await,
        // A client that goes away after a request, or stays and says nothing more, is nobody's concern.
        Err(_) if visit.asked.load(Ordering::Relaxed) => {}
        Err(e) => {
            let certificate = visit.guest.certificate_id().map(str::to_owned);
            let hint = "MQTT on this port needs the ALPN name mqtt or x-amzn-mqtt-ca";
            let reason = format!("no HTTP request: {e} ({hint})");
            visit.shared.turned_away(certificate, reason);
        }
    }
}

impl Visit {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.asked.store(true, Ordering::Relaxed);
        let answer = match (request.method(), request.uri().path()) {
            (&Method::GET, "/mqtt") if self.offer.web_socket => self.upgrade(request),
            (&Method::POST, path) if self.offer.publish && path.starts_with("/topics/") => {
                let taken = self.publish(request).await;
                taken.map(|()| api::json(StatusCode::OK, &api::published()))
            }
            (method, path) => Err(self.unsupported(format!("{method} {path} on this endpoint"))),
        };
        let response = answer.unwrap_or_else(|rejection| rejection.response());
        response.map(Full::new)
    }

    fn upgrade(&self, mut request: Request<Incoming>) -> Result<Response<Bytes>, Rejection> {
        let seen = seen(&request);
        self.refuse_sigv4(&seen)?;
        let headers = upgrade::accept(request.headers()).map_err(|(status, why)| {
            self.shared.turned_away(None, format!("WebSocket: {why}"));
            Rejection::new(status, "InvalidRequestException", why)
        })?;
        let upgrade = hyper::upgrade::on(&mut request);
        *locked(&self.upgraded) = Some((upgrade, seen));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Goes on with MQTT, if the connection was upgraded.
    async fn web_socket(&self, shutdown: watch::Receiver<bool>) {
        let upgraded = locked(&self.upgraded).take();
        let (Some((upgrade, http)), Guest::Applicant(applicant)) = (upgraded, &self.guest) else {
            return;
        };
        let Ok(io) = upgrade.await else {
            return;
        };
        let guest = Guest::Applicant(Box::new(Applicant {
            http: Some(http),
            ..Applicant::clone(applicant)
        }));
        let io = WebSocket::new(TokioIo::new(io)).await;
        Connection::new(io, Arc::clone(&self.shared), guest, shutdown)
            .run()
            .await;
    }

    /// What AWS IoT Core does here and this gateway does not: noted, and refused by its name.
    fn unsupported(&self, what: String) -> Rejection {
        let refusal = Refusal::Unsupported(format!("not supported: {what}"));
        let note = EventKind::Unsupported { what };
        self.shared.broker.note(None, note);
        refusal.into()
    }

    fn refuse_sigv4(&self, request: &HttpRequest) -> Result<(), Rejection> {
        let header = request.headers.get("authorization");
        let query = request.query.as_deref().unwrap_or_default();
        let signed = header.is_some_and(|value| value.starts_with("AWS4-"))
            || query.contains("X-Amz-Algorithm=AWS4-");
        match signed {
            true => Err(self.unsupported(
                "Signature Version 4 on the data endpoint; use a custom authorizer or a client certificate".into(),
            )),
            false => Ok(()),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a custom authorizer will see of a request. Header names are in lower case; a repeated header's values are joined
/// by commas (RFC 9110 section 5.3).
fn seen(request: &Request<Incoming>) -> HttpRequest {
    HttpRequest {
        headers: texts(request.headers()),
        query: request.uri().query().map(str::to_owned),
    }
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        texts
            .entry(name.as_str().to_owned())
            .and_modify(|there| {
                there.push_str(", ");
                there.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    texts
}
