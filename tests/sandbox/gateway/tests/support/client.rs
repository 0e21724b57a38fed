//! A small MQTT client that sends and sees single packets. (`rumqttc` needs ring through its webpki.)

use std::collections::VecDeque;

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::Event;
use mqtt_protocol_core::mqtt::packet::{Packet, Properties, Qos, SubEntry, SubOpts, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::prelude::*;
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, ConnectReturnCode, PubackReasonCode, SubackReasonCode,
};
use mqtt_protocol_core::mqtt::{Connection as Core, Version, role};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::version;

use super::tls::{Door, tls, tls_to};
use super::{Device, World, within};

/// How to connect.
#[derive(Clone)]
pub struct Options {
    pub v5: bool,
    pub client_id: String,
    pub clean: bool,
    pub keep_alive: u16,
    pub props: Properties,
    pub will: Option<Will>,
    pub user_name: Option<String>,
    pub password: Option<Vec<u8>>,
    /// Acknowledge QoS 1 messages at once.
    pub acknowledge: bool,
}

#[derive(Clone)]
pub struct Will {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: Qos,
    pub retain: bool,
    pub props: Properties,
}

impl Options {
    pub fn v3(client_id: &str) -> Self {
        Self {
            v5: false,
            client_id: client_id.into(),
            clean: true,
            keep_alive: 60,
            props: Properties::new(),
            will: None,
            user_name: None,
            password: None,
            acknowledge: true,
        }
    }

    pub fn v5(client_id: &str) -> Self {
        Self {
            v5: true,
            ..Self::v3(client_id)
        }
    }

    pub fn persistent(self) -> Self {
        let expiry = mqtt_protocol_core::mqtt::packet::SessionExpiryInterval::new(3600).unwrap();
        let props = if self.v5 {
            vec![expiry.into()]
        } else {
            Properties::new()
        };
        Self {
            clean: false,
            props,
            ..self
        }
    }

    pub fn will(self, topic: &str, payload: &[u8], retain: bool) -> Self {
        let will = Will {
            topic: topic.into(),
            payload: payload.to_vec(),
            qos: Qos::AtLeastOnce,
            retain,
            props: Properties::new(),
        };
        Self {
            will: Some(will),
            ..self
        }
    }

    pub fn user(self, name: &str) -> Self {
        Self {
            user_name: Some(name.into()),
            ..self
        }
    }

    pub fn password(self, password: &[u8]) -> Self {
        Self {
            password: Some(password.to_vec()),
            ..self
        }
    }

    pub fn silent(self) -> Self {
        Self {
            acknowledge: false,
            ..self
        }
    }
}

/// How a connection attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// The connection was closed without CONNACK.
    Closed,
    V3(ConnectReturnCode),
    V5(ConnectReasonCode),
}

pub struct Client<S = TlsStream<TcpStream>> {
    io: S,
    core: Core<role::Client>,
    inbox: VecDeque<Packet>,
    v5: bool,
    pub session_present: bool,
    /// The properties of an MQTT 5 CONNACK.
    pub connack: Properties,
}

impl Client {
    pub async fn connect(
        world: &World,
        device: &Device,
        options: Options,
    ) -> Result<Self, Refused> {
        let io = tls(world, Some(device), &[&version::TLS13], &[])
            .await
            .map_err(|_| Refused::Closed)?;
        Self::over(io, options).await
    }

    /// With a custom authorizer, on the port in the role of 443.
    pub async fn custom(world: &World, options: Options) -> Result<Self, Refused> {
        let io = tls_to(
            &Door::https(world, "localhost"),
            None,
            &[&version::TLS13],
            &[b"mqtt"],
        )
        .await
        .map_err(|_| Refused::Closed)?;
        Self::over(io, options).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub async fn over(io: S, options: Options) -> Result<Self, Refused> {
        let version = if options.v5 {
            Version::V5_0
        } else {
            Version::V3_1_1
        };
        let mut core = Core::<role::Client>::new(version);
        core.set_auto_pub_response(options.acknowledge);
        let inbox = VecDeque::new();
        let v5 = options.v5;
        let mut client = Self {
            io,
            core,
            inbox,
            v5,
            session_present: false,
            connack: Properties::new(),
        };
        client.send(connect_packet(options)).await;
        match client.next().await {
            None => Err(Refused::Closed),
            Some(Packet::V3_1_1Connack(connack)) => match connack.return_code() {
                ConnectReturnCode::Accepted => {
                    client.session_present = connack.session_present();
                    Ok(client)
                }
                code => Err(Refused::V3(code)),
            },
            Some(Packet::V5_0Connack(connack)) => match connack.reason_code() {
                ConnectReasonCode::Success => {
                    client.session_present = connack.session_present();
                    client.connack = connack.props().clone();
                    Ok(client)
                }
                code => Err(Refused::V5(code)),
            },
            Some(other) => panic!("{other}"),
        }
    }

    pub async fn send(&mut self, packet: Packet) {
        let events = self.core.send(packet);
        self.react(events).await;
    }

    /// Sends bytes as they are.
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        let _ = self.io.write_all(bytes).await;
        let _ = self.io.flush().await;
    }

