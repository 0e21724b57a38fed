//! The AWS SDK's client for the `iot` API of a gateway. A module of its own for the tests that use it: linking the SDK takes
//! long.

use std::convert::Infallible;
use std::sync::Arc;

use aws_sdk_iot::Client as Iot;
use aws_sdk_iot::config::{BehaviorVersion, Credentials, Region};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use iot_gateway::Gateway;
use tokio::net::TcpListener;

/// Serves the gateway's `iot` API and gives the SDK's client for it.
pub(crate) async fn sdk(gateway: &Arc<Gateway>) -> Iot {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let gateway = Arc::clone(gateway);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let gateway = Arc::clone(&gateway);
            let service = service_fn(move |request: http::Request<Incoming>| {
                let gateway = Arc::clone(&gateway);
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let response = gateway
                        .handle_iot(http::Request::from_parts(parts, body))
                        .await;
                    Ok::<_, Infallible>(response.map(Full::<Bytes>::new))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    let config = aws_sdk_iot::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            None,
            None,
            "test",
        ))
        .endpoint_url(endpoint)
        .build();
    Iot::from_conf(config)
}
