//! Custom authorizers: a function of the account's owner decides who may connect and what a connection may do.
//!
//! Source: AWS IoT developer guide, "Custom authentication and authorization".

mod admission;
mod answer;
mod applicant;
mod choose;
mod event;
mod leases;
mod permit;
mod signature;

pub(crate) use admission::{Admission, CustomAuth, Refused};
pub(crate) use answer::InvalidAnswer;
pub(crate) use applicant::{Applicant, HttpRequest, Login};
pub(crate) use event::Context;
pub(crate) use leases::{Lease, Leases};
pub use permit::Permit;
