//! Whether a device that is on the list already is the one of the manifest.

use sci_domain::admission::Entry;

use crate::manifest::Column;

/// The columns in which the manifest and the list differ. What became of the device since does not count. Of a secret too
/// only that it differs is said; a device whose secret we have wrong would be refused at its first enrolment.
#[must_use]
pub fn differences(manifest: &Entry, listed: &Entry) -> Vec<Column> {
    let (wanted, found) = (&manifest.placement, &listed.placement);
    [
        (Column::PropertyId, wanted.property != found.property),
        (Column::DeviceType, wanted.kind != found.kind),
        (Column::Batch, manifest.batch != listed.batch),
        (Column::VoucherSecret, manifest.secret != listed.secret),
    ]
    .into_iter()
    .filter_map(|(column, differs)| differs.then_some(column))
    .collect()
}
