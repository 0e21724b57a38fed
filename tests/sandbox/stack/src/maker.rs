//! A maker of devices with a CA of its own: it signs a certificate for each device at the factory.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::device::Identity;

/// `serialNumber` of X.520, which is not the certificate's.
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];

/// The CA.
pub struct Maker {
    ca: CertifiedIssuer<'static, KeyPair>,
}

/// Signed in the past and for long, whatever time a sandbox lives in.
fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params
}

impl Maker {
    /// A maker with a new CA.
    ///
    /// # Errors
    /// When no key or certificate can be made.
    pub fn new(name: &str) -> Result<Self, rcgen::Error> {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            ca: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
        })
    }

    /// The CA's certificate, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.ca.pem()
    }

    /// A device that connects as `thing`, with a common name and a serial number in its certificate's subject.
    ///
    /// # Errors
    /// When no key or certificate can be made.
    pub fn device(
        &self,
        thing: &str,
        common_name: &str,
        serial: &str,
    ) -> Result<Identity, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = params(common_name);
        let serial_number = DnType::CustomDnType(SERIAL_NUMBER.to_vec());
        params.distinguished_name.push(serial_number, serial);
        let certificate = params.signed_by(&key, &self.ca)?;
        Ok(Identity {
            thing: thing.to_owned(),
            certificate_pem: certificate.pem(),
            private_key_pem: key.serialize_pem(),
        })
    }
}
