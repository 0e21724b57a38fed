//! Lines of the allow-list as items. `state_json` holds what a state knows; `state` repeats its name, and an item in which
//! the two differ is refused: somebody changed one of them by hand and meant something.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use sci_domain::{
    admission::{
        BatchId, CertificateId, DeviceKind, DeviceSecret, Entry, Placement, Retry, SerialNumber,
        State,
    },
    thing::PropertyId,
    timestamp::Timestamp,
};

use crate::{
    dynamodb_item::{BrokenItem, item, n, number, s, text},
    dynamodb_put::{Condition, ConditionalPut, Item},
};

/// The hash key of all that is due. One partition takes 1000 writes in a second; AWS IoT registers 10 things in that time.
pub(crate) const DUE_SHARD: &str = "due";

pub(crate) fn entry_key(serial: &SerialNumber) -> Item {
    item([("serial_number", s(serial.as_str()))])
}

/// Writes `entry` if the stored version is the one before.
///
/// # Errors
/// When its state cannot be written as JSON.
pub(crate) fn entry_put(table: &str, entry: &Entry) -> Result<ConditionalPut, serde_json::Error> {
    let mut line = item([
        ("serial_number", s(entry.serial.as_str())),
        ("property_id", s(entry.placement.property.as_str())),
        ("device_kind", s(entry.placement.kind.as_str())),
        ("batch", s(entry.batch.as_str())),
        ("state", s(name_of(&entry.state))),
        ("state_json", s(serde_json::to_string(&entry.state)?)),
        ("version", n(entry.version)),
    ]);
    let mut add = |name: &str, value: Option<AttributeValue>| {
        line.extend(value.map(|value| (name.to_owned(), value)));
    };
    let secret = entry.secret.as_ref();
    add(
        "voucher_secret",
        secret.map(|secret| AttributeValue::B(Blob::new(secret.expose()))),
    );
    // A set cannot be empty.
    let retiring: Vec<_> = entry.retiring.iter().map(ToString::to_string).collect();
    add(
        "retiring",
        (!retiring.is_empty()).then_some(AttributeValue::Ss(retiring)),
    );
    add(
        "retire_failures",
        entry.retry.map(|retry| n(retry.failures)),
    );
    add(
        "retire_at",
        entry.retry.map(|retry| n(retry.at.as_millis())),
    );
    // Both or neither: an entry at rest is not in the sparse index, so that a sweep does not even read it.
    let due = entry.due_at();
    add("due_shard", due.map(|_| s(DUE_SHARD)));
    add("due_at", due.map(|at| n(at.as_millis())));
    Ok(ConditionalPut {
        table: table.to_owned(),
        item: line,
        condition: Some(Condition::successor(
            "serial_number",
            "version",
            entry.version,
        )),
    })
}

/// Reads a line.
///
/// # Errors
/// Names the attribute that is missing or cannot be read.
pub(crate) fn entry_from(item: &Item) -> Result<Entry, BrokenItem> {
    let broken = BrokenItem::Attribute;
    let state = serde_json::from_str(text(item, "state_json")?);
    let state: State = state.map_err(|_| broken("state_json"))?;
    if text(item, "state")? != name_of(&state) {
        return Err(broken("state"));
    }
    let serial = SerialNumber::parse(text(item, "serial_number")?);
    let property = PropertyId::parse(text(item, "property_id")?);
    let kind = DeviceKind::parse(text(item, "device_kind")?);
    let batch = BatchId::parse(text(item, "batch")?);
    Ok(Entry {
        serial: serial.map_err(|_| broken("serial_number"))?,
        placement: Placement {
            property: property.map_err(|_| broken("property_id"))?,
            kind: kind.ok_or_else(|| broken("device_kind"))?,
        },
        batch: batch.map_err(|_| broken("batch"))?,
        secret: secret_from(item)?,
        state,
        retiring: retiring_from(item)?,
        retry: retry_from(item)?,
        version: number(item, "version")?,
    })
}

fn secret_from(item: &Item) -> Result<Option<DeviceSecret>, BrokenItem> {
    const NAME: &str = "voucher_secret";
    match item.get(NAME) {
        None => Ok(None),
        Some(AttributeValue::B(bytes)) => DeviceSecret::new(bytes.as_ref())
            .map(Some)
            .map_err(|_| BrokenItem::Attribute(NAME)),
        Some(_) => Err(BrokenItem::Attribute(NAME)),
    }
}

/// A set has no order; the domain keeps these sorted.
fn retiring_from(item: &Item) -> Result<Vec<CertificateId>, BrokenItem> {
    const NAME: &str = "retiring";
    let ids = match item.get(NAME) {
        None => return Ok(Vec::new()),
        Some(AttributeValue::Ss(ids)) => ids.iter().map(|id| CertificateId::parse(id)),
        Some(_) => return Err(BrokenItem::Attribute(NAME)),
    };
    let ids: Result<Vec<_>, _> = ids.collect();
    let mut ids = ids.map_err(|_| BrokenItem::Attribute(NAME))?;
    ids.sort_unstable();
    Ok(ids)
}

fn retry_from(item: &Item) -> Result<Option<Retry>, BrokenItem> {
    if !item.contains_key("retire_at") {
        return Ok(None);
    }
    let failures = number(item, "retire_failures")?;
    let at = Timestamp::from_millis(number(item, "retire_at")?);
    Ok(Some(Retry {
        failures,
        at: at.map_err(|_| BrokenItem::Attribute("retire_at"))?,
    }))
}

/// The tag of `state_json`.
const fn name_of(state: &State) -> &'static str {
    match state {
        State::Allowed => "allowed",
        State::Leased(_) => "leased",
        State::Enrolled(_) => "enrolled",
        State::Quarantined { .. } => "quarantined",
        State::Blocked { .. } => "blocked",
    }
}
