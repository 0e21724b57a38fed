//! What AWS IoT is told.
//!
//! Source: AWS IoT developer guide, "Pre-provisioning hooks".

use std::collections::BTreeMap;

use sci_domain::admission::{Admitted, SerialNumber};
use serde::Serialize;

use crate::event::parameter;

/// The hook's answer. Both members are always there: AWS calls both required on one page and only one on another.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    allow_provisioning: bool,
    parameter_overrides: BTreeMap<&'static str, String>,
}

impl Answer {
    /// Lets a device in, as what the allow-list says it is. Every parameter that a device may send is written over, so that
    /// no text of a device reaches the template.
    #[must_use]
    pub fn allow(admitted: &Admitted, serial: &SerialNumber) -> Self {
        let overrides = [
            ("ThingName", admitted.thing.to_string()),
            (parameter::DEVICE_TYPE, admitted.thing_type.to_owned()),
            (parameter::PROPERTY_ID, admitted.property.clone()),
            (parameter::SERIAL_NUMBER, serial.to_string()),
            (parameter::VOUCHER, String::new()),
        ];
        Self {
            allow_provisioning: true,
            parameter_overrides: overrides.into(),
        }
    }

    /// Turns a device away, in the same words whatever the reason.
    #[must_use]
    pub const fn deny() -> Self {
        Self {
            allow_provisioning: false,
            parameter_overrides: BTreeMap::new(),
        }
    }
}
