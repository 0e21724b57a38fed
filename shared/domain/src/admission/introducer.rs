//! Who introduces a device: the claim certificate that its batch carries, or the CA that signed its certificate.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BatchId, CertificateId, Reason};
use crate::timestamp::{Millis, Timestamp};

/// A claim certificate or a CA certificate, by its id in AWS IoT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "certificate_id")]
pub enum IntroducerId {
    /// A claim certificate, which every device of a batch carries: whoever opens one device has it.
    Claim(CertificateId),
    /// A CA certificate that is registered for just-in-time registration.
    Authority(CertificateId),
}

/// `claim#<certificate id>` or `ca#<certificate id>`: a key in the store.
impl fmt::Display for IntroducerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(id) => write!(f, "claim#{id}"),
            Self::Authority(id) => write!(f, "ca#{id}"),
        }
    }
}

impl IntroducerId {
    /// Reads what [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('#')?;
        let id = CertificateId::parse(id).ok()?;
        match kind {
            "claim" => Some(Self::Claim(id)),
            "ca" => Some(Self::Authority(id)),
            _ => None,
        }
    }
}

/// What an introducer may do, and what it did. An introducer without a record may do nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introducer {
    /// Which.
    pub id: IntroducerId,
    /// The batch that it introduces, and no other.
    pub batch: BatchId,
    /// The kill switch: a suspended one introduces nobody.
    pub suspended: bool,
    /// When it stops.
    pub expires_at: Timestamp,
    /// What holds for its devices.
    pub policy: BatchPolicy,
    /// The public key that signed its devices' vouchers at the factory (`PUBLIC KEY` as PEM), if there is one.
    pub factory_key: Option<String>,
    /// How many leases it may bring about in all, and in one minute.
    pub quota: Quota,
    /// How many it did.
    pub used: Used,
}

impl Introducer {
    /// Whether it introduces anybody at `now`.
    ///
    /// # Errors
    /// When it is suspended or expired.
    pub fn check(&self, now: Timestamp) -> Result<(), Reason> {
        if self.suspended {
            return Err(Reason::IntroducerSuspended);
        }
        if now >= self.expires_at {
            return Err(Reason::IntroducerExpired);
        }
        Ok(())
    }
}

/// What holds for the devices of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPolicy {
    /// Whether a device must prove that its key belongs to its serial number.
    pub voucher_required: bool,
    /// What a device that is enrolled and comes with another key gets.
    pub reprovisioning: Reprovisioning,
    /// How long a device has to come back with its new certificate.
    pub lease: Millis,
}

/// What an enrolled device that comes again, with another certificate, gets. Only with a voucher it gets more than
/// [`Reprovisioning::Refuse`], whatever the batch says of vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "policy")]
pub enum Reprovisioning {
    /// A refusal, and a case for people to decide when the key is another one.
    Refuse,
    /// A new lease until this time, for example while a batch is reset on purpose.
    Window {
        /// When the window closes.
        until: Timestamp,
    },
    /// A new lease, always.
    Replace,
}

impl Reprovisioning {
    pub(super) fn permits(self, now: Timestamp) -> bool {
        match self {
            Self::Refuse => false,
            Self::Window { until } => now < until,
            Self::Replace => true,
        }
    }
}

/// Bounds on the harm of a stolen claim certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Leases in all: the size of the batch, and some.
    pub total: u64,
    /// Leases in one minute. AWS IoT registers 10 things in a second for the whole account.
    pub per_minute: u64,
}

/// Leases that were counted against a [`Quota`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Used {
    /// In all.
    pub total: u64,
    /// The minute of `in_minute`, in minutes since the epoch.
    pub minute: u64,
    /// In that minute.
    pub in_minute: u64,
}

/// A quota that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsedUp {
    Total,
    Minute,
}

impl Used {
    /// The minute of `now`, in minutes since the epoch.
    #[must_use]
    pub fn minute_of(now: Timestamp) -> u64 {
        now.as_millis() / 60_000
    }

    /// One lease more.
    pub(super) fn charged(self, quota: Quota, now: Timestamp) -> Result<Self, UsedUp> {
        if self.total >= quota.total {
            return Err(UsedUp::Total);
        }
        let minute = Self::minute_of(now);
        // A clock that runs behind goes on counting in the newest minute.
        let (minute, before) = if minute > self.minute {
            (minute, 0)
        } else {
            (self.minute, self.in_minute)
        };
        if before >= quota.per_minute {
            return Err(UsedUp::Minute);
        }
        Ok(Self {
            total: self.total.saturating_add(1),
            minute,
            in_minute: before.saturating_add(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000 + 1).unwrap()
    }

    #[test]
    fn an_introducer_is_a_key() {
        for id in [
            IntroducerId::Claim(CertificateId::from_bytes([1; 32])),
            IntroducerId::Authority(CertificateId::from_bytes([2; 32])),
        ] {
            assert_eq!(IntroducerId::parse(&id.to_string()), Some(id));
        }
        for bad in ["", "claim#", "claim#00", "device#00", &"0".repeat(64)] {
            assert_eq!(IntroducerId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_quota_holds_in_all_and_in_a_minute() {
        let quota = Quota {
            total: 3,
            per_minute: 2,
        };
        let one = Used::default().charged(quota, at(10)).unwrap();
        let two = one.charged(quota, at(10)).unwrap();
        assert_eq!(two.charged(quota, at(10)), Err(UsedUp::Minute));
        // A clock that is behind does not open the minute again.
        assert_eq!(two.charged(quota, at(9)), Err(UsedUp::Minute));
        let three = two.charged(quota, at(11)).unwrap();
        assert_eq!((three.total, three.minute, three.in_minute), (3, 11, 1));
        assert_eq!(three.charged(quota, at(12)), Err(UsedUp::Total));
    }

    #[test]
    fn a_window_closes() {
        let window = Reprovisioning::Window { until: at(5) };
        assert!(window.permits(at(4)));
        assert!(!window.permits(at(5)));
        assert!(Reprovisioning::Replace.permits(at(5)));
        assert!(!Reprovisioning::Refuse.permits(at(0)));
    }
}
