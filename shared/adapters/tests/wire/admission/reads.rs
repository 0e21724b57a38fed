//! What is asked for, and what is read of it.

use sci_domain::{
    admission::{AdmissionStore, Reprovisioning, SerialNumber, Used, audit::Head},
    ports::FailureKind,
};
use serde_json::{Value, json};

use super::{assert_names, claim, found, head, introducer, leased, load, serial, store};
use crate::{samples::noon, scripted::Scripted};

#[tokio::test(flavor = "current_thread")]
async fn one_consistent_read_asks_for_all_that_a_request_needs() {
    let nothing = json!({ "Responses": {} }).to_string();
    let server = Scripted::start([
        (200, nothing.clone()),
        (200, nothing.clone()),
        (200, nothing),
    ]);
    let store = store(&server);
    let loaded = store.load(Some(&serial()), claim()).await.unwrap();
    assert!(loaded.entry.is_none() && loaded.introducer.is_none());
    let introducer = claim().to_string();
    let entry_key = json!([{ "serial_number": { "S": "0042" } }]);
    let introducer_key = json!([{ "introducer": { "S": introducer } }]);
    let head_key = |subject: &str| json!({ "subject": { "S": subject }, "sequence": { "N": "0" } });
    let (device, introducer) = (head_key("serial#0042"), head_key(&introducer));
    let wanted = |keys: Value| json!({ "Keys": keys, "ConsistentRead": true });
    assert_eq!(server.asked()[0].0, "BatchGetItem");
    assert_eq!(
        server.json(0)["RequestItems"],
        json!({
            "AllowList": wanted(entry_key.clone()),
            "Introducers": wanted(introducer_key.clone()),
            "Audit": wanted(json!([device, introducer])),
        })
    );
    // Without a serial number there is no device to ask for.
    store.load(None, claim()).await.unwrap();
    assert_eq!(
        server.json(1)["RequestItems"],
        json!({ "Introducers": wanted(introducer_key), "Audit": wanted(json!([introducer])) })
    );
    assert!(store.device(&serial()).await.unwrap().is_none());
    assert_eq!(
        server.json(2)["RequestItems"],
        json!({ "AllowList": wanted(entry_key), "Audit": wanted(json!([device])) })
    );
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn what_people_and_functions_wrote_is_read() {
    // The heads in the other order than they were asked for.
    let heads = [head(&claim().to_string(), 9), head("serial#0042", 4)];
    let loaded = load(&found(&leased(), &introducer(), &heads))
        .await
        .unwrap();
    assert_eq!(loaded.device_chain.sequence, 4);
    assert_eq!(loaded.introducer_chain.sequence, 9);
    let entry = loaded.entry.unwrap();
    assert_eq!(entry.version, 3);
    assert_eq!(entry.secret.unwrap().expose().len(), 36);
    let retiring: Vec<_> = entry.retiring.iter().map(ToString::to_string).collect();
    assert_eq!(retiring, ["aa".repeat(32), "cc".repeat(32)], "in order");
    let read = loaded.introducer.unwrap();
    assert_eq!(read.policy.lease.as_secs(), 600);
    assert_eq!(read.expires_at.as_millis(), 1_800_000_000_000);
    assert!(!read.suspended);

    // What is missing means the narrowest.
    let mut bare = introducer();
    for attribute in [
        "state",
        "voucher_required",
        "reprovisioning",
        "window_until",
        "factory_key",
        "used_total",
        "used_minute",
        "used_in_minute",
    ] {
        bare.as_object_mut().unwrap().remove(attribute);
    }
    let loaded = load(&found(&leased(), &bare, &[])).await.unwrap();
    let bare = loaded.introducer.unwrap();
    assert!(bare.suspended && bare.policy.voucher_required);
    assert_eq!(bare.policy.reprovisioning, Reprovisioning::Refuse);
    assert_eq!(bare.used, Used::default());
    assert_eq!(loaded.device_chain, Head::EMPTY);
    for state in [json!({ "S": "Active" }), json!({ "BOOL": true })] {
        let mut slip = introducer();
        slip["state"] = state;
        let loaded = load(&found(&leased(), &slip, &[])).await.unwrap();
        assert!(loaded.introducer.unwrap().suspended, "{slip}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn half_an_answer_is_a_failure() {
    let unread = json!({ "Audit": { "Keys": [{ "subject": { "S": "x" } }] } });
    let mut half = found(&leased(), &introducer(), &[]);
    half["UnprocessedKeys"] = unread;
    for (answer, kind) in [
        (half, FailureKind::Throttled),
        (json!({}), FailureKind::Unavailable),
    ] {
        let failure = load(&answer).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{answer}");
        let server = Scripted::start([(200, answer.to_string())]);
        let failure = store(&server).device(&serial()).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{answer}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_due_is_asked_of_the_index() {
    let items = json!({ "Items": [
        { "serial_number": { "S": "0042" }, "due_shard": { "S": "due" }, "due_at": { "N": "0" } },
        { "serial_number": { "S": "0007" }, "due_shard": { "S": "due" }, "due_at": { "N": "5" } },
    ] });
    let server = Scripted::start([(200, items.to_string())]);
    let due = store(&server).due(noon(), 25).await.unwrap();
    let serials: Vec<_> = due.iter().map(SerialNumber::as_str).collect();
    assert_eq!(serials, ["0042", "0007"]);
    let asked = server.json(0);
    assert_eq!(asked["IndexName"], "due");
    assert_eq!(asked["Limit"], 25);
    assert_eq!(
        asked["KeyConditionExpression"],
        "#shard = :shard AND #due <= :now"
    );
    assert_eq!(
        asked["ExpressionAttributeValues"][":now"]["N"],
        noon().as_millis().to_string()
    );
    let broken = json!({ "Items": [{ "serial_number": { "S": "a hidden word" } }] });
    let server = Scripted::start([(200, broken.to_string())]);
    let failure = store(&server).due(noon(), 25).await.unwrap_err();
    assert_names(&failure, "serial_number");
}
