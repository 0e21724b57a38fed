//! Admission of new devices: who may become a thing, with which key, and what is written down about it.

mod names;

pub use names::{
    BatchId, CertificateId, DeviceKind, Digest, KeyFingerprint, Placement, SerialNumber, serial_of,
};