    /// The next packet, or none when the connection is closed.
    pub async fn next(&mut self) -> Option<Packet> {
        within(async {
            let mut buffer = [0; 4096];
            loop {
                if let Some(packet) = self.inbox.pop_front() {
                    return Some(packet);
                }
                let count = self.io.read(&mut buffer).await.unwrap_or(0);
                if count == 0 {
                    return None;
                }
                let mut cursor = Cursor::new(&buffer[..count]);
                while (cursor.position() as usize) < count {
                    let events = self.core.recv(&mut cursor);
                    self.react(events).await;
                }
            }
        })
        .await
    }

    async fn react(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    let _ = self.io.write_all(&packet.to_continuous_buffer()).await;
                    let _ = self.io.flush().await;
                }
                Event::NotifyPacketReceived(packet) => self.inbox.push_back(packet),
                Event::NotifyError(error) => panic!("the client core objects: {error}"),
                _ => {}
            }
        }
    }

    pub async fn subscribe(&mut self, filter: &str, qos: Qos) -> u8 {
        self.subscribe_all(&[filter], qos).await.unwrap()[0]
    }

    /// The codes of the SUBACK, or none when the connection was closed.
    pub async fn subscribe_all(&mut self, filters: &[&str], qos: Qos) -> Option<Vec<u8>> {
        let entries = filters
            .iter()
            .map(|filter| SubEntry::new(*filter, SubOpts::new().set_qos(qos)).unwrap());
        self.subscribe_with(entries.collect()).await
    }

    pub async fn subscribe_with(&mut self, entries: Vec<SubEntry>) -> Option<Vec<u8>> {
        let id = self.core.acquire_packet_id().unwrap();
        let packet: Packet = match self.v5 {
            false => v3_1_1::Subscribe::builder()
                .packet_id(id)
                .entries(entries)
                .build()
                .unwrap()
                .into(),
            true => v5_0::Subscribe::builder()
                .packet_id(id)
                .entries(entries)
                .build()
                .unwrap()
                .into(),
        };
        self.send(packet).await;
        match self.next().await? {
            Packet::V3_1_1Suback(suback) => Some(
                suback
                    .return_codes()
                    .iter()
                    .map(|code| *code as u8)
                    .collect(),
            ),
            Packet::V5_0Suback(suback) => Some(
                suback
                    .reason_codes()
                    .iter()
                    .map(|code: &SubackReasonCode| *code as u8)
                    .collect(),
            ),
            Packet::V5_0Disconnect(_) => None,
            other => panic!("{other}"),
        }
    }

    pub async fn unsubscribe(&mut self, filter: &str) {
        let id = self.core.acquire_packet_id().unwrap();
        let packet: Packet = match self.v5 {
            false => v3_1_1::Unsubscribe::builder()
                .packet_id(id)
                .entries([filter])
                .unwrap()
                .build()
                .unwrap()
                .into(),
            true => v5_0::Unsubscribe::builder()
                .packet_id(id)
                .entries([filter])
                .unwrap()
                .build()
                .unwrap()
                .into(),
        };
        self.send(packet).await;
        assert!(matches!(
            self.next().await,
            Some(Packet::V3_1_1Unsuback(_) | Packet::V5_0Unsuback(_))
        ));
    }

    /// Publishes; QoS 1 waits for the PUBACK's code, none when the connection was closed.
    pub async fn publish(
        &mut self,
        topic: &str,
        payload: &[u8],
        qos: Qos,
        retain: bool,
    ) -> Option<PubackReasonCode> {
        self.publish_with(topic, payload, qos, retain, Properties::new())
            .await
    }

    pub async fn publish_with(
        &mut self,
        topic: &str,
        payload: &[u8],
        qos: Qos,
        retain: bool,
        props: Properties,
    ) -> Option<PubackReasonCode> {
        let id = (qos != Qos::AtMostOnce).then(|| self.core.acquire_packet_id().unwrap());
        let packet: Packet = if self.v5 {
            let mut builder = v5_0::Publish::builder()
                .topic_name(topic)
                .unwrap()
                .qos(qos)
                .retain(retain);
            if let Some(id) = id {
                builder = builder.packet_id(id);
            }
            builder
                .props(props)
                .payload(payload.to_vec())
                .build()
                .unwrap()
                .into()
        } else {
            let mut builder = v3_1_1::Publish::builder()
                .topic_name(topic)
                .unwrap()
                .qos(qos)
                .retain(retain);
            if let Some(id) = id {
                builder = builder.packet_id(id);
            }
            builder.payload(payload.to_vec()).build().unwrap().into()
        };
        self.send(packet).await;
        if qos == Qos::AtMostOnce {
            return Some(PubackReasonCode::Success);
        }
        match self.next().await? {
            Packet::V3_1_1Puback(_) => Some(PubackReasonCode::Success),
            Packet::V5_0Puback(puback) => {
                Some(puback.reason_code().unwrap_or(PubackReasonCode::Success))
            }
            Packet::V5_0Disconnect(_) => None,
            other => panic!("{other}"),
        }
    }

    /// The next message: topic, payload, QoS, RETAIN, DUP.
    pub async fn message(&mut self) -> Received {
        match self.next().await.expect("still connected") {
            Packet::V3_1_1Publish(publish) => Received {
                topic: publish.topic_name().into(),
                payload: publish.payload().as_slice().to_vec(),
                qos: publish.qos(),
                retain: publish.retain(),
                dup: publish.dup(),
                packet_id: publish.packet_id(),
                props: Properties::new(),
            },
            Packet::V5_0Publish(publish) => Received {
                topic: publish.topic_name().into(),
                payload: publish.payload().as_slice().to_vec(),
                qos: publish.qos(),
                retain: publish.retain(),
                dup: publish.dup(),
                packet_id: publish.packet_id(),
                props: publish.props().clone(),
            },
            other => panic!("{other}"),
        }
    }

    /// Nothing is on its way: a PINGREQ is answered by PINGRESP at once.
    pub async fn assert_quiet(&mut self) {
        let ping: Packet = match self.v5 {
            false => v3_1_1::Pingreq::new().into(),
            true => v5_0::Pingreq::new().into(),
        };
        self.send(ping).await;
        match self.next().await {
            Some(Packet::V3_1_1Pingresp(_) | Packet::V5_0Pingresp(_)) => {}
            Some(other) => panic!("not quiet: {other}"),
            None => panic!("the connection is closed"),
        }
    }

    /// Closes the sending side and reads until the gateway has closed its own.
    pub async fn hang_up(mut self) {
        let _ = self.io.shutdown().await;
        let mut rest = Vec::new();
        let _ = within(self.io.read_to_end(&mut rest)).await;
    }

    pub async fn disconnect(mut self) {
        let packet: Packet = match self.v5 {
            false => v3_1_1::Disconnect::new().into(),
            true => v5_0::Disconnect::builder().build().unwrap().into(),
        };
        self.send(packet).await;
        let _ = self.io.shutdown().await;
    }
}

