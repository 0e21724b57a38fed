//! The authority that signs device certificates, in the place of Amazon's.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize,
    SubjectPublicKeyInfo,
};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509CertificationRequest, X509Name};

use super::{Certificate, CertificateMode, CertificateStatus, Refusal};
use crate::x509;

/// 2049-12-31T23:59:59Z, the end of every certificate that AWS IoT issues.
const NOT_AFTER_SECONDS: i64 = 2_524_607_999;
/// How long before its issue a certificate becomes valid, for devices whose clock is behind.
const BACKDATED_MS: u64 = 120_000;
/// Longest CSR in characters. Source: the service model.
const MAX_CSR: usize = 4096;

/// A new certificate.
#[derive(Debug)]
pub struct Issued {
    /// SHA-256 of the DER.
    pub id: String,
    /// The certificate.
    pub pem: String,
    /// The certificate.
    pub der: Vec<u8>,
    /// Who signed it.
    pub ca_certificate_id: String,
}

/// A key pair made for a device. No `Debug`: it holds the private key.
pub struct DeviceKeys {
    /// `PUBLIC KEY`
    pub public_pem: String,
    /// `PRIVATE KEY` (PKCS #8)
    pub private_pem: String,
    pair: KeyPair,
}

impl Issued {
    /// The registry's entry for it.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if what was just signed cannot be read.
    pub fn into_certificate(
        self,
        status: CertificateStatus,
        owned_by: String,
        now_ms: u64,
    ) -> Result<Certificate, Refusal> {
        let facts = x509::read(&self.der).map_err(Refusal::Internal)?;
        Ok(Certificate {
            id: self.id,
            pem: self.pem,
            facts: facts.into(),
            status,
            owned_by,
            ca_certificate_id: Some(self.ca_certificate_id),
            mode: CertificateMode::Default,
            created_ms: now_ms,
            modified_ms: now_ms,
            customer_version: 1,
        })
    }
}

impl DeviceKeys {
    /// Makes an RSA key pair of 2,048 bits, as AWS IoT does.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the crypto library fails.
    pub fn generate() -> Result<Self, Refusal> {
        let pair =
            KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(internal)?;
        Ok(Self {
            public_pem: pair.public_key_pem(),
            private_pem: pair.serialize_pem(),
            pair,
        })
    }
}

/// The authority's key and name.
pub struct Issuer {
    issuer: rcgen::Issuer<'static, KeyPair>,
    id: String,
}

impl Issuer {
    /// Makes an authority with a fresh P-256 key.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the crypto library fails.
    pub fn generate() -> Result<Self, Refusal> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(internal)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(
            DnType::OrganizationalUnitName,
            "Amazon Web Services O=Amazon.com Inc. L=Seattle ST=Washington C=US",
        );
        params.not_before = OffsetDateTime::UNIX_EPOCH;
        params.not_after = end()?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let id = x509::certificate_id(params.self_signed(&key).map_err(internal)?.der());
        Ok(Self {
            issuer: rcgen::Issuer::new(params, key),
            id,
        })
    }

    /// Signs a certificate for keys made here: CN=AWS IoT Certificate.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the crypto library fails.
    pub fn for_keys(&self, keys: &DeviceKeys, now_ms: u64) -> Result<Issued, Refusal> {
        self.sign(subject(), &keys.pair, now_ms, end()?)
    }

    /// Signs a certificate for keys made here that ends at `until_ms`: CN=AWS IoT Certificate.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the crypto library fails.
    pub fn for_claim(
        &self,
        keys: &DeviceKeys,
        now_ms: u64,
        until_ms: u64,
    ) -> Result<Issued, Refusal> {
        self.sign(subject(), &keys.pair, now_ms, moment(until_ms)?)
    }

    /// Signs a certificate for a CSR: its subject and its key are kept, its requested extensions are not.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for a CSR that cannot be read, is not signed by its own key, has a key AWS IoT does
    /// not take, or has a subject that this sandbox cannot copy.
    pub fn for_csr(&self, pem: &str, now_ms: u64) -> Result<Issued, Refusal> {
        let invalid =
            |text: String| Refusal::InvalidRequest(format!("certificateSigningRequest {text}"));
        if pem.chars().count() > MAX_CSR {
            return Err(invalid(format!("is longer than {MAX_CSR} characters")));
        }
        let (_, block) = x509_parser::pem::parse_x509_pem(pem.as_bytes())
            .map_err(|e| invalid(format!("is not PEM: {e}")))?;
        let (_, csr) = X509CertificationRequest::from_der(&block.contents)
            .map_err(|e| invalid(format!("is not a PKCS #10 request: {e}")))?;
        csr.verify_signature().map_err(|e| {
            invalid(format!(
                "is not signed by its own key, or in a way the sandbox cannot check: {e}"
            ))
        })?;
        let info = &csr.certification_request_info;
        check_key(&info.subject_pki).map_err(invalid)?;
        let key = SubjectPublicKeyInfo::from_der(info.subject_pki.raw)
            .map_err(|e| invalid(format!("has a key the sandbox cannot certify: {e}")))?;
        let subject = copy_name(&info.subject).map_err(invalid)?;
        self.sign(subject, &key, now_ms, end()?)
    }

    fn sign(
        &self,
        subject: DistinguishedName,
        key: &impl PublicKeyData,
        now_ms: u64,
        not_after: OffsetDateTime,
    ) -> Result<Issued, Refusal> {
        let not_before = moment(now_ms.saturating_sub(BACKDATED_MS))?;
        let mut params = CertificateParams::default();
        params.distinguished_name = subject;
        params.not_before = not_before;
        params.not_after = not_after;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(key, &self.issuer).map_err(internal)?;
        let der = certificate.der().to_vec();
        let id = x509::certificate_id(&der);
        Ok(Issued {
            id,
            pem: certificate.pem(),
            der,
            ca_certificate_id: self.id.clone(),
        })
    }
}

