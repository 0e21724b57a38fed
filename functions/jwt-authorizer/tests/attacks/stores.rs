//! Stores that fail or do not answer: doubt denies, within the time that AWS IoT gives.

use serde_json::json;
use testkit::{
    authorizer::{DEVICES, SIGNING_THING, SILENT, claims_with},
    tokens::{TestKey, mint},
};

use crate::{
    row::{Row, allow, allow_event, deny, deny_event, good, password, unsigned, with_claims},
    support::{Health, World},
};

pub(crate) fn rows() -> Vec<Row> {
    let source = "fail closed (CWE-636)";
    let first = "a token that is bad anyway costs no look-up";
    let device = || {
        let claims = json!({ "iss": DEVICES, "sub": SIGNING_THING, "scope": "security:publish" });
        password(SIGNING_THING, mint(TestKey::Device, &claims_with(claims)))
    };
    let published = || with_claims(json!({ "iss": SILENT }));
    let forged = unsigned("ES256", TestKey::Es256).sign(TestKey::AttackerP256);
    let mut rows = Vec::new();
    for (name, health, revocations, devices) in [
        ("fails", Health::Fails, "store-failed", "store-failed"),
        ("hangs", Health::Hangs, "too-late", "too-late"),
    ] {
        let list = World {
            revocations: health,
            ..World::default()
        };
        let records = World {
            device_keys: health,
            ..World::default()
        };
        let keys = World {
            key_source: health,
            ..World::default()
        };
        rows.extend([
            deny(format!("revocations-{name}"), source, revocations, good()).within(list.clone()),
            deny_event(
                format!("revocations-{name}-for-a-device"),
                source,
                revocations,
                device(),
            )
            .within(list.clone()),
            deny(
                format!("revocations-{name}-forged"),
                first,
                "signature",
                &forged,
            )
            .within(list.clone()),
            deny(
                format!("revocations-{name}-no-scope"),
                first,
                "no-scope",
                with_claims(json!({ "scope": "" })),
            )
            .within(list),
            deny_event(format!("device-keys-{name}"), source, devices, device())
                .within(records.clone()),
            allow(
                format!("device-keys-{name}-for-others"),
                "what is not needed is not asked",
                good(),
            )
            .within(records),
            deny(
                format!("key-source-{name}"),
                source,
                "keys-unavailable",
                published(),
            )
            .within(keys.clone()),
            allow(
                format!("key-source-{name}-for-others"),
                "what is not needed is not asked",
                good(),
            )
            .within(keys),
        ]);
    }
    let all_good = World {
        key_source: Health::Good,
        ..World::default()
    };
    let everything_down = World {
        revocations: Health::Fails,
        device_keys: Health::Fails,
        key_source: Health::Fails,
        ..World::default()
    };
    rows.extend([
        allow("key-source-good", "no attack", published()).within(all_good.clone()),
        deny(
            "key-source-good-unknown-kid",
            "an unknown kid is no reason to believe",
            "unknown-key",
            {
                mint(
                    TestKey::AttackerP256,
                    &claims_with(json!({ "iss": SILENT })),
                )
            },
        )
        .within(all_good),
        deny("everything-down", source, "store-failed", good()).within(everything_down.clone()),
        deny_event("everything-down-device", source, "store-failed", device())
            .within(everything_down.clone()),
        deny("everything-down-junk", first, "not-three-segments", "junk").within(everything_down),
        allow_event("device-good", "no attack", device())
            .granting(SIGNING_THING, "security:publish"),
    ]);
    rows
}
