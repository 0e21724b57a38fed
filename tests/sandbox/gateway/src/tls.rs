//! The TLS edge: the server's own CA and certificate, and proof that a client holds its certificate's key.
//!
//! Which certificates may connect is **not** decided here: a handshake succeeds for any certificate whose key signs it,
//! so that the authenticator can answer with a reason, and just-in-time registration sees certificates that nobody knows yet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{self, CryptoProvider, WebPkiSupportedAlgorithms};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, UnixTime,
};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    DigitallySignedStruct, DistinguishedName as RootHint, Error, ServerConfig, SignatureScheme,
    version,
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The server side of TLS.
pub(crate) struct ServerTls {
    config: ServerConfig,
    /// What devices must trust, in the place of Amazon Root CA 1.
    pub(crate) root_ca_pem: String,
}

impl ServerTls {
    /// Makes a root CA and a server certificate for `localhost`, 127.0.0.1, ::1 and the given names.
    ///
    /// The certificates are valid from 1970 to 2049, because clients judge them by the wall clock and the sandbox may
    /// live at another time.
    ///
    /// # Errors
    /// A text naming the step that failed.
    pub(crate) fn generate(names: &[String]) -> Result<Self, String> {
        let failed = |step: &'static str| move |e: rcgen::Error| format!("{step}: {e}");
        let ca_key = KeyPair::generate().map_err(failed("making the CA key"))?;
        let mut ca = params("Sandbox Root CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = ca
            .self_signed(&ca_key)
            .map_err(failed("signing the CA certificate"))?;

        let key = KeyPair::generate().map_err(failed("making the server key"))?;
        let mut server = params("localhost");
        server.subject_alt_names = vec![
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ];
        for name in std::iter::once("localhost").chain(names.iter().map(String::as_str)) {
            let name = name.try_into().map_err(failed("reading a server name"))?;
            server.subject_alt_names.push(SanType::DnsName(name));
        }
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        let issuer = Issuer::new(ca, ca_key);
        let certificate = server
            .signed_by(&key, &issuer)
            .map_err(failed("signing the server certificate"))?;

        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|e| format!("choosing TLS versions: {e}"))?
            .with_client_cert_verifier(Arc::new(KeyHolder::new(&provider)))
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(|e| format!("using the server certificate: {e}"))?;
        Ok(Self {
            config,
            root_ca_pem: root.pem(),
        })
    }

    /// For an accept loop whose clients may name these application protocols (ALPN).
    pub(crate) fn config(&self, application_protocols: &[&str]) -> Arc<ServerConfig> {
        let mut config = self.config.clone();
        let names = application_protocols.iter();
        config.alpn_protocols = names.map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = time::OffsetDateTime::UNIX_EPOCH;
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    params
}

/// Accepts every client certificate whose private key signed the handshake.
///
/// rustls refuses X.509 **v1** certificates, which plain `openssl x509 -req` makes and AWS IoT accepts. For those the
/// handshake's signature is checked with the public key read from the certificate.
#[derive(Debug)]
struct KeyHolder {
    algorithms: WebPkiSupportedAlgorithms,
}

impl KeyHolder {
    fn new(provider: &CryptoProvider) -> Self {
        Self {
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for KeyHolder {
    fn offer_client_auth(&self) -> bool {
        true
    }

    /// Not here: a client without certificate is turned away with a reason by the authenticator.
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[RootHint] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signed, &self.algorithms).or_else(
            |refused| {
                let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
                    return Err(refused);
                };
                let key = &parsed.tbs_certificate.subject_pki.subject_public_key.data;
                self.algorithms
                    .mapping
                    .iter()
                    .filter(|(scheme, _)| *scheme == signed.scheme)
                    .flat_map(|(_, algorithms)| algorithms.iter())
                    .find(|algorithm| {
                        algorithm
                            .verify_signature(key, message, signed.signature())
                            .is_ok()
                    })
                    .map(|_| HandshakeSignatureValid::assertion())
                    .ok_or(refused)
            },
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signed, &self.algorithms).or_else(
            |refused| {
                let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
                    return Err(refused);
                };
                let key = SubjectPublicKeyInfoDer::from(parsed.tbs_certificate.subject_pki.raw);
                crypto::verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
            },
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
