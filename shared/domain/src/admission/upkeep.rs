//! What happens to a device after it was let in: it comes back, or does not; its old certificate ends; people are told and
//! decide. Each step is one write with its record, so that a crash between two steps leaves a state that the next sweep
//! goes on from.

use std::fmt::Write as _;

use super::{
    AdmissionStore, Case, CertificateId, Certificates, Command, Commit, Committed, Device,
    Enrolment, Entry, NotConfirmed, NotDecided, Operators, SerialNumber, Subject, Word,
    audit::{Fact, Happened, append},
    serial_of,
};
use crate::{
    ports::{FailureKind, PortFailure},
    thing::ThingName,
    timestamp::Timestamp,
};

/// How often a step is tried anew when somebody else changed the entry meanwhile.
const MAX_CONFLICTS: u32 = 8;

/// How many devices one sweep looks after; the next sweep takes the rest.
pub const SWEEP_LIMIT: usize = 100;

/// What a device's word that it has its certificate did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The device is enrolled now.
    Confirmed,
    /// It was before: the device says so at each start.
    Already,
    /// There is no such device, or no lease for this certificate.
    Refused,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Leases that ended.
    pub expired: usize,
    /// Certificates that were taken out of use.
    pub retired: usize,
    /// Cases of which operators were told.
    pub told: usize,
}

/// What an operator's command did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commanded {
    /// It is done.
    Done,
    /// There is no such serial number.
    Unknown,
    /// It does not fit the state.
    Refused(NotDecided),
}

/// What operators are told of a case. Every word is ours, or was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNotice {
    /// The thing that works on.
    pub thing: ThingName,
    /// Its serial number.
    pub serial: SerialNumber,
    /// The device that works on.
    pub live: Enrolment,
    /// The other one.
    pub case: Case,
}

impl CaseNotice {
    /// At most 99 ASCII characters, as SNS asks of a subject.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("Second key for serial number {}", self.serial)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "A second key asked for the serial number of {}.\n\n",
            self.thing
        );
        let mut line = |what: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "{what:<20}{value}");
        };
        line("enrolled key", &self.live.key);
        line("  certificate", &self.live.certificate);
        line("  introduced by", &self.live.introducer);
        line("  since", &self.live.since);
        line("other key", &self.case.key);
        line("  certificate", &self.case.certificate);
        line("  introduced by", &self.case.introducer);
        line("  since", &self.case.opened_at);
        text.push_str(
            "\nThe enrolled device works on and nothing was changed. Decide: keep (refuse the other key), replace (let the other \
             key in; the enrolled certificate ends once the other one is in use), or block (shut both out).\n",
        );
        text
    }
}

/// The device says that it has its certificate; `certificate` and `thing` are the service's word, from the connection.
///
/// # Errors
/// When the store fails, or the entry changes faster than it can be written.
pub async fn confirm<Store: AdmissionStore>(
    store: &Store,
    thing: &ThingName,
    certificate: CertificateId,
    now: Timestamp,
) -> Result<Confirmation, PortFailure> {
    let Some((serial, placement)) = serial_of(thing) else {
        return Ok(Confirmation::Refused);
    };
    for _ in 0..MAX_CONFLICTS {
        let Some(device) = store.device(&serial).await? else {
            return Ok(Confirmation::Refused);
        };
        if device.entry.placement != placement {
            return Ok(Confirmation::Refused);
        }
        let next = match device.entry.confirm(certificate, now) {
            Ok(next) => next,
            Err(NotConfirmed::Already) => return Ok(Confirmation::Already),
            Err(NotConfirmed::NoLease) => return Ok(Confirmation::Refused),
        };
        let mut fact = fact(Happened::Confirmed, &next, now);
        fact.certificate = Some(certificate);
        if write(store, &device, &next, fact).await?.is_some() {
            return Ok(Confirmation::Confirmed);
        }
    }
    Err(too_many_conflicts())
}

/// An operator's command.
///
/// # Errors
/// When the store fails, or the entry changes faster than it can be written.
pub async fn command<Store: AdmissionStore>(
    store: &Store,
    serial: &SerialNumber,
    command: Command,
    by: &Word,
) -> Result<Commanded, PortFailure> {
    for _ in 0..MAX_CONFLICTS {
        let Some(device) = store.device(serial).await? else {
            return Ok(Commanded::Unknown);
        };
        let next = match device.entry.command(command, by.clone()) {
            Ok(next) => next,
            Err(refused) => return Ok(Commanded::Refused(refused)),
        };
        let mut fact = fact(Happened::Commanded, &next, by.at);
        fact.reason = command.as_str().to_owned();
        fact.by = Some(by.by.clone());
        if write(store, &device, &next, fact).await?.is_some() {
            return Ok(Commanded::Done);
        }
    }
    Err(too_many_conflicts())
}

