//! From a text that claims to be a token to claims that can be believed.

use sci_domain::{
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};

use crate::{Algorithm, Claims, Rejection, VerifyingKey, claims::Payload, jws::Jws};

/// How far the clocks of issuer, device and AWS may differ.
pub const LEEWAY: Millis = Millis::from_secs(30);

/// What a token must say to be for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `iss`, byte for byte.
    pub issuer: String,
    /// One of `aud`, byte for byte.
    pub audience: String,
    /// The furthest that `exp` may lie after `iat`.
    pub max_lifetime: Millis,
}

/// A token that is well-formed. Nothing in it is believed.
pub struct UnverifiedToken<'t> {
    jws: Jws<'t>,
    payload: Payload,
}

impl<'t> UnverifiedToken<'t> {
    /// Reads a token: its size, three segments of canonical base64url, UTF-8, JSON, header, claims.
    ///
    /// # Errors
    /// The first rule that the token breaks, in this order.
    pub fn parse(token: &'t [u8]) -> Result<Self, Rejection> {
        let mut jws = Jws::parse(token)?;
        let kid = std::mem::take(&mut jws.header.kid);
        let payload = Payload::read(&jws.payload, kid)?;
        Ok(Self { jws, payload })
    }

    /// `iss`, to choose the rules and the keys by: from a list of ours, never from the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.payload.claims.issuer()
    }

    /// `kid`, to look the key up by. 1 to 128 printable ASCII characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.payload.claims.kid()
    }

    /// `alg`. The key decides; this must only be the same.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.jws.header.algorithm
    }

    /// `sub`, to look the keys of a device up by.
    #[must_use]
    pub const fn thing(&self) -> &ThingName {
        self.payload.claims.thing()
    }

    /// Checks issuer, audience and times: before anything expensive, such as a look-up.
    ///
    /// # Errors
    /// The first of them that is not as expected.
    pub fn check(&self, expected: &Expectation, now: Timestamp) -> Result<(), Rejection> {
        let Payload {
            claims,
            audience,
            not_before,
        } = &self.payload;
        if claims.issuer != expected.issuer {
            return Err(Rejection::IssMismatch);
        }
        if !audience.contains(&expected.audience) {
            return Err(Rejection::AudMismatch);
        }
        let (iat, exp) = (claims.issued_at, claims.expires_at);
        if exp <= iat {
            return Err(Rejection::ExpNotAfterIat);
        }
        if exp.since(iat) > expected.max_lifetime {
            return Err(Rejection::LifetimeTooLong);
        }
        if now >= exp.plus(LEEWAY) {
            return Err(Rejection::Expired);
        }
        if not_before.is_some_and(|nbf| now.plus(LEEWAY) < nbf) {
            return Err(Rejection::NotYetValid);
        }
        if now.plus(LEEWAY) < iat {
            return Err(Rejection::IssuedInFuture);
        }
        Ok(())
    }

    /// Checks the token against `key`: [`check`](Self::check), the algorithm, the signature. Nothing else makes [`Claims`].
    ///
    /// # Errors
    /// The first of them that does not hold.
    pub fn verify(
        self,
        key: &VerifyingKey,
        expected: &Expectation,
        now: Timestamp,
    ) -> Result<Claims, Rejection> {
        self.check(expected, now)?;
        self.jws.verify(key)?;
        Ok(self.payload.claims)
    }
}
