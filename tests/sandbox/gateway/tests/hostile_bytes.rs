//! Whatever bytes come, the gateway goes on.
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

use mqtt_protocol_core::mqtt::packet::Qos;
use proptest::prelude::*;
use support::client::{Client, Options};
use support::tls::tls;
use support::{Device, World, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio_rustls::rustls::version::TLS13;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// One gateway for all cases; panics in its tasks are counted, because Tokio would swallow them.
fn shared() -> &'static (Runtime, World, Device) {
    static SHARED: OnceLock<(Runtime, World, Device)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            earlier(info);
        }));
        let runtime = Runtime::new().unwrap();
        let (world, device) = runtime.block_on(async {
            let world = World::start().await;
            let device = world.trusted().await;
            (world, device)
        });
        (runtime, world, device)
    })
}

/// Sends the bytes, after a CONNECT or as the first ones, and waits until the gateway hangs up.
fn throw(bytes: &[u8], connect: Option<bool>) {
    let (runtime, world, device) = shared();
    runtime.block_on(async {
        let io = tls(world, Some(device), &[&TLS13], &[]).await.unwrap();
        match connect {
            None => {
                let mut io = io;
                let _ = io.write_all(bytes).await;
                let _ = io.shutdown().await;
                let mut rest = Vec::new();
                let _ = within(io.read_to_end(&mut rest)).await;
            }
            Some(v5) => {
                let options = if v5 {
                    Options::v5("hostile")
                } else {
                    Options::v3("hostile")
                };
                let mut client = Client::over(io, options).await.unwrap();
                client.send_raw(bytes).await;
                client.hang_up().await;
            }
        }
    });
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "the gateway panicked");
}

/// Bytes that look like packets: a type, flags, a length that is right or not.
fn packet_like() -> impl Strategy<Value = Vec<u8>> {
    (
        any::<u8>(),
        prop::collection::vec(any::<u8>(), 0..80),
        -2i16..3,
    )
        .prop_map(|(first, body, wrong)| {
            let length = (i16::try_from(body.len()).unwrap() + wrong).clamp(0, 127);
            let mut bytes = vec![first, u8::try_from(length).unwrap()];
            bytes.extend(body);
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_first_bytes(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        throw(&bytes, None);
    }

    #[test]
    fn a_damaged_connect(at in 0usize..60, with in any::<u8>(), cut in 0usize..60) {
        let mut bytes = vec![
            0x10, 33, 0, 4, b'M', b'Q', b'T', b'T', 5, 0b0000_0110, 0, 60, 5, 0x11, 0, 0, 0, 9, 0, 3, b'd', b'e', b'v',
            0, 0, 5, b'w', b'i', b'l', b'l', b's', 0, 2, b'o', b'k',
        ];
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        bytes.truncate(bytes.len() - cut.min(bytes.len() - 1));
        throw(&bytes, None);
    }

    #[test]
    fn packets_after_connect(packets in prop::collection::vec(packet_like(), 1..5), v5 in any::<bool>()) {
        throw(&packets.concat(), Some(v5));
    }
}

#[test]
fn the_gateway_still_serves_after_all_that() {
    throw(&[0x30, 0xff, 0xff, 0xff, 0xff], Some(true));
    throw(&[0x10; 300], None);
    let (runtime, world, device) = shared();
    runtime.block_on(async {
        let mut client = Client::connect(world, device, Options::v3("fine"))
            .await
            .unwrap();
        client
            .publish("fine", b"", Qos::AtLeastOnce, false)
            .await
            .unwrap();
    });
}