/// Ends leases, takes certificates out of use, and tells operators of cases. What fails does not keep the rest from being
/// done, and is done by the next sweep.
///
/// # Errors
/// The first failure, after everything that could be done was done.
pub async fn sweep<Store, Certs, People>(
    store: &Store,
    certificates: &Certs,
    operators: &People,
    now: Timestamp,
) -> Result<Swept, PortFailure>
where
    Store: AdmissionStore,
    Certs: Certificates,
    People: Operators,
{
    let mut swept = Swept::default();
    let mut failed = None;
    for serial in store.due(now, SWEEP_LIMIT).await? {
        let Some(device) = store.device(&serial).await.unwrap_or_else(|failure| {
            failed.get_or_insert(failure);
            None
        }) else {
            continue;
        };
        if let Err(failure) =
            look_after(store, certificates, operators, device, now, &mut swept).await
        {
            failed.get_or_insert(failure);
        }
    }
    failed.map_or(Ok(swept), Err)
}

/// One device. Where somebody else changed it meanwhile, the next sweep looks again.
async fn look_after<Store, Certs, People>(
    store: &Store,
    certificates: &Certs,
    operators: &People,
    mut device: Device,
    now: Timestamp,
    swept: &mut Swept,
) -> Result<(), PortFailure>
where
    Store: AdmissionStore,
    Certs: Certificates,
    People: Operators,
{
    if let Some(next) = device.entry.expire(now) {
        let mut fact = fact(Happened::Expired, &next, now);
        fact.certificate = device.entry.leased();
        let Some(written) = write(store, &device, &next, fact).await? else {
            return Ok(());
        };
        device = written;
        swept.expired += 1;
    }
    let thing = device.entry.placement.thing(&device.entry.serial);
    let thing = thing.map_err(|invalid| PortFailure {
        operation: "name the thing of a device",
        kind: FailureKind::Misconfigured,
        source: Box::new(invalid),
    })?;
    let mut failed = None;
    if device.entry.retry.is_none_or(|retry| now >= retry.at) {
        // One that cannot be retired does not keep the next one in use.
        for certificate in device.entry.retiring.clone() {
            if let Err(failure) = certificates.retire(&thing, certificate).await {
                failed = Some((certificate, failure));
                continue;
            }
            let next = device.entry.retired(certificate);
            let mut fact = fact(Happened::Retired, &next, now);
            fact.certificate = Some(certificate);
            let Some(written) = write(store, &device, &next, fact).await? else {
                return failed.map_or(Ok(()), |(_, failure)| Err(failure));
            };
            device = written;
            swept.retired += 1;
        }
    }
    if let Some((certificate, failure)) = failed {
        let next = device.entry.postponed(now);
        let mut fact = fact(Happened::NotRetired, &next, now);
        fact.certificate = Some(certificate);
        write(store, &device, &next, fact).await?;
        return Err(failure);
    }
    if let (Some(case), Some(live)) = (device.entry.untold(), device.entry.live()) {
        let notice = CaseNotice {
            thing,
            serial: device.entry.serial.clone(),
            live: live.clone(),
            case: case.clone(),
        };
        operators.tell(&notice).await?;
        let next = device.entry.told(now);
        let mut fact = fact(Happened::Notified, &next, now);
        fact.key = Some(notice.case.key);
        if write(store, &device, &next, fact).await?.is_some() {
            swept.told += 1;
        }
    }
    Ok(())
}

fn fact(happened: Happened, entry: &Entry, at: Timestamp) -> Fact {
    Fact {
        at,
        happened,
        reason: String::new(),
        serial: Some(entry.serial.clone()),
        introducer: None,
        certificate: None,
        key: None,
        client: None,
        by: None,
    }
}

/// The device as it was written; nothing when somebody else changed it.
async fn write<Store: AdmissionStore>(
    store: &Store,
    device: &Device,
    next: &Entry,
    fact: Fact,
) -> Result<Option<Device>, PortFailure> {
    let subject = Subject::device(&next.serial);
    let record = append(&subject, device.chain, fact).map_err(|broken| PortFailure {
        operation: "write an audit record",
        kind: FailureKind::Misconfigured,
        source: Box::new(broken),
    })?;
    let commit = Commit {
        entry: Some(next),
        charge: None,
        record: &record,
    };
    let committed = store.commit(commit).await?;
    Ok((committed == Committed::Written).then(|| Device {
        entry: next.clone(),
        chain: record.head(),
    }))
}

fn too_many_conflicts() -> PortFailure {
    PortFailure {
        operation: "write a device",
        kind: FailureKind::Throttled,
        source: "it was changed by others each time".into(),
    }
}
