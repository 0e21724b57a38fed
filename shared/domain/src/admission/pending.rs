//! Certificates that AWS IoT registered for a CA and that nobody was let in with. A device that still has one registers it
//! again by connecting; a heap of them would hide a flood.

use super::{AdmissionStore, CertificateId, IntroducerId, Registry};
use crate::{ports::PortFailure, timestamp::Timestamp};

/// How many CAs one sweep looks at; at most as many as it deletes certificates.
pub const AUTHORITIES: usize = 100;

/// How many certificates one sweep deletes, of all CAs together: AWS IoT takes 10 such calls in a second for the whole account.
pub const DISCARDS: usize = 100;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discarded {
    /// CAs of the list that were looked at.
    pub authorities: usize,
    /// Certificates that were deleted.
    pub certificates: usize,
}

/// Deletes certificates that are pending since before `before`, of the CAs that have a record, suspended or not. Others
/// belong to somebody else. Each CA has the same share of the sweep: a flood of one leaves no heap of another. What fails
/// does not keep the rest from being done, and is done by the next sweep.
///
/// # Errors
/// The first failure, after everything that could be done was done.
pub async fn discard<Store: AdmissionStore, Reg: Registry>(
    store: &Store,
    registry: &Reg,
    before: Timestamp,
) -> Result<Discarded, PortFailure> {
    let mut failed = None;
    let mut listed = Vec::new();
    for authority in registry.authorities(AUTHORITIES).await? {
        match store.load(None, IntroducerId::Authority(authority)).await {
            Ok(loaded) => listed.extend(loaded.introducer.map(|_| authority)),
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    let share = DISCARDS / listed.len().max(1);
    let mut done = Discarded {
        authorities: listed.len(),
        certificates: 0,
    };
    for authority in listed {
        let pending = registry.pending(authority, before, share).await;
        let pending: Vec<CertificateId> = pending.unwrap_or_else(|failure| {
            failed.get_or_insert(failure);
            Vec::new()
        });
        for certificate in pending {
            match registry.discard(certificate).await {
                Ok(discarded) => done.certificates += usize::from(discarded),
                Err(failure) => {
                    failed.get_or_insert(failure);
                }
            }
        }
    }
    failed.map_or(Ok(done), Err)
}
