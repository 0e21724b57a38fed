//! The function on ports in memory, in the world of `testkit::authorizer` or one that a test changed.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::LazyLock;

use jwt_authorizer::{
    handler::{Handler, Keys, Settings, Trusted},
    issuers::{self, Issuer, KeysFrom},
    key_ring::KeyRing,
};
use sci_domain::{
    access::{ArnPrefix, DeviceRecord, RefreshInterval},
    ports::FailureKind,
    thing::ThingName,
    timestamp::Timestamp,
};
use testkit::{
    Fault, Faults, MemoryDeviceKeys, MemoryKeySource, MemoryRevocations, Revocation, When,
    authorizer,
    tokens::{ISSUER_JWKS, NOW},
};

/// Account and Region of the policies.
pub(crate) const ARN: &str = "arn:aws:iot:eu-west-1:123456789012";

/// The time of the events.
fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000).unwrap()
}

/// How a port behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Good,
    Fails,
    Hangs,
}

impl Health {
    /// The faults of a port of which every call behaves like this.
    fn faults(self, call: &'static str) -> Faults {
        let faults = Faults::default();
        let kind = FailureKind::Unavailable;
        match self {
            Self::Good => {}
            Self::Fails => faults.take_down(call, kind),
            Self::Hangs => (0..9).for_each(|nth| {
                let when = When::Killed;
                faults.plan(Fault { nth, kind, when });
            }),
        }
        faults
    }
}

/// Everything around the function.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) signing_required: bool,
    pub(crate) revocations: Health,
    pub(crate) revoked: Vec<Revocation>,
    pub(crate) device_keys: Health,
    pub(crate) devices: Vec<(ThingName, DeviceRecord)>,
    pub(crate) key_source: Health,
}

impl Default for World {
    fn default() -> Self {
        let revoked = authorizer::revoked_subjects();
        Self {
            clock: now,
            signing_required: false,
            revocations: Health::Good,
            revoked: revoked.into_iter().map(Revocation::of).collect(),
            device_keys: Health::Good,
            devices: authorizer::device_records(),
            key_source: Health::Fails,
        }
    }
}

/// The setting `JWT_ISSUERS`, read once: reading its RSA keys takes longer than most decisions.
fn issuers() -> &'static [Issuer] {
    static ISSUERS: LazyLock<Vec<Issuer>> = LazyLock::new(|| {
        let setting = authorizer::issuers_setting();
        issuers::read(&setting, |key| panic!("{key:?}")).unwrap()
    });
    &ISSUERS
}

/// The function.
pub(crate) type Authorizer =
    Handler<MemoryRevocations, MemoryDeviceKeys, MemoryKeySource, fn() -> Timestamp>;

impl World {
    /// The function in this world.
    pub(crate) fn authorizer(&self) -> Authorizer {
        let source = MemoryKeySource::new(self.key_source.faults("keys.fetch"));
        source.publish(ISSUER_JWKS);
        let trust = |issuer: &Issuer| Trusted {
            keys: match &issuer.keys {
                KeysFrom::Inline(keys) => Keys::Fixed(keys.clone()),
                KeysFrom::Devices => Keys::Devices,
                KeysFrom::Parameter(published) | KeysFrom::Url(_, published) => {
                    let name = issuer.expectation.issuer.clone();
                    let (limits, snapshot) = (published.limits, published.snapshot.clone());
                    Keys::Published(KeyRing::new(
                        name,
                        source.clone(),
                        limits,
                        snapshot,
                        self.clock,
                    ))
                }
            },
            expectation: issuer.expectation.clone(),
            scopes: issuer.scopes,
        };
        let revocations = MemoryRevocations::new(self.revocations.faults("revocations.find"));
        self.revoked
            .iter()
            .for_each(|entry| revocations.revoke(entry.clone()));
        let devices = MemoryDeviceKeys::new(self.device_keys.faults("devices.load"));
        for (thing, record) in &self.devices {
            devices.write(thing, record.clone(), true);
        }
        Handler {
            settings: Settings {
                arn: ArnPrefix::parse(ARN).unwrap(),
                refresh: RefreshInterval::default(),
                signing_required: self.signing_required,
            },
            issuers: issuers().iter().map(trust).collect(),
            revocations,
            devices,
            clock: self.clock,
        }
    }
}
