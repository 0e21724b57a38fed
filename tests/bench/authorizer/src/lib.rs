//! The function `jwt-authorizer` on ports that answer at once: its own work, and nobody else's.

use jwt_authorizer::{
    handler::{Handler, Keys, Settings, Trusted},
    issuers::{self, KeysFrom},
};
use sci_domain::{
    access::{
        ArnPrefix, Credential, DeviceKeys, DeviceRecord, KeySource, RefreshInterval, Revocations,
        Revoked,
    },
    ports::PortFailure,
    thing::ThingName,
    timestamp::Timestamp,
};
use sci_lambda::system_clock;

/// A list on which nothing stands, devices of which none signs its own tokens, and keys that are published nowhere.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Revocations for Nothing {
    async fn find(&self, _: Credential<'_>, _: Timestamp) -> Result<Option<Revoked>, PortFailure> {
        Ok(None)
    }
}

impl DeviceKeys for Nothing {
    async fn load(&self, _: &ThingName) -> Result<Option<DeviceRecord>, PortFailure> {
        Ok(None)
    }
}

impl KeySource for Nothing {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        Ok(Vec::new())
    }
}

/// The authorizer, with the real clock.
pub type Alone = Handler<Nothing, Nothing, Nothing, fn() -> Timestamp>;

/// The authorizer that believes the issuers in `issuers`, a value of `JWT_ISSUERS` with inline keys. `arn` is a value of
/// `IOT_ARN_PREFIX`.
///
/// # Errors
/// When a value is none.
pub fn handler(arn: &str, issuers: &str) -> Result<Alone, lambda_runtime::Error> {
    let read = issuers::read(issuers, |_| {})?;
    let trusted = read.into_iter().map(|issuer| match issuer.keys {
        KeysFrom::Inline(keys) => Ok(Trusted {
            expectation: issuer.expectation,
            scopes: issuer.scopes,
            keys: Keys::Fixed(keys),
        }),
        _ => Err("the keys must be inline"),
    });
    Ok(Handler {
        settings: Settings {
            arn: ArnPrefix::parse(arn)?,
            refresh: RefreshInterval::default(),
            signing_required: false,
        },
        issuers: trusted.collect::<Result<_, _>>()?,
        revocations: Nothing,
        devices: Nothing,
        clock: system_clock::now,
    })
}
