//! Where a device stands, for people. Of its secret only that it has one.

use sci_domain::{
    admission::{
        BatchId, CertificateId, Enrolment, Entry, IntroducerId, KeyFingerprint, State, Verdict,
    },
    timestamp::Timestamp,
};
use serde::Serialize;

/// Where a device stands.
#[derive(Debug, Clone, Serialize)]
pub struct Present {
    /// The thing that it is, or becomes; nothing when the list holds what cannot be named.
    pub thing: Option<String>,
    /// The batch that it came with.
    pub batch: BatchId,
    /// Whether it has a secret of its own for vouchers.
    pub has_secret: bool,
    /// `allowed`, `leased`, `enrolled`, `quarantined` or `blocked`.
    pub state: &'static str,
    /// Since when, if that is recorded.
    pub since: Option<String>,
    /// The operator who brought it into this state, if one did.
    pub by: Option<String>,
    /// Who leased a certificate, and until when it must have come back.
    pub lease: Option<Holder>,
    /// The certificate that works.
    pub live: Option<Holder>,
    /// A second key that asked for it.
    pub case: Option<Case>,
    /// Certificates that still have to be taken out of use.
    pub retiring: Vec<CertificateId>,
}

/// Who holds a certificate of the device.
#[derive(Debug, Clone, Serialize)]
pub struct Holder {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its key.
    pub key: KeyFingerprint,
    /// Who introduced it.
    pub introducer: String,
    /// Since when.
    pub since: String,
    /// Until when, for a lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A second key.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Who.
    #[serde(flatten)]
    pub holder: Holder,
    /// What was decided, if it was: `keep` or `replace`.
    pub decision: Option<&'static str>,
    /// By whom.
    pub decided_by: Option<String>,
}

impl Present {
    /// Of a line of the allow-list.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let live = entry.live();
        let (state, since, by) = match &entry.state {
            State::Allowed => ("allowed", None, None),
            State::Leased(lease) => ("leased", Some(lease.since), None),
            State::Enrolled(live) => ("enrolled", Some(live.since), None),
            State::Quarantined { by, .. } => ("quarantined", Some(by.at), Some(by.by.clone())),
            State::Blocked { by } => ("blocked", Some(by.at), Some(by.by.clone())),
        };
        let lease = match &entry.state {
            State::Leased(lease) => Some(Holder {
                until: Some(lease.expires_at.to_string()),
                ..holder(lease.certificate, lease.key, lease.introducer, lease.since)
            }),
            _ => None,
        };
        let thing = entry.placement.thing(&entry.serial);
        Self {
            thing: thing.ok().map(|thing| thing.to_string()),
            batch: entry.batch.clone(),
            has_secret: entry.secret.is_some(),
            state,
            since: since.map(|since| since.to_string()),
            by,
            lease,
            live: live.map(|live| holder(live.certificate, live.key, live.introducer, live.since)),
            case: live.and_then(case),
            retiring: entry.retiring.clone(),
        }
    }
}

fn holder(
    certificate: CertificateId,
    key: KeyFingerprint,
    introducer: IntroducerId,
    since: Timestamp,
) -> Holder {
    Holder {
        certificate,
        key,
        introducer: introducer.to_string(),
        since: since.to_string(),
        until: None,
    }
}

fn case(live: &Enrolment) -> Option<Case> {
    let case = live.case.as_ref()?;
    let decision = case.decision.as_ref();
    Some(Case {
        holder: holder(case.certificate, case.key, case.introducer, case.opened_at),
        decision: decision.map(|decision| match decision.verdict {
            Verdict::Keep => "keep",
            Verdict::Replace => "replace",
        }),
        decided_by: decision.map(|decision| decision.by.by.clone()),
    })
}
