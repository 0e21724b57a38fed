//! The CAs, the devices and the allow-list to which the files of `events/jit-registration` belong. The certificates are in
//! `certificates/`; a device's has the name of its event.

use std::{fs, path::PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sci_domain::{
    admission::{
        BatchId, CertificateId, Enrolment, Entry, Introducer, IntroducerId, KeyFingerprint, Lease,
        Registered, RegisteredAuthority, RegisteredStatus, State, Word,
    },
    timestamp::Timestamp,
};

use crate::{
    Faults, MemoryRegistry,
    onboarding::{self, LEASE},
};

/// How many events a CA of the files may have in an hour.
pub const EVENTS_PER_HOUR: u64 = 20;

/// The CA of most devices.
pub const MAKER: &str = "maker";

/// A certificate as PEM.
///
/// # Panics
/// When there is no such file.
#[must_use]
pub fn pem(file: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("certificates");
    let path = folder.join(format!("{file}.pem"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The id of a certificate: SHA-256 of its DER.
#[must_use]
pub fn id(pem: &str) -> CertificateId {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    let hash = digest(&SHA256, &der);
    CertificateId::from_bytes(hash.as_ref().try_into().unwrap())
}

/// The id of a CA.
#[must_use]
pub fn authority(name: &str) -> CertificateId {
    id(&pem(&format!("ca-{name}")))
}

/// The id of a device's certificate.
#[must_use]
pub fn certificate(file: &str) -> CertificateId {
    id(&pem(file))
}

/// The CA that a device's certificate is registered for.
fn authority_of(file: &str) -> &'static str {
    match file {
        "deny-wrong-authority--other-ca" => "other",
        "deny-quota-exhausted" => "complete",
        "deny-budget-exhausted" => "flooded",
        "deny-authority-not-valid--switched-off" => "off",
        "deny-authority-not-valid--expired" => "old",
        "deny-authority-not-valid--gone" => "gone",
        "deny-unknown-introducer" => "unlisted",
        "deny-introducer-suspended" => "suspended",
        "deny-introducer-expired" => "expired",
        _ => MAKER,
    }
}

/// The records of the CAs. `unlisted` has none.
#[must_use]
pub fn introducers() -> Vec<Introducer> {
    let names = [
        MAKER,
        "other",
        "suspended",
        "expired",
        "complete",
        "flooded",
        "off",
        "old",
        "gone",
    ];
    let mut all: Vec<_> = names
        .map(|name| Introducer {
            id: IntroducerId::Authority(authority(name)),
            ..onboarding::introducer(name, name)
        })
        .into();
    for introducer in &mut all {
        match introducer.batch.as_str() {
            "suspended" => introducer.suspended = true,
            "expired" => introducer.expires_at = Timestamp::from_millis(1_000).unwrap(),
            "complete" => introducer.used.total = introducer.quota.total,
            _ => {}
        }
    }
    all
}

/// All devices of the files as they stand at `now`.
#[must_use]
pub fn entries(now: Timestamp) -> Vec<Entry> {
    let entry = |serial: &str, batch: &str| Entry {
        secret: None,
        ..onboarding::entry(serial, batch)
    };
    let key = |id: &str| KeyFingerprint::parse(id).unwrap();
    let other = KeyFingerprint::from_bytes([7; 32]);
    let introducer = IntroducerId::Authority(authority(MAKER));
    let leased = |serial: &str, certificate, key| Entry {
        state: State::Leased(Lease {
            certificate,
            key,
            introducer,
            since: now,
            expires_at: now.plus(LEASE),
            replaces: None,
        }),
        ..entry(serial, MAKER)
    };
    let enrolled = |serial: &str, certificate, key| Entry {
        state: State::Enrolled(Enrolment {
            certificate,
            key,
            introducer,
            since: now,
            case: None,
        }),
        ..entry(serial, MAKER)
    };
    let by = Word {
        at: now,
        by: "operator".to_owned(),
    };
    let of_another = CertificateId::from_bytes([8; 32]);
    // What the certificates hold.
    let again = key("ead1a3991faca14a4c85a43cfc2eff83bfb43c41e0342f6d40306fbcf69238c1");
    let active = key("859c5506bcadc6b47457ce60d896e6afb54627c8658b519e9bf7b4ff69992d43");
    let renewed = key("757954aefd5ed8308474b1e99c926da2be30533ffbfb7dd4e78bfd44911eec48");
    vec![
        entry("0061", MAKER),
        entry("0062", MAKER),
        leased("0063", certificate("register-again"), again),
        enrolled("0064", certificate("already-active"), active),
        leased("0065", of_another, other),
        enrolled("0066", of_another, other),
        Entry {
            state: State::Blocked { by: by.clone() },
            ..entry("0067", MAKER)
        },
        Entry {
            state: State::Quarantined { by, live: None },
            ..entry("0068", MAKER)
        },
        Entry {
            batch: BatchId::parse("other").unwrap(),
            ..entry("0069", MAKER)
        },
        enrolled("0070", of_another, renewed),
        entry("0071", "complete"),
        entry("0072", "flooded"),
        entry("0073", "off"),
        entry("0074", "old"),
        entry("0075", "gone"),
    ]
}

/// AWS IoT's registry after every device of the files connected at `now`.
#[must_use]
pub fn registry(faults: Faults, now: Timestamp) -> MemoryRegistry {
    let registry = MemoryRegistry::new(faults);
    for name in [
        MAKER,
        "other",
        "suspended",
        "expired",
        "complete",
        "flooded",
        "off",
        "old",
        "unlisted",
    ] {
        let ca = RegisteredAuthority {
            pem: pem(&format!("ca-{name}")),
            active: name != "off",
        };
        registry.register_authority(authority(name), ca);
    }
    let files = fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("certificates"));
    for file in files.unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        let device = file.strip_suffix(".pem");
        if let Some(device) = device.filter(|device| !device.starts_with("ca-")) {
            present(&registry, device, now);
        }
    }
    registry
}

/// A device connects with its certificate.
pub fn present(registry: &MemoryRegistry, file: &str, now: Timestamp) {
    let registered = Registered {
        pem: pem(file),
        status: match file {
            "already-active" => RegisteredStatus::Active,
            "deny-not-pending--revoked" => RegisteredStatus::OutOfUse,
            _ => RegisteredStatus::Pending,
        },
        authority: Some(authority(authority_of(file))),
    };
    registry.register(certificate(file), registered, now);
}
