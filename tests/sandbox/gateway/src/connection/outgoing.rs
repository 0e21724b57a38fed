//! Packets towards the client: answers, and the messages that wait for it.

use mqtt_protocol_core::mqtt::connection::Event;
use mqtt_protocol_core::mqtt::packet::Packet;
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::result_code::MqttError;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::{Connection, Step, WRITE_WITHIN};
use crate::broker::Departure;
use crate::events::EventKind;
use crate::wire;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Sends a packet that a correct state always lets pass.
    pub(super) async fn send(&mut self, packet: Result<Packet, MqttError>) -> Step {
        let packet = packet.map_err(|e| defect(&e))?;
        self.try_send(packet).await?.map_err(|e| defect(&e))
    }

    /// Sends a packet; the inner error is the core's refusal, for example of a packet too large for the client.
    pub(super) async fn try_send(
        &mut self,
        packet: Packet,
    ) -> Result<Result<(), MqttError>, Departure> {
        let mut refused = Ok(());
        for event in self.core.send(packet) {
            match event {
                Event::RequestSendPacket { packet, .. } => self.write(&packet).await?,
                Event::NotifyError(error) => refused = Err(error),
                _ => {}
            }
        }
        Ok(refused)
    }

    pub(super) async fn write(&mut self, packet: &Packet) -> Step {
        let bytes = packet.to_continuous_buffer();
        let written = timeout(WRITE_WITHIN, async {
            self.io.write_all(&bytes).await?;
            self.io.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(Departure::new(
                "CONNECTION_LOST",
                format!("writing failed: {e}"),
            )),
            Err(_) => Err(Departure::new(
                "CONNECTION_LOST",
                "the client took no bytes for 30 s",
            )),
        }
    }

    /// Sends what waits for the client, as far as its window allows.
    pub(super) async fn deliver(&mut self) -> Step {
        while let Some(established) = &self.established {
            let window = established.in_flight < established.window;
            let Some(delivery) = self.shared.broker.next(&established.client, window) else {
                break;
            };
            let protocol = established.client.protocol;
            let packet_id = match (delivery.qos, delivery.sent_as) {
                (crate::Qos::AtMostOnce, _) => None,
                (crate::Qos::AtLeastOnce, Some(id)) if self.core.register_packet_id(id).is_ok() => {
                    Some(id)
                }
                (crate::Qos::AtLeastOnce, _) => {
                    Some(self.core.acquire_packet_id().map_err(|e| defect(&e))?)
                }
            };
            if let Some(id) = packet_id {
                self.shared
                    .broker
                    .sending(&established.client, delivery.ticket, id);
            }
            let sent =
                match wire::publish(protocol, &delivery, packet_id, self.shared.broker.now_ms()) {
                    Ok(packet) => self.try_send(packet).await?,
                    Err(e) => Err(e),
                };
            let Some(established) = &mut self.established else {
                break;
            };
            let Err(e) = sent else {
                established.in_flight += usize::from(packet_id.is_some());
                continue;
            };
            if let Some(id) = packet_id {
                let _ = self.core.release_packet_id(id);
            }
            self.shared
                .broker
                .forget(&established.client, delivery.ticket);
            let topic = delivery.message.topic.to_string();
            let reason = format!("it cannot be sent to this client: {e}");
            let who = Some(established.client.identity.requester());
            self.shared
                .broker
                .note(who, EventKind::DeliveryDropped { topic, reason });
        }
        Ok(())
    }
}

fn defect(error: &MqttError) -> Departure {
    Departure::new(
        "SERVER_ERROR",
        format!("the gateway could not answer: {error}"),
    )
}
