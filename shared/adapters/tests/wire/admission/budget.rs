//! The budget of a CA.

use sci_domain::{
    admission::{CertificateId, RegistrationBudget},
    ports::{FailureKind, PortFailure},
    timestamp::Timestamp,
};
use serde_json::{Value, json};

use super::store;
use crate::scripted::Scripted;

const HOUR: u64 = 498_662;

fn lost(item: &Value) -> (u16, String) {
    let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    let mut body = json!({ "__type": kind, "message": "The conditional request failed" });
    if !item.is_null() {
        body["Item"] = item.clone();
    }
    (400, body.to_string())
}

fn open(hour: u64) -> Value {
    json!({ "events_hour": { "N": hour.to_string() }, "events_in_hour": { "N": "5" } })
}

async fn spend(answers: Vec<(u16, String)>) -> (Result<bool, PortFailure>, Scripted) {
    let server = Scripted::start(answers);
    let now = Timestamp::from_millis(HOUR * 3_600_000 + 17).unwrap();
    let ca = CertificateId::from_bytes([0xca; 32]);
    (store(&server).spend(ca, 5, now).await, server)
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_is_counted_on_an_item_of_its_own() {
    let (spent, server) = spend(vec![(200, "{}".into())]).await;
    assert!(spent.unwrap());
    assert_eq!(server.asked().len(), 1);
    let asked = server.json(0);
    assert_eq!(asked["TableName"], "Introducers");
    let key = format!("ca#{}#events", "ca".repeat(32));
    assert_eq!(asked["Key"], json!({ "introducer": { "S": key } }));
    assert_eq!(
        asked["ConditionExpression"],
        "#hour >= :hour AND #count < :per_hour"
    );
    assert_eq!(
        asked["ExpressionAttributeValues"][":hour"]["N"],
        HOUR.to_string()
    );
    assert_eq!(asked["ExpressionAttributeValues"][":per_hour"]["N"], "5");
    assert_eq!(asked["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
}

#[tokio::test(flavor = "current_thread")]
async fn the_hour_decides_what_a_failed_condition_means() {
    let written = || (200, "{}".to_owned());
    for (answers, spent, calls) in [
        (vec![lost(&open(HOUR))], false, 1),
        // Another clock is ahead.
        (vec![lost(&open(HOUR + 1))], false, 1),
        (vec![lost(&open(HOUR - 1)), written()], true, 2),
        (vec![lost(&Value::Null), written()], true, 2),
        // Somebody else opened the hour in between.
        (
            vec![lost(&open(HOUR - 1)), lost(&open(HOUR)), written()],
            true,
            3,
        ),
        (
            vec![lost(&open(HOUR - 1)), lost(&open(HOUR)), lost(&open(HOUR))],
            false,
            3,
        ),
    ] {
        let (result, server) = spend(answers).await;
        assert_eq!((result.unwrap(), server.asked().len()), (spent, calls));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_broken_is_no_answer() {
    let broken = json!({ "events_hour": { "S": "soon" } });
    let denied = (400, r#"{"__type":"AccessDeniedException"}"#.to_owned());
    for answers in [vec![lost(&broken)], vec![denied]] {
        let (result, _server) = spend(answers).await;
        assert_eq!(result.unwrap_err().kind, FailureKind::Misconfigured);
    }
}
