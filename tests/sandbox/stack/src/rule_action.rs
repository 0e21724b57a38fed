//! What rule actions are called, what they take on, and what AWS reports when they fail.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use iot_gateway::PublishedMessage;
use rules_sql::Output;
use sam_template::RuleAction;
use serde_json::json;

/// AWS's names in error reports.
pub(crate) const fn name(action: &RuleAction) -> &'static str {
    match action {
        RuleAction::Lambda { .. } => "LambdaAction",
        RuleAction::Sqs { .. } => "SqsAction",
        RuleAction::Sns { .. } => "SnsAction",
        RuleAction::Republish { .. } => "RepublishAction",
    }
}

/// What the action acts on.
fn resource(action: &RuleAction) -> &str {
    match action {
        RuleAction::Lambda { function_arn } => function_arn,
        RuleAction::Sqs { queue_url, .. } => queue_url,
        RuleAction::Sns { target_arn, .. } => target_arn,
        RuleAction::Republish { topic, .. } => topic,
    }
}

/// The payload that an action takes on.
pub(crate) fn bytes(output: &Output) -> Vec<u8> {
    match output {
        Output::Json(text) => text.clone().into_bytes(),
        Output::Raw(bytes) => bytes.clone(),
        Output::Undefined => Vec::new(),
    }
}

/// AWS's error-action payload. Source: AWS IoT Core developer guide, "Error handling (error action)".
pub(crate) fn error_report(
    rule: &str,
    message: &PublishedMessage,
    failures: &[(&RuleAction, String)],
) -> String {
    let failures: Vec<_> = failures
        .iter()
        .map(|(action, error)| {
            json!({ "failedAction": name(action), "failedResource": resource(action), "errorMessage": error })
        })
        .collect();
    json!({
        "ruleName": rule,
        "topic": message.topic,
        "cloudwatchTraceId": message.trace_id,
        "clientId": message.client_id,
        "base64OriginalPayload": BASE64.encode(&message.payload),
        "failures": failures,
    })
    .to_string()
}
