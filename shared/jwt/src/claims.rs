//! The claims of a token: which must be there, of which type, in which range.

use sci_domain::{
    access::Scopes,
    thing::{PropertyId, ThingName},
    timestamp::Timestamp,
};

use crate::{
    Rejection,
    identifier::is_identifier,
    numeric_date::{Round, read},
    strict_json::{Fault, Value, object},
};

/// The most audiences that a token may name.
pub const MAX_AUDIENCES: usize = 16;

/// What a token's signature vouches for. Only [`UnverifiedToken::verify`](crate::UnverifiedToken::verify) answers it.
pub struct Claims {
    pub(crate) kid: String,
    pub(crate) issuer: String,
    pub(crate) thing: ThingName,
    pub(crate) property: PropertyId,
    pub(crate) scopes: Scopes,
    pub(crate) unknown_scopes: usize,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) jti: Option<String>,
}

impl Claims {
    /// `iss`: who issued the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The header's `kid`: which of the issuer's keys signed it. 1 to 128 printable ASCII characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// `sub`: the bearer.
    #[must_use]
    pub const fn thing(&self) -> &ThingName {
        &self.thing
    }

    /// `property_id`: where the bearer stands.
    #[must_use]
    pub const fn property(&self) -> &PropertyId {
        &self.property
    }

    /// The known words of `scope`.
    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// How many words of `scope` are none that we know. They grant nothing.
    #[must_use]
    pub const fn unknown_scopes(&self) -> usize {
        self.unknown_scopes
    }

    /// `iat`, a fraction of a millisecond rounded up.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// `exp`, a fraction of a millisecond rounded down. The leeway is not in it.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `jti`: the token's own name, 1 to 128 printable ASCII characters, if it has one.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }
}

/// A payload whose claims are well-formed. Nothing in it is believed.
pub(crate) struct Payload {
    pub(crate) claims: Claims,
    pub(crate) audience: Vec<String>,
    pub(crate) not_before: Option<Timestamp>,
}

impl Payload {
    pub(crate) fn read(json: &[u8], kid: String) -> Result<Self, Rejection> {
        use Rejection as R;

        let json = std::str::from_utf8(json).map_err(|_| R::PayloadNotUtf8)?;
        let names = [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "nbf",
            "jti",
            "scope",
            "property_id",
        ];
        let [iss, sub, aud, exp, iat, nbf, jti, scope, property] =
            object(json, &names).map_err(|fault| match fault {
                Fault::NotAnObject => R::PayloadNotJson,
                Fault::Duplicate => R::PayloadDuplicateMember,
                Fault::TooDeep => R::PayloadTooDeep,
            })?;

        let iss = iss.ok_or(R::IssMissing)?.text().ok_or(R::IssNotText)?;
        let sub = sub.ok_or(R::SubMissing)?.text().ok_or(R::SubNotThingName)?;
        let thing = ThingName::parse(sub).map_err(|_| R::SubNotThingName)?;
        let audience = audience(aud.ok_or(R::AudMissing)?).ok_or(R::AudMalformed)?;
        let exp = number(&exp.ok_or(R::ExpMissing)?).ok_or(R::ExpNotNumber)?;
        let expires_at = read(exp, Round::Down).ok_or(R::ExpOutOfRange)?;
        let iat = number(&iat.ok_or(R::IatMissing)?).ok_or(R::IatNotNumber)?;
        let issued_at = read(iat, Round::Up).ok_or(R::IatOutOfRange)?;
        let not_before = match nbf {
            Some(nbf) => {
                let nbf = number(&nbf).ok_or(R::NbfNotNumber)?;
                Some(read(nbf, Round::Up).ok_or(R::NbfOutOfRange)?)
            }
            None => None,
        };
        let jti = match jti {
            Some(jti) => {
                let jti = jti.text().filter(|jti| is_identifier(jti));
                Some(jti.ok_or(R::JtiMalformed)?.into_owned())
            }
            None => None,
        };
        let scope = scope
            .ok_or(R::ScopeMissing)?
            .text()
            .ok_or(R::ScopeNotText)?;
        let (scopes, unknown_scopes) = Scopes::parse(&scope);
        let property = property.ok_or(R::PropertyMissing)?.text();
        let property = PropertyId::parse(property.ok_or(R::PropertyMalformed)?)
            .map_err(|_| R::PropertyMalformed)?;
        if thing
            .placement()
            .is_some_and(|(named, _)| named != property)
        {
            return Err(R::PropertyMismatch);
        }

        Ok(Self {
            claims: Claims {
                kid,
                issuer: iss.into_owned(),
                thing,
                property,
                scopes,
                unknown_scopes,
                issued_at,
                expires_at,
                jti,
            },
            audience,
            not_before,
        })
    }
}

/// A string, or an array of strings.
fn audience(aud: Value<'_>) -> Option<Vec<String>> {
    let list = match aud {
        Value::List(list) => list,
        one => vec![one],
    };
    if list.len() > MAX_AUDIENCES {
        return None;
    }
    let names = list.into_iter().map(|name| Some(name.text()?.into_owned()));
    names.collect()
}

/// A JSON number. `"1"`, true and null are none.
const fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
