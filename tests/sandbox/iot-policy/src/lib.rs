//! The AWS IoT Core policy engine: read a policy, ask it, have the answer explained, find its known traps.
//!
//! Pure: no I/O, no clock. What AWS IoT Core does not have is an error when a document is read, never "does not match".
//!
//! ```
//! use iot_policy::{Action, Arn, Context, Policy, PolicyDocument, Request, Thing, Verdict, evaluate};
//!
//! let document = PolicyDocument::parse(r#"{
//!     "Version": "2012-10-17",
//!     "Statement": {
//!         "Effect": "Allow",
//!         "Action": "iot:Publish",
//!         "Resource": "arn:aws:iot:eu-west-1:123456789012:topic/sensors/${iot:Connection.Thing.ThingName}/*"
//!     }
//! }"#)?;
//! let policies = [Policy::new("device", document)];
//! let context = Context { thing: Some(Thing::new("t1")), ..Context::of_client("t1") };
//! let arn = Arn::new("eu-west-1", "123456789012");
//!
//! let own = Request::new(Action::Publish, arn.topic("sensors/t1/data"), &context);
//! assert_eq!(evaluate(&policies, &own).effect, Verdict::Allowed);
//! let foreign = Request::new(Action::Publish, arn.topic("sensors/t2/data"), &context);
//! assert_eq!(evaluate(&policies, &foreign).effect, Verdict::ImplicitDeny);
//! # Ok::<(), iot_policy::InvalidPolicy>(())
//! ```

pub mod action;
pub mod arn;
pub mod certificate;
pub mod condition;
pub mod context;
pub mod document;
pub mod effective;
pub mod evaluate;
pub mod explain;
pub mod glob;
pub mod invalid;
mod json;
pub mod key;
pub mod limits;
pub mod lint;
pub mod operator;
pub mod pattern;
mod value;

pub use action::{Action, ResourceType, UnknownAction};
pub use arn::Arn;
pub use certificate::Certificate;
pub use context::{Attachment, Context, Thing, ThingVariables, resolve_thing};
pub use document::{Effect, Policy, PolicyDocument, Statement};
pub use evaluate::{Decision, Request, StatementRef, Verdict, evaluate};
pub use explain::{Explanation, explain};
pub use invalid::{InvalidPolicy, Problem};
pub use limits::LimitExceeded;
pub use lint::{Finding, lint};
