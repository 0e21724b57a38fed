//! Known misconfigurations of AWS IoT Core policies.
//!
//! Each policy is judged alone, as AWS IoT Device Defender's audit does. Conditions are not evaluated: a conditional
//! Allow counts as allowing and a conditional Deny as not denying.
//!
//! Source: AWS IoT Device Defender developer guide, "AWS IoT policy potentially misconfigured" and "AWS IoT policies
//! overly permissive"; AWS IoT developer guide, "Publish/Subscribe policy examples".

mod connect;
mod publish;
mod resource_type;
mod subscribe;
mod tail;

use std::fmt;

use crate::document::{Effect, Policy, Statement};
use crate::evaluate::{StatementRef, reference};
use crate::limits::check_document_size;
use crate::{Action, PolicyDocument};

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A Deny holds `+` or `#`, which are plain characters in a policy.
    /// Device Defender: `POLICY_CONTAINS_MQTT_WILDCARDS_IN_DENY_STATEMENT`.
    MqttWildcardInDeny,
    /// A denied topic filter can be reached through a wider one.
    /// Device Defender: `TOPIC_FILTERS_INTENDED_TO_DENY_ALLOWED_USING_WILDCARDS`.
    DenyBypassedByWiderFilter,
    /// `iot:Connect` is allowed for any client id.
    ConnectAsAnyClient,
    /// `iot:Subscribe` is allowed, but no `iot:Receive` on such topics.
    ReceiveForgotten,
    /// `iot:Subscribe` is allowed on every topic.
    SubscribeToEverything,
    /// `${iot:ClientId}` in a policy that does not restrict who connects with which client id.
    UnrestrictedClientId,
    /// The document is longer than `CreatePolicyVersion` accepts.
    OverSize,
    /// An action and a resource that never meet.
    ResourceTypeMismatch,
    /// `iot:Publish` is allowed on the Basic Ingest topics of every rule.
    BroadBasicIngest,
}

impl Code {
    /// The stable name that the command line prints.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MqttWildcardInDeny => "mqtt-wildcard-in-deny",
            Self::DenyBypassedByWiderFilter => "deny-bypassed-by-wider-filter",
            Self::ConnectAsAnyClient => "connect-as-any-client",
            Self::ReceiveForgotten => "receive-forgotten",
            Self::SubscribeToEverything => "subscribe-to-everything",
            Self::UnrestrictedClientId => "unrestricted-client-id",
            Self::OverSize => "over-size",
            Self::ResourceTypeMismatch => "resource-type-mismatch",
            Self::BroadBasicIngest => "broad-basic-ingest",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::MqttWildcardInDeny => {
                "use `*` instead of `+` and `#`, and deny `iot:Receive` on the topics as well"
            }
            Self::DenyBypassedByWiderFilter => {
                "also deny `iot:Receive` on the `topic/` resources of the Deny, or allow `iot:Receive` with `NotResource`"
            }
            Self::ConnectAsAnyClient => {
                "name the client: `client/${iot:Connection.Thing.ThingName}` with the thing attached to the certificate"
            }
            Self::ReceiveForgotten => {
                "allow `iot:Receive` on the `topic/` resources that the topic filters select"
            }
            Self::SubscribeToEverything => "allow only the topic filters the device needs",
            Self::UnrestrictedClientId => {
                "use `${iot:Connection.Thing.ThingName}`, or allow `iot:Connect` only on listed client ids"
            }
            Self::OverSize => {
                "use wildcards and policy variables, or split it: ten policies fit on one principal"
            }
            Self::ResourceTypeMismatch => {
                "move the action to a statement with a resource of its own type"
            }
            Self::BroadBasicIngest => {
                "name the rule: `topic/$aws/rules/<rule>/…`; such a topic calls the rule directly"
            }
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A misconfiguration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// The statement; none when the whole document is meant.
    pub statement: Option<StatementRef>,
    /// What exactly was found.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.statement {
            Some(at) => write!(f, "{at}: ")?,
            None => f.write_str("document: ")?,
        }
        write!(
            f,
            "{}: {}\n  advice: {}",
            self.code,
            self.message,
            self.code.advice()
        )
    }
}

/// Finds the known misconfigurations in one policy, in the order of its statements.
#[must_use]
pub fn lint(policy: &Policy) -> Vec<Finding> {
    let document = &policy.document;
    let mut findings = Vec::new();
    for (index, statement) in document.statements.iter().enumerate() {
        let mut add = |code, message| {
            findings.push(Finding {
                code,
                statement: Some(reference(policy, index, statement)),
                message,
            });
        };
        resource_type::check(statement, &mut add);
        match statement.effect {
            Effect::Deny => subscribe::check_deny(document, statement, &mut add),
            Effect::Allow => {
                connect::check(document, statement, &mut add);
                publish::check(statement, &mut add);
                subscribe::check_allow(document, statement, &mut add);
            }
        }
    }
    findings
}

/// Checks a document's text against the registry's size limit.
#[must_use]
pub fn lint_size(json: &str) -> Option<Finding> {
    let exceeded = check_document_size(json).err()?;
    Some(Finding {
        code: Code::OverSize,
        statement: None,
        message: exceeded.to_string(),
    })
}

/// How a check reports.
type Add<'a> = &'a mut dyn FnMut(Code, String);

fn is_about(statement: &Statement, action: Action) -> bool {
    statement
        .actions
        .iter()
        .any(|pattern| pattern.selects(action))
}

/// The statements with an effect on an action.
fn statements(
    document: &PolicyDocument,
    effect: Effect,
    action: Action,
) -> impl Iterator<Item = &Statement> {
    document
        .statements
        .iter()
        .filter(move |statement| statement.effect == effect && is_about(statement, action))
}
