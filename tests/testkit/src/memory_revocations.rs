//! Revocations in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use sci_domain::{
    access::{Credential, Revocations, Revoked},
    ports::PortFailure,
    timestamp::Timestamp,
};

use crate::Faults;

/// An entry of the list. Its times are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// `issuer#<iss>`, `kid#<iss>#<kid>`, `thing#<thing>` or `jti#<iss>#<jti>`.
    pub subject: String,
    /// From then on it counts no longer.
    pub expires_at: Option<Timestamp>,
    /// It counts only for tokens issued before.
    pub issued_before: Option<Timestamp>,
}

impl Revocation {
    /// An entry that counts for every token, for ever.
    #[must_use]
    pub fn of(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            expires_at: None,
            issued_before: None,
        }
    }

    fn counts(&self, issued_at: Timestamp, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
            && self.issued_before.is_none_or(|before| issued_at < before)
    }
}

/// The fake of [`Revocations`]. Clones share the list.
#[derive(Debug, Clone, Default)]
pub struct MemoryRevocations {
    list: Arc<Mutex<BTreeMap<String, Revocation>>>,
    faults: Faults,
}

impl MemoryRevocations {
    /// An empty list with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            list: Arc::default(),
            faults,
        }
    }

    /// Puts an entry on the list, in the place of an earlier one of its subject.
    pub fn revoke(&self, revocation: Revocation) {
        let subject = revocation.subject.clone();
        self.list.lock().unwrap().insert(subject, revocation);
    }
}

impl Revocations for MemoryRevocations {
    async fn find(
        &self,
        credential: Credential<'_>,
        now: Timestamp,
    ) -> Result<Option<Revoked>, PortFailure> {
        let entered = self.faults.enter("revocations.find").await?;
        let issuer = credential.issuer;
        // The widest first.
        let subjects = [
            Some((Revoked::Issuer, format!("issuer#{issuer}"))),
            Some((Revoked::Key, format!("kid#{issuer}#{}", credential.kid))),
            Some((Revoked::Thing, format!("thing#{}", credential.thing))),
            credential
                .jti
                .map(|jti| (Revoked::Token, format!("jti#{issuer}#{jti}"))),
        ];
        let found = {
            let list = self.list.lock().unwrap();
            let mut subjects = subjects.into_iter().flatten();
            subjects.find(|(_, subject)| {
                let entry = list.get(subject);
                entry.is_some_and(|entry| entry.counts(credential.issued_at, now))
            })
        };
        entered.leave(found.map(|(revoked, _)| revoked)).await
    }
}
