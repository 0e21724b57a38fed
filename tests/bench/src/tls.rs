//! TLS for the stub, so that the first call costs a function what it costs with AWS: the root certificates, the first
//! random numbers, the handshake.

use std::{
    error::Error,
    fs, io,
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivateKeyDer,
};

use crate::machine;

/// A server certificate for loopback with a root of its own.
#[derive(Debug)]
pub struct Tls {
    config: Arc<ServerConfig>,
    roots: PathBuf,
    own_root: PathBuf,
}

impl Tls {
    /// Makes certificates, and writes the files of root certificates to `folder`: the system's with our own, since the
    /// number of certificates is what reading them costs.
    ///
    /// # Errors
    /// When the file cannot be written, or the crypto library refuses.
    pub fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut root = CertificateParams::default();
        root.distinguished_name
            .push(DnType::CommonName, "Root of the benchmark");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root_key = KeyPair::generate()?;
        let root_certificate = root.self_signed(&root_key)?;

        let key = KeyPair::generate()?;
        let mut server = CertificateParams::new(["127.0.0.1".to_owned()])?;
        server
            .distinguished_name
            .push(DnType::CommonName, "Stub of the benchmark");
        server.use_authority_key_identifier_extension = true;
        let certificate = server.signed_by(&key, &Issuer::new(root, root_key))?;

        let mut bundle = match machine::certificate_bundle() {
            Some(system) => fs::read_to_string(system)?,
            None => String::new(),
        };
        bundle.push_str(&root_certificate.pem());
        let roots = folder.join("roots.pem");
        fs::write(&roots, bundle)?;
        let own_root = folder.join("own-root.pem");
        fs::write(&own_root, root_certificate.pem())?;

        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(Self {
            config: Arc::new(config),
            roots,
            own_root,
        })
    }

    /// The file of root certificates that a client needs.
    #[must_use]
    pub fn roots(&self) -> &Path {
        &self.roots
    }

    /// The file with our own root alone, for a client that has the others built in.
    #[must_use]
    pub fn own_root(&self) -> &Path {
        &self.own_root
    }

    /// TLS on a new connection. The handshake happens with the first byte that is read.
    ///
    /// # Errors
    /// When the configuration does not allow it.
    pub fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }
}
