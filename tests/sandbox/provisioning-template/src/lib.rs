//! AWS IoT provisioning templates, as fleet provisioning and just-in-time provisioning use them: read one, and evaluate it
//! with the parameters of one device.
//!
//! Pure: no I/O, no clock, no registry. What is not documented or not supported is an error when the template is read,
//! never ignored. Source: AWS IoT developer guide, "Provisioning templates" and "Just-in-time provisioning".
//!
//! ```
//! use provisioning_template::{CERTIFICATE_ID, Kind, Template};
//!
//! let template = Template::parse(r#"{
//!     "Parameters": {"SerialNumber": {"Type": "String"}},
//!     "Resources": {
//!         "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Fn::Sub": "lamp-${SerialNumber}"}}},
//!         "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}}}
//!     }
//! }"#, Kind::FleetProvisioning)?;
//! let parameters = [("SerialNumber", "7"), (CERTIFICATE_ID, "ab12")].map(|(name, value)| (name.to_owned(), value.to_owned()));
//!
//! let provisioned = template.evaluate(&parameters.into())?;
//! assert_eq!(provisioned.thing.map(|thing| thing.name).as_deref(), Some("lamp-7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod certificate;
mod expression;
mod failed;
mod invalid;
mod json;
mod node;
mod policy;
mod provisioned;
mod scope;
mod template;
mod thing;

pub use failed::{EvaluationFailed, Failure};
pub use invalid::{InvalidTemplate, Problem};
pub use provisioned::{
    CertificateSpec, Override, PolicySpec, Provisioned, ThingOverrides, ThingSpec,
};
pub use template::{CERTIFICATE_ID, Kind, MAX_CHARACTERS, SUBJECT_PARAMETERS, Template};
