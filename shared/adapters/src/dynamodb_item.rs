//! Items from the domain's records and back. The attribute `document` is the truth; the others serve keys, conditions,
//! indexes and people who look at the table.

use aws_sdk_dynamodb::types::AttributeValue;
use sci_domain::{
    alarm::record::Alarm,
    notification::{Notification, NotificationId},
    ports::{AlarmWrite, Overrides, Pending},
    reading::Reading,
    timestamp::{Millis, Timestamp},
};

use crate::dynamodb_put::Item;

/// An item that does not hold what we wrote.
#[derive(Debug)]
pub(crate) enum BrokenItem {
    /// The attribute is absent, has another type or breaks its rule.
    Attribute(&'static str),
    /// The document cannot be read. Its content is not shown.
    Document,
}

impl std::fmt::Display for BrokenItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Attribute(name) => write!(
                f,
                "the attribute {name} of the stored item is missing or cannot be read"
            ),
            Self::Document => f.write_str(
                "the stored document cannot be read: was it written by a newer version, or by hand?",
            ),
        }
    }
}

impl std::error::Error for BrokenItem {}

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// The row of a reading; `ttl` after it was received DynamoDB may delete it.
pub(crate) fn reading_item(reading: &Reading, ttl: Millis) -> Item {
    let origin = &reading.origin;
    let expires = origin.received_at.plus(ttl).as_millis() / 1000;
    let mut row = item([
        ("deviceId", s(origin.thing.as_str())),
        ("timestamp", s(origin.observed_at.to_string())),
        ("temperature", n(reading.temperature.value())),
        ("received_at", s(origin.received_at.to_string())),
        ("expires_at", n(expires)),
    ]);
    let mut add = |name: &str, value: Option<AttributeValue>| {
        row.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("humidity", reading.humidity.map(|h| n(h.value())));
    add("principal", origin.principal.as_deref().map(s));
    add("trace_id", origin.trace_id.as_deref().map(s));
    let placement = origin.thing.placement();
    add(
        "property_id",
        placement.as_ref().map(|(property, _)| s(property.as_str())),
    );
    add(
        "device_type",
        placement.as_ref().map(|(_, kind)| s(kind.as_str())),
    );
    row
}

/// The record of an alarm.
///
/// # Errors
/// When the record cannot be written as JSON.
pub(crate) fn alarm_item(write: &AlarmWrite<'_>) -> Result<Item, serde_json::Error> {
    let alarm = write.alarm;
    let state = match (alarm.episode(), alarm.closed()) {
        (Some(_), _) => "active",
        (None, Some(_)) => "cleared",
        (None, None) => "normal",
    };
    let mut record = item([
        ("alarm_id", s(alarm.key.to_string())),
        ("version", n(alarm.version)),
        ("state", s(state)),
        (
            "acknowledged",
            AttributeValue::Bool(alarm.acknowledged.is_some()),
        ),
        ("thing", s(alarm.key.thing.as_str())),
        ("alarm_kind", s(alarm.key.kind.as_str())),
        ("updated_at", s(alarm.updated_at.to_string())),
        ("document", s(serde_json::to_string(alarm)?)),
    ]);
    let mut add = |name: &str, value: Option<AttributeValue>| {
        record.extend(value.map(|value| (name.to_owned(), value)));
    };
    // Both or neither: an alarm at rest is not in the sparse index, so that a sweep does not even read it.
    let due = write.due_at;
    add("kind", due.map(|_| s(alarm.key.kind.family().as_str())));
    add("due_at", due.map(|at| n(at.as_millis())));
    add(
        "property",
        alarm.property.as_ref().map(|property| s(property.as_str())),
    );
    add("value", alarm.last().map(|last| n(last.value)));
    let episode = alarm.episode();
    add("severity", episode.map(|e| s(e.severity.as_str())));
    add("since", episode.map(|e| s(e.since.to_string())));
    add("peak", episode.map(|e| n(e.peak)));
    let closed = alarm.closed();
    add("closed_by", closed.map(|closed| s(closed.by.as_str())));
    add("closed_at", closed.map(|closed| s(closed.at.to_string())));
    Ok(record)
}

/// Reads the record of an alarm.
///
/// # Errors
/// When its document cannot be read.
pub(crate) fn alarm_from(item: &Item) -> Result<Alarm, BrokenItem> {
    serde_json::from_str(text(item, "document")?).map_err(|_| BrokenItem::Document)
}

/// A notification in the outbox, with its first attempt begun by the writer.
///
/// # Errors
/// When the notification cannot be written as JSON.
pub(crate) fn notification_item(notification: &Notification) -> Result<Item, serde_json::Error> {
    Ok(item([
        ("notification_id", s(notification.id().as_str())),
        ("family", s(notification.key.kind.family().as_str())),
        ("attempts", n(1)),
        ("claimed_at", n(notification.created_at.as_millis())),
        ("created_at", s(notification.created_at.to_string())),
        ("document", s(serde_json::to_string(notification)?)),
    ]))
}

/// Reads a notification in the outbox, with the time at which its last attempt began.
///
/// # Errors
/// When an attribute is missing or the document cannot be read.
pub(crate) fn pending_from(item: &Item) -> Result<(Timestamp, Pending), BrokenItem> {
    let claimed_at = number(item, "claimed_at")?;
    let pending = Pending {
        notification: serde_json::from_str(text(item, "document")?)
            .map_err(|_| BrokenItem::Document)?,
        attempts: number(item, "attempts")?,
    };
    let claimed_at =
        Timestamp::from_millis(claimed_at).map_err(|_| BrokenItem::Attribute("claimed_at"))?;
    Ok((claimed_at, pending))
}

/// The key of a notification in the outbox.
pub(crate) fn notification_key(id: &NotificationId) -> Item {
    item([("notification_id", s(id.as_str()))])
}

/// The settings of a property: every text and number of its item.
pub(crate) fn overrides_from(item: Item) -> Overrides {
    item.into_iter()
        .filter_map(|(name, value)| match value {
            AttributeValue::S(text) | AttributeValue::N(text) => Some((name, text)),
            _ => None,
        })
        .collect()
}

/// A text attribute.
///
/// # Errors
/// When it is missing or no text.
pub(crate) fn text<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, BrokenItem> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(BrokenItem::Attribute(name)),
    }
}

/// A number.
///
/// # Errors
/// When it is missing, no number or not of the type `T`.
pub(crate) fn number<T: std::str::FromStr>(
    item: &Item,
    name: &'static str,
) -> Result<T, BrokenItem> {
    match item.get(name) {
        Some(AttributeValue::N(number)) => number.parse().map_err(|_| BrokenItem::Attribute(name)),
        _ => Err(BrokenItem::Attribute(name)),
    }
}
