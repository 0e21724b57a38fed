//! Why a device is turned away.

use std::fmt;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal,)*) => {
        /// Why a device is turned away. The device never learns it; the code goes to the log, the metric and the audit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])* $name,)*
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What it says, for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),*).trim_ascii(),)*
                }
            }
        }
    };
}

reasons! {
    /// What arrived is no request.
    MalformedRequest = "malformed-request",
    /// It came through a template that this function does not decide for.
    WrongTemplate = "wrong-template",
    /// The serial number is missing or breaks its pattern.
    InvalidSerial = "invalid-serial",
    /// The certificate cannot be read, or its key is one that we do not take.
    InvalidCertificate = "invalid-certificate",
    /// The certificate is not valid now.
    CertificateNotValid = "certificate-not-valid",
    /// The certificate's subject names another device.
    SubjectMismatch = "subject-mismatch",
    /// Nobody registered the claim certificate or CA.
    UnknownIntroducer = "unknown-introducer",
    /// The claim certificate or CA was switched off.
    IntroducerSuspended = "introducer-suspended",
    /// The claim certificate or CA is too old.
    IntroducerExpired = "introducer-expired",
    /// The serial number is not on the allow-list.
    UnknownSerial = "unknown-serial",
    /// The device belongs to another batch than what introduced it.
    WrongBatch = "wrong-batch",
    /// The device says that it is elsewhere, or something else, than the allow-list says.
    ClaimsMismatch = "claims-mismatch",
    /// The batch wants a voucher, and there is none.
    VoucherMissing = "voucher-missing",
    /// The voucher is not right.
    VoucherInvalid = "voucher-invalid",
    /// An operator shut the device out.
    Blocked = "blocked",
    /// An operator looks into it.
    Quarantined = "quarantined",
    /// Another key holds the lease.
    LeasedToAnother = "leased-to-another",
    /// It is enrolled, and its batch does not enrol again.
    AlreadyEnrolled = "already-enrolled",
    /// It is enrolled with another key: a case is open.
    CloneSuspected = "clone-suspected",
    /// An operator decided that this key is not the device's.
    KeyRefused = "key-refused",
    /// The introducer has brought as many devices as it may.
    QuotaExhausted = "quota-exhausted",
    /// The introducer brings too many devices in a minute.
    TooFast = "too-fast",
    /// The CA had more events in an hour than it may have. The certificate stays pending, and the device comes again later.
    BudgetExhausted = "budget-exhausted",
    /// The certificate is neither pending nor active: somebody took it out of use.
    NotPending = "not-pending",
    /// The certificate is another CA's than the event says, or the CA did not sign it.
    WrongAuthority = "wrong-authority",
    /// AWS IoT does not know the CA any more, it is switched off there, or it is not valid now.
    AuthorityNotValid = "authority-not-valid",
    /// Somebody else changed the entry at the same time.
    Conflict = "conflict",
    /// The store failed, so that nobody knows.
    StoreFailed = "store-failed",
    /// It took too long.
    TooLate = "too-late",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Reason {}
