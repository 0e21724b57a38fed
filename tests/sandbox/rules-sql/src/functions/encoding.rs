//! `encode` and `decode`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::{Function, Outcome};
use crate::ast::Expr;
use crate::convert::to_text;
use crate::error::EvalError;
use crate::eval::{Evaluator, Scope};
use crate::json::{self, JsonProblem};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::lazy(
        "encode",
        &[2],
        encode,
        &[
            ("encode('hello', 'base64')", r#""aGVsbG8=""#),
            ("encode(list, 'base64')", r#""WzEsMl0=""#),
            ("encode(missing, 'base64')", "UNDEFINED"),
            ("encode('hello', 'hex')", "UNDEFINED"),
        ],
    )
    .since_2016()
    .takes_star(),
    Function::lazy(
        "decode",
        &[2, 6],
        decode,
        &[
            ("decode('eyJhIjoxfQ==', 'base64').a", "1"),
            ("decode('aGVsbG8=', 'base64')", r#""hello""#),
            ("decode('ODA=', 'base64')", "80"),
            ("decode('%%%', 'base64')", "null"),
            ("decode('/w==', 'base64')", "null"),
            ("decode(missing, 'base64')", "UNDEFINED"),
            ("decode(encode(*, 'base64'), 'base64').n", "1"),
        ],
    )
    .since_2016()
    .takes_star(),
];

/// Like Java's decoder: padding may be missing.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn is_base64(scheme: &Value) -> bool {
    matches!(scheme, Value::String(text) if &**text == "base64")
}

/// `*` stands for the bytes of the payload, whatever they are.
fn encode(e: &Evaluator<'_>, arguments: &[Expr], scope: &Scope<'_>) -> Outcome {
    let [value, scheme] = arguments else {
        return Ok(Value::Undefined);
    };
    if !is_base64(&e.eval(scheme, scope)?) {
        return Ok(Value::Undefined);
    }
    if matches!(value, Expr::Star) {
        return Ok(Value::from(STANDARD.encode(e.message.payload)));
    }
    let value = e.eval(value, scope)?;
    e.charge_for(&value)?;
    Ok(to_text(&value)?.map_or(Value::Undefined, |text| {
        Value::from(STANDARD.encode(text.as_bytes()))
    }))
}

fn decode(e: &Evaluator<'_>, arguments: &[Expr], scope: &Scope<'_>) -> Outcome {
    if let [message, scheme, rest @ ..] = arguments
        && rest.len() == 4
    {
        return protobuf(e, message, scheme, rest, scope);
    }
    let values = e.all(arguments, scope)?;
    let [value, scheme] = values.as_slice() else {
        return Ok(Value::Undefined);
    };
    let Some(text) = to_text(value)? else {
        return Ok(Value::Undefined);
    };
    if !is_base64(scheme) {
        return Ok(Value::Undefined);
    }
    e.charge(text.len())?;
    let Ok(bytes) = DECODER.decode(text.as_bytes()) else {
        return Ok(Value::Null);
    };
    match json::read(&bytes, e.version) {
        Ok(value) => Ok(value),
        Err(JsonProblem::NotJson) => Ok(String::from_utf8(bytes).map_or(Value::Null, Value::from)),
        Err(problem) => Err(EvalError::Payload(problem)),
    }
}

/// `decode(value, 'proto', bucket, key, protoName, messageType)`; the value is `*` or base64.
fn protobuf(
    e: &Evaluator<'_>,
    message: &Expr,
    scheme: &Expr,
    rest: &[Expr],
    scope: &Scope<'_>,
) -> Outcome {
    const NEEDED: EvalError = EvalError::ExternalArgument {
        function: "decode",
        wanted: "the message as `*` or base64, then 'proto' and the four texts bucket, key, file name and message type",
    };
    if !matches!(e.eval(scheme, scope)?, Value::String(text) if &*text == "proto") {
        return Err(NEEDED);
    }
    let bytes = match message {
        Expr::Star => e.message.payload.to_vec(),
        other => match e.eval(other, scope)? {
            Value::String(text) => DECODER.decode(text.as_bytes()).map_err(|_| NEEDED)?,
            _ => return Err(NEEDED),
        },
    };
    let texts = e.all(rest, scope)?;
    let [
        Value::String(bucket),
        Value::String(key),
        Value::String(file),
        Value::String(kind),
    ] = texts.as_slice()
    else {
        return Err(NEEDED);
    };
    e.count_call("decode", 2)?;
    let text = e
        .external
        .decode_protobuf(&bytes, bucket, key, file, kind)?;
    json::read(text.as_bytes(), e.version).map_err(EvalError::Payload)
}
