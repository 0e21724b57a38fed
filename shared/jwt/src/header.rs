//! The JOSE header of a token.

use crate::{
    Algorithm, Rejection,
    identifier::is_identifier,
    strict_json::{Fault, Value, object},
};

/// What a token says about its signature. `jwk`, `jku`, `x5u`, `x5c` and whatever else it says is not even kept.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: String,
}

impl Header {
    pub(crate) fn read(json: &[u8]) -> Result<Self, Rejection> {
        let json = std::str::from_utf8(json).map_err(|_| Rejection::HeaderNotUtf8)?;
        let names = ["alg", "kid", "typ", "crit", "b64", "zip", "enc", "cty"];
        let [alg, kid, typ, crit, b64, zip, enc, cty] =
            object(json, &names).map_err(|fault| match fault {
                Fault::NotAnObject => Rejection::HeaderNotJson,
                Fault::Duplicate => Rejection::HeaderDuplicateMember,
                Fault::TooDeep => Rejection::HeaderTooDeep,
            })?;

        // Each would change what the signature means. Whatever its value, also null.
        let refused = [
            (crit, Rejection::Crit),
            (b64, Rejection::B64),
            (zip, Rejection::Zip),
            (enc, Rejection::Enc),
            (cty, Rejection::Cty),
        ];
        if let Some((_, rejection)) = refused.into_iter().find(|(value, _)| value.is_some()) {
            return Err(rejection);
        }
        let is_jwt = |typ: Value<'_>| typ.text().is_some_and(|t| t.eq_ignore_ascii_case("JWT"));
        if !typ.is_none_or(is_jwt) {
            return Err(Rejection::TypNotJwt);
        }

        let alg = alg.and_then(Value::text).ok_or(Rejection::AlgMissing)?;
        let algorithm = Algorithm::parse(&alg).ok_or(Rejection::AlgNotAllowed)?;
        let kid = kid.ok_or(Rejection::KidMissing)?.text();
        let kid = kid.filter(|kid| is_identifier(kid));
        Ok(Self {
            algorithm,
            kid: kid.ok_or(Rejection::KidMalformed)?.into_owned(),
        })
    }
}
