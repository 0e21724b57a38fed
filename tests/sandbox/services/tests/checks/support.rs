//! A front listener for the services and SDK clients that talk to it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_sdk_dynamodb::config::{Credentials, Region, retry::RetryConfig};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use sandbox_services::{Config, ConnectionLost, Services};

/// 2026-11-21T01:02:03.004Z.
pub const NOW_MS: u64 = 1_795_222_923_004;

/// Running services behind a listener, with a clock the test moves.
pub struct Stand {
    pub services: Services,
    pub endpoint: String,
    now: Arc<AtomicU64>,
}

/// The client configuration types of the SDK crates are distinct, their builders are not.
macro_rules! client {
    ($sdk:ident, $stand:expr, $attempts:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region(Region::new("eu-west-1"))
                .credentials_provider(Credentials::new("AKIDTEST", "secret", None, None, "test"))
                .endpoint_url($stand.endpoint.clone())
                .retry_config(RetryConfig::standard().with_max_attempts($attempts))
                .build(),
        )
    };
}

impl Stand {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let now = Arc::new(AtomicU64::new(NOW_MS));
        let clock = Arc::clone(&now);
        let services = Services::start(Config {
            clock: Arc::new(move || clock.load(Ordering::SeqCst)),
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            endpoint_base: endpoint.clone(),
        })
        .unwrap();
        let shared = services.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let services = shared.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(services.clone(), request));
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            services,
            endpoint,
            now,
        }
    }

    pub fn advance_ms(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        client!(aws_sdk_dynamodb, self, 1)
    }

    pub fn dynamodb_retrying(&self) -> aws_sdk_dynamodb::Client {
        client!(aws_sdk_dynamodb, self, 3)
    }

    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(aws_sdk_sqs, self, 1)
    }

    pub fn sns(&self) -> aws_sdk_sns::Client {
        client!(aws_sdk_sns, self, 1)
    }

    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        client!(aws_sdk_ssm, self, 1)
    }

    pub fn timestream(&self) -> aws_sdk_timestreamwrite::Client {
        client!(aws_sdk_timestreamwrite, self, 1)
    }

    /// A request in the JSON protocol without an SDK.
    pub async fn json(
        &self,
        service: &str,
        operation: &str,
        body: serde_json::Value,
    ) -> (u16, serde_json::Value) {
        let request = Request::post("/").header("x-amz-target", format!("Target.{operation}"));
        let response = self
            .services
            .handle(service, request.body(body.to_string().into()).unwrap())
            .await;
        let status = response.status().as_u16();
        (status, serde_json::from_slice(response.body()).unwrap())
    }
}

async fn answer(
    services: Services,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(std::io::Error::other)?
        .to_bytes();
    let service = scope(&parts.headers);
    let response = services
        .handle(&service, Request::from_parts(parts, body))
        .await;
    if response.extensions().get::<ConnectionLost>().is_some() {
        return Err(std::io::Error::other("connection lost on demand"));
    }
    Ok(response.map(Full::new))
}

/// Service name of the credential scope.
fn scope(headers: &http::HeaderMap) -> String {
    let authorization = headers.get("authorization").unwrap().to_str().unwrap();
    let credential = authorization.split("Credential=").nth(1).unwrap();
    credential.split('/').nth(3).unwrap().to_owned()
}

/// Error code of any SDK error.
pub fn code<E: aws_sdk_dynamodb::error::ProvideErrorMetadata>(error: &E) -> String {
    error.code().unwrap_or_default().to_owned()
}
