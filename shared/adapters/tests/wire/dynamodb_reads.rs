//! Reads, their errors, and the outbox.

use sci_domain::{
    alarm::AlarmFamily,
    ports::{AlarmStore, FailureKind, Outbox},
    thing::PropertyId,
    timestamp::Millis,
};
use serde_json::json;

use crate::{
    samples::{THING, key, noon, raise, refusal, store},
    scripted::Scripted,
};

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
