//! A simulated device: a real MQTT client with its own certificate, or with a token.

use std::{fmt, sync::Arc, time::Duration};

use rumqttc::{
    AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS, SubscribeReasonCode, TlsConfiguration,
    Transport,
    tokio_rustls::rustls::{
        ClientConfig, ConfigBuilder, RootCertStore,
        client::WantsClientCert,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use tokio::time::timeout;

/// How long a device waits for the broker's answer before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Room for the largest message that AWS IoT Core takes, and for one that it refuses.
const MAX_PACKET: usize = 512 * 1024;

/// What a device holds.
#[derive(Clone)]
pub struct Identity {
    /// Its client id and thing name.
    pub thing: String,
    /// Its certificate.
    pub certificate_pem: String,
    /// Its private key.
    pub private_key_pem: String,
}

/// Keys stay out of logs.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("thing", &self.thing)
            .finish_non_exhaustive()
    }
}

/// What a device without a certificate holds.
#[derive(Clone)]
pub struct TokenIdentity {
    /// Its client id.
    pub client_id: String,
    /// Its token, which it gives as its MQTT password.
    pub token: String,
    /// The custom authorizer that it wants to be asked, if not the endpoint's default.
    pub authorizer: Option<String>,
}

/// Tokens stay out of logs.
impl fmt::Debug for TokenIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenIdentity")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Why a device could not do what it wanted.
#[derive(Debug)]
pub enum DeviceError {
    /// Its certificate, key or the broker's root cannot be used.
    Credentials(Box<dyn std::error::Error + Send + Sync>),
    /// The broker ended the connection or never took it.
    Refused(String),
    /// The broker did not answer in time.
    NoAnswer,
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials(source) => write!(f, "unusable certificate or key: {source}"),
            Self::Refused(why) => write!(f, "the broker refused: {why}"),
            Self::NoAnswer => f.write_str("the broker did not answer in time"),
        }
    }
}

impl std::error::Error for DeviceError {}

/// A connected device.
pub struct Device {
    /// Its thing name.
    pub thing: String,
    client: AsyncClient,
    events: EventLoop,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("thing", &self.thing)
            .finish_non_exhaustive()
    }
}

