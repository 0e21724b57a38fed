//! What is written down of every decision: append-only, and chained by hashes, so that a record that was changed, put in
//! or taken away shows.
//!
//! Each subject has its own chain: a device, or an introducer for requests that name no known device. A chain for all would
//! make devices wait for each other. The head of a chain is stored beside it and is part of every write, so that cutting
//! off the end shows as well.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{CertificateId, Digest, IntroducerId, KeyFingerprint, SerialNumber};
use crate::timestamp::Timestamp;

/// Whose chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// The chain of a device: `serial#<serial number>`.
    #[must_use]
    pub fn device(serial: &SerialNumber) -> Self {
        Self(format!("serial#{serial}"))
    }

    /// The chain of an introducer: `claim#<certificate id>` or `ca#<certificate id>`.
    #[must_use]
    pub fn introducer(introducer: IntroducerId) -> Self {
        Self(introducer.to_string())
    }

    /// A subject as it was stored.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The subject as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last record; 0 of an empty chain.
    pub sequence: u64,
    /// The hash of the last record; zeros of an empty chain.
    pub hash: Digest,
}

impl Head {
    /// The head of a chain without records.
    pub const EMPTY: Self = Self {
        sequence: 0,
        hash: Digest::from_bytes([0; 32]),
    };
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// A device was let in.
    Admitted,
    /// A device was turned away.
    Denied,
    /// A device came back with its certificate.
    Confirmed,
    /// A device did not come back.
    Expired,
    /// A certificate was deactivated.
    Retired,
    /// A certificate could not be deactivated, and it is tried again later.
    NotRetired,
    /// An operator was told of a case.
    Notified,
    /// An operator decided.
    Commanded,
    /// The device was put on the allow-list.
    Imported,
}

/// One thing that happened. No field holds a secret, and none holds text of a device that was not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// When, in the service's time.
    pub at: Timestamp,
    /// What.
    pub happened: Happened,
    /// Why: a stable code; empty where nothing is to be explained.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The serial number that was asked for, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<SerialNumber>,
    /// Who introduced the device, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introducer: Option<IntroducerId>,
    /// The certificate that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// That certificate's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFingerprint>,
    /// SHA-256 of the MQTT client id of the session, so that two requests can be told to come from one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Digest>,
    /// The operator, for commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// SHA-256 of a text that is not shown.
#[must_use]
pub fn hashed(text: &str) -> Digest {
    Digest::from_bytes(Sha256::digest(text).into())
}

/// The text that is hashed. Fields are written in this order; a reader needs no schema to check the chain.
#[derive(Serialize, Deserialize)]
struct Link {
    subject: Subject,
    sequence: u64,
    previous: Digest,
    #[serde(flatten)]
    fact: Fact,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose chain.
    pub subject: Subject,
    /// Its number in the chain, from 1.
    pub sequence: u64,
    /// The record as JSON text: what is hashed, byte by byte.
    pub text: String,
    /// SHA-256 of `text`.
    pub hash: Digest,
}

/// Why a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// A record cannot be written or read.
    Unreadable {
        /// Its number.
        sequence: u64,
    },
    /// A record's text does not have its hash.
    Altered {
        /// Its number.
        sequence: u64,
    },
    /// A record does not continue the one before it.
    Unlinked {
        /// Its number.
        sequence: u64,
    },
    /// The chain does not end where its head says.
    Cut {
        /// The number that the head says.
        expected: u64,
        /// The number of the last record.
        found: u64,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { sequence } => write!(f, "record {sequence} cannot be read"),
            Self::Altered { sequence } => write!(f, "record {sequence} was altered"),
            Self::Unlinked { sequence } => write!(
                f,
                "record {sequence} does not follow the one before it: one was taken away, put in or moved"
            ),
            Self::Cut { expected, found } => write!(
                f,
                "the chain has {found} records and its head says {expected}: its end was cut off, or its head altered"
            ),
        }
    }
}

impl std::error::Error for Broken {}

/// The record that continues the chain of `subject` after `head`.
///
/// # Errors
/// [`Broken::Unreadable`] when it cannot be written as JSON, which no fact causes.
pub fn append(subject: &Subject, head: Head, fact: Fact) -> Result<Record, Broken> {
    let sequence = head.sequence.saturating_add(1);
    let link = Link {
        subject: subject.clone(),
        sequence,
        previous: head.hash,
        fact,
    };
    let text = serde_json::to_string(&link).map_err(|_| Broken::Unreadable { sequence })?;
    let hash = hashed(&text);
    Ok(Record {
        subject: subject.clone(),
        sequence,
        text,
        hash,
    })
}

impl Record {
    /// The head of a chain that ends with this record.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }
}

