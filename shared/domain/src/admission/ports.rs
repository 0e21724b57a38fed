//! What an admission needs of the world.

use std::future::Future;

use super::{
    Admitted, CertificateId, Entry, Introducer, IntroducerId, Quota, SerialNumber, Subject,
    audit::{Head, Record},
    introducer::Used,
    upkeep::CaseNotice,
};
use crate::{ports::PortFailure, thing::ThingName, timestamp::Timestamp};

/// Everything that a decision about a request looks at, as of the last completed write.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The line of the allow-list, if there is one.
    pub entry: Option<Entry>,
    /// The introducer's record, if there is one.
    pub introducer: Option<Introducer>,
    /// The end of the device's chain.
    pub device_chain: Head,
    /// The end of the introducer's chain.
    pub introducer_chain: Head,
}

/// A device with the end of its chain.
#[derive(Debug, Clone)]
pub struct Device {
    /// The line of the allow-list.
    pub entry: Entry,
    /// The end of its chain.
    pub chain: Head,
}

/// One more lease of an introducer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Whose.
    pub introducer: IntroducerId,
    /// The new count.
    pub used: Used,
    /// What it must not exceed, whatever others wrote in the meantime.
    pub quota: Quota,
}

/// Everything that one decision changes, written all or nothing.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// The entry with its new version; written only if the stored version is the one before.
    pub entry: Option<&'a Entry>,
    /// The lease to count. Counts add up: two devices of one batch do not stand in each other's way. Written only if the
    /// quota still holds, the introducer is not suspended, and the minute is not over.
    pub charge: Option<Charge>,
    /// The record; written only if it continues its chain.
    pub record: &'a Record,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// All of it was written.
    Written,
    /// Somebody else changed the entry, the introducer or the chain: nothing was written.
    Conflict,
}

/// Allow-list, introducers and audit: one store, because they change together.
pub trait AdmissionStore {
    /// One read of what a request needs.
    fn load(
        &self,
        serial: Option<&SerialNumber>,
        introducer: IntroducerId,
    ) -> impl Future<Output = Result<Loaded, PortFailure>> + Send;

    /// The line of one device, if there is one.
    fn device(
        &self,
        serial: &SerialNumber,
    ) -> impl Future<Output = Result<Option<Device>, PortFailure>> + Send;

    /// Writes all of `commit` or nothing.
    fn commit(
        &self,
        commit: Commit<'_>,
    ) -> impl Future<Output = Result<Committed, PortFailure>> + Send;

    /// At most `limit` devices whose [`Entry::due_at`] is past, the longest overdue first. May lag behind writes.
    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<SerialNumber>, PortFailure>> + Send;

    /// The whole chain of `subject`, in order, and its head.
    fn history(
        &self,
        subject: &Subject,
    ) -> impl Future<Output = Result<(Vec<Record>, Head), PortFailure>> + Send;
}

/// How often the CAs of the list may cause work. Whoever has the key of a CA makes certificates at will, and each one that a
/// device presents is an event.
pub trait RegistrationBudget {
    /// Counts one event of `authority`, whose record exists, in the hour of `now`; false, and not counted, when the hour has
    /// had `per_hour` of them. A clock that runs behind goes on counting in the newest hour.
    fn spend(
        &self,
        authority: CertificateId,
        per_hour: u64,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, PortFailure>> + Send;
}

/// A certificate as AWS IoT describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The certificate.
    pub pem: String,
    /// What it may be used for.
    pub status: RegisteredStatus,
    /// The CA that it was registered for, if there is one.
    pub authority: Option<CertificateId>,
}

/// The status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisteredStatus {
    /// AWS IoT registered it, and somebody has to decide.
    Pending,
    /// It may connect.
    Active,
    /// Any other: it may not, and somebody decided that.
    OutOfUse,
}

/// A CA as AWS IoT describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredAuthority {
    /// Its certificate.
    pub pem: String,
    /// Whether certificates are registered for it.
    pub active: bool,
}

/// AWS IoT's registry, for certificates that it registers for a CA.
pub trait Registry {
    /// A certificate, if it is there. One that was just registered may not be there yet.
    fn describe(
        &self,
        certificate: CertificateId,
    ) -> impl Future<Output = Result<Option<Registered>, PortFailure>> + Send;

    /// A CA, if it is there.
    fn authority(
        &self,
        authority: CertificateId,
    ) -> impl Future<Output = Result<Option<RegisteredAuthority>, PortFailure>> + Send;

    /// Makes the thing of `device`, with its type and attributes, a member of the fleet and the only owner of `certificate`,
    /// and then activates the certificate. Each step may be done again, and goes on where an earlier attempt ended. A thing
    /// that is there already keeps its type and attributes.
    fn enrol(
        &self,
        device: &Admitted,
        serial: &SerialNumber,
        certificate: CertificateId,
    ) -> impl Future<Output = Result<(), PortFailure>> + Send;

    /// At most `limit` of the CAs that are registered, whoever registered them.
    fn authorities(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<CertificateId>, PortFailure>> + Send;

    /// At most `limit` certificates of `authority` that are pending since before `before`. Of a CA with very many
    /// certificates one call looks through a part, and the next call through the part after it.
    fn pending(
        &self,
        authority: CertificateId,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<CertificateId>, PortFailure>> + Send;

    /// Deletes a pending certificate, and says whether it did: one that is gone, or active by now, is left as it is.
    fn discard(
        &self,
        certificate: CertificateId,
    ) -> impl Future<Output = Result<bool, PortFailure>> + Send;
}

/// The certificates in AWS IoT.
pub trait Certificates {
    /// Takes `certificate` away from `thing` and out of use: INACTIVE, then detached, then deleted. Doing it twice, or to one
    /// that does not exist, is no error.
    fn retire(
        &self,
        thing: &ThingName,
        certificate: CertificateId,
    ) -> impl Future<Output = Result<(), PortFailure>> + Send;
}

/// The people who decide cases.
pub trait Operators {
    /// Tells them. The same case may be told twice, when the first time could not be noted.
    fn tell(&self, notice: &CaseNotice) -> impl Future<Output = Result<(), PortFailure>> + Send;
}
