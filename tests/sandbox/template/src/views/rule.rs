//! AWS IoT topic rules.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::{Flag, Ignored, Whole};
use crate::stack::Resource;
use crate::{Problem, TemplateError};

/// An AWS IoT topic rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRule {
    /// Its name in the template.
    pub logical_id: String,
    /// `RuleName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The statement.
    pub sql: String,
    /// `2015-10-08` (AWS's default), `2016-03-23` or `beta`.
    pub sql_version: String,
    /// Whether it is switched off.
    pub disabled: bool,
    /// What it does with a message it selects.
    pub actions: Vec<RuleAction>,
    /// What it does when an action fails.
    pub error_action: Option<RuleAction>,
}

/// An action of a topic rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAction {
    /// Invokes a function asynchronously.
    Lambda {
        /// The function's ARN.
        function_arn: String,
    },
    /// Sends to a queue.
    Sqs {
        /// Queue URL.
        queue_url: String,
        /// Role that sends.
        role_arn: String,
        /// Whether the body is base64.
        use_base64: bool,
    },
    /// Publishes to an SNS topic.
    Sns {
        /// Topic ARN.
        target_arn: String,
        /// Role that publishes.
        role_arn: String,
        /// How the message is given to SNS.
        message_format: SnsMessageFormat,
    },
    /// Publishes to an MQTT topic.
    Republish {
        /// Topic; may hold substitution templates.
        topic: String,
        /// Role that publishes.
        role_arn: String,
        /// Quality of service, 0 (AWS's default) or 1.
        qos: u32,
    },
}

/// `MessageFormat` of an SNS action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SnsMessageFormat {
    /// The text as it is (AWS's default).
    Raw,
    /// One text per protocol.
    Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "RuleName")]
    _rule_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    topic_rule_payload: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Payload {
    #[serde(rename = "Description")]
    _description: Option<Ignored>,
    sql: String,
    aws_iot_sql_version: Option<String>,
    rule_disabled: Option<Flag>,
    actions: Vec<Map<String, Value>>,
    error_action: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct LambdaAction {
    function_arn: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SqsAction {
    queue_url: String,
    role_arn: String,
    use_base64: Option<Flag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SnsAction {
    target_arn: String,
    role_arn: String,
    message_format: Option<SnsMessageFormat>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct RepublishAction {
    topic: String,
    role_arn: String,
    qos: Option<Whole>,
}

impl TopicRule {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let payload = resource.read::<Properties>()?.topic_rule_payload;
        let action = |action: &Map<String, Value>, place: String| {
            RuleAction::of(action).map_err(|what| {
                resource.error(
                    &format!("TopicRulePayload.{place}"),
                    Problem::UnsupportedProperty(what),
                )
            })
        };
        let actions = payload
            .actions
            .iter()
            .enumerate()
            .map(|(index, one)| action(one, format!("Actions[{index}]")));
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            sql: payload.sql.clone(),
            sql_version: payload
                .aws_iot_sql_version
                .clone()
                .unwrap_or_else(|| "2015-10-08".to_owned()),
            disabled: payload.rule_disabled == Some(Flag(true)),
            actions: actions.collect::<Result<_, _>>()?,
            error_action: payload
                .error_action
                .map(|one| action(&one, "ErrorAction".to_owned()))
                .transpose()?,
        })
    }
}

impl RuleAction {
    fn of(action: &Map<String, Value>) -> Result<Self, String> {
        let mut members = action.iter();
        let (Some((name, body)), None) = (members.next(), members.next()) else {
            return Err("an action is a map with one key".to_owned());
        };
        let named = |error: serde_json::Error| format!("rule action `{name}`: {error}");
        Ok(match name.as_str() {
            "Lambda" => {
                let LambdaAction { function_arn } =
                    LambdaAction::deserialize(body).map_err(named)?;
                Self::Lambda { function_arn }
            }
            "Sqs" => {
                let SqsAction {
                    queue_url,
                    role_arn,
                    use_base64,
                } = SqsAction::deserialize(body).map_err(named)?;
                Self::Sqs {
                    queue_url,
                    role_arn,
                    use_base64: use_base64 == Some(Flag(true)),
                }
            }
            "Sns" => {
                let SnsAction {
                    target_arn,
                    role_arn,
                    message_format,
                } = SnsAction::deserialize(body).map_err(named)?;
                Self::Sns {
                    target_arn,
                    role_arn,
                    message_format: message_format.unwrap_or(SnsMessageFormat::Raw),
                }
            }
            "Republish" => {
                let RepublishAction {
                    topic,
                    role_arn,
                    qos,
                } = RepublishAction::deserialize(body).map_err(named)?;
                Self::Republish {
                    topic,
                    role_arn,
                    qos: qos.map_or(0, |Whole(qos)| qos),
                }
            }
            _ => return Err(format!("rule action `{name}`")),
        })
    }
}
