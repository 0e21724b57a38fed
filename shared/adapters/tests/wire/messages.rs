//! Notifications, telemetry and refused messages.

use sci_adapters::{
    sns_publisher::SnsPublisher, sqs_refused_messages::SqsRefusedMessages,
    timestream_telemetry_store::TimestreamTelemetryStore,
};
use sci_domain::{
    ports::{FailureKind, Publisher, RefusedMessages, TelemetryStore},
    refusal::{Reason, Refusal},
    telemetry::TelemetryRecord,
};
use serde_json::{Value, json};

use crate::{
    samples::{raise, reading},
    scripted::Scripted,
};

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
