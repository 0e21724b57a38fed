//! Items that nobody can read.

use sci_domain::admission::AdmissionStore;
use serde_json::{Value, json};

use super::{assert_names, found, head, introducer, leased, load, serial, store};
use crate::scripted::Scripted;

/// The item with each of `changes` made to it, null to remove an attribute.
fn malformed(
    item: fn() -> Value,
    changes: &[(&'static str, Value)],
) -> impl Iterator<Item = (&'static str, Value)> {
    changes.iter().map(move |(attribute, value)| {
        let mut item = item();
        match value {
            Value::Null => drop(item.as_object_mut().unwrap().remove(*attribute)),
            value => item[*attribute] = value.clone(),
        }
        (*attribute, item)
    })
}

#[tokio::test(flavor = "current_thread")]
async fn a_malformed_entry_is_refused_by_the_name_of_its_attribute_only() {
    let state = |text: &str| json!({ "S": text });
    for (attribute, item) in malformed(
        leased,
        &[
            ("serial_number", json!({ "S": "00-42-hidden" })),
            ("property_id", json!({ "S": "a/hidden" })),
            ("property_id", Value::Null),
            ("device_kind", json!({ "S": "hidden" })),
            ("batch", json!({ "N": "7" })),
            // By hand, and not in both places.
            ("state", json!({ "S": "blocked" })),
            ("state", Value::Null),
            ("state_json", Value::Null),
            ("state_json", state("hidden")),
            ("state_json", state(r#"{"state":"hidden"}"#)),
            ("state_json", state(r#"{"state":"leased"}"#)),
            ("voucher_secret", json!({ "B": "aGlkZGVu" })),
            ("voucher_secret", json!({ "S": "hidden" })),
            ("retiring", json!({ "SS": ["hidden"] })),
            ("retiring", json!({ "L": [] })),
            ("version", json!({ "S": "3" })),
            ("version", json!({ "N": "-1" })),
        ],
    ) {
        let failure = load(&found(&item, &introducer(), &[])).await.unwrap_err();
        assert_names(&failure, attribute);
        let server = Scripted::start([(200, found(&item, &introducer(), &[]).to_string())]);
        let failure = store(&server).device(&serial()).await.unwrap_err();
        assert_names(&failure, attribute);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_malformed_introducer_is_refused_by_the_name_of_its_attribute_only() {
    for (attribute, item) in malformed(
        introducer,
        &[
            ("introducer", json!({ "S": "claim#hidden" })),
            ("batch", json!({ "S": "a hidden word" })),
            ("expires_at", Value::Null),
            ("expires_at", json!({ "S": "1800000000" })),
            ("expires_at", json!({ "N": "18000000000000" })),
            ("expires_at", json!({ "N": "99999999999999999999" })),
            ("voucher_required", json!({ "S": "false" })),
            ("reprovisioning", json!({ "S": "hidden" })),
            ("reprovisioning", json!({ "BOOL": true })),
            ("window_until", Value::Null),
            ("window_until", json!({ "N": "1.5" })),
            ("lease_seconds", Value::Null),
            ("lease_seconds", json!({ "N": "59" })),
            ("lease_seconds", json!({ "N": "86401" })),
            ("factory_key", json!({ "B": "aGlkZGVu" })),
            ("quota_total", Value::Null),
            ("quota_per_minute", json!({ "N": "-1" })),
            ("used_total", json!({ "S": "hidden" })),
            ("used_minute", json!({ "N": "0.5" })),
            ("used_in_minute", json!({ "NULL": true })),
        ],
    ) {
        let failure = load(&found(&leased(), &item, &[])).await.unwrap_err();
        assert_names(&failure, attribute);
    }
    let broken = |attribute: &str| {
        let mut head = head("serial#0042", 4);
        head.as_object_mut().unwrap().remove(attribute);
        head
    };
    for attribute in ["subject", "last", "hash"] {
        let heads = [broken(attribute)];
        let failure = load(&found(&leased(), &introducer(), &heads)).await;
        assert_names(&failure.unwrap_err(), attribute);
    }
}
