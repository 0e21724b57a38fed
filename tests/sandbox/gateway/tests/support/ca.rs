//! A manufacturer's CA and the devices it makes certificates for.

use http::Method;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use serde_json::{Value, json};

use super::{Device, World};

pub struct Ca {
    pub pem: String,
    pub id: String,
    issuer: Issuer<'static, KeyPair>,
}

/// From the first day of 2020 to that of 2040.
pub const LONG: (i32, i32) = (2020, 2040);

impl Ca {
    pub fn new(name: &str) -> Self {
        Self::made(name, LONG, KeyPair::generate().unwrap())
    }

    /// One with this name, validity (years) and key.
    pub fn made(name: &str, (from, until): (i32, i32), key: KeyPair) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(&[(DnType::CommonName, name)]);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            id: iot_gateway::x509::certificate_id(certificate.der()),
            issuer: Issuer::new(params, key),
        }
    }

    /// A device whose subject is this common name.
    pub fn device(&self, common_name: &str) -> Device {
        self.device_of(&[(DnType::CommonName, common_name)], LONG)
    }

    pub fn device_of(&self, names: &[(DnType, &str)], (from, until): (i32, i32)) -> Device {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(names);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let id = iot_gateway::x509::certificate_id(certificate.der());
        Device {
            arn: format!("arn:aws:iot:eu-west-1:123456789012:cert/{id}"),
            id,
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        }
    }

    /// Registers it as ACTIVE and with auto-registration, in mode `SNI_ONLY`.
    pub async fn register(&self, world: &World, config: Option<Value>) {
        let mut body = json!({ "caCertificate": self.pem, "certificateMode": "SNI_ONLY" });
        if let Some(config) = config {
            body["registrationConfig"] = config;
        }
        self.register_as(world, body).await;
    }

    /// Registers it as ACTIVE and with auto-registration, in mode `DEFAULT`.
    pub async fn register_with_proof(&self, world: &World) {
        let code = world.iot(Method::GET, "/registrationcode", json!({})).await;
        let proof = self.device(code["registrationCode"].as_str().unwrap());
        let body =
            json!({ "caCertificate": self.pem, "verificationCertificate": proof.certificate_pem });
        self.register_as(world, body).await;
    }

    async fn register_as(&self, world: &World, body: Value) {
        let path = "/cacertificate?setAsActive=true&allowAutoRegistration=true";
        let registered = world.iot(Method::POST, path, body).await;
        assert_eq!(registered["certificateId"], self.id.as_str());
    }

    /// UpdateCACertificate with this query.
    pub async fn update(&self, world: &World, query: &str) {
        let path = format!("/cacertificate/{}?{query}", self.id);
        world.iot(Method::PUT, &path, json!({})).await;
    }
}

fn subject(names: &[(DnType, &str)]) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    for (kind, value) in names {
        subject.push(kind.clone(), *value);
    }
    subject
}
