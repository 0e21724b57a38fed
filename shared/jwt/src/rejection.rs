//! Why a token is refused.

use sci_domain::reasons;

reasons! {
    /// Why a token is refused. Neither the code nor the text holds anything that the token says.
    ///
    /// BCP is RFC 8725, JSON Web Token Best Current Practices.
    pub enum Rejection {
        /// More than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES). Nothing else was looked at. Size blow-ups: CVE-2025-30204, CVE-2025-27144.
        TooLong => "too-long": "the token is longer than 8,192 bytes",
        /// Not the three segments of a compact JWS (RFC 7515, section 7.1): JWE has five, the JSON serialization has none.
        NotThreeSegments => "not-three-segments": "the token does not consist of three segments",
        /// An empty segment. An empty signature is the unsecured JWS of RFC 7518, section 3.6 (CVE-2020-28042).
        EmptySegment => "empty-segment": "a segment of the token is empty",
        /// A character outside the alphabet, padding, or bits behind the end: RFC 7515, section 2; RFC 4648, sections 3.5 and 5.
        Base64url => "base64url": "a segment of the token is not canonical base64url without padding",

        /// The header is not UTF-8 (RFC 7515, section 5.2, step 3).
        HeaderNotUtf8 => "header-not-utf8": "the header is not UTF-8",
        /// The header is no JSON object, or something follows it (RFC 7515, section 5.2, step 3).
        HeaderNotJson => "header-not-json": "the header is not one JSON object",
        /// A member of the header stands twice (RFC 7515, sections 4 and 10.12).
        HeaderDuplicateMember => "header-duplicate-member": "a member stands twice in the header",
        /// The header is nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
        HeaderTooDeep => "header-too-deep": "the header is nested too deeply",
        /// `crit`: we understand no extension, so every one is refused (RFC 7515, section 4.1.11; CVE-2025-59420, CVE-2026-35042).
        Crit => "crit": "the header has `crit`",
        /// `b64`: an unencoded payload is not what was signed (RFC 7797, section 7: never in a JWT).
        B64 => "b64": "the header has `b64`",
        /// `zip`: nothing is ever inflated (BCP 3.6; CVE-2024-33664).
        Zip => "zip": "the header has `zip`",
        /// `enc`: an encrypted token (RFC 7516).
        Enc => "enc": "the header has `enc`",
        /// `cty`: a nested token (RFC 7519, section 5.2).
        Cty => "cty": "the header has `cty`",
        /// `typ` is something else than `JWT` (RFC 7519, section 5.1; BCP 3.11).
        TypNotJwt => "typ-not-jwt": "`typ` is not JWT",
        /// `alg` is absent or no string (RFC 7515, section 4.1.1).
        AlgMissing => "alg-missing": "the header has no `alg`",
        /// `alg` is none of the five: `none`, HMAC and every other spelling (BCP 3.1; CVE-2015-9235, CVE-2018-1000531).
        AlgNotAllowed => "alg-not-allowed": "`alg` is not an accepted algorithm",
        /// `kid` is absent (RFC 7515, section 4.1.4): keys are never tried in turn.
        KidMissing => "kid-missing": "the header has no `kid`",
        /// `kid` is no string of 1 to 128 printable ASCII characters (BCP 3.10).
        KidMalformed => "kid-malformed": "`kid` is not 1 to 128 printable ASCII characters",

        /// The payload is not UTF-8 (RFC 7519, section 7.2, step 10; BCP 3.7).
        PayloadNotUtf8 => "payload-not-utf8": "the payload is not UTF-8",
        /// The payload is no JSON object, or something follows it (RFC 7519, section 7.2, step 10).
        PayloadNotJson => "payload-not-json": "the payload is not one JSON object",
        /// A member of the payload stands twice (RFC 7519, section 4).
        PayloadDuplicateMember => "payload-duplicate-member": "a member stands twice in the payload",
        /// The payload is nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
        PayloadTooDeep => "payload-too-deep": "the payload is nested too deeply",
        /// `iss` is absent (RFC 7519, section 4.1.1; BCP 3.8).
        IssMissing => "iss-missing": "there is no `iss`",
        /// `iss` is no string (RFC 7519, section 4.1.1; arrays with one match passed in CVE-2025-30144).
        IssNotText => "iss-not-text": "`iss` is not a string",
        /// `sub` is absent (RFC 7519, section 4.1.2).
        SubMissing => "sub-missing": "there is no `sub`",
        /// `sub` is no thing name (AWS IoT API reference, `ThingName`).
        SubNotThingName => "sub-not-thing-name": "`sub` is not a thing name",
        /// `aud` is absent (RFC 7519, section 4.1.3; BCP 3.9).
        AudMissing => "aud-missing": "there is no `aud`",
        /// `aud` is neither a string nor an array of at most [`MAX_AUDIENCES`](crate::MAX_AUDIENCES) strings (RFC 7519, section 4.1.3).
        AudMalformed => "aud-malformed": "`aud` is neither a string nor an array of at most 16 strings",
        /// `exp` is absent: a token for ever (RFC 7519, section 4.1.4).
        ExpMissing => "exp-missing": "there is no `exp`",
        /// `exp` is no JSON number (RFC 7519, section 2, NumericDate; CVE-2026-25537).
        ExpNotNumber => "exp-not-number": "`exp` is not a number",
        /// `exp` is negative or after the year 9999.
        ExpOutOfRange => "exp-out-of-range": "`exp` is not between 1970 and 9999",
        /// `iat` is absent (RFC 7519, section 4.1.6): without it the lifetime has no bound.
        IatMissing => "iat-missing": "there is no `iat`",
        /// `iat` is no JSON number (RFC 7519, section 2, NumericDate).
        IatNotNumber => "iat-not-number": "`iat` is not a number",
        /// `iat` is negative or after the year 9999.
        IatOutOfRange => "iat-out-of-range": "`iat` is not between 1970 and 9999",
        /// `nbf` is no JSON number (RFC 7519, section 2, NumericDate; CVE-2026-25537).
        NbfNotNumber => "nbf-not-number": "`nbf` is not a number",
        /// `nbf` is negative or after the year 9999.
        NbfOutOfRange => "nbf-out-of-range": "`nbf` is not between 1970 and 9999",
        /// `jti` is no string of 1 to 128 printable ASCII characters (RFC 7519, section 4.1.7).
        JtiMalformed => "jti-malformed": "`jti` is not 1 to 128 printable ASCII characters",
        /// `scope` is absent (RFC 8693, section 4.2).
        ScopeMissing => "scope-missing": "there is no `scope`",
        /// `scope` is no string (RFC 8693, section 4.2).
        ScopeNotText => "scope-not-text": "`scope` is not a string",
        /// `property_id` is absent.
        PropertyMissing => "property-missing": "there is no `property_id`",
        /// `property_id` is no property id.
        PropertyMalformed => "property-malformed": "`property_id` is not a property id",
        /// The name of the thing says that it stands in another property than `property_id`.
        PropertyMismatch => "property-mismatch": "the thing belongs to another property than `property_id`",

        /// `iss` is not the expected issuer, byte for byte (BCP 3.8; parts of it passed in CVE-2024-53861).
        IssMismatch => "iss-mismatch": "the token is of another issuer",
        /// No audience is ours, byte for byte (RFC 7519, section 4.1.3; BCP 3.9).
        AudMismatch => "aud-mismatch": "the token is for another audience",
        /// `exp` is not after `iat`.
        ExpNotAfterIat => "exp-not-after-iat": "`exp` is not after `iat`",
        /// `exp` is further from `iat` than the issuer may set it.
        LifetimeTooLong => "lifetime-too-long": "the token lives longer than is allowed",
        /// `exp` and the leeway have passed (RFC 7519, section 4.1.4).
        Expired => "expired": "the token has expired",
        /// `nbf` is still further away than the leeway (RFC 7519, section 4.1.5).
        NotYetValid => "not-yet-valid": "the token is not valid yet",
        /// `iat` is further in the future than the leeway (RFC 7519, section 4.1.6).
        IssuedInFuture => "issued-in-future": "the token was issued in the future",
        /// `alg` is not the key's algorithm (BCP 3.1 and 3.2; CVE-2016-5431, CVE-2026-33322).
        AlgMismatch => "alg-mismatch": "`alg` is not the algorithm of the key",
        /// The signature is not that of the key over header and payload (RFC 7515, section 5.2, step 8).
        Signature => "signature": "the signature is wrong",
    }
}
