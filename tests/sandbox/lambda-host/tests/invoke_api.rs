//! The Lambda API as clients see it, the AWS CLI among them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod common;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Output;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use common::{ARN, World, json, world};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json as value};

const FUNCTIONS: &str = "/2015-03-31/functions";

async fn post(world: &World, name: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let mut request = Request::post(format!("{FUNCTIONS}/{name}/invocations"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Bytes::from(body.to_owned());
    world.host.handle(request.body(body).unwrap()).await
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|v| v.to_str().unwrap())
}

#[track_caller]
fn refused(response: &Response<Bytes>, status: u16, code: &str) -> Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(header(response, "x-amzn-errortype"), Some(code));
    assert!(header(response, "x-amzn-requestid").is_some());
    json(response.body())
}

#[tokio::test]
async fn request_response_answers_200_with_or_without_function_error() {
    let world = world(|_| {});
    let fine = post(&world, "fixture", &[], r#"{"n":1}"#).await;
    assert_eq!(fine.status(), 200);
    assert_eq!(header(&fine, "x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(header(&fine, "x-amz-function-error"), None);
    assert_eq!(header(&fine, "x-amz-log-result"), None);
    let id = json(fine.body())["request_id"].as_str().unwrap().to_owned();
    assert_eq!(header(&fine, "x-amzn-requestid"), Some(id.as_str()));

    let failed = post(&world, "fixture", &[], r#"{"do":"error"}"#).await;
    assert_eq!(failed.status(), 200);
    assert_eq!(header(&failed, "x-amz-function-error"), Some("Unhandled"));
    assert_eq!(json(failed.body())["errorType"], "TestError");

    let empty = post(&world, "fixture", &[], "").await;
    assert_eq!(json(empty.body())["event"], value!({}));
}

#[tokio::test]
async fn event_is_queued_and_dry_run_runs_nothing() {
    let world = world(|_| {});
    let event = [("X-Amz-Invocation-Type", "Event")];
    let queued = post(&world, "fixture", &event, "{}").await;
    assert_eq!(queued.status(), 202);
    assert!(queued.body().is_empty());
    world.host.quiesce().await;
    let ran = &world.host.history()[0].request_id;
    assert_eq!(header(&queued, "x-amzn-requestid"), Some(ran.as_str()));

    let dry = post(
        &world,
        "fixture",
        &[("x-amz-invocation-type", "DryRun")],
        "{}",
    )
    .await;
    assert_eq!(dry.status(), 204);
    assert_eq!(world.host.history().len(), 1);
}

#[tokio::test]
async fn functions_are_found_by_name_qualifier_and_arn() {
    let world = world(|_| {});
    let encoded = ARN.replace(':', "%3A");
    let qualified = format!("{ARN}:$LATEST");
    for name in ["fixture", "fixture:$LATEST", ARN, &encoded, &qualified] {
        assert_eq!(post(&world, name, &[], "{}").await.status(), 200, "{name}");
    }
    let answer = json(post(&world, &qualified, &[], "{}").await.body());
    assert_eq!(answer["arn"], qualified);

    for name in ["nobody", "fixture:live"] {
        let error = refused(
            &post(&world, name, &[], "{}").await,
            404,
            "ResourceNotFoundException",
        );
        let arn = ARN.replace("fixture", name);
        assert_eq!(
            error,
            value!({ "Type": "User", "Message": format!("Function not found: {arn}") })
        );
    }
}

#[tokio::test]
async fn the_log_tail_and_the_client_context_travel_in_headers() {
    let world = world(|_| {});
    let context = BASE64_STANDARD.encode("{\"custom\":\n{\"who\":\"me\"}}");
    let headers = [
        ("X-Amz-Log-Type", "Tail"),
        ("X-Amz-Client-Context", context.as_str()),
    ];
    let response = post(&world, "fixture", &headers, r#"{"say":"hello"}"#).await;
    assert_eq!(json(response.body())["client"]["custom"]["who"], "me");
    let log = header(&response, "x-amz-log-result").unwrap();
    let log = String::from_utf8(BASE64_STANDARD.decode(log).unwrap()).unwrap();
    assert!(log.contains("\ngot hello\nEND RequestId: "), "{log}");
}

#[tokio::test]
async fn refusals_have_awss_codes() {
    let world = world(|spec| spec.max_concurrency = 0);
    let throttled = refused(
        &post(&world, "fixture", &[], "{}").await,
        429,
        "TooManyRequestsException",
    );
    assert_eq!(
        throttled["Reason"],
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    );
    let not_json = post(&world, "fixture", &[], "{").await;
    refused(&not_json, 400, "InvalidRequestContentException");
    let large = format!("\"{}\"", "x".repeat(1_048_576));
    let event = [("x-amz-invocation-type", "Event")];
    let large = post(&world, "fixture", &event, &large).await;
    refused(&large, 413, "RequestTooLargeException");
    for bad in [
        ("x-amz-invocation-type", "Later"),
        ("x-amz-log-type", "All"),
        ("x-amz-client-context", "%"),
    ] {
        let response = post(&world, "fixture", &[bad], "{}").await;
        refused(&response, 400, "InvalidParameterValueException");
    }
    refused(
        &post(&world, "a%20b", &[], "{}").await,
        400,
        "ValidationException",
    );
    let tenant = post(&world, "fixture", &[("x-amz-tenant-id", "a")], "{}").await;
    refused(&tenant, 400, "SandboxUnsupportedOperation");
}

#[tokio::test]
async fn functions_are_listed_and_described_and_the_rest_is_named() {
    let world = world(|_| {});
    let get = async |path: &str| {
        let request = Request::get(path).body(Bytes::new()).unwrap();
        world.host.handle(request).await
    };
    let list = get("/2015-03-31/functions/").await;
    assert_eq!(json(list.body())["Functions"][0]["FunctionArn"], ARN);
    let one = json(
        get("/2015-03-31/functions/fixture/configuration")
            .await
            .body(),
    );
    assert_eq!(one["Timeout"], 30);
    assert_eq!(one["LastModified"], "2023-11-14T22:13:20.000+0000");
    assert_eq!(one["MemorySize"], 128);
    let other = get("/2015-03-31/layers").await;
    let error = refused(&other, 400, "SandboxUnsupportedOperation");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .ends_with("GET /2015-03-31/layers")
    );
}

/// Serves the API on a port of its own until the test ends.
async fn serve(world: World) -> (Arc<World>, SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let world = Arc::new(world);
    let host = Arc::clone(&world);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let host = Arc::clone(&host);
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let host = Arc::clone(&host);
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let answer = host.host.handle(Request::from_parts(parts, body)).await;
                    Ok::<_, Infallible>(answer.map(Full::new))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (world, address)
}

/// Runs the AWS CLI, or says that it is missing.
async fn aws(address: SocketAddr, arguments: &[&str]) -> Option<Output> {
    let output = tokio::process::Command::new("aws")
        .args(["--endpoint-url", &format!("http://{address}")])
        .args(["--region", "eu-west-1", "--output", "json", "lambda"])
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "sandbox")
        .env("AWS_SECRET_ACCESS_KEY", "sandbox")
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .await;
    match output {
        Ok(output) => Some(output),
        Err(error) => {
            skipped(&format!("SKIPPED: the AWS CLI is not installed ({error})"));
            None
        }
    }
}

/// Past the test harness, which hides what a passing test prints.
fn skipped(why: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{why}\n").as_bytes());
}

#[tokio::test]
async fn the_aws_cli_invokes_by_arn_and_sees_errors_and_logs() {
    let (world, address) = serve(world(|_| {})).await;
    let out = std::env::temp_dir().join(format!("lambda-host-cli-{}.json", std::process::id()));
    let out_text = out.display().to_string();
    let invoke = async |function: &str, kind: &str, payload: &str| {
        let version = aws(address, &["--version"]).await?;
        if !version.status.success() {
            skipped(&format!("SKIPPED: the AWS CLI does not start: {version:?}"));
            return None;
        }
        // Version 1 takes the payload as it is, version 2 wants it in Base64.
        let payload = match version.stdout.starts_with(b"aws-cli/1") {
            true => payload.to_owned(),
            false => BASE64_STANDARD.encode(payload),
        };
        let log = if kind == "Event" { "None" } else { "Tail" };
        let mut arguments = vec!["invoke", "--function-name", function];
        arguments.extend(["--invocation-type", kind, "--log-type", log]);
        arguments.extend(["--payload", &payload, &out_text]);
        aws(address, &arguments).await
    };
    let Some(fine) = invoke(ARN, "RequestResponse", r#"{"n":1}"#).await else {
        return;
    };
    assert!(fine.status.success(), "{fine:?}");
    let fine: Value = serde_json::from_slice(&fine.stdout).unwrap();
    assert_eq!(fine["StatusCode"], 200);
    assert!(fine["LogResult"].is_string());
    let answer: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(answer["event"]["n"], 1);

    let failed = invoke("fixture", "RequestResponse", r#"{"do":"error"}"#)
        .await
        .unwrap();
    let failed: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert_eq!(failed["FunctionError"], "Unhandled");

    let queued = invoke("fixture", "Event", "{}").await.unwrap();
    let queued: Value = serde_json::from_slice(&queued.stdout).unwrap();
    assert_eq!(queued["StatusCode"], 202);
    world.host.quiesce().await;
    assert_eq!(world.host.totals().succeeded, 1);

    let unknown = invoke("nobody", "RequestResponse", "{}").await.unwrap();
    let text = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(text.contains("ResourceNotFoundException"), "{text}");

    let listed = aws(address, &["list-functions"]).await.unwrap();
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(json(&listed.stdout.into())["Functions"][0]["Timeout"], 30);
    std::fs::remove_file(out).unwrap();
}

#[tokio::test]
async fn cargo_lambda_invokes_by_its_own_url() {
    let (world, address) = serve(world(|_| {})).await;
    let output = tokio::process::Command::new("cargo-lambda")
        .args(["lambda", "invoke", "-A", "127.0.0.1", "-P"])
        .arg(address.port().to_string())
        .args(["--data-ascii", r#"{"n":1}"#, "fixture"])
        .output()
        .await;
    let Ok(output) = output else {
        skipped("SKIPPED: cargo-lambda is not installed");
        return;
    };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(json(&output.stdout.into())["event"]["n"], 1);
    assert_eq!(world.host.history().len(), 1);
}
