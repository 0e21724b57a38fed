//! The columns of a manifest, which are the keys of its objects in JSON.

use std::fmt;

use serde::Serialize;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The serial number.
    SerialNumber,
    /// The property that the device belongs to.
    PropertyId,
    /// `environmental`, `camera` or `lock`.
    DeviceType,
    /// The batch. May be left out where it is given for the whole manifest.
    Batch,
    /// The secret that the device signs its voucher with: 32 to 64 bytes as base64url or hexadecimal digits. May be left out.
    VoucherSecret,
}

impl Column {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::SerialNumber,
        Self::PropertyId,
        Self::DeviceType,
        Self::Batch,
        Self::VoucherSecret,
    ];

    /// The name in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SerialNumber => "serial_number",
            Self::PropertyId => "property_id",
            Self::DeviceType => "device_type",
            Self::Batch => "batch",
            Self::VoucherSecret => "voucher_secret",
        }
    }

    /// The column that is called `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == text)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
