//! An authorizer event as any bytes: whoever holds no key is turned away, in the one way there is.

#![no_main]

use std::sync::LazyLock;

use jwt_authorizer::{
    handler::{Handler, Keys, Settings, Trusted},
    run::answer,
};
use libfuzzer_sys::fuzz_target;
use sci_domain::{
    access::{
        ArnPrefix, Credential, DeviceKeys, DeviceRecord, KeySource, RefreshInterval, Revocations, Revoked, Scopes,
    },
    ports::PortFailure,
    thing::{PropertyId, ThingName},
    timestamp::{Millis, Timestamp},
};
use sci_jwt::{Expectation, KeySet};
use tokio::runtime::{Builder, Runtime};

const KEYS: &str = r#"{"keys":[
    {"kid":"ed","kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const REFUSAL: &str = r#"{"isAuthenticated":false,"principalId":"denied","disconnectAfterInSeconds":300,"refreshAfterInSeconds":300,"policyDocuments":[]}"#;

struct Nothing;

impl Revocations for Nothing {
    async fn find(&self, _: Credential<'_>, _: Timestamp) -> Result<Option<Revoked>, PortFailure> {
        Ok(None)
    }
}

/// Every device has the same key, which nobody holds.
impl DeviceKeys for Nothing {
    async fn load(&self, _: &ThingName) -> Result<Option<DeviceRecord>, PortFailure> {
        Ok(Some(DeviceRecord {
            jwks: KEYS.to_owned(),
            property: PropertyId::parse("p").unwrap(),
            scopes: Scopes::ALL,
        }))
    }
}

impl KeySource for Nothing {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        Ok(KEYS.as_bytes().to_vec())
    }
}

type Fuzzed = Handler<Nothing, Nothing, Nothing, fn() -> Timestamp>;

static HANDLER: LazyLock<(Fuzzed, Runtime)> = LazyLock::new(|| {
    let trusted = |issuer: &str, keys| Trusted {
        expectation: Expectation {
            issuer: issuer.to_owned(),
            audience: "a".to_owned(),
            max_lifetime: Millis::from_secs(86_400),
        },
        scopes: Scopes::ALL,
        keys,
    };
    let handler = Handler {
        settings: Settings {
            arn: ArnPrefix::parse("arn:aws:iot:eu-west-1:123456789012").unwrap(),
            refresh: RefreshInterval::default(),
            signing_required: false,
        },
        issuers: vec![
            trusted("i", Keys::Fixed(KeySet::load(KEYS.as_bytes()).unwrap().keys)),
            trusted("d", Keys::Devices),
        ],
        revocations: Nothing,
        devices: Nothing,
        clock: (|| Timestamp::from_millis(1_795_184_580_000).unwrap()) as fn() -> Timestamp,
    };
    (handler, Builder::new_current_thread().enable_time().build().unwrap())
});

fuzz_target!(|event: &[u8]| {
    // Lambda hands over JSON text.
    let Ok(event) = std::str::from_utf8(event) else { return };
    let (handler, runtime) = &*HANDLER;
    let (answer, counts) = runtime.block_on(answer(handler, event));
    assert_eq!(serde_json::to_string(&answer).unwrap(), REFUSAL);
    assert_eq!(counts.len(), 2);
});
