//! What the adapters send, and how they read what AWS answers: cases that a working AWS does not show.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod scripted;

use sci_adapters::{
    dynamodb_alarm_store::{DynamoDbAlarmStore, Tables},
    sns_publisher::SnsPublisher,
    sqs_refused_messages::SqsRefusedMessages,
    timestream_telemetry_store::TimestreamTelemetryStore,
};
use sci_domain::{
    alarm::{
        AlarmFamily, AlarmKey, AlarmKind,
        fold::Sample,
        record::{Alarm, Step},
    },
    measure::{Celsius, Thousandths},
    origin::Origin,
    ports::{
        AlarmStore, AlarmWrite, Commit, Committed, FailureKind, Outbox, Publisher, RefusedMessages,
        TelemetryStore,
    },
    reading::Reading,
    refusal::{Reason, Refusal},
    settings::{Sources, TemperatureSettings},
    telemetry::TelemetryRecord,
    thing::{PropertyId, ThingName},
    timestamp::{Millis, Timestamp},
};
use serde_json::{Value, json};

use crate::scripted::{Answer, Scripted};

const THING: &str = "sci-property-001-environmental-0042";

fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").unwrap()
}

fn key() -> AlarmKey {
    AlarmKey {
        thing: ThingName::parse(THING).unwrap(),
        kind: AlarmKind::Temperature,
    }
}

fn reading() -> Reading {
    Reading {
        origin: Origin {
            thing: key().thing,
            principal: "ab".repeat(32),
            observed_at: noon(),
            received_at: noon(),
            trace_id: None,
        },
        temperature: Celsius::new(36.0).unwrap(),
        humidity: None,
    }
}

fn raise() -> Step {
    let settings = TemperatureSettings::read(Sources(&[])).unwrap();
    let value = Thousandths::from_units(36);
    let alarm = Alarm::new(key(), PropertyId::parse("property-001").ok());
    alarm.observe(Sample { at: noon(), value }, &settings.alarm, noon())
}

fn store(server: &Scripted) -> DynamoDbAlarmStore {
    let tables = Tables {
        high_temps: Some("HighTemps".into()),
        alarms: "Alarms".into(),
        outbox: "Outbox".into(),
        properties: "Properties".into(),
    };
    DynamoDbAlarmStore::new(
        server.clients().dynamodb(),
        tables,
        Millis::from_secs(86_400),
    )
}

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

fn refusal(code: &str) -> Answer {
    (
        400,
        json!({ "__type": format!("com.amazonaws#{code}"), "message": "a secret word" })
            .to_string(),
    )
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
    // The same content, the same token: DynamoDB recognises the retry.
    assert_eq!(first["ClientRequestToken"], second["ClientRequestToken"]);
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

#[tokio::test(flavor = "current_thread")]
async fn keys_that_were_left_unread_are_asked_for_again() {
    let document = serde_json::to_string(&raise().next.unwrap()).unwrap();
    let property = json!({ "property_id": { "S": "property-001" }, "silence_seconds": { "N": "900" }, "on": { "BOOL": true } });
    let unread = json!({ "Alarms": { "Keys": [{ "alarm_id": { "S": key().to_string() } }], "ConsistentRead": true } });
    let first = json!({ "Responses": { "Properties": [property] }, "UnprocessedKeys": unread });
    let second = json!({ "Responses": { "Alarms": [{ "document": { "S": document } }] } });
    let server = Scripted::start([(200, first.to_string()), (200, second.to_string())]);
    let property = PropertyId::parse("property-001").unwrap();
    let loaded = store(&server).load(&key(), Some(&property)).await.unwrap();
    assert_eq!(loaded.alarm, raise().next);
    assert_eq!(loaded.overrides["silence_seconds"], "900");
    assert_eq!(loaded.overrides.len(), 2, "texts and numbers only");
    assert_eq!(
        server.json(0)["RequestItems"]["Alarms"]["ConsistentRead"],
        true
    );
    assert_eq!(server.json(1)["RequestItems"], unread);

    let still = json!({ "Responses": {}, "UnprocessedKeys": unread }).to_string();
    let server = Scripted::start((0..4).map(|_| (200, still.clone())));
    let failure = store(&server)
        .load(&key(), Some(&property))
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, server.asked().len()),
        (FailureKind::Throttled, 4)
    );
}

#[tokio::test(flavor = "current_thread")]
async fn errors_are_sorted_and_say_nothing_of_the_content() {
    for (answer, kind) in [
        (refusal("ThrottlingException"), FailureKind::Throttled),
        (
            refusal("ProvisionedThroughputExceededException"),
            FailureKind::Throttled,
        ),
        (refusal("ValidationException"), FailureKind::Misconfigured),
        ((503, "not JSON".into()), FailureKind::Unavailable),
    ] {
        let server = Scripted::start([answer.clone(), answer]);
        let failure = store(&server).load(&key(), None).await.unwrap_err();
        assert_eq!(failure.kind, kind);
        let text = format!("{failure}: {}", failure.source);
        assert!(!text.contains("secret") && !text.contains(THING), "{text}");
    }
    // What an operator needs to repair a role is shown.
    let server = Scripted::start([refusal("AccessDeniedException")]);
    let failure = store(&server).load(&key(), None).await.unwrap_err();
    assert!(failure.source.to_string().contains("AccessDeniedException"));
    assert!(failure.source.to_string().contains("a secret word"));
    // Nobody listens there.
    let gone = Scripted::start([]);
    let clients = sci_adapters::aws_clients::AwsClients::load(&Default::default()).await;
    assert!(clients.discovers_timestream() && !gone.clients().discovers_timestream());
}

