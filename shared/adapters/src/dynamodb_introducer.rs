//! Introducers as items. Operators write these, also by hand: what cannot be read is refused by name, and what is missing means
//! the narrowest.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, TransactWriteItem, Update},
};
use sci_domain::{
    admission::{
        BatchId, BatchPolicy, Charge, Introducer, IntroducerId, Quota, Reprovisioning, Used,
    },
    timestamp::{Millis, Timestamp},
};

use crate::{
    dynamodb_item::{BrokenItem, item, n, number, s, text},
    dynamodb_put::Item,
};

pub(crate) const ACTIVE: &str = "active";
pub(crate) const SUSPENDED: &str = "suspended";

pub(crate) fn introducer_key(introducer: IntroducerId) -> Item {
    item([("introducer", s(introducer.to_string()))])
}

/// An introducer that nobody used yet: functions write the counters.
pub(crate) fn introducer_item(introducer: &Introducer) -> Item {
    let seconds = |at: Timestamp| n(at.as_millis() / 1000);
    let policy = introducer.policy;
    let (reprovisioning, until) = match policy.reprovisioning {
        Reprovisioning::Refuse => ("refuse", None),
        Reprovisioning::Window { until } => ("window", Some(seconds(until))),
        Reprovisioning::Replace => ("replace", None),
    };
    let state = match introducer.suspended {
        true => SUSPENDED,
        false => ACTIVE,
    };
    let mut line = introducer_key(introducer.id);
    line.extend(item([
        ("batch", s(introducer.batch.as_str())),
        ("state", s(state)),
        ("expires_at", seconds(introducer.expires_at)),
        (
            "voucher_required",
            AttributeValue::Bool(policy.voucher_required),
        ),
        ("reprovisioning", s(reprovisioning)),
        ("lease_seconds", n(policy.lease.as_secs())),
        ("quota_total", n(introducer.quota.total)),
        ("quota_per_minute", n(introducer.quota.per_minute)),
    ]));
    let mut add = |name: &str, value: Option<AttributeValue>| {
        line.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("window_until", until);
    add("factory_key", introducer.factory_key.as_deref().map(s));
    line
}

/// Reads an introducer.
///
/// # Errors
/// Names the attribute that is missing or cannot be read.
pub(crate) fn introducer_from(item: &Item) -> Result<Introducer, BrokenItem> {
    let broken = BrokenItem::Attribute;
    let id = IntroducerId::parse(text(item, "introducer")?);
    let batch = BatchId::parse(text(item, "batch")?);
    Ok(Introducer {
        id: id.ok_or_else(|| broken("introducer"))?,
        batch: batch.map_err(|_| broken("batch"))?,
        // Whatever else somebody wrote was not meant to let devices in.
        suspended: text(item, "state").ok() != Some(ACTIVE),
        expires_at: seconds(item, "expires_at")?,
        policy: policy_from(item)?,
        factory_key: match item.get("factory_key") {
            None => None,
            Some(_) => Some(text(item, "factory_key")?.to_owned()),
        },
        quota: Quota {
            total: number(item, "quota_total")?,
            per_minute: number(item, "quota_per_minute")?,
        },
        used: Used {
            total: count(item, "used_total")?,
            minute: count(item, "used_minute")?,
            in_minute: count(item, "used_in_minute")?,
        },
    })
}

fn policy_from(item: &Item) -> Result<BatchPolicy, BrokenItem> {
    let broken = BrokenItem::Attribute;
    let voucher_required = match item.get("voucher_required") {
        None => true,
        Some(AttributeValue::Bool(required)) => *required,
        Some(_) => return Err(broken("voucher_required")),
    };
    let reprovisioning = match item.get("reprovisioning") {
        None => Reprovisioning::Refuse,
        Some(_) => match text(item, "reprovisioning")? {
            "refuse" => Reprovisioning::Refuse,
            "window" => Reprovisioning::Window {
                until: seconds(item, "window_until")?,
            },
            "replace" => Reprovisioning::Replace,
            _ => return Err(broken("reprovisioning")),
        },
    };
    let lease: u64 = number(item, "lease_seconds")?;
    if !(60..=86_400).contains(&lease) {
        return Err(broken("lease_seconds"));
    }
    Ok(BatchPolicy {
        voucher_required,
        reprovisioning,
        lease: Millis::from_secs(lease),
    })
}

/// Whole seconds since the epoch.
fn seconds(item: &Item, name: &'static str) -> Result<Timestamp, BrokenItem> {
    let seconds: u64 = number(item, name)?;
    let millis = seconds.checked_mul(1000);
    let at = millis.and_then(|millis| Timestamp::from_millis(millis).ok());
    at.ok_or(BrokenItem::Attribute(name))
}

/// A counter, which nobody writes before the first lease.
fn count(item: &Item, name: &'static str) -> Result<u64, BrokenItem> {
    match item.get(name) {
        None => Ok(0),
        Some(_) => number(item, name),
    }
}

/// Counts one lease if the introducer is active and its quota holds, whatever others counted since it was read. The first
/// lease of a minute opens it, if nobody else did; later ones count only in that minute.
///
/// # Errors
/// When a part of the update is missing, which is never the case.
pub(crate) fn charge_update(table: &str, charge: &Charge) -> Result<TransactWriteItem, BuildError> {
    let Charge {
        introducer,
        used,
        quota,
    } = charge;
    // A counter that is absent is below every quota that the domain charges.
    const BOTH: &str =
        "#state = :active AND (attribute_not_exists(#total) OR #total < :quota_total)";
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(introducer_key(*introducer)))
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#total", "used_total")
        .expression_attribute_names("#minute", "used_minute")
        .expression_attribute_names("#in_minute", "used_in_minute")
        .expression_attribute_values(":active", s(ACTIVE))
        .expression_attribute_values(":quota_total", n(quota.total))
        .expression_attribute_values(":minute", n(used.minute))
        .expression_attribute_values(":one", n(1));
    let update = if used.in_minute == 1 {
        update
            .update_expression("SET #minute = :minute, #in_minute = :one ADD #total :one")
            .condition_expression(format!(
                "{BOTH} AND (attribute_not_exists(#minute) OR #minute < :minute)"
            ))
    } else {
        update
            .update_expression("ADD #in_minute :one, #total :one")
            .condition_expression(format!(
                "{BOTH} AND #minute = :minute AND #in_minute < :per_minute"
            ))
            .expression_attribute_values(":per_minute", n(quota.per_minute))
    };
    Ok(TransactWriteItem::builder().update(update.build()?).build())
}

