//! TLS connections and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto};

use super::{Device, World};

/// Where to connect to, and under which name (SNI).
pub struct Door {
    address: SocketAddr,
    name: String,
    root_ca_pem: String,
}

impl Door {
    /// The port in the role of 8883.
    pub fn mqtt(world: &World, name: &str) -> Self {
        Self {
            address: world.gateway.mqtt_addr(),
            name: name.into(),
            root_ca_pem: world.gateway.root_ca_pem().into(),
        }
    }

    /// The port in the role of 443.
    pub fn https(world: &World, name: &str) -> Self {
        Self {
            address: world.gateway.https_addr(),
            ..Self::mqtt(world, name)
        }
    }
}

/// A TLS connection to the MQTT port.
pub async fn tls(
    world: &World,
    device: Option<&Device>,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    tls_to(&Door::mqtt(world, "localhost"), device, versions, alpn).await
}

/// A TLS connection.
pub async fn tls_to(
    door: &Door,
    device: Option<&Device>,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(door.root_ca_pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match device {
        None => config.with_no_client_auth(),
        Some(device) => {
            let certificate =
                CertificateDer::from_pem_slice(device.certificate_pem.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(device.key_pem.as_bytes()).unwrap();
            config
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(door.address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    connector
        .connect(ServerName::try_from(door.name.clone()).unwrap(), stream)
        .await
}
