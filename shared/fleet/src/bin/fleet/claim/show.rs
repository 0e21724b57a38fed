//! An introducer, for people.

use std::fmt::Write as _;

use sci_domain::admission::{Introducer, Reprovisioning};
use sci_lambda::system_clock;
use serde::Serialize;

use crate::common::json;

#[derive(Serialize)]
struct Shown {
    introducer: String,
    state: &'static str,
    batch: String,
    expires_at: String,
    lease_seconds: u64,
    voucher_required: bool,
    vouchers_of: &'static str,
    reprovisioning: String,
    quota_total: u64,
    quota_per_minute: u64,
    used_total: u64,
    records: u64,
}

pub(super) fn show(introducer: &Introducer, records: u64, as_json: bool) -> String {
    let shown = Shown::of(introducer, records);
    if as_json {
        return json(&shown);
    }
    let mut text = String::new();
    let mut line = |what: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{what:<16}{value}");
    };
    line("introducer", &shown.introducer);
    line("state", &shown.state);
    line("batch", &shown.batch);
    line("expires", &shown.expires_at);
    let (used, total) = (shown.used_total, shown.quota_total);
    let per_minute = shown.quota_per_minute;
    line(
        "leases",
        &format!("{used} of {total}, at most {per_minute} in a minute"),
    );
    line("confirm within", &format!("{} s", shown.lease_seconds));
    let required = match shown.voucher_required {
        true => "required",
        false => "not required",
    };
    line("voucher", &format!("{required}, by {}", shown.vouchers_of));
    line("reprovisioning", &shown.reprovisioning);
    line("records", &shown.records);
    text
}

impl Shown {
    fn of(introducer: &Introducer, records: u64) -> Self {
        let policy = introducer.policy;
        let state = if introducer.suspended {
            "suspended"
        } else if introducer.expires_at <= system_clock::now() {
            "expired"
        } else {
            "active"
        };
        Self {
            introducer: introducer.id.to_string(),
            state,
            batch: introducer.batch.to_string(),
            expires_at: introducer.expires_at.to_string(),
            lease_seconds: policy.lease.as_secs(),
            voucher_required: policy.voucher_required,
            vouchers_of: match introducer.factory_key {
                Some(_) => "the factory's key",
                None => "the secret of each device",
            },
            reprovisioning: match policy.reprovisioning {
                Reprovisioning::Refuse => "refuse".to_owned(),
                Reprovisioning::Window { until } => format!("until={until}"),
                Reprovisioning::Replace => "replace".to_owned(),
            },
            quota_total: introducer.quota.total,
            quota_per_minute: introducer.quota.per_minute,
            used_total: introducer.used.total,
            records,
        }
    }
}
