//! Whatever bytes come to the port in the role of AWS's 443, the gateway goes on.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use support::authorizer::{Script, allow_all};
use support::client::{Client, Options};
use support::tls::{Door, tls_to};
use support::web_socket::{self, UPGRADE, exchange};
use support::{World, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio_rustls::rustls::version::TLS13;

static PANICS: AtomicUsize = AtomicUsize::new(0);

async fn world(script: &Script) -> World {
    let world = World::with(script).await;
    world.authorizer("jwt").await;
    world.default_authorizer("jwt").await;
    world
}

/// One gateway for all cases; panics in its tasks are counted, because Tokio would swallow them.
fn shared() -> &'static (Runtime, World) {
    static SHARED: OnceLock<(Runtime, World)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            earlier(info);
        }));
        let runtime = Runtime::new().unwrap();
        let script = Script::always(allow_all());
        let world = runtime.block_on(world(&script));
        (runtime, world)
    })
}

/// Sends bytes after others that lead somewhere, and waits until the gateway hangs up.
fn throw(alpn: &[u8], before: &[u8], bytes: &[u8]) {
    let (runtime, world) = shared();
    runtime.block_on(async {
        let door = Door::https(world, "localhost");
        let mut io = tls_to(&door, None, &[&TLS13], &[alpn]).await.unwrap();
        let _ = io.write_all(before).await;
        if !before.is_empty() {
            web_socket::head(&mut io).await;
        }
        let _ = io.write_all(bytes).await;
        let _ = io.shutdown().await;
        let mut rest = Vec::new();
        let _ = within(io.read_to_end(&mut rest)).await;
    });
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "the gateway panicked");
}

fn upgrade() -> Vec<u8> {
    format!("GET /mqtt HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n").into_bytes()
}

