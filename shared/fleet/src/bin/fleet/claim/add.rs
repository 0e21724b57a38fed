//! The policy of a new introducer, from options. What is not said is narrow.

use lexopt::ValueExt as _;
use sci_certificates::VoucherKey;
use sci_domain::{
    admission::{BatchId, BatchPolicy, Introducer, IntroducerId, Quota, Reprovisioning, Used},
    timestamp::{Millis, Timestamp},
};
use sci_lambda::system_clock;

use crate::failure::Failure;

/// How long a lease may last, in seconds, as the store has it.
const LEASES: std::ops::RangeInclusive<u64> = 60..=86_400;

/// The options of `claim add`.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Add {
    batch: Option<BatchId>,
    expires: Option<Timestamp>,
    quota: Option<u64>,
    per_minute: Option<u64>,
    lease: Option<u64>,
    reprovisioning: Option<Reprovisioning>,
    no_voucher: bool,
    factory_key: Option<String>,
}

impl Add {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the option `--name`, if it is one of these.
    pub(super) fn take(
        &mut self,
        name: &str,
        arguments: &mut lexopt::Parser,
    ) -> Result<bool, Failure> {
        match name {
            "batch" => {
                let batch = BatchId::parse(arguments.value()?.string()?);
                self.batch = Some(batch.map_err(Failure::usage)?);
            }
            "expires" => self.expires = Some(time(&arguments.value()?.string()?)?),
            "quota" => self.quota = Some(arguments.value()?.parse()?),
            "per-minute" => self.per_minute = Some(arguments.value()?.parse()?),
            "lease" => self.lease = Some(arguments.value()?.parse()?),
            "reprovisioning" => {
                self.reprovisioning = Some(reprovisioning(&arguments.value()?.string()?)?);
            }
            "no-voucher" => self.no_voucher = true,
            "factory-key" => {
                let path = arguments.value()?;
                let path = std::path::Path::new(&path);
                let unusable = |why: String| Failure::File(format!("{}: {why}", path.display()));
                let pem = std::fs::read_to_string(path).map_err(|why| unusable(why.to_string()))?;
                // A private key ends here too, and is not shown.
                VoucherKey::factory_key(&pem).map_err(|why| unusable(why.to_string()))?;
                self.factory_key = Some(pem);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn introducer(self, id: IntroducerId) -> Result<Introducer, Failure> {
        let needs = |what| Failure::usage(format!("claim add needs {what}"));
        let lease = self.lease.unwrap_or(900);
        if !LEASES.contains(&lease) {
            return Err(Failure::usage("--lease is 60 to 86400 seconds"));
        }
        let expires_at = self.expires.ok_or_else(|| needs("--expires"))?;
        if expires_at <= system_clock::now() {
            return Err(Failure::usage("--expires is in the past"));
        }
        let total = self.quota.ok_or_else(|| needs("--quota"))?;
        let per_minute = self.per_minute.unwrap_or(60);
        if total == 0 || per_minute == 0 {
            let usage = "a quota is at least 1; to switch an introducer off, suspend it";
            return Err(Failure::usage(usage));
        }
        let authority = matches!(id, IntroducerId::Authority(_));
        if authority && self.factory_key.is_some() {
            let usage = "devices of a CA bring no vouchers: --factory-key does not go with --ca";
            return Err(Failure::usage(usage));
        }
        Ok(Introducer {
            id,
            batch: self.batch.ok_or_else(|| needs("--batch"))?,
            suspended: false,
            expires_at,
            policy: BatchPolicy {
                voucher_required: !self.no_voucher,
                reprovisioning: self.reprovisioning.unwrap_or(Reprovisioning::Refuse),
                lease: Millis::from_secs(lease),
            },
            factory_key: self.factory_key,
            quota: Quota { total, per_minute },
            used: Used::default(),
        })
    }
}

/// A time as RFC 3339, or a day, which begins at midnight UTC.
fn time(text: &str) -> Result<Timestamp, Failure> {
    let time = Timestamp::parse_rfc3339(text)
        .or_else(|_| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    time.map_err(|_| Failure::usage("a time is 2027-12-31 or 2027-12-31T12:00:00Z"))
}

/// `refuse`, `replace` or `until=<time>`.
fn reprovisioning(text: &str) -> Result<Reprovisioning, Failure> {
    match (text, text.strip_prefix("until=")) {
        ("refuse", _) => Ok(Reprovisioning::Refuse),
        ("replace", _) => Ok(Reprovisioning::Replace),
        (_, Some(until)) => Ok(Reprovisioning::Window {
            until: time(until)?,
        }),
        _ => Err(Failure::usage(
            "--reprovisioning is refuse, replace or until=<time>",
        )),
    }
}
