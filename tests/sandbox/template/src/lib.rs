//! Reads a SAM template and resolves it to the resources it makes: names, ARNs, properties, in an order in which they can
//! be made. The sandbox builds itself from the result, so that the deployed template is the only list of resources.
//!
//! ```
//! use sam_template::{Environment, Parameters, Template};
//!
//! let template = Template::parse(
//!     "
//!     Parameters: {Stage: {Type: String, Default: dev}}
//!     Resources:
//!       Refused:
//!         Type: AWS::SQS::Queue
//!         Properties: {QueueName: !Sub 'refused-${Stage}'}
//!     ",
//! )?;
//! let environment = Environment::new("123456789012", "eu-west-1", "example");
//! let stack = template.resolve(&Parameters::new().with("Stage", "prod"), &environment)?;
//! assert_eq!(stack.queues()[0].url, "https://sqs.eu-west-1.amazonaws.com/123456789012/refused-prod");
//! # Ok::<(), sam_template::TemplateError>(())
//! ```
//!
//! Whatever is not supported is an error with its name and place; nothing is skipped.

mod conditions;
mod derived;
mod environment;
mod error;
mod glob;
mod globals;
mod identity;
mod intrinsics;
mod order;
mod parameters;
mod path;
mod resolve;
mod scalar;
mod stack;
mod substitution;
mod template;
mod views;
mod yaml;

pub use environment::Environment;
pub use error::{Problem, TemplateError};
pub use parameters::Parameters;
pub use stack::{Resource, Stack};
pub use template::Template;
pub use views::{
    Authorizer, DomainConfiguration, Effect, EventInvoke, Function, Index, IotPolicy, Permission,
    ProvisioningKind, ProvisioningTemplate, Queue, Role, RuleAction, Schedule, SnsMessageFormat,
    Statement, Subscription, Table, ThingGroup, ThingType, TimestreamDatabase, TimestreamTable,
    Topic, TopicRule,
};
