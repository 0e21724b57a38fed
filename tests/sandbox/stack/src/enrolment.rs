//! What a device does to become a thing: fleet provisioning by claim, as its firmware would.
//!
//! Source: AWS IoT developer guide, "Device provisioning MQTT API".

use std::collections::BTreeMap;

use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _};
use serde_json::{Value, json};

use crate::device::{Device, DeviceError, Identity};

/// A device that is no thing yet: it made its own key, which never leaves it.
pub struct NewDevice {
    /// The number on its label.
    pub serial: String,
    key: KeyPair,
    /// What its vouchers are signed with, if the factory gave it a secret.
    secret: Option<Vec<u8>>,
}

/// What became of an enrolment.
#[derive(Debug)]
pub enum Outcome {
    /// The device is a thing.
    Enrolled(Identity),
    /// It was turned away, with this error code. It never learns why.
    Rejected(String),
}

/// Why an enrolment had no outcome.
#[derive(Debug)]
pub enum EnrolmentFailed {
    /// The connection.
    Device(DeviceError),
    /// The device's key or CSR.
    Key(rcgen::Error),
    /// An answer that is none.
    Answer(String),
}

impl std::fmt::Display for EnrolmentFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(source) => write!(f, "{source}"),
            Self::Key(source) => write!(f, "the device's key: {source}"),
            Self::Answer(text) => write!(f, "AWS IoT answered {text}"),
        }
    }
}

impl std::error::Error for EnrolmentFailed {}

impl From<DeviceError> for EnrolmentFailed {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}

impl From<rcgen::Error> for EnrolmentFailed {
    fn from(error: rcgen::Error) -> Self {
        Self::Key(error)
    }
}

/// Where a device enrols, and what every device of its batch carries.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The claim certificate and its key.
    pub identity: &'a Identity,
    /// The provisioning template.
    pub template: &'a str,
    /// The port of MQTT over mutual TLS.
    pub port: u16,
    /// What the broker's certificate is checked against.
    pub root_ca_pem: &'a str,
}

impl NewDevice {
    /// A device fresh from the factory.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(serial: &str, secret: Option<Vec<u8>>) -> Result<Self, EnrolmentFailed> {
        Ok(Self {
            serial: serial.to_owned(),
            key: KeyPair::generate()?,
            secret,
        })
    }

    /// Its private key, PEM.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A request for a certificate of its key, PEM.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn csr(&self) -> Result<String, EnrolmentFailed> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, &self.serial);
        Ok(params.serialize_request(&self.key)?.pem()?)
    }

    /// `v1.hmac.<base64url>`: proves that this key belongs to this serial number. See `shared/certificates`.
    #[must_use]
    pub fn voucher(&self, template: &str) -> Option<String> {
        let key = digest::digest(&digest::SHA256, &self.key.subject_public_key_info());
        let fingerprint = key
            .as_ref()
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let message = format!("sci-voucher-v1\n{template}\n{}\n{fingerprint}", self.serial);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_ref()?);
        let tag = hmac::sign(&secret, message.as_bytes());
        Some(format!("v1.hmac.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    /// Asks for a certificate of its key, and to become a thing.
    ///
    /// # Errors
    /// When there is no answer. An answer that is a refusal is [`Outcome::Rejected`].
    pub async fn enrol(
        &self,
        claim: Claim<'_>,
        more: &BTreeMap<String, String>,
    ) -> Result<Outcome, EnrolmentFailed> {
        const CERTIFICATES: &str = "$aws/certificates/create-from-csr/json";
        let provision = format!(
            "$aws/provisioning-templates/{}/provision/json",
            claim.template
        );
        let mut session = Device::connect(claim.identity, claim.port, claim.root_ca_pem).await?;
        let csr = self.csr()?;
        let certificate = ask(
            &mut session,
            CERTIFICATES,
            &json!({ "certificateSigningRequest": csr }),
        )
        .await?;
        let certificate = match certificate {
            Ok(answer) => answer,
            Err(code) => return Ok(Outcome::Rejected(code)),
        };
        let mut parameters = more.clone();
        parameters.insert("SerialNumber".into(), self.serial.clone());
        parameters.extend(
            self.voucher(claim.template)
                .map(|voucher| ("Voucher".into(), voucher)),
        );
        let request = json!({
            "certificateOwnershipToken": certificate.get("certificateOwnershipToken"),
            "parameters": parameters,
        });
        let thing = ask(&mut session, &provision, &request).await?;
        session.disconnect().await?;
        Ok(match thing {
            Err(code) => Outcome::Rejected(code),
            Ok(thing) => Outcome::Enrolled(Identity {
                thing: text(&thing, "thingName")?,
                certificate_pem: text(&certificate, "certificatePem")?,
                private_key_pem: self.key.serialize_pem(),
            }),
        })
    }
}

fn text(answer: &Value, member: &str) -> Result<String, EnrolmentFailed> {
    let text = answer.get(member).and_then(Value::as_str);
    text.map(str::to_owned)
        .ok_or_else(|| EnrolmentFailed::Answer(format!("without {member}")))
}

/// One request, and its answer or the code of its refusal.
async fn ask(
    session: &mut Device,
    topic: &str,
    request: &Value,
) -> Result<Result<Value, String>, EnrolmentFailed> {
    let accepted = format!("{topic}/accepted");
    session.subscribe(&accepted).await?;
    session.subscribe(&format!("{topic}/rejected")).await?;
    session.publish(topic, request.to_string()).await?;
    let (answered, payload) = session.receive().await?;
    let answer: Value = serde_json::from_slice(&payload)
        .map_err(|_| EnrolmentFailed::Answer(String::from_utf8_lossy(&payload).into_owned()))?;
    if answered == accepted {
        return Ok(Ok(answer));
    }
    Ok(Err(text(&answer, "errorCode")?))
}

/// Says that the device has its certificate: what makes it enrolled.
///
/// # Errors
/// When the device cannot connect or publish.
pub async fn commit(
    identity: &Identity,
    port: u16,
    root_ca_pem: &str,
) -> Result<Device, DeviceError> {
    let mut device = Device::connect(identity, port, root_ca_pem).await?;
    let topic = format!("sci/properties/{}/certificate/commit", identity.thing);
    device.publish(&topic, "{}").await?;
    Ok(device)
}