#[derive(Debug)]
pub struct Received {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: Qos,
    pub retain: bool,
    pub dup: bool,
    pub packet_id: Option<u16>,
    pub props: Properties,
}

fn connect_packet(options: Options) -> Packet {
    if options.v5 {
        let mut builder = v5_0::Connect::builder()
            .client_id(options.client_id)
            .unwrap()
            .clean_start(options.clean)
            .keep_alive(options.keep_alive)
            .props(options.props);
        if let Some(will) = options.will {
            builder = builder
                .will_message(will.topic, will.payload, will.qos, will.retain)
                .unwrap()
                .will_props(will.props);
        }
        if let Some(name) = options.user_name {
            builder = builder.user_name(name).unwrap();
        }
        if let Some(password) = options.password {
            builder = builder.password(password).unwrap();
        }
        return builder.build().unwrap().into();
    }
    let mut builder = v3_1_1::Connect::builder()
        .client_id(options.client_id)
        .unwrap()
        .clean_session(options.clean)
        .keep_alive(options.keep_alive);
    if let Some(will) = options.will {
        builder = builder
            .will_message(will.topic, will.payload, will.qos, will.retain)
            .unwrap();
    }
    if let Some(name) = options.user_name {
        builder = builder.user_name(name).unwrap();
    }
    if let Some(password) = options.password {
        builder = builder.password(password).unwrap();
    }
    builder.build().unwrap().into()
}