#[tokio::test(flavor = "current_thread")]
async fn the_outbox_is_read_page_by_page_and_claimed_once() {
    let item = |minutes: u64| {
        let mut notification = raise().notification.unwrap();
        notification.version = minutes;
        json!({
            "document": { "S": serde_json::to_string(&notification).unwrap() },
            "attempts": { "N": "1" },
            "claimed_at": { "N": noon().plus(Millis::from_secs(minutes * 60)).as_millis().to_string() },
        })
    };
    let first = json!({ "Items": [item(3), item(1)], "LastEvaluatedKey": { "notification_id": { "S": "x" } } });
    let second = json!({ "Items": [item(2)] });
    let server = Scripted::start([
        (200, first.to_string()),
        (200, second.to_string()),
        (200, "{}".into()),
        refusal("ConditionalCheckFailedException"),
    ]);
    let store = store(&server);
    let found = store
        .abandoned(AlarmFamily::Temperature, noon(), 10)
        .await
        .unwrap();
    let versions: Vec<_> = found
        .iter()
        .map(|pending| pending.notification.version)
        .collect();
    assert_eq!(versions, [1, 2, 3], "the oldest first");
    assert_eq!(
        server.json(1)["ExclusiveStartKey"]["notification_id"]["S"],
        "x"
    );
    assert!(store.claim(&found[0], noon()).await.unwrap());
    assert!(!store.claim(&found[0], noon()).await.unwrap());
    assert_eq!(server.json(2)["ConditionExpression"], "#attempts = :seen");
}

#[tokio::test(flavor = "current_thread")]
async fn a_notification_carries_its_attributes_and_no_structure() {
    let reply = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                 <MessageId>1</MessageId></PublishResult></PublishResponse>";
    let server = Scripted::start([(200, reply.to_owned())]);
    let publisher = SnsPublisher::new(
        server.clients().sns(),
        "arn:aws:sns:eu-west-1:123456789012:a".into(),
    );
    publisher
        .publish(&raise().notification.unwrap(), 2)
        .await
        .unwrap();
    let body = &server.asked()[0].1;
    for name in [
        "property",
        "severity",
        "kind",
        "transition",
        "thing",
        "notification_id",
        "attempt",
    ] {
        assert!(body.contains(&format!(".Name={name}&")), "{name}: {body}");
    }
    assert!(
        body.contains("DataType=Number&") && body.contains("Subject=WARNING"),
        "{body}"
    );
    assert!(!body.contains("MessageStructure"));
}

#[tokio::test(flavor = "current_thread")]
async fn timestream_refuses_records_one_by_one() {
    let body = json!({
        "__type": "com.amazonaws.timestream.v20181101#RejectedRecordsException",
        "Message": "One or more records have been rejected.",
        "RejectedRecords": [
            { "RecordIndex": 1, "Reason": "outside the memory store" },
            { "RecordIndex": 0, "Reason": "version", "ExistingVersion": i64::MAX },
        ],
    });
    let server = Scripted::start([(400, body.to_string())]);
    let store = TimestreamTelemetryStore::new(
        &server.clients(),
        "SCI_Properties".into(),
        "EnvironmentalData".into(),
    );
    let record = TelemetryRecord::from(&reading());
    let rejected = store.write(&[record.clone(), record]).await.unwrap();
    assert_eq!(rejected.len(), 1);
    assert_eq!(
        (rejected[0].index, rejected[0].reason.as_str()),
        (1, "outside the memory store")
    );
    let sent: Value = server.json(0);
    assert_eq!(sent["Records"][0]["MeasureValues"][0]["Type"], "DOUBLE");
    assert_eq!(
        TimestreamTelemetryStore::Off
            .write(&[TelemetryRecord::from(&reading())])
            .await
            .unwrap(),
        []
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_message_keeps_its_event_and_its_size_limit() {
    let server = Scripted::start([(200, json!({ "MessageId": "1" }).to_string())]);
    let queue = SqsRefusedMessages::new(
        server.clients().sqs(),
        "http://localhost/123456789012/refused".into(),
        "high-temp-processor",
    );
    let refusal = Refusal::new(Reason::WrongType, "temperature must be a number");
    queue
        .keep(&refusal, "{\"temperature\":\"hot\"}")
        .await
        .unwrap();
    let sent = server.json(0);
    assert_eq!(
        sent["MessageAttributes"]["reason"]["StringValue"],
        "wrong-type"
    );
    let body: Value = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(body["event"], "{\"temperature\":\"hot\"}");
    let failure = queue
        .keep(&refusal, &"x".repeat(1024 * 1024))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Misconfigured);
    assert_eq!(server.asked().len(), 1, "nothing is cut");
}
