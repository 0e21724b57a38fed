//! MQTT over WebSocket, client side.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::version::TLS13;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::tls::{Door, tls_to};
use super::within;

/// The headers that every upgrade needs.
pub const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n";

/// Sends bytes on a fresh connection and reads the head of the answer.
pub async fn exchange(door: &Door, request: &[u8]) -> (TlsStream<TcpStream>, String) {
    let mut io = tls_to(door, None, &[&TLS13], &[b"http/1.1"]).await.unwrap();
    io.write_all(request).await.unwrap();
    io.flush().await.unwrap();
    let head = head(&mut io).await;
    (io, head)
}

/// Reads up to the empty line, or to the end.
pub async fn head(io: &mut TlsStream<TcpStream>) -> String {
    let mut head = Vec::new();
    within(async {
        while !head.ends_with(b"\r\n\r\n") {
            match io.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
    })
    .await;
    String::from_utf8(head).unwrap()
}

/// A WebSocket after `GET /mqtt<query>` with more headers, each ended by CR LF.
pub async fn upgraded(
    door: &Door,
    query: &str,
    headers: &str,
) -> WebSocketStream<TlsStream<TcpStream>> {
    let request = format!("GET /mqtt{query} HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}{headers}\r\n");
    let (io, head) = exchange(door, request.as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let head = head.to_ascii_lowercase();
    // The example of RFC 6455 section 1.3.
    assert!(
        head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
        "{head}"
    );
    assert!(head.contains("sec-websocket-protocol: mqtt"), "{head}");
    WebSocketStream::from_raw_socket(io, Role::Client, None).await
}

/// The same as a stream of bytes; every chunk that is written is a message of its own.
pub async fn bytes(door: &Door, query: &str, headers: &str) -> DuplexStream {
    let (mut sink, mut stream) = upgraded(door, query, headers).await.split();
    let (near, far) = duplex(1 << 16);
    let (mut read, mut write) = split(far);
    tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if message.is_close() || write.write_all(&message.into_data()).await.is_err() {
                break;
            }
        }
        let _ = write.shutdown().await;
    });
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = read.read(&mut buffer).await {
            let message = Message::Binary(buffer[..count].to_vec().into());
            if sink.send(message).await.is_err() {
                return;
            }
        }
        let _ = sink.close().await;
    });
    near
}
