//! The one port that every AWS SDK, the AWS CLI and `cargo lambda invoke` talk to: requests are routed by the service
//! name in their SigV4 credential scope. Signatures are not checked.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header::AUTHORIZATION};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use iot_gateway::Gateway;
use lambda_host::LambdaHost;
use sandbox_services::{ConnectionLost, Services};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

/// The largest request of any service here: a synchronous Lambda payload of 6 MB in base64.
const MAX_REQUEST: usize = 16 * 1024 * 1024;

/// What the front routes to.
pub(crate) struct Backends {
    pub(crate) services: Services,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) lambda: Arc<LambdaHost>,
    /// Function names by binary name: `cargo lambda` knows a function by its binary.
    pub(crate) functions: BTreeMap<String, String>,
}

/// Serves until the task is aborted.
pub(crate) fn serve(listener: TcpListener, backends: Arc<Backends>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let backends = Arc::clone(&backends);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(Arc::clone(&backends), request));
                // A connection that breaks is the client's affair.
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

/// Binds a loopback address.
pub(crate) async fn bind(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A lost reply closes the connection: hyper does so when the service fails.
#[derive(Debug)]
struct ReplyLost;

impl std::fmt::Display for ReplyLost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the reply was lost on purpose")
    }
}

impl std::error::Error for ReplyLost {}

async fn answer(
    backends: Arc<Backends>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, ReplyLost> {
    let (parts, body) = request.into_parts();
    let response = match Limited::new(body, MAX_REQUEST).collect().await {
        Ok(body) => route(&backends, Request::from_parts(parts, body.to_bytes())).await,
        Err(_) => error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            "the request is too large",
        ),
    };
    if response.extensions().get::<ConnectionLost>().is_some() {
        return Err(ReplyLost);
    }
    Ok(response.map(Full::new))
}

async fn route(backends: &Backends, request: Request<Bytes>) -> Response<Bytes> {
    // `cargo lambda invoke` does not sign.
    if request.uri().path().starts_with("/2015-03-31/functions") {
        return backends
            .lambda
            .handle(by_function_name(backends, request))
            .await;
    }
    let Some(service) = service_name(&request) else {
        let text =
            "the request is not signed: give any AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
        return error(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            text,
        );
    };
    match service.as_str() {
        "iot" => backends.gateway.handle_iot(request).await,
        "iotdata" | "iotdevicegateway" => backends.gateway.handle_iot_data(request).await,
        "lambda" => backends.lambda.handle(request).await,
        _ => backends.services.handle(&service, request).await,
    }
}

/// Lets `/2015-03-31/functions/<binary>/invocations` mean the function that runs this binary.
fn by_function_name(backends: &Backends, mut request: Request<Bytes>) -> Request<Bytes> {
    let path = request.uri().path();
    let name = path
        .strip_prefix("/2015-03-31/functions/")
        .and_then(|rest| rest.split('/').next());
    if let Some((binary, function)) = name.and_then(|name| backends.functions.get_key_value(name))
        && let Ok(uri) = path.replacen(binary.as_str(), function, 1).parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

/// `<key>/<date>/<region>/<service>/aws4_request` in the `Credential=` part of the authorization.
fn service_name(request: &Request<Bytes>) -> Option<String> {
    let authorization = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let scope = credential.split([',', ' ']).next()?;
    scope.split('/').nth(3).map(str::to_owned)
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response<Bytes> {
    let body = json!({ "__type": kind, "message": message }).to_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
}
