//! What needs a clock of its own: silence.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Connection;
use crate::authenticator::ClientCertificate;
use crate::broker::Broker;
use crate::events::EventKind;
use crate::shared::Guest;
use crate::testing::{peer, shared};
use crate::x509::Facts;

fn connection() -> (DuplexStream, Arc<Broker>, watch::Sender<bool>) {
    let (stop, stopping) = watch::channel(false);
    let shared = shared(stopping.clone(), false);
    let broker = Arc::clone(&shared.broker);
    let certificate = ClientCertificate {
        id: "c".into(),
        pem: String::new(),
        facts: Arc::new(Facts {
            not_before_ms: 0,
            not_after_ms: u64::MAX,
            for_policies: iot_policy::Certificate::with_id("c"),
        }),
    };
    let (client, server) = duplex(1024);
    let guest = Guest::known(&peer(), certificate);
    tokio::spawn(Connection::new(server, shared, guest, stopping).run());
    (client, broker, stop)
}

/// CONNECT of MQTT 3.1.1, clean session, client id `dev`.
fn connect(keep_alive: u8) -> [u8; 17] {
    [
        0x10, 15, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, keep_alive, 0, 3, b'd', b'e', b'v',
    ]
}

/// Reads until the gateway hangs up and tells how long that took.
async fn until_closed(client: &mut DuplexStream) -> Duration {
    let from = Instant::now();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    from.elapsed()
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_connection_after_one_and_a_half_keep_alives() {
    // Asked for, in force: 30 at least, 1,200 for none.
    for (asked, in_force) in [(10, 30), (60, 60), (0, 1200)] {
        let (mut client, broker, _stop) = connection();
        client.write_all(&connect(asked)).await.unwrap();
        let waited = until_closed(&mut client).await;
        let expected = Duration::from_secs(in_force) * 3 / 2;
        assert!(
            waited >= expected && waited < expected + Duration::from_secs(1),
            "{asked}: {waited:?}"
        );
        let reason = |event: &crate::Event| match event.kind {
            EventKind::Disconnected { reason, .. } => Some(reason),
            _ => None,
        };
        let event = broker
            .events
            .wait_for(|event| reason(event).is_some())
            .await;
        assert_eq!(reason(&event), Some("MQTT_KEEP_ALIVE_TIMEOUT"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_ping_keeps_the_connection() {
    let (mut client, _broker, _stop) = connection();
    client.write_all(&connect(30)).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(40)).await;
        client.write_all(&[0xc0, 0]).await.unwrap();
    }
    let waited = until_closed(&mut client).await;
    assert!(waited >= Duration::from_secs(45), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_connects_is_dropped() {
    let (mut client, broker, _stop) = connection();
    client.write_all(&[0x10, 15]).await.unwrap();
    assert!(until_closed(&mut client).await >= Duration::from_secs(30));
    let event = broker.events.wait_for(|_| true).await;
    assert!(
        event.to_string().contains("no CONNECT within 30 s"),
        "{event}"
    );
}
