//! The local AWS of the property IoT suite: template in, running stack out.
//!
//! [`Sandbox::start`] resolves `template.yaml`, makes its tables, queues, topics and fleet in one process on loopback,
//! and runs its functions' real binaries. Devices connect with MQTT over mutual TLS; every AWS SDK and the AWS CLI talk to
//! [`Sandbox::endpoint`].

pub mod aws;
pub mod binaries;
pub mod clock;
pub mod demo;
pub mod device;
pub mod enrolment;
mod external;
pub mod fleet;
mod front;
mod functions;
pub mod identity_provider;
mod in_flight;
pub mod maker;
pub mod options;
mod provision;
mod rule_action;
mod rule_engine;
mod sandbox;
mod schedules;
pub mod welcome;

pub use options::Options;
pub use rule_engine::{RuleOutcome, RuleRun, UnusableRule};
pub use sandbox::{Sandbox, StartFailed, function_binaries};
