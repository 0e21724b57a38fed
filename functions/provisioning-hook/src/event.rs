//! What AWS IoT asks before it provisions a device.
//!
//! Source: AWS IoT developer guide, "Pre-provisioning hooks".

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

/// A device that wants to become a thing. Only what AWS IoT says of certificates and template is believed; the client id
/// and every parameter is text that whoever holds a claim certificate chose.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The claim certificate that the device is connected with.
    pub claim_certificate_id: String,
    /// The certificate that AWS IoT made for it, which is not active yet.
    pub certificate_id: String,
    /// That certificate.
    pub certificate_pem: String,
    /// The provisioning template.
    pub template_arn: String,
    /// The MQTT client id of the claim session.
    #[serde(default)]
    pub client_id: Option<String>,
    /// What the device wrote into its request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

impl Event {
    /// Reads an event; nothing when it is none.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// A parameter of the device. An empty one is one that was left out: the template declares it with an empty default.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// The name of the template.
    #[must_use]
    pub fn template(&self) -> Option<&str> {
        let (before, name) = self.template_arn.rsplit_once(":provisioningtemplate/")?;
        before.starts_with("arn:").then_some(name)
    }
}

/// The parameters that a device may send.
pub mod parameter {
    /// Its serial number.
    pub const SERIAL_NUMBER: &str = "SerialNumber";
    /// What proves that its key belongs to its serial number.
    pub const VOUCHER: &str = "Voucher";
    /// Where it believes to be. Optional, and compared.
    pub const PROPERTY_ID: &str = "PropertyId";
    /// What it believes to be. Optional, and compared.
    pub const DEVICE_TYPE: &str = "DeviceType";
}

/// Neither the certificate nor what the device wrote.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Event")
    }
}
