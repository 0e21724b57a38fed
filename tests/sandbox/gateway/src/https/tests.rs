//! What needs a clock of its own: slow clients.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Offer, serve};
use crate::events::EventKind;
use crate::message::Message;
use crate::shared::{Guest, Shared};
use crate::testing::{peer, shared};

const UPGRADE: &str = "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

fn connection() -> (DuplexStream, watch::Sender<bool>) {
    let (client, stop, _) = connection_with(false);
    (client, stop)
}

fn connection_with(hang: bool) -> (DuplexStream, watch::Sender<bool>, Arc<Shared>) {
    let (stop, stopping) = watch::channel(false);
    let shared = shared(stopping.clone(), hang);
    let (client, server) = duplex(4096);
    let offer = Offer {
        web_socket: true,
        publish: true,
    };
    let guest = Guest::applicant(&peer(), None);
    tokio::spawn(serve(server, Arc::clone(&shared), guest, offer, stopping));
    (client, stop, shared)
}

/// Sends bytes, waits for the gateway to hang up, and tells how long that took and what came.
async fn until_closed(bytes: &[u8]) -> (u64, String) {
    let (mut client, _stop) = connection();
    client.write_all(bytes).await.unwrap();
    let from = Instant::now();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    (
        from.elapsed().as_secs(),
        String::from_utf8_lossy(&answer).into_owned(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_is_waited_for_30_s() {
    let (seconds, answer) = until_closed(b"POST /topics/a HTTP/1.1\r\nHost:").await;
    assert_eq!((seconds, answer.as_str()), (30, ""));
    assert_eq!(until_closed(b"").await.0, 30);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_idle_after_a_request_ends_without_a_word_in_the_log() {
    let (mut client, _stop, shared) = connection_with(false);
    let request = b"POST /topics/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(shared.broker.events.all(), []);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_waited_for_30_s() {
    let request = b"POST /topics/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx";
    let (seconds, answer) = until_closed(request).await;
    assert_eq!(seconds, 30);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_web_socket_without_connect_is_waited_for_30_s() {
    let (seconds, answer) = until_closed(UPGRADE.as_bytes()).await;
    assert_eq!(seconds, 30);
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn the_gateways_end_is_not_held_up() {
    let (mut client, stop) = connection();
    client
        .write_all(b"POST /topics/a HTTP/1.1\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.send(true).unwrap();
    let from = Instant::now();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(from.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_waited_for_5_s() {
    let (mut client, _stop, shared) = connection_with(true);
    let request = b"POST /topics/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    client.write_all(request).await.unwrap();
    let from = Instant::now();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(from.elapsed().as_secs(), 5);
    assert!(answer.starts_with(b"HTTP/1.1 403"));
    let late = |event: &crate::Event| event.to_string().contains("no answer within 5s");
    shared.broker.events.wait_for(late).await;
}

/// A masked frame whose mask is zero.
fn frame(body: &[u8]) -> Vec<u8> {
    let length = 0x80 | u8::try_from(body.len()).unwrap();
    [&[0x82, length, 0, 0, 0, 0], body].concat()
}

#[tokio::test(start_paused = true)]
async fn a_web_socket_that_takes_no_bytes_is_waited_for_30_s() {
    let (mut client, _stop, shared) = connection_with(false);
    client.write_all(UPGRADE.as_bytes()).await.unwrap();
    let connect = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03dev";
    let subscribe = b"\x82\x06\x00\x01\x00\x01a\x00";
    client.write_all(&frame(connect)).await.unwrap();
    client.write_all(&frame(subscribe)).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\x82\x05\x90\x03\x00\x01\x00") {
        answer.push(client.read_u8().await.unwrap());
    }
    let topic = mqtt_topic::TopicName::parse("a").unwrap();
    shared.broker.inject(Message::new(topic, vec![0; 100_000]));
    let from = Instant::now();
    let gone = |event: &crate::Event| matches!(event.kind, EventKind::Disconnected { .. });
    let gone = shared.broker.events.wait_for(gone).await;
    assert!(
        gone.to_string()
            .contains("the client took no bytes for 30 s"),
        "{gone}"
    );
    assert_eq!(from.elapsed().as_secs(), 30);
}