impl Device {
    /// Connects over mutual TLS with MQTT 3.1.1 and waits for the CONNACK.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub async fn connect(
        identity: &Identity,
        port: u16,
        root_ca_pem: &str,
    ) -> Result<Self, DeviceError> {
        let tls = with_certificate(identity, root_ca_pem).map_err(DeviceError::Credentials)?;
        Self::open(MqttOptions::new(&identity.thing, "localhost", port), tls).await
    }

    /// Connects with a token on the port whose role is AWS's 443 and waits for the CONNACK.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub async fn connect_with_token(
        identity: &TokenIdentity,
        port: u16,
        root_ca_pem: &str,
    ) -> Result<Self, DeviceError> {
        let tls = without_certificate(root_ca_pem).map_err(DeviceError::Credentials)?;
        let mut options = MqttOptions::new(&identity.client_id, "localhost", port);
        let authorizer = identity.authorizer.as_ref();
        let user = authorizer.map_or_else(String::new, |name| {
            format!("?x-amz-customauthorizer-name={name}")
        });
        options.set_credentials(user, &identity.token);
        Self::open(options, tls).await
    }

    async fn open(mut options: MqttOptions, tls: ClientConfig) -> Result<Self, DeviceError> {
        options
            .set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(
                Arc::new(tls),
            )))
            .set_keep_alive(Duration::from_secs(1200))
            .set_max_packet_size(MAX_PACKET, MAX_PACKET);
        let thing = options.client_id();
        let (client, events) = AsyncClient::new(options, 16);
        let mut device = Self {
            thing,
            client,
            events,
        };
        device
            .wait_for(|packet| matches!(packet, Packet::ConnAck(_)))
            .await?;
        Ok(device)
    }

    /// Publishes with QoS 1 and waits for the PUBACK: the message is then in the rules engine's hands.
    ///
    /// # Errors
    /// [`DeviceError::Refused`] when the broker closes the connection, as it does on an unauthorised publish.
    pub async fn publish(
        &mut self,
        topic: &str,
        payload: impl Into<Vec<u8>>,
    ) -> Result<(), DeviceError> {
        let sent = self
            .client
            .try_publish(topic, QoS::AtLeastOnce, false, payload);
        sent.map_err(|e| DeviceError::Refused(e.to_string()))?;
        self.wait_for(|packet| matches!(packet, Packet::PubAck(_)))
            .await
    }

    /// Subscribes with QoS 1 and waits for the SUBACK.
    ///
    /// # Errors
    /// [`DeviceError::Refused`] when a policy does not allow it.
    pub async fn subscribe(&mut self, filter: &str) -> Result<(), DeviceError> {
        let sent = self.client.try_subscribe(filter, QoS::AtLeastOnce);
        sent.map_err(|e| DeviceError::Refused(e.to_string()))?;
        let mut refused = false;
        self.wait_for(|packet| match packet {
            Packet::SubAck(ack) => {
                refused = ack.return_codes.contains(&SubscribeReasonCode::Failure);
                true
            }
            _ => false,
        })
        .await?;
        if refused {
            return Err(DeviceError::Refused(format!("no policy allows {filter}")));
        }
        Ok(())
    }

    /// Waits for the next message: its topic and payload.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub async fn receive(&mut self) -> Result<(String, Vec<u8>), DeviceError> {
        let mut received = None;
        self.wait_for(|packet| match packet {
            Packet::Publish(message) => {
                received = Some((message.topic.clone(), message.payload.to_vec()));
                true
            }
            _ => false,
        })
        .await?;
        received.ok_or(DeviceError::NoAnswer)
    }

    /// Says good-bye.
    ///
    /// # Errors
    /// When the connection is broken already.
    pub async fn disconnect(mut self) -> Result<(), DeviceError> {
        let sent = self.client.try_disconnect();
        sent.map_err(|e| DeviceError::Refused(e.to_string()))?;
        // The loop ends with an error once the connection is closed.
        while let Ok(Ok(_)) = timeout(PATIENCE, self.events.poll()).await {}
        Ok(())
    }

    /// Waits until the broker ends the connection.
    ///
    /// # Errors
    /// [`DeviceError::NoAnswer`] when it does not.
    pub async fn ended(mut self) -> Result<(), DeviceError> {
        match self.wait_for(|_| false).await {
            Err(DeviceError::Refused(_)) => Ok(()),
            Err(other) => Err(other),
            Ok(()) => Err(DeviceError::NoAnswer),
        }
    }

    async fn wait_for(
        &mut self,
        mut wanted: impl FnMut(&Packet) -> bool,
    ) -> Result<(), DeviceError> {
        loop {
            match timeout(PATIENCE, self.events.poll()).await {
                Err(_) => return Err(DeviceError::NoAnswer),
                Ok(Err(error)) => return Err(DeviceError::Refused(error.to_string())),
                Ok(Ok(Event::Incoming(packet))) if wanted(&packet) => return Ok(()),
                Ok(Ok(_)) => {}
            }
        }
    }
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

fn with_certificate(identity: &Identity, root_ca_pem: &str) -> Result<ClientConfig, AnyError> {
    let chain = CertificateDer::pem_slice_iter(identity.certificate_pem.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(identity.private_key_pem.as_bytes())?;
    let config = trusting(root_ca_pem)?.with_client_auth_cert(chain, key)?;
    Ok(config)
}

fn without_certificate(root_ca_pem: &str) -> Result<ClientConfig, AnyError> {
    let mut config = trusting(root_ca_pem)?.with_no_client_auth();
    // Source: AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication".
    config.alpn_protocols = vec![b"mqtt".to_vec()];
    Ok(config)
}

fn trusting(root_ca_pem: &str) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, AnyError> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root_ca_pem.as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(config)
}