fn subject() -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "AWS IoT Certificate");
    subject
}

fn moment(ms: u64) -> Result<OffsetDateTime, Refusal> {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|e| Refusal::Internal(format!("the clock is out of range: {e}")))
}

fn end() -> Result<OffsetDateTime, Refusal> {
    OffsetDateTime::from_unix_timestamp(NOT_AFTER_SECONDS)
        .map_err(|e| Refusal::Internal(format!("2049 is out of range: {e}")))
}

fn internal(error: rcgen::Error) -> Refusal {
    Refusal::Internal(format!("issuing a certificate: {error}"))
}

/// RSA of at least 2,048 bits or an EC key. Source: AWS IoT developer guide, "Create a client certificate with your CA".
pub(crate) fn check_key(key: &x509_parser::x509::SubjectPublicKeyInfo<'_>) -> Result<(), String> {
    use x509_parser::public_key::PublicKey;
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) if rsa.key_size() >= 2048 => Ok(()),
        Ok(PublicKey::RSA(rsa)) => Err(format!(
            "has an RSA key of {} bits; at least 2048 are needed",
            rsa.key_size()
        )),
        Ok(PublicKey::EC(_)) => Ok(()),
        _ => Err("must have an RSA or EC key".into()),
    }
}

/// rcgen keeps one value for each attribute type and one attribute in each RDN; other names would be changed silently.
fn copy_name(name: &X509Name<'_>) -> Result<DistinguishedName, String> {
    use x509_parser::der_parser::asn1_rs::Tag;
    let mut copy = DistinguishedName::new();
    for rdn in name.iter_rdn() {
        let mut attributes = rdn.iter();
        let (Some(attribute), None) = (attributes.next(), attributes.next()) else {
            return Err(
                "has a subject with several attributes in one RDN, which the sandbox cannot copy"
                    .into(),
            );
        };
        let oid: Vec<u64> = attribute
            .attr_type()
            .iter()
            .ok_or("has a subject with an attribute type out of range")?
            .collect();
        let kind = DnType::from_oid(&oid);
        if copy.get(&kind).is_some() {
            return Err(format!(
                "has a subject with two values of {}, which the sandbox cannot copy",
                attribute.attr_type()
            ));
        }
        let text = attribute
            .as_str()
            .map_err(|_| "has a subject with a value that is not text".to_owned())?;
        let value = match attribute.attr_value().tag() {
            Tag::PrintableString => {
                DnValue::PrintableString(text.try_into().map_err(|e| format!("{e}"))?)
            }
            Tag::Ia5String => DnValue::Ia5String(text.try_into().map_err(|e| format!("{e}"))?),
            _ => DnValue::Utf8String(text.to_owned()),
        };
        copy.push(kind, value);
    }
    Ok(copy)
}
