#![doc = include_str!("../README.md")]

mod certificate;
mod der;
mod extensions;
mod inspect;
mod invalid;
mod issuer;
mod name;
mod pem;
mod public_key;
mod rejected;
mod subject;
mod template_name;
mod validity;
mod voucher;
mod voucher_key;

pub use inspect::{DeviceCertificate, inspect};
pub use invalid::InvalidCertificate;
pub use issuer::{NotSigned, is_signed_by};
pub use pem::MAX_PEM_BYTES;
pub use public_key::KeyKind;
pub use rejected::Rejected;
pub use subject::{Subject, SubjectText};
pub use template_name::{InvalidTemplateName, TemplateName};
pub use validity::Validity;
pub use voucher::{MAX_VOUCHER_BYTES, Voucher};
pub use voucher_key::{InvalidVoucherKey, VoucherKey};