/// Checks the whole chain of `subject`, in order, and gives what it tells.
///
/// # Errors
/// The first break.
pub fn verify(subject: &Subject, records: &[Record], head: Head) -> Result<Vec<Fact>, Broken> {
    let mut facts = Vec::with_capacity(records.len());
    let mut end = Head::EMPTY;
    for record in records {
        let sequence = record.sequence;
        if hashed(&record.text) != record.hash {
            return Err(Broken::Altered { sequence });
        }
        let link: Link =
            serde_json::from_str(&record.text).map_err(|_| Broken::Unreadable { sequence })?;
        let follows = link.subject == *subject
            && link.sequence == sequence
            && sequence == end.sequence.saturating_add(1)
            && link.previous == end.hash;
        if !follows {
            return Err(Broken::Unlinked { sequence });
        }
        end = record.head();
        facts.push(link.fact);
    }
    if end != head {
        return Err(Broken::Cut {
            expected: head.sequence,
            found: end.sequence,
        });
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(second: u64, happened: Happened) -> Fact {
        Fact {
            at: Timestamp::from_millis(second * 1000).unwrap(),
            happened,
            reason: String::new(),
            serial: Some(SerialNumber::parse("0042").unwrap()),
            introducer: Some(IntroducerId::Claim(CertificateId::from_bytes([7; 32]))),
            certificate: Some(CertificateId::from_bytes([1; 32])),
            key: None,
            client: Some(hashed("device-1")),
            by: None,
        }
    }

    fn chain() -> (Subject, Vec<Record>) {
        let subject = Subject::device(&SerialNumber::parse("0042").unwrap());
        let mut head = Head::EMPTY;
        let mut records = Vec::new();
        for (second, happened) in [Happened::Imported, Happened::Admitted, Happened::Confirmed]
            .into_iter()
            .enumerate()
        {
            let record = append(&subject, head, fact(second as u64, happened)).unwrap();
            head = record.head();
            records.push(record);
        }
        (subject, records)
    }

    #[test]
    fn a_whole_chain_tells_its_story() {
        let (subject, records) = chain();
        let facts = verify(&subject, &records, records[2].head()).unwrap();
        assert_eq!(facts.len(), 3);
        assert_eq!(facts[2], fact(2, Happened::Confirmed));
        assert_eq!(verify(&subject, &[], Head::EMPTY), Ok(vec![]));
        assert!(
            records[0]
                .text
                .starts_with(r#"{"subject":"serial#0042","sequence":1,"previous":"000000"#)
        );
    }

    #[test]
    fn every_change_shows() {
        let (subject, records) = chain();
        let head = records[2].head();
        let broken = |change: &dyn Fn(&mut Vec<Record>)| {
            let mut records = records.clone();
            change(&mut records);
            verify(&subject, &records, head).unwrap_err()
        };
        let altered = broken(&|r| r[1].text = r[1].text.replace("admitted", "denied"));
        assert_eq!(altered.clone(), Broken::Altered { sequence: 2 });
        // Whoever writes a new hash too has to write every later record, and the head.
        let rehashed = broken(&|r| {
            r[1].text = r[1].text.replace("admitted", "denied");
            r[1].hash = hashed(&r[1].text);
        });
        assert_eq!(rehashed, Broken::Unlinked { sequence: 3 });
        assert_eq!(
            broken(&|r| drop(r.remove(1))),
            Broken::Unlinked { sequence: 3 }
        );
        assert_eq!(broken(&|r| r.swap(0, 1)), Broken::Unlinked { sequence: 2 });
        assert_eq!(
            broken(&|r| r[0].sequence = 9),
            Broken::Unlinked { sequence: 9 }
        );
        let (found, expected) = (2, 3);
        assert_eq!(broken(&|r| drop(r.pop())), Broken::Cut { expected, found });
        let unreadable = broken(&|r| {
            r[0].text = "{}".into();
            r[0].hash = hashed("{}");
        });
        assert_eq!(unreadable, Broken::Unreadable { sequence: 1 });
        // What an operator reads says which record, and what was done to it.
        for (broken, text) in [
            (altered, "record 2 was altered"),
            (unreadable, "record 1 cannot be read"),
            (
                rehashed,
                "record 3 does not follow the one before it: one was taken away, put in or moved",
            ),
        ] {
            assert_eq!(broken.to_string(), text);
        }
        let cut = Broken::Cut { expected, found }.to_string();
        assert!(cut.starts_with("the chain has 2 records and its head says 3"));
        let other = Subject::from_stored("serial#0043");
        assert_eq!(
            verify(&other, &records, head),
            Err(Broken::Unlinked { sequence: 1 })
        );
    }
}
