//! The decision: which checks, in which order. What costs nothing comes before what costs a look-up, and nothing of a
//! token is believed before its signature is verified.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::join_all};
use sci_domain::{
    access::{
        ArnPrefix, Credential, DeviceKeys, Grant, KeySource, PolicyDocument, PrincipalId,
        RefreshInterval, Revocations, Scopes, Session,
    },
    thing::{PropertyId, ThingName},
    timestamp::Timestamp,
};
use sci_jwt::{Claims, Expectation, KeySet, UnverifiedToken, VerifyingKey};
use sci_lambda::metrics::Count;
use tokio::time::timeout;

use crate::{
    denial::Denial,
    event::Event,
    key_ring::{KeyRing, KeyUnavailable},
    token_source,
};

/// How long a decision may take. AWS IoT gives up after 5 s and says nothing to anybody.
/// Source: AWS IoT developer guide, "Creating and managing custom authorizers".
pub const LIMIT: Duration = Duration::from_millis(3500);

/// What the function was told at its start.
pub struct Settings {
    /// Account and Region of the policies.
    pub arn: ArnPrefix,
    /// How often a connected device is asked for again.
    pub refresh: RefreshInterval,
    /// Whether AWS IoT must have verified a token signature.
    pub signing_required: bool,
}

/// An issuer whose tokens are believed.
pub struct Trusted<Source> {
    /// What its tokens must say.
    pub expectation: Expectation,
    /// The most that its tokens may grant.
    pub scopes: Scopes,
    /// Its keys.
    pub keys: Keys<Source>,
}

/// The keys of an issuer.
pub enum Keys<Source> {
    /// They never change while the function runs.
    Fixed(KeySet),
    /// They are published somewhere.
    Published(KeyRing<Source>),
    /// Each device has its own.
    Devices,
}

/// Someone who is let in.
pub struct Admitted {
    /// What the token says, verified.
    pub claims: Claims,
    /// What is granted of it.
    pub scopes: Scopes,
    /// The connection's principal.
    pub principal: PrincipalId,
    /// The connection's length.
    pub session: Session,
    /// What it may do.
    pub policies: Vec<PolicyDocument>,
}

/// The authorizer on its ports.
pub struct Handler<List, Devices, Source, Clock> {
    /// What it was told.
    pub settings: Settings,
    /// Whom it believes.
    pub issuers: Vec<Trusted<Source>>,
    /// What is revoked.
    pub revocations: List,
    /// Devices that sign their own tokens.
    pub devices: Devices,
    /// The time.
    pub clock: Clock,
}

/// A key, and how far its owner's word goes.
struct Found {
    key: Arc<VerifyingKey>,
    /// The record of a device that signs its own tokens. It wrote the claims itself, so the record has the last word.
    bounds: Option<(PropertyId, Scopes)>,
}

impl From<Arc<VerifyingKey>> for Found {
    fn from(key: Arc<VerifyingKey>) -> Self {
        Self { key, bounds: None }
    }
}

