//! Requests over HTTPS, several on one connection.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio_rustls::rustls::version::TLS13;

use super::tls::{Door, tls_to};
use super::{Device, within};

pub struct Https(SendRequest<Full<Bytes>>);

impl Https {
    pub async fn connect(door: &Door) -> Self {
        Self::connect_as(door, None, b"http/1.1").await
    }

    pub async fn connect_as(door: &Door, device: Option<&Device>, alpn: &[u8]) -> Self {
        let io = tls_to(door, device, &[&TLS13], &[alpn]).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(io)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// `POST` with headers; answers status and body.
    pub async fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (StatusCode, Value) {
        let mut request = Request::post(path).header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body).into()).unwrap();
        within(async {
            self.0.ready().await.unwrap();
            let response = self.0.send_request(request).await.unwrap();
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&body).unwrap())
        })
        .await
    }

    /// Whether the gateway has closed the connection.
    pub async fn closed(&mut self) -> bool {
        within(self.0.ready()).await.is_err()
    }
}
