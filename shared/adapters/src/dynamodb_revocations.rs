//! What is revoked, in DynamoDB: one item per issuer, key, thing or token.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use sci_domain::{
    access::{Credential, Revocations, Revoked},
    ports::PortFailure,
    timestamp::Timestamp,
};

use crate::{
    aws_clients::Lazily,
    dynamodb_batch_get::batch_get,
    dynamodb_item::{s, text},
    dynamodb_put::Item,
    sdk_error::misconfigured,
};

const FIND: &str = "look for revocations";

/// [`Revocations`] in one table: hash `subject`.
#[derive(Debug, Clone)]
pub struct DynamoDbRevocations {
    client: Lazily<Client>,
    table: String,
}

impl DynamoDbRevocations {
    /// Reads `table`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, table: String) -> Self {
        Self { client, table }
    }
}

/// The subjects under which `credential` can be revoked.
fn subjects(credential: &Credential<'_>) -> Vec<(Revoked, String)> {
    let Credential {
        issuer,
        kid,
        jti,
        thing,
        issued_at: _,
    } = credential;
    let mut subjects = vec![
        (Revoked::Issuer, format!("issuer#{issuer}")),
        (Revoked::Key, format!("kid#{issuer}#{kid}")),
        (Revoked::Thing, format!("thing#{thing}")),
    ];
    subjects.extend(jti.map(|jti| (Revoked::Token, format!("jti#{issuer}#{jti}"))));
    subjects
}

/// Whether an entry counts. DynamoDB deletes what expired days late, so the time is looked at here. What cannot be read
/// counts: somebody meant to revoke.
fn counts(entry: &Item, issued_at: Timestamp, now: Timestamp) -> bool {
    match (
        seconds(entry, "expires_at"),
        seconds(entry, "issued_before"),
    ) {
        (Ok(expires_at), Ok(issued_before)) => {
            expires_at.is_none_or(|expires_at| now < expires_at)
                && issued_before.is_none_or(|issued_before| issued_at < issued_before)
        }
        _ => true,
    }
}

/// An attribute that is there and no time.
struct Malformed;

/// An optional number of whole seconds since the epoch, which is also what DynamoDB's time to live reads.
fn seconds(entry: &Item, name: &str) -> Result<Option<Timestamp>, Malformed> {
    let Some(value) = entry.get(name) else {
        return Ok(None);
    };
    let AttributeValue::N(digits) = value else {
        return Err(Malformed);
    };
    let seconds: u64 = digits.parse().map_err(|_| Malformed)?;
    let millis = seconds.checked_mul(1000).ok_or(Malformed)?;
    let at = Timestamp::from_millis(millis).map_err(|_| Malformed)?;
    Ok(Some(at))
}

impl Revocations for DynamoDbRevocations {
    async fn find(
        &self,
        credential: Credential<'_>,
        now: Timestamp,
    ) -> Result<Option<Revoked>, PortFailure> {
        let subjects = subjects(&credential);
        let key = |(_, subject): &(_, String)| Item::from([("subject".to_owned(), s(subject))]);
        let keys = subjects.iter().map(key).collect();
        // A revoked device is disconnected and comes back at once: the entry must be seen by then.
        let tables = batch_get(self.client.get(), FIND, [(self.table.clone(), keys)]).await?;
        let mut found = None;
        for entry in tables.values().flatten() {
            let subject = text(entry, "subject").map_err(|error| misconfigured(FIND, error))?;
            let revoked = subjects.iter().find(|(_, asked)| asked == subject);
            let (revoked, _) = revoked.ok_or_else(|| {
                misconfigured(
                    FIND,
                    "DynamoDB answered with an entry that was not asked for",
                )
            })?;
            if counts(entry, credential.issued_at, now) {
                // Of several the widest.
                found = Some(found.map_or(*revoked, |other: Revoked| other.min(*revoked)));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb_item::n;

    const ISSUED: u64 = 1_795_184_580;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    fn entry(attributes: &[(&str, AttributeValue)]) -> Item {
        let attributes = attributes.iter().cloned();
        attributes.map(|(k, v)| (k.to_owned(), v)).collect()
    }

    #[test]
    fn an_entry_counts_until_it_expires() {
        let entry = entry(&[("expires_at", n(ISSUED + 60))]);
        let just_before = Timestamp::from_millis((ISSUED + 60) * 1000 - 1).unwrap();
        assert!(counts(&entry, at(ISSUED), just_before));
        assert!(!counts(&entry, at(ISSUED), at(ISSUED + 60)));
        // Without an end there is none.
        assert!(counts(&Item::new(), at(ISSUED), at(ISSUED * 2)));
    }

    #[test]
    fn an_entry_counts_for_tokens_issued_before_its_time() {
        let now = at(ISSUED + 10);
        for (issued_before, revoked) in [(ISSUED - 1, false), (ISSUED, false), (ISSUED + 1, true)] {
            let entry = entry(&[("issued_before", n(issued_before))]);
            assert_eq!(counts(&entry, at(ISSUED), now), revoked, "{issued_before}");
        }
        // Both conditions must hold.
        let expired = entry(&[
            ("issued_before", n(ISSUED + 1)),
            ("expires_at", n(ISSUED + 5)),
        ]);
        assert!(!counts(&expired, at(ISSUED), now));
    }

    #[test]
    fn what_cannot_be_read_counts() {
        let expired = at(ISSUED + 100);
        for broken in [
            s("1795184580"),
            n("1795184580.5"),
            n("-1"),
            n(""),
            n("1e3"),
            // Milliseconds in the place of seconds, and a number that does not fit.
            n(ISSUED * 1000),
            n(u64::MAX),
            n("99999999999999999999"),
            AttributeValue::Bool(false),
            AttributeValue::Null(true),
        ] {
            let late = entry(&[("expires_at", broken.clone())]);
            assert!(counts(&late, at(ISSUED), expired), "{broken:?}");
            // Also beside an attribute by which it would not count.
            let early = entry(&[("issued_before", broken.clone()), ("expires_at", n(ISSUED))]);
            assert!(counts(&early, at(ISSUED), expired), "{broken:?}");
        }
    }
}
