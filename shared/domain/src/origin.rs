//! Where a message came from, in the service's words, and whether the device's own words agree.

use crate::{
    access::PrincipalId,
    refusal::{Reason, Refusal},
    thing::{DeviceType, PropertyId, ThingName},
    timestamp::{Millis, Timestamp},
};

/// How far back a device's clock may lie: what Timestream's memory store of 24 hours still takes.
pub const MAX_AGE: Millis = Millis::from_secs(24 * 3600);
/// How far ahead a device's clock may run. Timestream takes 15 minutes; a clock that wrong needs repair.
pub const MAX_AHEAD: Millis = Millis::from_secs(5 * 60);
/// The largest payload that AWS IoT Core accepts. Source: AWS IoT Core quotas, "Maximum inbound message size".
pub const MAX_PAYLOAD_BYTES: usize = 128 * 1024;

/// `clientid()` of a message that came over HTTPS. No MQTT client can have this id: no policy of ours lets it connect.
/// Source: AWS IoT SQL reference, "clientid()".
const NOT_MQTT: &str = "n/a";

/// Identity and time of a message. All of it comes from the service (`topic(n)`, `clientid()`, `principal()`,
/// `timestamp()`), never from the payload, except `observed_at`, which is checked against the service's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The thing: the topic level that its policy lets only itself publish to.
    pub thing: ThingName,
    /// Who published: a certificate's id, or the principal id of a token. Nothing if the service does not say.
    pub principal: Option<String>,
    /// When the device measured, by its own clock if it sent one, else `received_at`.
    pub observed_at: Timestamp,
    /// When the rules engine received the message.
    pub received_at: Timestamp,
    /// AWS IoT's trace id, if there is one.
    pub trace_id: Option<String>,
}

/// What the payload claims about identity and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// `deviceId`.
    pub device: Option<String>,
    /// `property_id`.
    pub property: Option<String>,
    /// `device_type`.
    pub device_type: Option<String>,
    /// `timestamp`, in milliseconds.
    pub timestamp: Option<u64>,
}

/// What the service says about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The thing's level of the topic.
    pub thing: String,
    /// `clientid()`: `n/a` if the message came over HTTPS.
    pub client_id: String,
    /// `principal()`. What it says of a device that a custom authorizer let in is not documented (unconfirmed: the
    /// authorizer's `principalId`), so that it may be missing.
    pub principal: Option<String>,
    /// `timestamp()`.
    pub received_at: Timestamp,
    /// `traceid()`.
    pub trace_id: Option<String>,
}

impl Origin {
    /// Checks the device's claims against the service's word.
    ///
    /// # Errors
    /// A [`Refusal`] when the thing's name is invalid, any identity differs, or the device's clock is off.
    pub fn check(attested: Attested, claims: &Claims) -> Result<Self, Refusal> {
        let thing = ThingName::parse(attested.thing)
            .map_err(|e| Refusal::new(Reason::InvalidThingName, e.to_string()))?;
        if attested.client_id == NOT_MQTT {
            // Over HTTPS there is no client id, but a device with a token has a principal that is made of its name.
            let principal = attested.principal.as_deref();
            if principal != Some(PrincipalId::of(&thing).as_str()) {
                return Err(Refusal::new(
                    Reason::IdentityMismatch,
                    format!("the principal of an HTTPS message is not the one of {thing}"),
                ));
            }
        } else {
            // The suite's devices connect with their thing name, else AWS leaves thing policy variables empty.
            let client = Some(&attested.client_id);
            same(&thing, "the client id", client, thing.as_str())?;
        }
        same(&thing, "deviceId", claims.device.as_ref(), thing.as_str())?;
        if let Some((property, device_type)) = thing.placement() {
            same(
                &thing,
                "property_id",
                claims.property.as_ref(),
                property.as_str(),
            )?;
            // Long type names such as SCI-Environmental-Sensor are the registry's; only short ones can be compared.
            let short = claims.device_type.as_ref();
            let short = short.filter(|claimed| DeviceType::parse(claimed.as_str()).is_ok());
            same(&thing, "device_type", short, device_type.as_str())?;
        } else if claims.property.is_some() {
            return Err(Refusal::new(
                Reason::IdentityMismatch,
                "property_id cannot be verified: the thing's name is not sci-<property>-<type>-<serial>",
            ));
        }
        Ok(Self {
            observed_at: observed_at(claims.timestamp, attested.received_at)?,
            thing,
            principal: attested.principal,
            received_at: attested.received_at,
            trace_id: attested.trace_id,
        })
    }

    /// The property that the thing's name places it in.
    #[must_use]
    pub fn property(&self) -> Option<PropertyId> {
        self.thing.placement().map(|(property, _)| property)
    }
}

fn same(
    thing: &ThingName,
    what: &str,
    claimed: Option<&String>,
    truth: &str,
) -> Result<(), Refusal> {
    match claimed {
        Some(claimed) if claimed != truth => Err(Refusal::new(
            Reason::IdentityMismatch,
            format!("{what} differs from what the topic says of {thing}"),
        )),
        _ => Ok(()),
    }
}

