//! Conditional writes and transactions.

use sci_adapters::dynamodb_alarm_store::DynamoDbAlarmStore;
use sci_domain::ports::{AlarmStore, AlarmWrite, Commit, Committed, FailureKind};
use serde_json::json;

use crate::{
    samples::{THING, noon, raise, reading, refusal, store},
    scripted::{Answer, Scripted},
};

async fn commit_all(store: &DynamoDbAlarmStore) -> Result<Committed, FailureKind> {
    let (reading, step) = (reading(), raise());
    let alarm = AlarmWrite {
        alarm: step.next.as_ref().unwrap(),
        due_at: Some(noon()),
        notification: step.notification.as_ref(),
    };
    let commit = Commit {
        reading: Some(&reading),
        alarm: Some(alarm),
    };
    store.commit(commit).await.map_err(|failure| failure.kind)
}

fn cancelled(codes: [&str; 3]) -> Answer {
    let reasons = codes.map(|code| json!({ "Code": code }));
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled", "CancellationReasons": reasons,
    });
    (400, body.to_string())
}

#[tokio::test(flavor = "current_thread")]
async fn one_transaction_writes_row_alarm_and_notification() {
    let server = Scripted::start([(200, "{}".into()), (200, "{}".into())]);
    let store = store(&server);
    assert_eq!(commit_all(&store).await, Ok(Committed::Written));
    assert_eq!(commit_all(&store).await, Ok(Committed::Written));
    let (first, second) = (server.json(0), server.json(1));
    assert_eq!(server.asked()[0].0, "TransactWriteItems");
    let puts: Vec<_> = first["TransactItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["Put"])
        .collect();
    let tables: Vec<_> = puts
        .iter()
        .map(|put| put["TableName"].as_str().unwrap())
        .collect();
    assert_eq!(tables, ["HighTemps", "Alarms", "Outbox"]);
    assert_eq!(puts[0]["Item"]["deviceId"]["S"], THING);
    assert_eq!(
        puts[0]["Item"]["timestamp"]["S"],
        "2026-11-20T12:00:00.000Z"
    );
    assert_eq!(puts[0]["Item"]["expires_at"]["N"], "1795262400");
    let alarm = &puts[1]["Item"];
    assert_eq!(alarm["alarm_id"]["S"], format!("{THING}#temperature"));
    assert_eq!(
        (&alarm["state"]["S"], &alarm["version"]["N"]),
        (&json!("active"), &json!("1"))
    );
    assert_eq!(
        (&alarm["kind"]["S"], alarm["due_at"]["N"].is_string()),
        (&json!("temperature"), true)
    );
    assert_eq!(puts[1]["ConditionExpression"], "attribute_not_exists(#key)");
    assert_eq!(puts[2]["Item"]["attempts"]["N"], "1");
    // The same content, another call, another token: two simultaneous deliveries of one event must not both be told that
    // they wrote it.
    assert_eq!(first["TransactItems"], second["TransactItems"]);
    assert_ne!(first["ClientRequestToken"], second["ClientRequestToken"]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_cancelled_transaction_is_read_item_by_item() {
    for (codes, expected) in [
        (
            ["ConditionalCheckFailed", "None", "None"],
            Ok(Committed::DuplicateReading),
        ),
        (
            ["None", "ConditionalCheckFailed", "None"],
            Ok(Committed::Conflict),
        ),
        (
            ["None", "TransactionConflict", "None"],
            Ok(Committed::Conflict),
        ),
        (
            ["None", "None", "ThrottlingError"],
            Err(FailureKind::Throttled),
        ),
        (
            ["None", "ValidationError", "None"],
            Err(FailureKind::Misconfigured),
        ),
    ] {
        let server = Scripted::start([cancelled(codes)]);
        assert_eq!(commit_all(&store(&server)).await, expected, "{codes:?}");
        assert_eq!(
            server.asked().len(),
            1,
            "the SDK must not try {codes:?} again"
        );
    }
}

/// The first attempt took effect, its answer was lost, and the second fails the condition that the first made false.
#[tokio::test(flavor = "current_thread")]
async fn losing_to_our_own_earlier_write_fails_nothing() {
    let lost = || {
        [
            (500, "{}".into()),
            refusal("ConditionalCheckFailedException"),
        ]
    };
    let server = Scripted::start(lost());
    let reading = reading();
    let row = Commit {
        reading: Some(&reading),
        alarm: None,
    };
    let answer = store(&server).commit(row).await.unwrap();
    assert_eq!(answer, Committed::DuplicateReading);

    let server = Scripted::start(lost());
    let step = raise();
    let alarm = Commit {
        reading: None,
        alarm: Some(AlarmWrite {
            alarm: step.next.as_ref().unwrap(),
            due_at: None,
            notification: None,
        }),
    };
    assert_eq!(
        store(&server).commit(alarm).await.unwrap(),
        Committed::Conflict
    );
    let asked: Vec<_> = server
        .asked()
        .into_iter()
        .map(|(operation, _)| operation)
        .collect();
    assert_eq!(asked, ["PutItem", "PutItem"]);
    assert!(
        server.json(0)["Item"].get("kind").is_none(),
        "at rest: not in the index"
    );
}
