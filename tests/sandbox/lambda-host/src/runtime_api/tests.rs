//! The endpoints as a runtime sees them, without a process.

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::*;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

async fn send(
    api: &RuntimeApi,
    request: http::request::Builder,
    body: &str,
) -> (StatusCode, Value) {
    let stream = TcpStream::connect(api.address).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let body = Full::new(Bytes::from(body.to_owned()));
    let response = client
        .send_request(request.header("host", "localhost").body(body).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn post(api: &RuntimeApi, path: &str) -> (StatusCode, Value) {
    let path = format!("/2018-06-01/runtime/{path}");
    send(api, Request::post(path), "{\"n\":1}").await
}

#[track_caller]
fn refused(answer: &(StatusCode, Value), status: u16, error_type: &str) {
    assert_eq!(answer.0.as_u16(), status);
    assert_eq!(answer.1["errorType"], error_type);
}

/// A Runtime API with the event `id` handed out.
async fn running() -> (RuntimeApi, oneshot::Receiver<Reply>) {
    let api = RuntimeApi::listen().await.unwrap();
    let (reply, answer) = oneshot::channel();
    api.offer(Work {
        request_id: "id".into(),
        headers: HeaderMap::new(),
        payload: "{\"event\":1}".into(),
        reply,
    })
    .await;
    assert!(!api.was_taken("id"));
    let (status, event) = send(&api, Request::get(NEXT), "").await;
    assert_eq!((status, &event["event"]), (StatusCode::OK, &1.into()));
    assert!(api.was_taken("id"));
    assert!(matches!(api.initialized().await, Init::Done));
    (api, answer)
}

#[tokio::test]
async fn an_event_is_answered_once() {
    let (api, answer) = running().await;
    let unknown = post(&api, "invocation/other/response").await;
    refused(&unknown, 400, "InvalidRequestID");
    let again = send(&api, Request::get(NEXT), "").await;
    refused(&again, 403, "InvalidStateTransition");

    let (status, body) = post(&api, "invocation/id/response").await;
    assert_eq!(
        (status, &body["status"]),
        (StatusCode::ACCEPTED, &"OK".into())
    );
    assert!(matches!(answer.await, Ok(Reply::Response(body)) if body == "{\"n\":1}"));
    let twice = post(&api, "invocation/id/response").await;
    refused(&twice, 410, "InvocationEnded");
}

#[tokio::test]
async fn an_answer_after_the_timeout_is_refused() {
    let (api, answer) = running().await;
    api.give_up();
    assert!(answer.await.is_err());
    refused(
        &post(&api, "invocation/id/response").await,
        410,
        "InvocationEnded",
    );
    refused(
        &post(&api, "invocation/id/error").await,
        410,
        "InvocationEnded",
    );
}

#[tokio::test]
async fn streaming_is_refused_by_name() {
    let (api, answer) = running().await;
    let request = Request::post("/2018-06-01/runtime/invocation/id/response")
        .header("Lambda-Runtime-Function-Response-Mode", "streaming");
    send(&api, request, "{}").await;
    let Ok(Reply::Error { body, .. }) = answer.await else {
        panic!("a streamed answer was accepted");
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["errorType"], "SandboxUnsupportedResponseStreaming");
}

#[tokio::test]
async fn an_init_error_is_kept_with_its_type() {
    let api = RuntimeApi::listen().await.unwrap();
    let request = Request::post("/2018-06-01/runtime/init/error")
        .header("Lambda-Runtime-Function-Error-Type", "Runtime.NoConfig");
    let (status, _) = send(&api, request, "").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let Init::Failed { error_type, .. } = api.initialized().await else {
        panic!("the init error was not noticed");
    };
    assert_eq!(error_type.as_deref(), Some("Runtime.NoConfig"));
}

#[tokio::test]
async fn other_endpoints_are_named() {
    let api = RuntimeApi::listen().await.unwrap();
    for path in [
        "/2020-01-01/extension/register",
        "/2018-06-01/runtime/restore/next",
    ] {
        let answer = send(&api, Request::post(path), "").await;
        refused(&answer, 404, "SandboxUnsupportedRuntimeApi");
        let message = answer.1["errorMessage"].as_str().unwrap();
        assert!(message.starts_with(&format!("POST {path} is not offered")));
    }
}