fn observed_at(claimed: Option<u64>, received: Timestamp) -> Result<Timestamp, Refusal> {
    let Some(millis) = claimed else {
        return Ok(received);
    };
    // 10⁸ to 10¹¹ is 1973 to 5138 in seconds, and before March 1973 in milliseconds.
    if (100_000_000..100_000_000_000).contains(&millis) {
        return Err(Refusal::new(
            Reason::TimestampInSeconds,
            "timestamp is in seconds; send milliseconds since 1970-01-01",
        ));
    }
    let observed = Timestamp::from_millis(millis)
        .map_err(|e| Refusal::new(Reason::TimestampInFuture, e.to_string()))?;
    if received.since(observed) > MAX_AGE {
        return Err(Refusal::new(
            Reason::TimestampTooOld,
            "timestamp is more than 24 hours before the message was received",
        ));
    }
    if observed.since(received) > MAX_AHEAD {
        return Err(Refusal::new(
            Reason::TimestampInFuture,
            "timestamp is more than 5 minutes after the message was received",
        ));
    }
    Ok(observed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THING: &str = "sci-property-001-environmental-0042";

    fn attested(thing: &str, client_id: &str) -> Attested {
        Attested {
            thing: thing.into(),
            client_id: client_id.into(),
            principal: Some("ab".repeat(32)),
            received_at: Timestamp::from_millis(1_795_184_580_000).unwrap(),
            trace_id: None,
        }
    }

    fn reason(attested: Attested, claims: &Claims) -> Option<Reason> {
        Origin::check(attested, claims).err().map(|r| r.reason)
    }

    #[test]
    fn claims_that_agree_pass() {
        let claims = Claims {
            device: Some(THING.into()),
            property: Some("property-001".into()),
            device_type: Some("environmental".into()),
            timestamp: Some(1_795_184_579_000),
        };
        let origin = Origin::check(attested(THING, THING), &claims).unwrap();
        assert_eq!(origin.observed_at.as_millis(), 1_795_184_579_000);
        assert_eq!(origin.property().unwrap().as_str(), "property-001");
        // No claims at all: the service's word is enough.
        let origin = Origin::check(attested("raspi-01", "raspi-01"), &Claims::default()).unwrap();
        assert_eq!(
            (origin.property(), origin.observed_at),
            (None, origin.received_at)
        );
    }

    #[test]
    fn any_other_identity_is_refused() {
        let claim = |set: fn(&mut Claims)| {
            let mut claims = Claims::default();
            set(&mut claims);
            claims
        };
        for claims in [
            claim(|c| c.device = Some("sci-property-001-environmental-0043".into())),
            claim(|c| c.property = Some("property-002".into())),
            claim(|c| c.device_type = Some("lock".into())),
        ] {
            assert_eq!(
                reason(attested(THING, THING), &claims),
                Some(Reason::IdentityMismatch)
            );
        }
        let none = Claims::default();
        assert_eq!(
            reason(attested(THING, "other"), &none),
            Some(Reason::IdentityMismatch)
        );
        assert_eq!(
            reason(attested(THING, "n/a"), &none),
            Some(Reason::IdentityMismatch)
        );
        assert_eq!(
            reason(attested("a/b", "a/b"), &none),
            Some(Reason::InvalidThingName)
        );
        let unverifiable = claim(|c| c.property = Some("property-001".into()));
        assert_eq!(
            reason(attested("raspi-01", "raspi-01"), &unverifiable),
            Some(Reason::IdentityMismatch)
        );
    }

    #[test]
    fn over_https_the_principal_is_the_identity() {
        let over_https = |principal: Option<&str>| {
            let attested = Attested {
                principal: principal.map(str::to_owned),
                ..attested(THING, NOT_MQTT)
            };
            reason(attested, &Claims::default())
        };
        let own = PrincipalId::of(&ThingName::parse(THING).unwrap());
        let other = PrincipalId::of(&ThingName::parse("sci-property-001-lock-1").unwrap());
        assert_eq!(over_https(Some(own.as_str())), None);
        for foreign in [None, Some(other.as_str()), Some(THING), Some("")] {
            assert_eq!(over_https(foreign), Some(Reason::IdentityMismatch));
        }
        // Over MQTT the service need not say who the principal is.
        let silent = Attested {
            principal: None,
            ..attested(THING, THING)
        };
        assert_eq!(reason(silent, &Claims::default()), None);
    }

    #[test]
    fn clocks_that_are_off_are_refused() {
        let at = |timestamp: u64| {
            let claims = Claims {
                timestamp: Some(timestamp),
                ..Claims::default()
            };
            reason(attested(THING, THING), &claims)
        };
        let now = 1_795_184_580_000;
        assert_eq!(at(now), None);
        assert_eq!(at(now / 1000), Some(Reason::TimestampInSeconds));
        assert_eq!(at(now - MAX_AGE.as_millis()), None);
        assert_eq!(
            at(now - MAX_AGE.as_millis() - 1),
            Some(Reason::TimestampTooOld)
        );
        assert_eq!(at(0), Some(Reason::TimestampTooOld));
        assert_eq!(at(now + MAX_AHEAD.as_millis()), None);
        assert_eq!(
            at(now + MAX_AHEAD.as_millis() + 1),
            Some(Reason::TimestampInFuture)
        );
        assert_eq!(at(u64::MAX), Some(Reason::TimestampInFuture));
    }
}