/// Bytes that look like frames: flags, a mask bit and a length that are right or not.
fn frame_like() -> impl Strategy<Value = Vec<u8>> {
    (
        any::<u8>(),
        any::<bool>(),
        prop::collection::vec(any::<u8>(), 0..80),
        -2i16..3,
    )
        .prop_map(|(first, masked, body, wrong)| {
            let length = (i16::try_from(body.len()).unwrap() + wrong).clamp(0, 127);
            let mask = if masked { 0x80 } else { 0 };
            let mut bytes = vec![first, mask | u8::try_from(length).unwrap()];
            if masked {
                bytes.extend([0; 4]);
            }
            bytes.extend(body);
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_first_bytes(bytes in prop::collection::vec(any::<u8>(), 1..200), mqtt in any::<bool>()) {
        throw(if mqtt { b"mqtt" } else { b"http/1.1" }, &[], &bytes);
    }

    #[test]
    fn a_damaged_upgrade(at in 0usize..200, with in any::<u8>(), cut in 0usize..200) {
        let mut bytes = upgrade();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        bytes.truncate(bytes.len() - cut.min(bytes.len() - 1));
        throw(b"http/1.1", &[], &bytes);
    }

    #[test]
    fn frames_after_the_upgrade(frames in prop::collection::vec(frame_like(), 1..5)) {
        throw(b"http/1.1", &upgrade(), &frames.concat());
    }

    #[test]
    fn a_request_of_any_text(path in "[ -~]{0,40}", name in "[ -~]{0,20}", value in "[ -~]{0,40}") {
        let bytes = format!("POST /topics/{path} HTTP/1.1\r\n{name}: {value}\r\nContent-Length: 0\r\n\r\n");
        throw(b"http/1.1", &[], bytes.as_bytes());
    }
}

#[tokio::test]
async fn bad_upgrades_are_answered_by_what_is_wrong() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let with = |from: &str, to: &str| {
        format!(
            "GET /mqtt HTTP/1.1\r\nHost: x\r\n{}\r\n",
            UPGRADE.replace(from, to)
        )
    };
    let cases = [
        (
            with("Upgrade: websocket", "Upgrade: h2c"),
            "400",
            "Upgrade: websocket",
        ),
        (
            with("Connection: Upgrade", "Connection: close"),
            "400",
            "Connection: Upgrade",
        ),
        (with("Version: 13", "Version: 8"), "426", "must be 13"),
        (
            with("Sec-WebSocket-Version: 13\r\n", ""),
            "426",
            "must be 13",
        ),
        (
            with("Protocol: mqtt", "Protocol: mqttv3.1"),
            "400",
            "must offer mqtt",
        ),
        (
            with("Sec-WebSocket-Protocol: mqtt\r\n", ""),
            "400",
            "must offer mqtt",
        ),
        (
            with("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="),
            "400",
            "16 bytes in base64",
        ),
        (
            with("dGhlIHNhbXBsZSBub25jZQ==", "?"),
            "400",
            "16 bytes in base64",
        ),
        (
            "GET /else HTTP/1.1\r\nHost: x\r\n\r\n".into(),
            "400",
            "GET /else",
        ),
        (
            "DELETE /topics/a HTTP/1.1\r\nHost: x\r\n\r\n".into(),
            "400",
            "DELETE /topics/a",
        ),
        (
            "GET /things/t/shadow HTTP/1.1\r\nHost: x\r\n\r\n".into(),
            "400",
            "GET /things/t/shadow",
        ),
    ];
    for (request, status, why) in cases {
        let (mut io, head) = exchange(&Door::https(&world, "localhost"), request.as_bytes()).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{why}: {head}"
        );
        assert_eq!(head.contains("sec-websocket-version: 13"), status == "426");
        let mut body = vec![0; 400];
        let count = within(io.read(&mut body)).await.unwrap();
        let body = String::from_utf8_lossy(&body[..count]);
        assert!(body.contains(why), "{why}: {body}");
    }
    // A browser sends lists, and in any case.
    let fine = with("Connection: Upgrade", "connection: keep-alive, UPGRADE")
        .replace("Protocol: mqtt", "Protocol: a, mqtt");
    let (_, head) = exchange(&Door::https(&world, "localhost"), fine.as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn sizes_have_an_end() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let door = || Door::https(&world, "localhost");
    let request = |extra: &str, body: usize| {
        let head =
            format!("POST /topics/a HTTP/1.1\r\nHost: x\r\n{extra}Content-Length: {body}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; body]].concat()
    };

    let long = format!("x-long: {}\r\n", "x".repeat(200_000));
    let (_, head) = exchange(&door(), &request(&long, 0)).await;
    assert!(head.starts_with("HTTP/1.1 431"), "{head}");
    let many: String = (0..200).map(|i| format!("x-{i}: y\r\n")).collect();
    let (_, head) = exchange(&door(), &request(&many, 0)).await;
    assert!(head.starts_with("HTTP/1.1 431"), "{head}");
    let (_, head) = exchange(&door(), &request("", 128 * 1024 + 1)).await;
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert_eq!(script.count(), 0, "nothing of it reaches a function");
    let (_, head) = exchange(&door(), &request("", 128 * 1024)).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}

#[test]
fn frames_that_mqtt_does_not_have_end_the_connection_with_their_reason() {
    // A masked frame whose mask is zero.
    let frame = |first: u8, length: &[u8], body: &[u8]| [&[first], length, &[0; 4], body].concat();
    let short =
        |first: u8, body: &[u8]| frame(first, &[0x80 | u8::try_from(body.len()).unwrap()], body);
    let cases = [
        (short(0x81, b"hello"), "a WebSocket message of text"),
        (short(0x83, b""), "broke the WebSocket protocol"),
        (short(0xc2, b""), "broke the WebSocket protocol"),
        (short(0x09, b""), "broke the WebSocket protocol"),
        (vec![0x82, 1, b'x'], "broke the WebSocket protocol"),
        (
            frame(
                0x82,
                &[0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                b"",
            ),
            "too long",
        ),
        (short(0x80, b"x"), "broke the WebSocket protocol"),
    ];
    let (runtime, world) = shared();
    for (bytes, why) in cases {
        let before = world.gateway.events().all().len();
        throw(b"http/1.1", &upgrade(), &bytes);
        runtime.block_on(async {
            let said = |event: &iot_gateway::Event| event.to_string().contains(why);
            let found = within(async {
                loop {
                    if let Some(found) = world
                        .gateway
                        .events()
                        .all()
                        .into_iter()
                        .skip(before)
                        .find(said)
                    {
                        return found;
                    }
                    tokio::task::yield_now().await;
                }
            });
            found.await;
        });
    }
}

#[test]
fn fragmented_messages_are_put_together() {
    let connect = [
        0x10, 15, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 3, b'd', b'e', b'v',
    ];
    let mut frames = Vec::new();
    let chunks: Vec<_> = connect.chunks(3).collect();
    for (index, chunk) in chunks.iter().enumerate() {
        let opcode = if index == 0 { 0x02 } else { 0x00 };
        let last = if index + 1 == chunks.len() { 0x80 } else { 0 };
        frames.extend([
            last | opcode,
            0x80 | u8::try_from(chunk.len()).unwrap(),
            0,
            0,
            0,
            0,
        ]);
        frames.extend(*chunk);
    }
    let (runtime, world) = shared();
    runtime.block_on(async {
        let door = Door::https(world, "localhost");
        let (mut io, _) = exchange(&door, &upgrade()).await;
        io.write_all(&frames).await.unwrap();
        let mut connack = [0; 6];
        within(io.read_exact(&mut connack)).await.unwrap();
        assert_eq!(connack, [0x82, 4, 0x20, 2, 0, 0]);
    });
}

#[test]
fn the_gateway_still_serves_after_all_that() {
    throw(b"http/1.1", &upgrade(), &[0xff; 300]);
    throw(b"mqtt", &[], b"GET /mqtt HTTP/1.1\r\n\r\n");
    throw(b"http/1.1", &[], &[0x10, 12, 0, 4]);
    let (runtime, world) = shared();
    runtime.block_on(async {
        let io = web_socket::bytes(&Door::https(world, "localhost"), "", "").await;
        Client::over(io, Options::v3("fine")).await.unwrap();
        Client::custom(world, Options::v3("fine")).await.unwrap();
        let mqtt =
            |event: &iot_gateway::Event| event.to_string().contains("needs the ALPN name mqtt");
        world.event(mqtt).await;
    });
}
