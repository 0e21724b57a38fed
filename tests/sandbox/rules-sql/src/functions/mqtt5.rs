//! The properties of MQTT 5 messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Function, Outcome, argument};
use crate::eval::Evaluator;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "get_mqtt_property",
        &[1],
        get_mqtt_property,
        &[
            ("get_mqtt_property('content_type')", r#""text/plain""#),
            ("get_mqtt_property('response_topic')", r#""answers/client""#),
            ("get_mqtt_property('correlation_data')", r#""aGVsbG8=""#),
            (
                "get_mqtt_property('format_indicator')",
                r#""UNSPECIFIED_BYTES""#,
            ),
            ("get_mqtt_property('retain')", "UNDEFINED"),
        ],
    ),
    Function::new(
        "get_user_properties",
        &[0, 1],
        get_user_properties,
        &[
            ("get_user_properties('k')", r#"["v1","v2"]"#),
            ("get_user_properties('missing')", "UNDEFINED"),
            (
                "get_user_properties()",
                r#"[{"k":"v1"},{"other":"w"},{"k":"v2"}]"#,
            ),
        ],
    ),
];

fn get_mqtt_property(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Value::String(name) = argument(arguments, 0) else {
        return Ok(Value::Undefined);
    };
    let message = e.message;
    Ok(match &**name {
        "content_type" => message.content_type.map_or(Value::Undefined, Value::from),
        "response_topic" => message.response_topic.map_or(Value::Undefined, Value::from),
        "correlation_data" => message
            .correlation_data
            .map_or(Value::Undefined, |data| Value::from(STANDARD.encode(data))),
        "format_indicator" if message.payload_is_utf8 => Value::from("UTF8_DATA"),
        "format_indicator" => Value::from("UNSPECIFIED_BYTES"),
        _ => Value::Undefined,
    })
}

/// With a key all its values, without one all pairs as Objects of one member.
fn get_user_properties(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let properties = e.message.user_properties;
    if arguments.is_empty() {
        let pairs = properties
            .iter()
            .map(|(key, value)| Value::object([(key.clone(), Value::from(value.as_str()))]));
        return Ok(Value::array(pairs));
    }
    let Value::String(wanted) = argument(arguments, 0) else {
        return Ok(Value::Undefined);
    };
    let values: Vec<Value> = properties
        .iter()
        .filter(|(key, _)| **key == **wanted)
        .map(|(_, value)| Value::from(value.as_str()))
        .collect();
    Ok(if values.is_empty() {
        Value::Undefined
    } else {
        Value::array(values)
    })
}