#[cfg(test)]
mod tests {
    use sci_domain::admission::CertificateId;

    use super::*;

    #[test]
    fn an_introducer_is_read_as_it_was_written() {
        let until = Timestamp::from_millis(1_800_000_000_000).unwrap();
        let plain = Introducer {
            id: IntroducerId::Claim(CertificateId::from_bytes([7; 32])),
            batch: BatchId::parse("2026-11").unwrap(),
            suspended: false,
            expires_at: Timestamp::from_millis(1_900_000_000_000).unwrap(),
            policy: BatchPolicy {
                voucher_required: true,
                reprovisioning: Reprovisioning::Refuse,
                lease: Millis::from_secs(900),
            },
            factory_key: None,
            quota: Quota {
                total: 1000,
                per_minute: 60,
            },
            used: Used::default(),
        };
        let mut other = plain.clone();
        other.id = IntroducerId::Authority(CertificateId::from_bytes([8; 32]));
        other.suspended = true;
        other.policy.voucher_required = false;
        other.policy.reprovisioning = Reprovisioning::Window { until };
        other.factory_key = Some("a key".to_owned());
        let mut third = plain.clone();
        third.policy.reprovisioning = Reprovisioning::Replace;
        for introducer in [plain, other, third] {
            let read = introducer_from(&introducer_item(&introducer)).unwrap();
            assert_eq!(read, introducer);
        }
    }
}
