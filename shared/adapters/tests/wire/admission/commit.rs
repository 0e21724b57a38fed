//! The transaction.

use sci_domain::{
    admission::{
        AdmissionStore, CertificateId, Charge, Commit, Committed, Entry, Quota, Used, audit::Head,
    },
    ports::{FailureKind, PortFailure},
};
use serde_json::{Value, json};

use super::{claim, found, introducer, leased, load, record, store};
use crate::{samples::refusal, scripted::Scripted};

/// The entry of [`leased`] in its next version.
async fn entry() -> Entry {
    let loaded = load(&found(&leased(), &introducer(), &[])).await.unwrap();
    let read = loaded.entry.unwrap();
    read.retired(CertificateId::from_bytes([0xaa; 32]))
}

fn charge(in_minute: u64) -> Charge {
    Charge {
        introducer: claim(),
        used: Used {
            total: 6,
            minute: 29_000_000,
            in_minute,
        },
        quota: Quota {
            total: 100,
            per_minute: 10,
        },
    }
}

async fn commit_all(server: &Scripted, in_minute: u64) -> Result<Committed, PortFailure> {
    let entry = entry().await;
    let before = Head {
        sequence: 4,
        ..Head::EMPTY
    };
    let commit = Commit {
        entry: Some(&entry),
        charge: Some(charge(in_minute)),
        record: &record(before),
    };
    store(server).commit(commit).await
}

#[tokio::test(flavor = "current_thread")]
async fn one_transaction_writes_entry_count_record_and_head() {
    let server = Scripted::start([(200, "{}".into()), (200, "{}".into())]);
    assert_eq!(commit_all(&server, 3).await.unwrap(), Committed::Written);
    assert_eq!(server.asked()[0].0, "TransactWriteItems");
    let items = server.json(0)["TransactItems"].clone();
    assert_eq!(items.as_array().unwrap().len(), 4);

    let put = &items[0]["Put"];
    assert_eq!(put["TableName"], "AllowList");
    let mut expected = leased();
    expected["version"]["N"] = json!("4");
    expected["retiring"] = json!({ "SS": ["cc".repeat(32)] });
    expected.as_object_mut().unwrap().remove("note");
    let state = |item: &Value| -> Value {
        serde_json::from_str(item["state_json"]["S"].as_str().unwrap()).unwrap()
    };
    assert_eq!(state(&put["Item"]), state(&expected));
    expected["state_json"] = put["Item"]["state_json"].clone();
    assert_eq!(put["Item"], expected);
    assert_eq!(put["ConditionExpression"], "#before = :before");
    assert_eq!(put["ExpressionAttributeNames"]["#before"], "version");
    assert_eq!(put["ExpressionAttributeValues"][":before"]["N"], "3");

    let update = &items[1]["Update"];
    assert_eq!(update["TableName"], "Introducers");
    assert_eq!(
        update["UpdateExpression"],
        "ADD #in_minute :one, #total :one"
    );
    let values = &update["ExpressionAttributeValues"];
    for (name, value) in [
        (":quota_total", "100"),
        (":per_minute", "10"),
        (":one", "1"),
    ] {
        assert_eq!(values[name]["N"], value, "{name}");
    }

    let record = record(Head {
        sequence: 4,
        ..Head::EMPTY
    });
    let hash = record.hash.to_string();
    assert_eq!(
        items[2]["Put"]["Item"],
        json!({
            "subject": { "S": "serial#0042" }, "sequence": { "N": "5" },
            "record": { "S": record.text }, "hash": { "S": hash },
        })
    );
    assert_eq!(
        items[2]["Put"]["ConditionExpression"],
        "attribute_not_exists(#key)"
    );
    let head = &items[3]["Put"];
    assert_eq!(
        head["Item"],
        json!({
            "subject": { "S": "serial#0042" }, "sequence": { "N": "0" },
            "last": { "N": "5" }, "hash": { "S": hash },
        })
    );
    assert_eq!(head["ExpressionAttributeNames"]["#before"], "last");
    assert_eq!(head["ExpressionAttributeValues"][":before"]["N"], "4");

    // The first lease of a minute opens it.
    assert_eq!(commit_all(&server, 1).await.unwrap(), Committed::Written);
    let update = &server.json(1)["TransactItems"][1]["Update"];
    assert_eq!(
        update["UpdateExpression"],
        "SET #minute = :minute, #in_minute = :one ADD #total :one"
    );
    // DynamoDB refuses a value that no expression uses.
    assert!(
        update["ExpressionAttributeValues"]
            .get(":per_minute")
            .is_none()
    );
}

#[tokio::test(flavor = "current_thread")]
async fn every_condition_that_fails_is_a_conflict() {
    let cancelled = |codes: [&str; 4]| {
        let reasons = codes.map(|code| json!({ "Code": code }));
        let body = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "a secret word", "CancellationReasons": reasons,
        });
        (400, body.to_string())
    };
    const FAILED: &str = "ConditionalCheckFailed";
    for codes in [
        [FAILED, "None", "None", "None"],
        ["None", FAILED, "None", "None"],
        ["None", "None", FAILED, "None"],
        ["None", "None", "None", FAILED],
        ["None", "TransactionConflict", "None", "None"],
    ] {
        let server = Scripted::start([cancelled(codes)]);
        let committed = commit_all(&server, 2).await.unwrap();
        assert_eq!(committed, Committed::Conflict, "{codes:?}");
        assert_eq!(server.asked().len(), 1, "the SDK must not try again");
    }
    let running = refusal("TransactionInProgressException");
    let server = Scripted::start([running.clone(), running]);
    let committed = commit_all(&server, 2).await.unwrap();
    assert_eq!(committed, Committed::Conflict);
    for (code, kind) in [
        ("ThrottlingError", FailureKind::Throttled),
        ("ValidationError", FailureKind::Misconfigured),
    ] {
        let server = Scripted::start([cancelled(["None", code, "None", "None"])]);
        let failure = commit_all(&server, 2).await.unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(!failure.source.to_string().contains("secret"));
    }
    // A first attempt whose answer was lost: the second has the same token, so that DynamoDB knows it.
    let server = Scripted::start([(500, "{}".into()), (200, "{}".into())]);
    assert_eq!(commit_all(&server, 2).await.unwrap(), Committed::Written);
    let token = |nth| server.json(nth)["ClientRequestToken"].clone();
    assert!(token(0).is_string());
    assert_eq!(token(0), token(1));
}
