//! Functions that reach outside, through the port.

use super::{Function, Outcome, argument};
use crate::MAX_RESULT_BYTES;
use crate::ast::Expr;
use crate::convert::to_text;
use crate::error::EvalError;
use crate::eval::{Evaluator, Scope};
use crate::external::{ExternalFailure, SecretType};
use crate::json;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::lazy("aws_lambda", &[2], aws_lambda, &[]).takes_star(),
    Function::new("get_dynamodb", &[4, 6], get_dynamodb, &[]).since_2016(),
    Function::new("get_registry_data", &[3], get_registry_data, &[]).since_2016(),
    Function::new("get_secret", &[3, 4], get_secret, &[]),
    Function::new("get_thing_shadow", &[2, 3], get_thing_shadow, &[]).since_2016(),
];

/// Largest item that `get_dynamodb` reads.
const MAX_ITEM_BYTES: usize = 8 * 1024;

const fn wrong(function: &'static str, wanted: &'static str) -> EvalError {
    EvalError::ExternalArgument { function, wanted }
}

fn read(e: &Evaluator<'_>, text: &str) -> Outcome {
    json::read(text.as_bytes(), e.version).map_err(EvalError::Payload)
}

/// All arguments as Strings.
fn texts<'a>(
    function: &'static str,
    wanted: &'static str,
    arguments: &'a [Value],
) -> Result<Vec<&'a str>, EvalError> {
    arguments
        .iter()
        .map(|a| match a {
            Value::String(text) => Ok(&**text),
            _ => Err(wrong(function, wanted)),
        })
        .collect()
}

/// `aws_lambda(functionArn, inputJson)`
fn aws_lambda(e: &Evaluator<'_>, arguments: &[Expr], scope: &Scope<'_>) -> Outcome {
    const WANTED: &str = "the ARN of a function and a JSON value";
    let values = e.all(arguments, scope)?;
    let (Value::String(arn), input) = (argument(&values, 0), argument(&values, 1)) else {
        return Err(wrong("aws_lambda", WANTED));
    };
    if !input.is_defined() {
        return Err(wrong("aws_lambda", WANTED));
    }
    e.charge_for(input)?;
    let payload = json::write(input, MAX_RESULT_BYTES).ok_or(EvalError::ResultTooLarge)?;
    read(e, &e.external.aws_lambda(arn, &payload)?)
}

/// `get_thing_shadow(thingName[, shadowName], roleArn)`
fn get_thing_shadow(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    const WANTED: &str =
        "the name of a thing, optionally of a shadow, and the ARN of a role, as Strings";
    let answer = match *texts("get_thing_shadow", WANTED, arguments)? {
        [thing, role] => e.external.get_thing_shadow(thing, None, role)?,
        [thing, shadow, role] => e.external.get_thing_shadow(thing, Some(shadow), role)?,
        _ => return Err(wrong("get_thing_shadow", WANTED)),
    };
    read(e, &answer)
}

/// `get_registry_data(api, thingName, roleArn)`
fn get_registry_data(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    const WANTED: &str = "\"DescribeThing\" or \"ListThingGroupsForThing\", the name of a thing and the ARN of a role, as Strings";
    match *texts("get_registry_data", WANTED, arguments)? {
        [
            api @ ("DescribeThing" | "ListThingGroupsForThing"),
            thing,
            role,
        ] => {
            e.count_call("get_registry_data", 1)?;
            read(e, &e.external.get_registry_data(api, thing, role)?)
        }
        _ => Err(wrong("get_registry_data", WANTED)),
    }
}

/// `get_dynamodb(table, pk, pkValue[, sk, skValue], roleArn)`
fn get_dynamodb(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    const WANTED: &str =
        "a table, one or two pairs of a key's name and its String or number, and the ARN of a role";
    let bad = || wrong("get_dynamodb", WANTED);
    let [Value::String(table), pairs @ .., Value::String(role)] = arguments else {
        return Err(bad());
    };
    let mut key = Vec::new();
    for pair in pairs.chunks(2) {
        match pair {
            [
                Value::String(name),
                value @ (Value::String(_) | Value::Int(_) | Value::Decimal(_)),
            ] => key.push((&**name, value.clone())),
            _ => return Err(bad()),
        }
    }
    e.count_call("get_dynamodb", 1)?;
    let item = e.external.get_dynamodb(table, &key, role)?;
    if item.len() > MAX_ITEM_BYTES {
        return Err(EvalError::LimitExceeded(
            "the item of get_dynamodb() is larger than 8 KB",
        ));
    }
    read(e, &item)
}

/// `get_secret(secretId, secretType[, key], roleArn)`
fn get_secret(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    const WANTED: &str = "the id of a secret, \"SecretString\" or \"SecretBinary\", optionally a key, and the ARN of a role, as Strings";
    let (id, kind, key, role) = match *texts("get_secret", WANTED, arguments)? {
        [id, kind, role] => (id, kind, None, role),
        [id, kind, key, role] => (id, kind, Some(key), role),
        _ => return Err(wrong("get_secret", WANTED)),
    };
    let kind = match kind {
        "SecretString" => SecretType::String,
        "SecretBinary" => SecretType::Binary,
        _ => return Err(wrong("get_secret", WANTED)),
    };
    let secret = e.external.get_secret(id, kind, role)?;
    let Some(key) = key else {
        return Ok(Value::from(secret));
    };
    let failed = |reason: &str| {
        EvalError::External(ExternalFailure::Failed {
            function: "get_secret",
            reason: reason.to_owned(),
        })
    };
    let document =
        json::read(secret.as_bytes(), e.version).map_err(|_| failed("the secret is not JSON"))?;
    to_text(&document.member(key))?
        .map(Value::String)
        .ok_or_else(|| failed("the secret has no such key"))
}
