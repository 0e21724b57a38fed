//! What every rule of the suite adds to a device's message, and what the message claims about itself.
//!
//! Fields: `topic`, `thing` (the topic's level), `client_id`, `principal`, `received_at` (ms), `trace_id` and `payload`
//! (the device's bytes in base64) from the service; `claimed_device`, `claimed_property`, `claimed_type` and
//! `device_timestamp` (ms) from the payload.

use sci_domain::{
    origin::{Attested, Claims, MAX_PAYLOAD_BYTES, Origin},
    refusal::{Reason, Refusal},
    timestamp::Timestamp,
};

use crate::fields::Fields;

/// Reads and checks who sent the message, and when. `topic_of` gives the topic on which a thing sends such messages.
///
/// # Errors
/// When a field is missing or wrong, or the claims do not agree with the service.
pub fn origin(
    fields: &Fields<'_>,
    topic_of: impl FnOnce(&str) -> String,
) -> Result<Origin, Refusal> {
    check_length(fields)?;
    let attested = attested(fields)?;
    let topic = fields.optional_text("topic")?;
    // A rule can be called by name (Basic Ingest) or be changed to another topic filter.
    if topic.is_some_and(|topic| topic != topic_of(&attested.thing)) {
        return Err(Refusal::new(
            Reason::IdentityMismatch,
            "topic is not the one on which the thing sends such messages",
        ));
    }
    let claims = Claims {
        device: fields.optional_text("claimed_device")?,
        property: fields.optional_text("claimed_property")?,
        device_type: fields.optional_text("claimed_type")?,
        timestamp: fields.optional_millis("device_timestamp")?,
    };
    Origin::check(attested, &claims)
}

fn attested(fields: &Fields<'_>) -> Result<Attested, Refusal> {
    let received_at = Timestamp::from_millis(fields.millis("received_at")?);
    Ok(Attested {
        thing: fields.text("thing")?,
        client_id: fields.text("client_id")?,
        principal: fields.optional_text("principal")?,
        received_at: received_at.map_err(|error| {
            Refusal::new(Reason::NumberOutOfRange, format!("received_at: {error}"))
        })?,
        trace_id: fields.optional_text("trace_id")?,
    })
}

/// Base64 writes three bytes as four characters, with `=` for what is missing at the end.
fn check_length(fields: &Fields<'_>) -> Result<(), Refusal> {
    let encoded = fields.text_length("payload")?.unwrap_or_default();
    // At most two bytes too long, by which no payload is refused that AWS IoT Core accepted: 128 KB is 2 more than a
    // multiple of three.
    let decoded = encoded.saturating_mul(3) / 4;
    if decoded > MAX_PAYLOAD_BYTES.next_multiple_of(3) {
        return Err(Refusal::new(
            Reason::PayloadTooLarge,
            "the device's payload is longer than 128 KB",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(more: &str) -> Result<Origin, Refusal> {
        let event = format!(
            r#"{{"thing":"raspi-01","client_id":"raspi-01","principal":"ab","received_at":1795184580000{more}}}"#
        );
        origin(&Fields::parse(&event).unwrap(), |thing| {
            format!("sensors/{thing}/data")
        })
    }

    #[test]
    fn the_topic_must_be_the_things_own() {
        assert!(check("").is_ok());
        assert!(check(r#","topic":"sensors/raspi-01/data""#).is_ok());
        for topic in [
            "sensors/raspi-02/data",
            "$aws/rules/r/sensors/raspi-01/data",
            "",
        ] {
            let refusal = check(&format!(r#","topic":"{topic}""#)).unwrap_err();
            assert_eq!(refusal.reason, Reason::IdentityMismatch, "{topic}");
        }
    }

    #[test]
    fn payloads_up_to_128_kb_pass() {
        let payload = |bytes: usize| {
            let encoded = "A".repeat(bytes.div_ceil(3) * 4);
            check(&format!(r#","payload":"{encoded}""#)).map_err(|refusal| refusal.reason)
        };
        assert!(payload(MAX_PAYLOAD_BYTES).is_ok());
        assert_eq!(payload(MAX_PAYLOAD_BYTES + 3), Err(Reason::PayloadTooLarge));
    }
}
