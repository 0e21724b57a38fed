//! The endpoints.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::json;

use super::{Init, MAX_RESPONSE, Reply, Shared, State};

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

pub(super) async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
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
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