impl<List, Devices, Source, Clock> Handler<List, Devices, Source, Clock>
where
    List: Revocations + Sync,
    Devices: DeviceKeys + Sync,
    Source: KeySource + Send + Sync + 'static,
    Clock: Fn() -> Timestamp + Sync,
{
    /// Decides within [`LIMIT`].
    ///
    /// # Errors
    /// The reason to turn the device away. Doubt is one.
    pub async fn decide(&self, event: &Event<'_>) -> Result<Admitted, Denial> {
        // Boxed: with the SDK's futures inside, its type would be nested deeper than the compiler follows.
        let admission = self.admit(event).boxed();
        timeout(LIMIT, admission)
            .await
            .unwrap_or(Err(Denial::TooLate))
    }

    /// Fetches every issuer's keys before anybody needs them. What fails is logged, and tried again by whoever does.
    pub async fn prime(&self) {
        join_all(self.rings().map(KeyRing::prime)).await;
    }

    /// What happened to keys since this was asked last, to be counted.
    #[must_use]
    pub fn key_counts(&self) -> Vec<Count> {
        self.rings().flat_map(KeyRing::counts).collect()
    }

    fn rings(&self) -> impl Iterator<Item = &KeyRing<Source>> {
        self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Published(ring) => Some(ring),
            _ => None,
        })
    }

    async fn admit(&self, event: &Event<'_>) -> Result<Admitted, Denial> {
        let now = (self.clock)();
        if self.settings.signing_required && event.signature_verified != Some(true) {
            return Err(Denial::SignatureNotVerified);
        }
        let principal = event.certificate_id().map(PrincipalId::of_certificate);
        let principal = principal
            .map(|id| id.ok_or(Denial::InvalidPrincipal))
            .transpose()?;
        let bytes = token_source::find(event)?;
        let token = UnverifiedToken::parse(&bytes)?;
        // Without a client id there is no MQTT yet, and the policy lets no other client id connect.
        if event
            .client_id()
            .is_some_and(|id| id != token.thing().as_str())
        {
            return Err(Denial::ClientIdMismatch);
        }
        let mut issuers = self.issuers.iter();
        let issuer = issuers.find(|trusted| trusted.expectation.issuer == token.issuer());
        let issuer = issuer.ok_or(Denial::UnknownIssuer)?;
        token.check(&issuer.expectation, now)?;

        let found = self.key(issuer, &token).await?;
        let claims = token.verify(&found.key, &issuer.expectation, now)?;
        let mut scopes = claims.scopes().and(issuer.scopes);
        if let Some((property, most)) = found.bounds {
            if property != *claims.property() {
                return Err(Denial::PropertyMismatch);
            }
            scopes = scopes.and(most);
        }
        if scopes.is_empty() {
            return Err(Denial::NoScope);
        }
        let credential = Credential {
            issuer: claims.issuer(),
            kid: claims.kid(),
            jti: claims.jti(),
            thing: claims.thing(),
            issued_at: claims.issued_at(),
        };
        if let Some(revoked) = self.revocations.find(credential, now).await? {
            return Err(Denial::Revoked(revoked));
        }
        let thing = claims.thing();
        let policies = Grant { thing, scopes }.policies(&self.settings.arn);
        Ok(Admitted {
            policies: policies.map_err(|_| Denial::PolicyTooLarge)?,
            principal: principal.unwrap_or_else(|| PrincipalId::of(thing)),
            session: Session::until(claims.expires_at(), now, self.settings.refresh),
            scopes,
            claims,
        })
    }

    async fn key(
        &self,
        issuer: &Trusted<Source>,
        token: &UnverifiedToken<'_>,
    ) -> Result<Found, Denial> {
        match &issuer.keys {
            Keys::Fixed(keys) => {
                let key = keys.get(token.kid()).ok_or(Denial::UnknownKey)?;
                Ok(Arc::clone(key).into())
            }
            Keys::Published(ring) => match ring.key(token.kid()).await {
                Ok(found) => Ok(found.key.into()),
                Err(KeyUnavailable::Unknown) => Err(Denial::UnknownKey),
                Err(KeyUnavailable::Unavailable) => Err(Denial::KeysUnavailable),
            },
            Keys::Devices => self.device_key(token).await,
        }
    }

    async fn device_key(&self, token: &UnverifiedToken<'_>) -> Result<Found, Denial> {
        let record = self.devices.load(token.thing()).await?;
        let record = record.ok_or(Denial::UnknownDevice)?;
        let loaded = KeySet::load(record.jwks.as_bytes()).map_err(|_| {
            tracing::error!(
                thing = token.thing().as_str(),
                "the device's record holds no JWK Set"
            );
            Denial::StoreFailed
        })?;
        let key = loaded.keys.get(token.kid()).ok_or(Denial::UnknownKey)?;
        Ok(Found {
            key: Arc::clone(key),
            bounds: Some((record.property, record.scopes)),
        })
    }
}

/// The client id as far as it may stand in a log: if it could be a thing's name.
#[must_use]
pub fn loggable(client_id: Option<&str>) -> Option<ThingName> {
    client_id.and_then(|id| ThingName::parse(id).ok())
}
