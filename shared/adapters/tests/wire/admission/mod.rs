//! The store of admissions: items, and what all its cases need.

mod audit;
mod budget;
mod commit;
mod malformed;
mod reads;

use sci_adapters::dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore};
use sci_domain::{
    admission::{
        AdmissionStore, CertificateId, IntroducerId, Loaded, SerialNumber, Subject,
        audit::{Fact, Happened, Head, Record, append},
    },
    ports::{FailureKind, PortFailure},
};
use serde_json::{Value, json};

use crate::{samples::noon, scripted::Scripted};

fn store(server: &Scripted) -> DynamoDbAdmissionStore {
    let tables = AdmissionTables {
        allow_list: "AllowList".to_owned(),
        introducers: "Introducers".to_owned(),
        audit: "Audit".to_owned(),
    };
    DynamoDbAdmissionStore::new(server.clients().dynamodb(), tables)
}

fn serial() -> SerialNumber {
    SerialNumber::parse("0042").unwrap()
}

fn claim() -> IntroducerId {
    IntroducerId::Claim(CertificateId::from_bytes([7; 32]))
}

fn leased() -> Value {
    let (certificate, key) = ("11".repeat(32), "22".repeat(32));
    let introducer = json!({ "kind": "claim", "certificate_id": "07".repeat(32) });
    let state = json!({
        "state": "leased", "certificate": certificate, "key": key, "introducer": introducer,
        "since": 1000, "expires_at": 601_000, "replaces": null,
    });
    json!({
        "serial_number": { "S": "0042" },
        "property_id": { "S": "property-001" },
        "device_kind": { "S": "lock" },
        "batch": { "S": "batch-7" },
        "state": { "S": "leased" },
        "state_json": { "S": state.to_string() },
        "voucher_secret": { "B": "aGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVu" },
        "retiring": { "SS": ["cc".repeat(32), "aa".repeat(32)] },
        "version": { "N": "3" },
        "due_shard": { "S": "due" },
        "due_at": { "N": "0" },
        "note": { "S": "a stranger" },
    })
}

fn introducer() -> Value {
    json!({
        "introducer": { "S": claim().to_string() },
        "batch": { "S": "batch-7" },
        "state": { "S": "active" },
        "expires_at": { "N": "1800000000" },
        "voucher_required": { "BOOL": false },
        "reprovisioning": { "S": "window" },
        "window_until": { "N": "1790000000" },
        "lease_seconds": { "N": "600" },
        "factory_key": { "S": "hidden" },
        "quota_total": { "N": "100" },
        "quota_per_minute": { "N": "10" },
        "used_total": { "N": "5" },
        "used_minute": { "N": "29000000" },
        "used_in_minute": { "N": "2" },
    })
}

fn head(subject: &str, last: u64) -> Value {
    json!({
        "subject": { "S": subject }, "sequence": { "N": "0" },
        "last": { "N": last.to_string() }, "hash": { "S": "33".repeat(32) },
    })
}

fn found(entry: &Value, introducer: &Value, heads: &[Value]) -> Value {
    json!({ "Responses": { "AllowList": [entry], "Introducers": [introducer], "Audit": heads } })
}

async fn load(answer: &Value) -> Result<Loaded, PortFailure> {
    let server = Scripted::start([(200, answer.to_string())]);
    store(&server).load(Some(&serial()), claim()).await
}

fn assert_names(failure: &PortFailure, attribute: &str) {
    assert_eq!(failure.kind, FailureKind::Misconfigured, "{attribute}");
    let text = format!("{failure}: {}", failure.source);
    assert!(text.contains(&format!(" {attribute} ")), "{text}");
    for content in ["hidden", "0042", "property-001", "aGlkZG"] {
        assert!(!text.contains(content), "{text}");
    }
}

fn record(head: Head) -> Record {
    let fact = Fact {
        at: noon(),
        happened: Happened::Admitted,
        reason: String::new(),
        serial: None,
        introducer: Some(claim()),
        certificate: None,
        key: None,
        client: None,
        by: None,
    };
    append(&Subject::device(&serial()), head, fact).unwrap()
}
