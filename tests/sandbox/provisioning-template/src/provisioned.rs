//! What an evaluated template asks for.

use std::collections::BTreeMap;

/// Everything one registration is to make. Names and documents are as evaluated; whether the registry takes them is the
/// registry's business.
#[derive(Debug, Clone, PartialEq)]
pub struct Provisioned {
    /// The thing, if the template has one.
    pub thing: Option<ThingSpec>,
    /// The certificate that is being registered.
    pub certificate: CertificateSpec,
    /// Policies to attach to it, in the order of their logical names.
    pub policies: Vec<PolicySpec>,
    /// What the device is told; empty for just-in-time provisioning.
    pub device_configuration: BTreeMap<String, String>,
}

/// A thing to create, or to bring in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingSpec {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its type.
    pub thing_type: Option<String>,
    /// The groups it belongs to, which must exist.
    pub groups: Vec<String>,
    /// What to do when a thing of this name exists.
    pub overrides: ThingOverrides,
}

/// What to do with each part of a thing that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThingOverrides {
    /// `AttributePayload`.
    pub attributes: Override,
    /// `ThingTypeName`; never [`Override::Merge`].
    pub thing_type: Override,
    /// `ThingGroups`.
    pub groups: Override,
}

/// What to do when a resource of the template exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Override {
    /// Leave it as it is.
    DoNothing,
    /// Replace it by what the template says.
    Replace,
    /// Refuse the whole registration with `ResourceConflictsException`. AWS documents no default; this one is the choice
    /// that nobody can rely on without noticing.
    #[default]
    Fail,
    /// Add what the template says to what is there.
    Merge,
}

/// What becomes of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSpec {
    /// The value of `AWS::IoT::Certificate::Id`.
    pub id: String,
    /// `ACTIVE` rather than `INACTIVE`.
    pub active: bool,
    /// Attach it to the thing as `EXCLUSIVE_THING`.
    pub exclusive_thing: bool,
    /// What to do when it has left `PENDING_ACTIVATION` with another status than the template's; never [`Override::Merge`].
    /// Leaving `PENDING_ACTIVATION` is no conflict: AWS's own example activates under `DO_NOTHING`.
    pub status_override: Override,
}

/// A policy to attach to the certificate.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicySpec {
    /// One that exists, by name.
    Existing(String),
    /// A document to make one of. AWS derives its name from a hash of the document.
    Document(serde_json::Value),
}
