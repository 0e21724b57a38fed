//! The client id of a peer that is turned away: the rules see it beside the message about its certificate.

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event};
use mqtt_protocol_core::mqtt::packet::Packet;
use mqtt_protocol_core::mqtt::{Connection as Core, Version, role};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::READ_BUFFER;
use crate::connect::ConnectRequest;
use crate::wire;

/// Reads up to CONNECT and answers nothing. None for whatever else a peer sends, and for a CONNECT that breaks the rules.
pub(crate) async fn client_id(io: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let options = ConnectionOptions::new().maximum_packet_size_recv(wire::MAX_PACKET_BYTES);
    let mut core = Core::<role::Server>::with_options(Version::Undetermined, options);
    let mut buffer = vec![0; READ_BUFFER];
    loop {
        let count = io.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        let bytes = buffer.get(..count)?;
        let mut cursor = Cursor::new(bytes);
        let mut before = None;
        while before != Some(cursor.position()) && (cursor.position() as usize) < bytes.len() {
            before = Some(cursor.position());
            for event in core.recv(&mut cursor) {
                let request = match event {
                    Event::NotifyPacketReceived(Packet::V3_1_1Connect(connect)) => {
                        ConnectRequest::from_v3(&connect)
                    }
                    Event::NotifyPacketReceived(Packet::V5_0Connect(connect)) => {
                        ConnectRequest::from_v5(&connect)
                    }
                    Event::RequestTimerReset { .. } => continue,
                    // Another packet, or no MQTT at all.
                    _ => return None,
                };
                let id = request.ok()?.client_id;
                return Some(id).filter(|id| !id.is_empty());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// What is found when a peer sends these pieces and hangs up.
    async fn found(pieces: &[&[u8]]) -> Option<String> {
        let (mut peer, mut io) = tokio::io::duplex(1);
        let sending = async {
            for piece in pieces {
                let _ = peer.write_all(piece).await;
            }
            drop(peer);
        };
        let reading = async move { client_id(&mut io).await };
        tokio::join!(sending, reading).1
    }

    #[tokio::test]
    async fn connect_in_pieces_and_what_is_none() {
        let connect: &[u8] = &[
            0x10, 15, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 3, b'd', b'e', b'v',
        ];
        assert_eq!(found(&[connect]).await.as_deref(), Some("dev"));
        let cut = connect.split_last().unwrap().1;
        assert_eq!(found(&[cut]).await, None);
        assert_eq!(found(&[]).await, None);
        assert_eq!(found(&[b"GET / HTTP/1.1\r\n\r\n", connect]).await, None);
        assert_eq!(found(&[&[0xc0, 0], connect]).await, None, "PINGREQ first");
        let anonymous: &[u8] = &[0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 60, 0, 0, 0];
        assert_eq!(found(&[anonymous]).await, None);
    }
}
