//! What is known about the message, the account and the moment; and random values.

use super::{Function, Outcome, argument};
use crate::convert::to_int_floor;
use crate::eval::Evaluator;
use crate::number::Decimal;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "accountid",
        &[0],
        accountid,
        &[("accountid()", r#""123456789012""#)],
    ),
    Function::new("clientid", &[0], clientid, &[("clientid()", r#""client""#)]),
    Function::new("newuuid", &[0], newuuid, &[]),
    Function::new(
        "principal",
        &[0],
        principal,
        &[("principal()", r#""certificate""#)],
    ),
    Function::new("rand", &[0], rand, &[]),
    Function::new(
        "sourceip",
        &[0],
        sourceip,
        &[("sourceip()", r#""192.0.2.1""#)],
    )
    .since_2016(),
    Function::new(
        "sql_version",
        &[0],
        sql_version,
        &[("sql_version()", r#""2016-03-23""#)],
    ),
    Function::new(
        "timestamp",
        &[0],
        timestamp,
        &[("timestamp()", "1481825251155")],
    ),
    Function::new(
        "topic",
        &[0, 1],
        topic,
        &[
            ("topic()", r#""a/b/c""#),
            ("topic(1)", r#""a""#),
            ("topic(2)", r#""b""#),
            ("topic('3')", r#""c""#),
            ("topic(0)", "UNDEFINED"),
            ("topic(4)", "UNDEFINED"),
            ("topic(null)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "traceid",
        &[0],
        traceid,
        &[("traceid()", r#""5ed9d9d5-c2f7-4a5c-9e3f-0f1e2d3c4b5a""#)],
    ),
];

fn optional(text: Option<&str>) -> Outcome {
    Ok(text.map_or(Value::Undefined, Value::from))
}

fn accountid(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    Ok(Value::from(e.message.account_id))
}

fn clientid(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    Ok(Value::from(e.message.client_id.unwrap_or("n/a")))
}

fn principal(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    optional(e.message.principal)
}

fn sourceip(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    optional(e.message.source_ip)
}

fn traceid(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    optional(e.message.trace_id)
}

fn sql_version(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    Ok(Value::from(e.version.as_str()))
}

fn timestamp(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    Ok(Value::Int(i128::from(e.message.now_ms)))
}

/// Segments count from 1 and without the prefix of Basic Ingest.
fn topic(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return Ok(Value::from(e.topic));
    }
    let segment = to_int_floor(argument(arguments, 0))
        .and_then(|n| usize::try_from(n).ok())
        .and_then(|n| n.checked_sub(1))
        .and_then(|n| e.topic.split('/').nth(n));
    optional(segment)
}

/// 53 random bits make a double in [0, 1).
fn rand(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    let value = (e.random() >> 11) as f64 / (1_u64 << 53) as f64;
    Ok(Value::decimal(Decimal::from_f64(value)))
}

/// A random UUID (RFC 9562, version 4).
fn newuuid(e: &Evaluator<'_>, _: &[Value]) -> Outcome {
    let high = (e.random() & !0xF000) | 0x4000;
    let low = (e.random() >> 2) | (1 << 63);
    Ok(Value::from(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )))
}
