//! Admission of new devices: who may become a thing, with which key, and what is written down about it.
//!
//! One core with two edges: the hook of fleet provisioning, where a claim certificate introduces a device, and just-in-time
//! registration, where a CA does. A device is let in with a lease; its first message with the new certificate confirms it;
//! a lease that nobody confirms frees the entry again.

mod admit;
pub mod audit;
mod entry;
mod introducer;
mod names;
pub mod pending;
mod ports;
mod reason;
mod secret;
pub mod service;
pub mod upkeep;

pub use admit::{Admitted, Known, Presented, Proof, Request, Ruling, admit};
pub use audit::Subject;
pub use entry::{
    Case, Command, Decision, Enrolment, Entry, Lease, NotConfirmed, NotDecided, Retry, State,
    Verdict, Word,
};
pub use introducer::{BatchPolicy, Introducer, IntroducerId, Quota, Reprovisioning, Used};
pub use names::{
    BatchId, CertificateId, DeviceKind, Digest, KeyFingerprint, Placement, SerialNumber, serial_of,
};
pub use ports::{
    AdmissionStore, Certificates, Charge, Commit, Committed, Device, Loaded, Operators, Registered,
    RegisteredAuthority, RegisteredStatus, RegistrationBudget, Registry,
};
pub use reason::Reason;
pub use secret::{DeviceSecret, InvalidSecret};
